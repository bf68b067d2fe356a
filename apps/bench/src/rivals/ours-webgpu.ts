// Flambeau's side of the bench on WebGPU.
import { webgpu } from "@flambeau/backend-webgpu";
import { randn, registerBackend, setDefaultDevice, type Tensor } from "flambeau";
import { type Prepared, serve, type Workbench } from "../protocol.ts";
import { countSteps } from "../webgpu/counters.ts";
import { chunkOf } from "../webgpu/workloads.ts";
import { classes, installWebGPU } from "./dawn.ts";
import { op as onDevice, training as trainingOnDevice } from "./ours-device.ts";
import { gpt } from "./ours-gpt.ts";
import { cnn, mlp, type Task } from "./ours-models.ts";
import { flambeauVersion } from "./ours-version.ts";

const op = (name: string, call: () => Tensor): Prepared => onDevice(chunkOf(name), call);

function matmul(n: number): Prepared {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return op(`matmul_${n}_us`, () => a.matmul(b));
}

function training(task: Task): Prepared {
  const { step, ...prepared } = trainingOnDevice(task);
  return { ...prepared, count: (how) => countSteps(classes, step, how) };
}

const workbench: Workbench = {
  add_8x8_us: () => {
    const [a, b] = [randn([8, 8]), randn([8, 8])];
    return op("add_8x8_us", () => a.add(b));
  },
  add_1e6_us: () => {
    const x = randn([1_000_000]);
    return op("add_1e6_us", () => x.add(x));
  },
  softmax_512x1024_us: () => {
    const x = randn([512, 1024]);
    return op("softmax_512x1024_us", () => x.softmax(-1));
  },
  matmul_256_us: () => matmul(256),
  matmul_512_us: () => matmul(512),
  mlp_ms: () => training(mlp()),
  cnn_ms: () => training(cnn()),
  gpt_d64_ms: () => training(gpt(64, 64, 2, 12)),
};

await serve(async () => {
  await installWebGPU();
  registerBackend(await webgpu());
  setDefaultDevice("webgpu");
  return { version: flambeauVersion(), workbench };
});
