// Attention by length, and forward and backward with masks and gradients of every layout; losses over many classes.
import {
  type AttentionOptions,
  grad,
  losses,
  ones,
  randint,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tril,
} from "flambeau";
import { type More, op, type ScalingRow } from "./row.ts";

function byLength(t: number): ScalingRow[] {
  const shape = [Math.max(1, Math.floor(1024 / t)), 4, t, 32];
  const make = (options: AttentionOptions) => () => {
    const [q, k, v] = [randn(shape), randn(shape), randn(shape)];
    return () => scaledDotProductAttention(q, k, v, options);
  };
  return [
    op(`attn_${t}`, `attention of ${shape.join("×")}`, make({})),
    op(`attnc_${t}`, `causal attention of ${shape.join("×")}`, make({ isCausal: true })),
  ];
}

const [batch, heads, length, width] = [8, 4, 256, 64];

/** Attention and the gradients of all three; `loss` reduces, unless the gradient is a tensor of its own. */
function training(
  name: string,
  title: string,
  options: () => AttentionOptions,
  how: "dense" | "expanded",
  more: More = {},
): ScalingRow {
  const make = () => {
    const inputs = Array.from({ length: 3 }, () => randn([batch, heads, length, width], { requiresGrad: true }));
    const cotangent = randn([batch, heads, length, width]);
    const given = options();
    const attend = () => scaledDotProductAttention(inputs[0], inputs[1], inputs[2], given);
    if (how === "expanded") return () => grad(attend().sum(), inputs);
    return () => grad(attend(), inputs, { gradOutputs: [cotangent] });
  };
  return op(name, `${title}, forward and backward, ${[batch, heads, length, width].join("×")}`, make, more);
}

const within = { within: { row: "attn_train", times: 1.3 } };
const triangle = (): Tensor => tril(ones([length, length], { dtype: "bool" }));

/** Cross entropy and its gradient, where a softmax in memory would be as large as the logits. */
function vocabulary(rows: number, classes: number): ScalingRow {
  const make = () => {
    const [logits, y] = [randn([rows, classes], { requiresGrad: true }), randint(0, classes, [rows])];
    return () => grad(losses.crossEntropy(logits, y), [logits]);
  };
  return op(`crossentropy_${rows}x${classes}`, `cross entropy of ${rows}×${classes}, forward and backward`, make);
}

export const attention: readonly ScalingRow[] = [
  ...[64, 256, 1024, 2048, 4096].flatMap(byLength),
  training("attn_train", "attention", () => ({}), "dense"),
  training("attn_train_causal", "causal attention", () => ({ isCausal: true }), "dense", within),
  training("attn_train_bool", "attention with a bool mask", () => ({ attnMask: triangle() }), "dense", within),
  training(
    "attn_train_float",
    "attention with a float mask",
    () => ({ attnMask: randn([length, length]) }),
    "dense",
    within,
  ),
  training("attn_train_expanded", "attention under a sum", () => ({}), "expanded", within),
  vocabulary(700, 1000),
  vocabulary(256, 32_768),
];
