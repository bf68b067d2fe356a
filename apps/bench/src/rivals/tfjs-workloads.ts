// tfjs's workloads on wasm.
import * as tf from "@tensorflow/tfjs";
import { type Prepared, timed, type Workbench } from "../protocol.ts";
import { adamStep, cnn, gelu, gpt, lstm, mlp, normalize, type Task } from "./tfjs-models.ts";

type T = tf.Tensor;

/** An op on fixed inputs; the result is freed in the timed call. */
function op(call: () => T): Prepared {
  return { run: timed(() => call().dispose()) };
}

function onRandom(call: (x: T) => T, ...shape: number[]): Prepared {
  const x = tf.randomNormal(shape);
  return { run: timed(() => tf.tidy(() => call(x)).dispose()) };
}

function matmul(n: number): Prepared {
  const [a, b] = [tf.randomNormal<tf.Rank.R2>([n, n]), tf.randomNormal<tf.Rank.R2>([n, n])];
  return op(() => tf.matMul(a, b));
}

function training(build: () => Task): Prepared {
  const { step, note } = adamStep(build);
  let last = Number.NaN;
  const run = timed(() => {
    const cost = step();
    last = cost.dataSync()[0];
    cost.dispose();
  });
  return { run, loss: () => last, ...(note && { note }) };
}

/** The forward op while a gradient is being recorded; the recording itself is spread over `iterations`. */
function addRecording(): Prepared {
  const [a, b] = [tf.randomNormal([8, 8]), tf.randomNormal([8, 8])];
  let ms = 0;
  const run = (iterations: number) => {
    for (let left = iterations; left > 0; left -= 1000) {
      const gradient = tf.grad((p: T) => {
        const start = performance.now();
        let sum = tf.add(p, b);
        for (let i = 1; i < Math.min(left, 1000); i++) sum = tf.add(p, b);
        ms += performance.now() - start;
        return tf.sum(sum);
      });
      gradient(a).dispose();
    }
    const total = ms;
    ms = 0;
    return total;
  };
  return { run, note: "forward part inside grad()" };
}

export const workbench: Workbench = {
  add_8x8_us: () => {
    const [a, b] = [tf.randomNormal([8, 8]), tf.randomNormal([8, 8])];
    return op(() => tf.add(a, b));
  },
  add_8x8_grad_us: addRecording,
  add_1e6_us: () => onRandom((x) => tf.add(x, x), 1_000_000),
  exp_1e6_us: () => onRandom(tf.exp, 1_000_000),
  tanh_1e6_us: () => onRandom(tf.tanh, 1_000_000),
  gelu_1e6_us: () => onRandom(gelu, 1_000_000),
  sum_1e6_us: () => onRandom((x) => tf.sum(x), 1_000_000),
  softmax_512x1024_us: () => onRandom((x) => tf.softmax(x), 512, 1024),
  layernorm_512x1024_us: () => onRandom(normalize, 512, 1024),
  matmul_64_us: () => matmul(64),
  matmul_256_us: () => matmul(256),
  matmul_512_us: () => matmul(512),
  matmul_1024_us: () => matmul(1024),
  mlp_ms: () => training(mlp),
  cnn_ms: () => training(() => cnn({ conv2d: false })),
  gpt_d64_ms: () => training(() => gpt(64, 64, 2, 12, { gather: false })),
  gpt_d128_ms: () => training(() => gpt(128, 128, 4, 16, { gather: false })),
  lstm_ms: () => training(lstm),
};
