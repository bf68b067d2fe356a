// jax-js's side of the bench on WebGPU: `init("webgpu")` finds navigator.gpu, and reads are asynchronous. Calls are jitted, but
// for the 8×8 additions; jax-js submits nothing before it is asked for a value or a buffer, so each call asks for its buffer.
import { readFileSync } from "node:fs";
import { type Prepared, serve, timedAsync, timedInChunks, type Workbench } from "../protocol.ts";
import { type CountOptions, countSteps } from "../webgpu/counters.ts";
import { chunkOf } from "../webgpu/workloads.ts";
import { classes, installWebGPU } from "./dawn.ts";

await serve(async () => {
  await installWebGPU();
  const { blockUntilReady, defaultDevice, init, jit, nn, numpy: np } = await import("@jax-js/jax");
  if (!(await init("webgpu")).includes("webgpu")) throw new Error("the webgpu backend did not start");
  defaultDevice("webgpu");
  const { cnn, gpt, mlp, normal } = await import("./jaxjs-models.ts");
  type Arr = import("@jax-js/jax").Array;
  type Step = import("./jaxjs-models.ts").Step;

  const op = (name: string, compute: () => Arr): Prepared => {
    const call = async () => {
      const result = compute();
      await result.ref.gpuBuffer();
      return result;
    };
    const release = (result: Arr) => result.dispose();
    return { run: timedInChunks(chunkOf(name), { call, settle: (last) => blockUntilReady(last), release }) };
  };

  // the loss comes out of the same jitted call as the weights, so everything is in the queue before the loss is read
  const training = (build: () => Step): Prepared => {
    const update = build();
    let last = Number.NaN;
    const step = async () => {
      last = (await update().loss.data())[0];
    };
    const count = (how: CountOptions) => countSteps(classes, step, how);
    return { run: timedAsync(step), loss: () => last, count };
  };

  const matmul = (n: number) => {
    const [a, b] = [normal(n, n), normal(n, n)];
    const compiled = jit((x: Arr, y: Arr) => np.matmul(x, y));
    return op(`matmul_${n}_us`, () => compiled(a.ref, b.ref));
  };
  const workbench: Workbench = {
    add_8x8_us: () => {
      const [a, b] = [normal(8, 8), normal(8, 8)];
      return op("add_8x8_us", () => a.ref.add(b.ref));
    },
    add_1e6_us: () => {
      const x = normal(1_000_000);
      const compiled = jit((y: Arr) => y.ref.add(y));
      return op("add_1e6_us", () => compiled(x.ref));
    },
    softmax_512x1024_us: () => {
      const x = normal(512, 1024);
      const compiled = jit((y: Arr) => nn.softmax(y, -1));
      return op("softmax_512x1024_us", () => compiled(x.ref));
    },
    matmul_256_us: () => matmul(256),
    matmul_512_us: () => matmul(512),
    mlp_ms: () => training(mlp),
    cnn_ms: () => training(cnn),
    gpt_d64_ms: () => training(() => gpt(64, 64, 2, 12)),
  };
  const manifest = new URL("../package.json", import.meta.resolve("@jax-js/jax"));
  // every npm package has a version in its manifest
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return { version, workbench };
});
