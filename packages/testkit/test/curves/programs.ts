import * as optim from "@flambeau/optim";
import type { Tensor } from "@flambeau/tensor";
import { convVae, convVaeRng, dcgan, resnetAccum, unet } from "./images.ts";
import { autocastBf16Mlp, average, bf16WeightsMlp, dropoutMlpRng, optimizer, parametrizedMlp } from "./mlps.ts";
import type { Program } from "./run.ts";
import { embeddingBagSparse, gpt, gruPacked, lstmLm, rnnCtc, seq2seqCopy, transformerEncoder } from "./sequences.ts";

type Make = (params: Iterable<Tensor>) => optim.Optimizer<object>;
const optimizers: { readonly [name: string]: Make } = {
  sgd: (p) => new optim.SGD(p, { lr: 0.1 }),
  sgd_momentum_damp_wd: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
  sgd_nesterov: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.8, nesterov: true }),
  sgd_maximize: (p) => new optim.SGD(p, { lr: 0.001, maximize: true }),
  adam_amsgrad: (p) => new optim.Adam(p, { lr: 0.02, amsgrad: true, weightDecay: 0.01 }),
  adamw: (p) => new optim.AdamW(p, { lr: 0.02 }),
  adamw_betas_eps: (p) =>
    new optim.AdamW(p, { lr: 0.02, betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1, amsgrad: true }),
  nadam: (p) => new optim.NAdam(p, { lr: 0.02 }),
  nadam_decoupled: (p) => new optim.NAdam(p, { lr: 0.02, weightDecay: 0.1, decoupledWeightDecay: true }),
  radam: (p) => new optim.RAdam(p, { lr: 0.05 }),
  adamax: (p) => new optim.Adamax(p, { lr: 0.02 }),
  adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.01, initialAccumulatorValue: 0.1 }),
  adadelta: (p) => new optim.Adadelta(p, { lr: 1 }),
  rmsprop_centered: (p) => new optim.RMSprop(p, { lr: 0.01, centered: true, momentum: 0.5 }),
  rprop: (p) => new optim.Rprop(p, { lr: 0.01 }),
  asgd: (p) => new optim.ASGD(p, { lr: 0.05, t0: 10 }),
  adafactor: (p) => new optim.Adafactor(p, { lr: 0.05 }),
  lbfgs: (p) => new optim.LBFGS(p, { lr: 0.5, maxIter: 4, historySize: 5 }),
  lbfgs_strong_wolfe: (p) => new optim.LBFGS(p, { maxIter: 5, lineSearchFn: "strongWolfe" }),
};

/** The programs by the names of PyTorch's curves. */
export const programs: { readonly [name: string]: Program } = {
  lstm_lm: lstmLm,
  gru_packed: gruPacked,
  rnn_ctc: rnnCtc,
  transformer_encoder: transformerEncoder,
  seq2seq_copy: seq2seqCopy,
  gpt,
  conv_vae: convVae,
  conv_vae_rng: convVaeRng,
  dcgan,
  unet,
  parametrized_mlp: parametrizedMlp,
  autocast_bf16_mlp: autocastBf16Mlp,
  bf16_weights_mlp: bf16WeightsMlp,
  dropout_mlp_rng: dropoutMlpRng,
  resnet_accum: resnetAccum,
  embedding_bag_sparse: embeddingBagSparse,
  ...Object.fromEntries(Object.entries(optimizers).map(([name, make]) => [`optim_${name}`, optimizer(name, make)])),
  average_swa: average("swa"),
  average_ema: average("ema"),
};

/** What a curve needs besides what is always there. */
export const needs: { readonly [name: string]: readonly string[] } = {
  gru_packed: ["utils.rnn.packPaddedSequence"],
  transformer_encoder: ["TransformerEncoder", "TransformerEncoderLayer"],
  seq2seq_copy: ["Transformer"],
  parametrized_mlp: ["weightNorm", "spectralNorm", "orthogonal"].map((name) => `utils.parametrizations.${name}`),
};
