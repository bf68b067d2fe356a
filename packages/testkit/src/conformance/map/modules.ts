import { Tensor, to } from "@flambeau/tensor";
import { type Call, type Row, run } from "../call.ts";

export interface ModuleRow {
  /** The signature of our class in PyTorch's parameter names. */
  readonly make: Row;
  /** PyTorch's parameters of `forward`, in order. */
  readonly inputs: readonly string[];
  /** Those after them that are options here. */
  readonly options?: readonly string[];
  /** PyTorch's arguments of the constructor that change no figure. */
  readonly unused?: readonly string[];
  /** The state is made at the first call. */
  readonly lazy?: boolean;
}

const rows = (
  makes: { readonly [name: string]: string },
  inputs: readonly string[] = ["input"],
  options: readonly string[] = [],
): { readonly [name: string]: ModuleRow } =>
  Object.fromEntries(
    Object.entries(makes).map(([name, make]) => [`nn.${name}`, { make: `${name}${make}`, inputs, options }]),
  );

/** Modules that take their sizes from the first call, or from the state that they load. */
const lazy = (made: { readonly [name: string]: ModuleRow }): { readonly [name: string]: ModuleRow } =>
  Object.fromEntries(Object.entries(made).map(([name, row]) => [name, { ...row, lazy: true }]));

const each = (names: readonly string[], make: string): { readonly [name: string]: string } =>
  Object.fromEntries(names.map((name) => [name, make]));
const ranks = (name: string): string[] => [1, 2, 3].map((n) => `${name}${n}d`);

const norm = "(num_features, { eps, momentum~, affine, track_running_stats, bias })";
const loss = "{ -size_average, -reduce, reduction";

/** Modules whose `return_indices` is a method of its own here. */
const withIndices = (names: readonly string[], make: string): { readonly [name: string]: ModuleRow } =>
  Object.fromEntries(
    names.map((name) => [
      `nn.${name}`,
      {
        inputs: ["input"],
        make: (call: Call) => {
          const { _random_samples: samples, ...kwargs } = call.kwargs;
          // given as float64 and kept in the module's own dtype
          const given = samples instanceof Tensor ? { ...kwargs, _random_samples: to(samples, "float32") } : kwargs;
          const module = run(`${name}${make}`, call.with(call.args, given), true) as IndexedPool; // one of the classes named
          if (call.kwargs.return_indices === true) module.forward = module.forwardWithIndices;
          return module;
        },
      },
    ]),
  );
interface IndexedPool {
  forward(x: Tensor): unknown;
  forwardWithIndices(x: Tensor): unknown;
}

const attention = "{ dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim, batch_first }";
const transformer = "dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias";
const decoding = [
  "tgt_mask",
  "memory_mask",
  "tgt_key_padding_mask",
  "memory_key_padding_mask",
  "tgt_is_causal",
  "memory_is_causal",
];

/** PyTorch's modules to the signatures of ours. */
export const moduleRows: { readonly [name: string]: ModuleRow } = {
  ...rows({
    Identity: "()",
    Linear: "(in_features, out_features, { bias })",
    Embedding: "(num_embeddings, embedding_dim, { padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse })",
    Flatten: "(start_dim, end_dim)",
    Unflatten: "(dim, unflattened_size)",
    ...each(
      ranks("Conv"),
      "(in_channels, out_channels, kernel_size, { stride, padding, dilation, groups, bias, padding_mode })",
    ),
    ...each(
      ranks("ConvTranspose"),
      "(in_channels, out_channels, kernel_size, { stride, padding, output_padding, groups, bias, dilation, padding_mode })",
    ),

    AvgPool1d: "(kernel_size, { stride, padding, ceil_mode, count_include_pad })",
    ...each(
      ["AvgPool2d", "AvgPool3d"],
      "(kernel_size, { stride, padding, ceil_mode, count_include_pad, divisor_override })",
    ),
    ...each(ranks("AdaptiveAvgPool"), "(output_size)"),
    ...each(ranks("LPPool"), "(norm_type, kernel_size, { stride, ceil_mode })"),
    ...each(ranks("BatchNorm"), norm),
    ...each(ranks("InstanceNorm"), norm),
    LayerNorm: "(normalized_shape, { eps, elementwise_affine, bias })",
    RMSNorm: "(normalized_shape, { eps, elementwise_affine })",
    GroupNorm: "(num_groups, num_channels, { eps, affine, bias })",
    LocalResponseNorm: "(size, { alpha, beta, k })",
    ...each(["ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid"], "(-inplace)"),
    ...each(["Sigmoid", "Tanh", "LogSigmoid", "Softsign", "Tanhshrink", "Softmax2d"], "()"),
    ...each(["ELU", "CELU"], "(alpha, -inplace)"),
    LeakyReLU: "(negative_slope, -inplace)",
    Hardtanh: "(min_val, max_val, -inplace)",
    ...each(["Hardshrink", "Softshrink"], "(lambd)"),
    Softplus: "(beta, threshold)",
    Threshold: "(threshold, value, -inplace)",
    ...each(["GLU", "Softmax", "LogSoftmax", "Softmin"], "(dim)"),
    GELU: "({ approximate })",
    PReLU: "(num_parameters, init)",
    ...each(["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"], "(p, -inplace)"),
    ...each(["ReflectionPad", "ReplicationPad", "ZeroPad", "CircularPad"].flatMap(ranks), "(padding)"),
    ...each(ranks("ConstantPad"), "(padding, value)"),
  }),
  ...lazy(
    rows({
      ...each(
        ranks("LazyConv"),
        "(out_channels, kernel_size, { stride, padding, dilation, groups, bias, padding_mode })",
      ),
      ...each(
        ranks("LazyConvTranspose"),
        "(out_channels, kernel_size, { stride, padding, output_padding, groups, bias, dilation, padding_mode })",
      ),
    }),
  ),
  ...withIndices(ranks("MaxPool"), "(kernel_size, { stride, padding, dilation, -return_indices, ceil_mode })"),
  ...withIndices(ranks("AdaptiveMaxPool"), "(output_size, -return_indices)"),
  ...withIndices(
    ["FractionalMaxPool2d", "FractionalMaxPool3d"],
    "(kernel_size, { output_size, output_ratio, -return_indices, randomSamples: _random_samples })",
  ),
  ...rows(
    {
      RNN: "(input_size, hidden_size, { num_layers, nonlinearity, bias, batch_first, dropout, bidirectional })",
      GRU: "(input_size, hidden_size, { num_layers, bias, batch_first, dropout, bidirectional })",
      LSTM: "(input_size, hidden_size, { num_layers, bias, batch_first, dropout, bidirectional, proj_size })",
      RNNCell: "(input_size, hidden_size, { bias, nonlinearity })",
      GRUCell: "(input_size, hidden_size, { bias })",
      LSTMCell: "(input_size, hidden_size, { bias })",
    },
    ["input", "hx"],
  ),
  ...rows({ Bilinear: "(in1_features, in2_features, out_features, { bias })" }, ["input1", "input2"]),
  ...rows(
    {
      MSELoss: `(${loss} })`,
      L1Loss: `(${loss} })`,
      SmoothL1Loss: `(${loss}, beta })`,
      HuberLoss: "({ reduction, delta })",
      BCELoss: "({ weight, -size_average, -reduce, reduction })",
      BCEWithLogitsLoss: "({ weight, -size_average, -reduce, reduction, pos_weight })",
      CrossEntropyLoss: "({ weight, -size_average, ignore_index, -reduce, reduction, label_smoothing })",
      NLLLoss: "({ weight, -size_average, ignore_index, -reduce, reduction })",
      KLDivLoss: `(${loss}, log_target })`,
      PoissonNLLLoss: "({ log_input, full, -size_average, eps, -reduce, reduction })",
      HingeEmbeddingLoss: "({ margin, -size_average, -reduce, reduction })",
      SoftMarginLoss: `(${loss} })`,
      MultiMarginLoss: "({ p, margin, weight, -size_average, -reduce, reduction })",
      MultiLabelMarginLoss: `(${loss} })`,
      MultiLabelSoftMarginLoss: "({ weight, -size_average, -reduce, reduction })",
    },
    ["input", "target"],
  ),
  "nn.LinearCrossEntropyLoss": {
    make: "LinearCrossEntropyLoss(in_features, num_classes, { out_features, bias, dtype, reduction, weight, ignore_index, label_smoothing })",
    inputs: ["input", "target"],
    unused: ["options"], // how the work is divided
  },
  ...rows({ CTCLoss: "({ blank, reduction, zero_infinity })" }, [
    "log_probs",
    "targets",
    "input_lengths",
    "target_lengths",
  ]),
  ...rows({ TripletMarginLoss: "({ margin, p, eps, swap, -size_average, -reduce, reduction })" }, [
    "anchor",
    "positive",
    "negative",
  ]),
  ...rows({ GaussianNLLLoss: "({ full, eps, reduction })" }, ["input", "target", "var"]),
  ...rows(
    {
      CosineEmbeddingLoss: "({ margin, -size_average, -reduce, reduction })",
      MarginRankingLoss: "({ margin, -size_average, -reduce, reduction })",
    },
    ["input1", "input2", "target"],
  ),
  ...rows(
    { MultiheadAttention: `(embed_dim, num_heads, ${attention})` },
    ["query", "key", "value"],
    ["key_padding_mask", "need_weights", "attn_mask", "average_attn_weights", "is_causal"],
  ),
  ...rows(
    { TransformerEncoderLayer: `(d_model, nhead, { ${transformer} })` },
    ["src"],
    ["src_mask", "src_key_padding_mask", "is_causal"],
  ),
  ...rows({ TransformerDecoderLayer: `(d_model, nhead, { ${transformer} })` }, ["tgt", "memory"], decoding),
  ...rows(
    { Transformer: `(d_model, nhead, { num_encoder_layers, num_decoder_layers, ${transformer} })` },
    ["src", "tgt"],
    ["src_mask", "src_key_padding_mask", "src_is_causal", ...decoding],
  ),
  /** Stacks of layers: (layer's arguments, { kind, layers, final_norm, ...the layer's options }). */
  stacks: {
    inputs: ["src_or_tgt", "memory"],
    options: ["mask", "src_key_padding_mask", "is_causal", ...decoding],
    make: (call: Call) => {
      const { kind, layers, final_norm, ...layer } = call.kwargs;
      const name = kind === "encoder" ? "TransformerEncoder" : "TransformerDecoder";
      const made = run(`${name}Layer(d_model, nhead, { ${transformer} })`, call.with(call.args, layer), true);
      const norm = final_norm ? Reflect.construct(call.f("LayerNorm"), [call.args[0]]) : null;
      return Reflect.construct(call.f(name), [made, layers, norm]);
    },
  },
};
