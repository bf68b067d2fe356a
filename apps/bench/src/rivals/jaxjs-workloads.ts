// jax-js's workloads on wasm. Ops and training steps are jitted (compiling falls into the warm-up), but for the 8×8
// additions, which show its eager cost.
import { blockUntilReady, grad, jit, nn, numpy as np } from "@jax-js/jax";
import { type Prepared, timedAsync, type Workbench } from "../protocol.ts";
import { cnn, gpt, mlp, normal, type Step } from "./jaxjs-models.ts";

type Arr = np.Array;

function onRandom(call: (x: Arr) => Arr, ...shape: number[]): Prepared {
  const x = normal(...shape);
  const compiled = jit(call);
  const run = timedAsync(async () => {
    const out = compiled(x.ref);
    await blockUntilReady(out);
    out.dispose();
  });
  return { run };
}

function matmul(n: number): Prepared {
  const [a, b] = [normal(n, n), normal(n, n)];
  const compiled = jit((x: Arr, y: Arr) => np.matmul(x, y));
  const run = timedAsync(async () => {
    const out = compiled(a.ref, b.ref);
    await blockUntilReady(out);
    out.dispose();
  });
  return { run };
}

/** Eager additions; waits once in a thousand, as a program that goes on computing would. */
async function additions(iterations: number, add: () => Arr): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < iterations; i++) {
    const sum = add();
    if (i % 1000 === 999) await blockUntilReady(sum);
    sum.dispose();
  }
  return performance.now() - start;
}

function addEager(): Prepared {
  const [a, b] = [normal(8, 8), normal(8, 8)];
  return { run: (iterations) => additions(iterations, () => a.ref.add(b.ref)) };
}

function addRecording(): Prepared {
  const [a, b] = [normal(8, 8), normal(8, 8)];
  const run = async (iterations: number) => {
    let ms = 0;
    for (let left = iterations; left > 0; left -= 1000) {
      const count = Math.min(left, 1000);
      const gradient = grad((p: Arr) => {
        const start = performance.now();
        for (let i = 1; i < count; i++) p.ref.add(b.ref).dispose();
        const sum = p.add(b.ref);
        ms += performance.now() - start;
        return sum.sum();
      })(a.ref);
      await blockUntilReady(gradient);
      gradient.dispose();
    }
    return ms;
  };
  return { run, note: "forward part inside grad()" };
}

function training(step: Step): Prepared {
  let last = Number.NaN;
  const run = timedAsync(async () => {
    const { loss, weights } = step();
    await blockUntilReady(weights);
    last = (await loss.data())[0];
  });
  return { run, loss: () => last };
}

export const workbench: Workbench = {
  add_8x8_us: addEager,
  add_8x8_grad_us: addRecording,
  add_1e6_us: () => onRandom((x) => x.ref.add(x), 1_000_000),
  exp_1e6_us: () => onRandom(np.exp, 1_000_000),
  tanh_1e6_us: () => onRandom(np.tanh, 1_000_000),
  gelu_1e6_us: () => onRandom((x) => nn.gelu(x, { approximate: false }), 1_000_000),
  sum_1e6_us: () => onRandom((x) => x.sum(), 1_000_000),
  softmax_512x1024_us: () => onRandom((x) => nn.softmax(x, -1), 512, 1024),
  layernorm_512x1024_us: () => onRandom((x) => nn.standardize(x, -1, { epsilon: 1e-5 }), 512, 1024),
  matmul_64_us: () => matmul(64),
  matmul_256_us: () => matmul(256),
  matmul_512_us: () => matmul(512),
  matmul_1024_us: () => matmul(1024),
  mlp_ms: () => training(mlp()),
  cnn_ms: () => training(cnn()),
  gpt_d64_ms: () => training(gpt(64, 64, 2, 12)),
  gpt_d128_ms: () => training(gpt(128, 128, 4, 16)),
};
