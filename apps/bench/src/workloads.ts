/** One row of the table: what is timed, and in which unit it is shown. */
export type Workload = {
  readonly name: string;
  readonly unit: "us" | "ms";
  readonly title: string;
  /** Floating-point operations of one call, where a rate says more than a time. */
  readonly flops?: number;
  /** The rivals' row to compare with, where only we have this form. */
  readonly against?: string;
  /** The faster row that does the same: how many times as long this one takes is said below the table. */
  readonly slowerThan?: string;
};

const us = (name: string, title: string, more: Partial<Workload> = {}): Workload => ({
  name,
  unit: "us",
  title,
  ...more,
});
const ms = (name: string, title: string, more: Partial<Workload> = {}): Workload => ({
  name,
  unit: "ms",
  title,
  ...more,
});
const matmul = (n: number) => us(`matmul_${n}_us`, `${n}×${n} @ ${n}×${n}`, { flops: 2 * n ** 3 });

/** Every workload, in the order of the table; all float32. */
export const workloads: readonly Workload[] = [
  us("add_8x8_us", "8×8 + 8×8 in a plain loop"),
  us("add_8x8_tidy_us", "the same inside a memory scope", { against: "add_8x8_us" }),
  us("add_8x8_grad_us", "8×8 + 8×8 while recording for the gradient"),
  us("add_8x8_grad_tidy_us", "the same inside a memory scope", { against: "add_8x8_grad_us" }),
  us("add_1e6_us", "x + x, 1,000,000 elements"),
  us("exp_1e6_us", "exp, 1,000,000 elements"),
  us("tanh_1e6_us", "tanh, 1,000,000 elements"),
  us("gelu_1e6_us", "gelu (erf), 1,000,000 elements"),
  us("sum_1e6_us", "sum of 1,000,000 elements"),
  us("softmax_512x1024_us", "softmax over the last of 512×1024"),
  us("layernorm_512x1024_us", "layer norm over the last of 512×1024"),
  matmul(64),
  matmul(256),
  matmul(512),
  matmul(1024),
  ms("mlp_ms", "MLP 784-256-128-10, batch 64, Adam step"),
  ms("cnn_ms", "CNN of PyTorch's MNIST example, batch 64, Adam step"),
  ms("gpt_d64_ms", "GPT, 2 layers of width 64, 64 tokens, batch 12, AdamW step"),
  ms("gpt_d128_ms", "GPT, 4 layers of width 128, 128 tokens, batch 16, AdamW step"),
  ms("lstm_ms", "LSTM 64-128, 50 steps, batch 32, Adam step"),
  ms("mlp_per_sample_ms", "gradient per sample, MLP 64-128-128-10, 64 samples"),
  ms("cnn_per_sample_ms", "gradient per sample, CNN of 28×28 images, 64 samples"),
  ms("mlp_per_sample_loop_ms", "the same MLP in a loop over the samples", { slowerThan: "mlp_per_sample_ms" }),
  ms("cnn_per_sample_loop_ms", "the same CNN in a loop over the samples", { slowerThan: "cnn_per_sample_ms" }),
];

/** The workloads (all, or those `among` which to choose) whose names contain one of the comma-separated words of `filter`; all when it is empty. */
export function select(filter: string, among: readonly Workload[] = workloads): Workload[] {
  const words = filter.split(",").filter(Boolean);
  return among.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
}
