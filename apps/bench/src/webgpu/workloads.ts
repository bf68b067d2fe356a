import { type Workload, workloads } from "../workloads.ts";

/** How many calls lie between two waits for the device: many where a call is all overhead, few where its result is large. */
const chunks: { readonly [name: string]: number } = { add_8x8_us: 500, add_1e6_us: 20, softmax_512x1024_us: 20 };
export const chunkOf = (name: string): number => chunks[name] ?? 10;

const names = ["add_8x8_us", "add_1e6_us", "softmax_512x1024_us", "matmul_256_us", "matmul_512_us"];
const steps = ["mlp_ms", "cnn_ms", "gpt_d64_ms"];

/** The workloads of the WebGPU table: those of the CPU tables that tell most on a GPU, at the same sizes. */
export const webgpuWorkloads: readonly Workload[] = workloads.filter(
  ({ name }) => names.includes(name) || steps.includes(name),
);
/** The training step whose calls are counted. */
export const countedWorkload = "mlp_ms";
