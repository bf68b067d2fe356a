// tfjs-webgpu's side of the bench. It looks for navigator.gpu when it is imported and needs nothing else of a browser, as
// long as every read is asynchronous (its synchronous read draws on an OffscreenCanvas).
import { type Prepared, serve, timedAsync, timedInChunks, type Workbench } from "../protocol.ts";
import { type CountOptions, countSteps } from "../webgpu/counters.ts";
import { chunkOf } from "../webgpu/workloads.ts";
import { classes, installWebGPU } from "./dawn.ts";

await serve(async () => {
  await installWebGPU();
  const tf = await import("@tensorflow/tfjs");
  const { version_core } = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) throw new Error("the webgpu backend did not start");
  await tf.ready();
  const { adamStep, cnn, gpt, mlp } = await import("./tfjs-models.ts");
  type T = import("@tensorflow/tfjs").Tensor;
  type Task = import("./tfjs-models.ts").Task;

  /** Normal numbers that lie in a GPU buffer: small ones would stay on the CPU, and ops on them too. */
  const resident = (...shape: number[]): T => {
    tf.env().set("WEBGPU_CPU_FORWARD", false);
    const x = tf.tidy(() => tf.add(tf.randomNormal(shape), 0));
    tf.env().set("WEBGPU_CPU_FORWARD", true);
    return x;
  };

  const op = (name: string, call: () => T): Prepared => {
    const settle = async (last: T) => {
      const one = tf.tidy(() => tf.slice(tf.reshape(last, [-1]), 0, 1));
      await one.data();
      one.dispose();
    };
    return { run: timedInChunks(chunkOf(name), { call, settle, release: (result) => result.dispose() }) };
  };

  const training = (build: () => Task): Prepared => {
    const { step: minimize, note } = adamStep(build);
    let last = Number.NaN;
    const step = async () => {
      const cost = minimize();
      last = (await cost.data())[0];
      cost.dispose();
    };
    const count = (how: CountOptions) => countSteps(classes, step, how);
    return { run: timedAsync(step), loss: () => last, count, ...(note && { note }) };
  };

  const matmul = (n: number) => {
    const [a, b] = [resident(n, n), resident(n, n)];
    return op(`matmul_${n}_us`, () => tf.matMul(a, b));
  };
  const workbench: Workbench = {
    add_8x8_us: () => {
      const [a, b] = [resident(8, 8), resident(8, 8)];
      return op("add_8x8_us", () => tf.add(a, b));
    },
    add_1e6_us: () => {
      const x = resident(1_000_000);
      return op("add_1e6_us", () => tf.add(x, x));
    },
    softmax_512x1024_us: () => {
      const x = resident(512, 1024);
      return op("softmax_512x1024_us", () => tf.softmax(x));
    },
    matmul_256_us: () => matmul(256),
    matmul_512_us: () => matmul(512),
    mlp_ms: () => training(mlp),
    cnn_ms: () => training(() => cnn({ conv2d: true })),
    gpt_d64_ms: () => training(() => gpt(64, 64, 2, 12, { gather: true })),
  };
  return { version: version_core, workbench };
});
