// Flambeau's workloads on the CPU.
import { readFileSync } from "node:fs";
import { cpuWasm, randn, registerBackend, type Tensor, tidy, zeros } from "flambeau";
import { type Prepared, timed, type Workbench } from "../protocol.ts";
import type { Task } from "./ours-models.ts";

function onRandom(call: (x: Tensor) => Tensor, ...shape: number[]): Prepared {
  const x = randn(shape);
  return { run: timed(() => call(x).dispose()) };
}

function matmul(n: number): Prepared {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return { run: timed(() => a.matmul(b).dispose()) };
}

/** 8×8 additions, results dropped: nothing is disposed, the collector or the scope takes them. */
function additions({ requiresGrad, scoped }: { requiresGrad: boolean; scoped: boolean }): Prepared {
  const [a, b] = [randn([8, 8], { requiresGrad }), randn([8, 8])];
  const add = () => {
    a.add(b);
  };
  return scoped ? inScopes(add) : { run: timed(add) };
}

/** Ops whose results are dropped, a thousand to a scope: what a program does around a step, not around an op. */
export function inScopes(call: () => void): Prepared {
  const run = timed(call);
  return { run: (iterations) => timedInScopes(iterations, 1000, run) };
}

function timedInScopes(iterations: number, size: number, run: (iterations: number) => number): number {
  const start = performance.now();
  for (let left = iterations; left > 0; left -= size) {
    tidy(() => {
      run(Math.min(left, size));
    });
  }
  return performance.now() - start;
}

export function training({ optimizer, loss: forward }: Task): Prepared {
  let last = Number.NaN;
  const step = () =>
    tidy(() => {
      const loss = forward();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      last = loss.item();
    });
  return { run: timed(step), loss: () => last };
}

// Imported by the first row that trains: `--against` runs these files on other commits too, where an import that one of them
// lacks shall cost no more than the rows that need it.
const models = () => import("./ours-models.ts");
const gpts = () => import("./ours-gpt.ts");
const perSample = () => import("./ours-per-sample.ts");

const workbench: Workbench = {
  add_8x8_us: () => additions({ requiresGrad: false, scoped: false }),
  add_8x8_tidy_us: () => additions({ requiresGrad: false, scoped: true }),
  add_8x8_grad_us: () => additions({ requiresGrad: true, scoped: false }),
  add_8x8_grad_tidy_us: () => additions({ requiresGrad: true, scoped: true }),
  add_1e6_us: () => onRandom((x) => x.add(x), 1_000_000),
  exp_1e6_us: () => onRandom((x) => x.exp(), 1_000_000),
  tanh_1e6_us: () => onRandom((x) => x.tanh(), 1_000_000),
  gelu_1e6_us: () => onRandom((x) => x.gelu(), 1_000_000),
  sum_1e6_us: () => onRandom((x) => x.sum(), 1_000_000),
  softmax_512x1024_us: () => onRandom((x) => x.softmax(-1), 512, 1024),
  layernorm_512x1024_us: () => onRandom((x) => x.layerNorm([1024]), 512, 1024),
  matmul_64_us: () => matmul(64),
  matmul_256_us: () => matmul(256),
  matmul_512_us: () => matmul(512),
  matmul_1024_us: () => matmul(1024),
  mlp_ms: async () => training((await models()).mlp()),
  cnn_ms: async () => training((await models()).cnn()),
  gpt_d64_ms: async () => training((await gpts()).gpt(64, 64, 2, 12)),
  gpt_d128_ms: async () => training((await gpts()).gpt(128, 128, 4, 16)),
  lstm_ms: async () => training((await models()).lstm()),
  mlp_per_sample_ms: async () => (await perSample()).mlp(),
  cnn_per_sample_ms: async () => (await perSample()).cnn(),
  mlp_per_sample_loop_ms: async () => (await perSample()).mlpLoop(),
  cnn_per_sample_loop_ms: async () => (await perSample()).cnnLoop(),
};

/** The CPU backend with so many threads in place of the default one, and the workloads on it. */
export function load(threads: number): { version: string; workbench: Workbench } {
  registerBackend(cpuWasm({ threads }));
  zeros([1]).dispose();
  return { version: version(), workbench };
}

/** Flambeau's version, from its manifest. */
export function version(): string {
  const manifest = new URL("../package.json", import.meta.resolve("flambeau"));
  // every package of ours has a version in its manifest
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version;
}
