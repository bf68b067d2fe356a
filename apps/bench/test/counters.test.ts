import { expect, test } from "vitest";
import { type Call, countSteps, observe } from "../src/webgpu/counters.ts";
import { fakeWebGPU } from "./fake-webgpu.ts";

test("an observed method keeps its receiver, arguments and result, and is restored", () => {
  const classes = fakeWebGPU();
  const original = classes.GPUDevice.prototype.createBuffer;
  const calls: Call[] = [];
  const stop = observe(classes, (call) => calls.push(call));
  const device = new classes.GPUDevice();
  expect(device.createBuffer(16)).toBe("buffer of 16");
  device.createComputePipeline();
  device.createComputePipelineAsync();
  new classes.GPUComputePassEncoder().dispatchWorkgroupsIndirect();
  expect(calls).toEqual(["buffers", "pipelines", "pipelines", "dispatches"]);
  stop();
  device.createBuffer(4);
  expect(calls).toHaveLength(4);
  expect(classes.GPUDevice.prototype.createBuffer).toBe(original);
});

test("a class that is missing is named", () => {
  const { GPUQueue: _, ...classes } = fakeWebGPU();
  expect(() => observe(classes, () => {})).toThrow("there is no GPUQueue.submit to count");
});

test("calls of the warm-up do not count, those of the steps are means", async () => {
  const classes = fakeWebGPU();
  const [device, queue, pass] = [new classes.GPUDevice(), new classes.GPUQueue(), new classes.GPUComputePassEncoder()];
  const buffer = new classes.GPUBuffer();
  let nth = 0;
  const step = async () => {
    nth++;
    if (nth <= 3) device.createComputePipeline();
    if (nth % 2 === 0) device.createBuffer(4);
    device.createBindGroup();
    queue.writeBuffer();
    for (let i = 0; i < 5; i++) pass.dispatchWorkgroups();
    queue.submit();
    await buffer.mapAsync();
    await buffer.mapAsync();
  };
  const { perStep } = await countSteps(classes, step, { warmUp: 3, steps: 4 });
  expect(nth).toBe(7);
  const expected = { submits: 1, buffers: 0.5, pipelines: 0, bindGroups: 1, dispatches: 5, writes: 1, maps: 2 };
  expect(perStep).toEqual(expected);
});

test("encoding ends with the first read of a step, and its median counts", async () => {
  const classes = fakeWebGPU();
  const buffer = new classes.GPUBuffer();
  let clock = 0;
  const encoding = [7, 100, 9];
  const step = async () => {
    clock += encoding.shift() ?? 0;
    await buffer.mapAsync();
    clock += 1000;
    await buffer.mapAsync();
  };
  const { encodeMs } = await countSteps(classes, step, { warmUp: 0, steps: 3 }, () => clock);
  expect(encodeMs).toBe(9);
});

test("a step that never reads is refused, and what it throws passes, with the methods restored", async () => {
  const classes = fakeWebGPU();
  const original = classes.GPUQueue.prototype.submit;
  const counting = (step: () => Promise<void>) => countSteps(classes, step, { warmUp: 0, steps: 1 });
  await expect(counting(async () => {})).rejects.toThrow("the step ended without reading from the device");
  await expect(counting(() => Promise.reject(new Error("device lost")))).rejects.toThrow("device lost");
  expect(classes.GPUQueue.prototype.submit).toBe(original);
});
