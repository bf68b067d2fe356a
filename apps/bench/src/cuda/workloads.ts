import type { Workload } from "../workloads.ts";

const matmul = (n: number, name: string, title: string): Workload => ({
  name: `matmul_${n}${name}_us`,
  unit: "us",
  title: `${n}×${n} @ ${n}×${n}${title}`,
  flops: 2 * n ** 3,
});
const us = (name: string, title: string): Workload => ({ name, unit: "us", title });
const ms = (name: string, title: string): Workload => ({ name, unit: "ms", title });

/** The workloads of the CUDA table, at sizes that keep a card busy. */
export const cudaWorkloads: readonly Workload[] = [
  us("add_8x8_us", "8×8 + 8×8"),
  us("add_1e7_us", "x + x, 10,000,000 elements"),
  us("softmax_4096x1024_us", "softmax over the last of 4096×1024"),
  matmul(1024, "", ", float32"),
  matmul(2048, "", ", float32"),
  matmul(2048, "_tf32", ", float32 in tf32 (PyTorch alone)"),
  matmul(2048, "_bf16", ", bfloat16"),
  us("conv_64x64x28x28_us", "3×3 convolution, 64 images of 64 channels and 28×28, to 64 channels"),
  us("attention_16x8x256x64_us", "causal attention, 16 texts, 8 heads of width 64, 256 places"),
  ms("mlp_ms", "MLP 784-256-128-10, batch 64, Adam step"),
  ms("cnn_ms", "CNN of PyTorch's MNIST example, batch 64, Adam step"),
  ms("gpt_d128_ms", "GPT, 4 layers of width 128, 128 tokens, batch 16, AdamW step"),
];
