import { crossEntropy, ctc } from "@flambeau/losses";
import * as nn from "@flambeau/nn";
import * as optim from "@flambeau/optim";
import {
  arange,
  cat,
  logSoftmax,
  lt,
  mul,
  randint,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  where,
  zeros,
  zerosLike,
} from "@flambeau/tensor";
import { later } from "./later.ts";
import type { Program, Run } from "./run.ts";

const int64 = { dtype: "int64" } as const;
const draw = (r: Run, name: string, low: number, high: number, shape: readonly number[]): Tensor =>
  r.data(name, () => randint(low, high, shape, int64));
const at = (x: Tensor, from: number, to: number): Tensor => x.at({ from, to });

class LanguageModel extends nn.Module {
  emb = new nn.Embedding(20, 12);
  rnn = new nn.LSTM(12, 16, { numLayers: 2 });
  out = new nn.Linear(16, 20);
  forward(x: Tensor, h: readonly [Tensor, Tensor] | null): [Tensor, [Tensor, Tensor]] {
    const [y, state] = this.rnn.forward(this.emb.forward(x), h);
    return [this.out.forward(y), state];
  }
}
/** Truncated backpropagation through time with clipped gradients. */
export const lstmLm: Program = function* (r) {
  const m = r.net("lm", new LanguageModel());
  const tokens = draw(r, "tokens", 0, 20, [r.steps * 7 + 1, 4]);
  const optimizer = new optim.SGD(m.parameters(), { lr: 1 });
  let h: [Tensor, Tensor] | null = null;
  for (let i = 0; i < r.steps; i++) {
    const [x, y] = [at(tokens, i * 7, i * 7 + 7), at(tokens, i * 7 + 1, i * 7 + 8)];
    const [o, state]: [Tensor, [Tensor, Tensor]] = m.forward(x, h);
    h = [state[0].detach(), state[1].detach()];
    const loss = crossEntropy(o.reshape(-1, 20), y.reshape(-1));
    optimizer.zeroGrad();
    loss.backward();
    r.note("grad_norm", optim.clipGradNorm_(m.parameters(), 0.25).item());
    optimizer.step();
    yield loss;
  }
};

export const rnnCtc: Program = function* (r) {
  const rnn = r.net("rnn", new nn.RNN(6, 10, { nonlinearity: "tanh", numLayers: 2 }));
  const fc = r.net("fc", new nn.Linear(10, 5));
  const x = r.data("x", () => randn([12, 4, 6]));
  const t = draw(r, "targets", 1, 5, [4, 4]);
  const optimizer = new optim.RMSprop([...rnn.parameters(), ...fc.parameters()], { lr: 3e-3, momentum: 0.5 });
  for (let i = 0; i < r.steps; i++) {
    const logits = logSoftmax(fc.forward(rnn.forward(x)[0]), 2);
    const loss = ctc(logits, t, [12, 12, 10, 8], [4, 3, 2, 1], { blank: 0, zeroInfinity: true });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    yield loss;
  }
};

class Block extends nn.Module {
  ln1 = new nn.LayerNorm(24);
  qkv = new nn.Linear(24, 72);
  proj = new nn.Linear(24, 24);
  ln2 = new nn.LayerNorm(24);
  fc = new nn.Linear(24, 96);
  fc2 = new nn.Linear(96, 24);
  forward(given: Tensor): Tensor {
    const [b, t, c] = given.shape;
    const [q, k, v] = this.qkv.forward(this.ln1.forward(given)).split(c, 2);
    const heads = (z: Tensor) => z.view(b, t, 3, 8).transpose(1, 2);
    const y = scaledDotProductAttention(heads(q), heads(k), heads(v), { isCausal: true })
      .transpose(1, 2)
      .reshape(b, t, c);
    const x = given.add(this.proj.forward(y));
    return x.add(this.fc2.forward(this.fc.forward(this.ln2.forward(x)).gelu({ approximate: "tanh" })));
  }
}
class GPT extends nn.Module {
  wte = new nn.Embedding(30, 24);
  wpe = new nn.Embedding(16, 24);
  h = new nn.ModuleList([new Block(), new Block()]);
  ln = new nn.LayerNorm(24);
  head = new nn.Linear(24, 30, { bias: false });
  constructor() {
    super();
    this.head.weight = this.wte.weight;
    for (const p of this.parameters()) if (p.ndim === 2) nn.init.normal_(p, 0, 0.02);
  }
  forward(x: Tensor): Tensor {
    let y = this.wte.forward(x).add(this.wpe.forward(arange(x.shape[1])));
    for (const block of this.h) y = block.forward(y);
    return this.head.forward(this.ln.forward(y));
  }
}
/** A small GPT with tied embeddings, decay for matrices only, clipped gradients and a cosine schedule. */
export const gpt: Program = function* (r) {
  const m = r.net("gpt", new GPT());
  const t = draw(r, "tokens", 0, 30, [4, 4, 17]);
  const all = [...m.parameters()];
  const optimizer = new optim.AdamW(
    [
      { params: all.filter((p) => p.ndim >= 2), weightDecay: 0.1 },
      { params: all.filter((p) => p.ndim < 2), weightDecay: 0 },
    ],
    { lr: 6e-3, betas: [0.9, 0.95] },
  );
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, r.steps, { etaMin: 6e-4 });
  for (let i = 0; i < r.steps; i++) {
    const b = t.at(i % 4);
    const logits = m.forward(b.narrow(1, 0, 16));
    const loss = crossEntropy(logits.flatten(0, 1), b.narrow(1, 1, 16).flatten());
    optimizer.zeroGrad({ setToNone: true });
    loss.backward();
    r.note("grad_norm", optim.clipGradNorm_(m.parameters(), 1).item());
    optimizer.step();
    schedule.step();
    yield loss;
  }
};

class Classifier extends nn.Module {
  emb = new nn.Embedding(12, 16, { paddingIdx: 0 });
  pos = new nn.Parameter(randn([8, 16]).mul(0.02));
  enc = new later.TransformerEncoder(
    new later.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, dropout: 0, batchFirst: true }),
    2,
  );
  fc = new nn.Linear(16, 3);
  forward(x: Tensor): Tensor {
    const padding = x.eq(0);
    const h = this.enc.forward(this.emb.forward(x).add(this.pos), { srcKeyPaddingMask: padding });
    const w = padding.logicalNot().unsqueeze(-1);
    return this.fc.forward(h.mul(w).sum(1).div(w.sum(1)));
  }
}
export const transformerEncoder: Program = function* (r) {
  const m = r.net("net", new Classifier());
  const x = r.data("x", () => mul(randint(1, 12, [5, 8, 8], int64), lt(arange(8), randint(2, 9, [5, 8, 1], int64))));
  const y = draw(r, "y", 0, 3, [5, 8]);
  const optimizer = new optim.AdamW(m.parameters(), { lr: 3e-3, weightDecay: 0.01 });
  for (let i = 0; i < r.steps; i++) {
    const loss = crossEntropy(m.forward(x.at(i % 5)), y.at(i % 5), { labelSmoothing: 0.1 });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    yield loss;
  }
};

class Copier extends nn.Module {
  emb = new nn.Embedding(11, 16);
  pos = new nn.Embedding(8, 16);
  tr = new later.Transformer({
    dModel: 16,
    nhead: 4,
    numEncoderLayers: 1,
    numDecoderLayers: 2,
    dimFeedforward: 32,
    dropout: 0,
    normFirst: true,
    activation: "gelu",
  });
  out = new nn.Linear(16, 11);
  forward(src: Tensor, tgt: Tensor): Tensor {
    const e = (x: Tensor) => this.emb.forward(x).add(this.pos.forward(arange(x.shape[0])).unsqueeze(1));
    const tgtMask = later.Transformer.generateSquareSubsequentMask(tgt.shape[0], { dtype: this.out.weight.dtype });
    return this.out.forward(this.tr.forward(e(src), e(tgt), { tgtMask, tgtIsCausal: true }));
  }
}
export const seq2seqCopy: Program = function* (r) {
  const m = r.net("net", new Copier());
  const d = draw(r, "src", 1, 11, [r.steps, 6, 8]);
  const optimizer = new optim.Adam(m.parameters(), { lr: 0.02, betas: [0.9, 0.98], eps: 1e-9 });
  const schedule = new optim.lrScheduler.LambdaLR(optimizer, (s) => Math.min((s + 1) ** -0.5, (s + 1) * 10 ** -1.5));
  for (let i = 0; i < r.steps; i++) {
    const s = d.at(i);
    const tin = cat([zeros([1, 8], int64), s.narrow(0, 0, 5)]);
    const loss = crossEntropy(m.forward(s, tin).reshape(-1, 11), s.reshape(-1));
    optimizer.zeroGrad();
    loss.backward();
    r.note("lr", schedule.getLastLr()[0]);
    optimizer.step();
    schedule.step();
    yield loss;
  }
};

class Bidirectional extends nn.Module {
  rnn = new nn.GRU(5, 8, { batchFirst: true, bidirectional: true });
  fc = new nn.Linear(16, 3);
  forward(x: Tensor, n: Tensor): Tensor {
    const packed = later.utils.rnn.packPaddedSequence(x, n, { batchFirst: true, enforceSorted: false });
    const [, h] = this.rnn.forward(packed as Tensor);
    return this.fc.forward(cat([h.at(0), h.at(1)], 1));
  }
}
export const gruPacked: Program = function* (r) {
  const m = r.net("net", new Bidirectional());
  const x = r.data("x", () => randn([10, 8, 6, 5]));
  const n = draw(r, "lengths", 1, 7, [10, 8]);
  const y = draw(r, "y", 0, 3, [10, 8]);
  const optimizer = new optim.Adam(m.parameters(), { lr: 0.01 });
  for (let i = 0; i < r.steps; i++) {
    const k = i % 10;
    const loss = crossEntropy(m.forward(x.at(k), n.at(k)), y.at(k));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    yield loss;
  }
};

/** SparseAdam as an optimizer of one's own: there are no sparse tensors, and rows without a gradient are left as they are. */
class LazyAdam extends optim.FirstOrderOptimizer<{ lr: number }> {
  protected check(): void {}
  protected update(p: Tensor, grad: Tensor, { lr }: { lr: number }, state: optim.ParamState): void {
    const step = Number(state.step ?? 0) + 1;
    const [m, v] = [state.m ?? zerosLike(p), state.v ?? zerosLike(p)] as [Tensor, Tensor];
    const seen = grad.ne(0).any(1, { keepdim: true });
    const first = where(seen, m.lerp(grad, 0.1), m);
    const second = where(seen, v.lerp(grad.square(), 0.001), v);
    const rate = (lr * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
    p.sub_(where(seen, first.div(second.sqrt().add(1e-8)), 0), { alpha: rate });
    Object.assign(state, { step, m: first, v: second });
  }
}
/** EmbeddingBag with bags of several lengths; PyTorch's gradients are sparse there. */
export const embeddingBagSparse: Program = function* (r) {
  const e = r.net("emb", new nn.EmbeddingBag(25, 8, { mode: "mean" }));
  const f = r.net("fc", new nn.Linear(8, 3));
  const t = draw(r, "tokens", 0, 25, [5, 12]);
  const y = draw(r, "y", 0, 3, [5, 4]);
  const offsets = tensor([0, 3, 4, 9], int64);
  const table = new LazyAdam(e.parameters(), { lr: 0.02 });
  const rest = new optim.Adagrad(f.parameters(), { lr: 0.1 });
  for (let i = 0; i < r.steps; i++) {
    const loss = crossEntropy(f.forward(e.forward(t.at(i % 5), offsets)), y.at(i % 5));
    table.zeroGrad();
    rest.zeroGrad();
    loss.backward();
    table.step();
    rest.step();
    yield loss;
  }
};
