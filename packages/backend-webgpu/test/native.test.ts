import {
  ArgumentError,
  add,
  DeviceLostError,
  fromNative,
  nativeBuffer,
  registerBackend,
  tensor,
} from "@flambeau/tensor";
import { expect, test } from "vitest";
import { webgpu } from "../src/index.ts";
import { adapterMissing, gpu } from "./support/adapter.ts";

const usage = { mapRead: 1, copySource: 4, copyTarget: 8, storage: 128 };

if (await adapterMissing()) test.skip("native memory: there is no WebGPU adapter");
else {
  const entry = await gpu();
  const adapter = await entry.requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) throw new Error("the adapter gives no device");

  test("a program's own device: tensors on its buffers, and its shaders on tensors", async () => {
    const backend = registerBackend(await webgpu({ gpu: entry, device }));
    expect(backend.device).toBe(device);
    const own = device.createBuffer({ size: 16, usage: usage.storage | usage.copySource | usage.copyTarget });
    device.queue.writeBuffer(own, 0, Float32Array.of(1, 2, 3, 4));
    const x = fromNative(own, [2, 2], { device: "webgpu" });
    expect([...(await x.data())]).toEqual([1, 2, 3, 4]);

    const y = add(x, tensor([10, 20], { device: "webgpu" }));
    const { buffer, byteOffset } = nativeBuffer(y);
    const copy = device.createBuffer({ size: 16, usage: usage.mapRead | usage.copyTarget });
    const commands = device.createCommandEncoder();
    commands.copyBufferToBuffer(buffer as GPUBuffer, byteOffset, copy, 0, 16);
    device.queue.submit([commands.finish()]);
    await copy.mapAsync(1);
    expect([...new Float32Array(copy.getMappedRange())]).toEqual([11, 22, 13, 24]);

    x.dispose(); // the buffer stays the program's
    device.queue.writeBuffer(own, 0, Float32Array.of(5, 6, 7, 8));
    const again = fromNative(own, [4], { device: "webgpu" });
    expect([...(await again.data())]).toEqual([5, 6, 7, 8]);
  });

  test("what does not fit is refused by name", () => {
    const small = device.createBuffer({ size: 8, usage: usage.storage | usage.copySource | usage.copyTarget });
    const mute = device.createBuffer({ size: 16, usage: usage.storage });
    expect(() => fromNative(small, [4], { device: "webgpu" })).toThrow("has 8 bytes, the tensor needs 16");
    expect(() => fromNative(mute, [4], { device: "webgpu" })).toThrow("the usages STORAGE, COPY_SRC and COPY_DST");
    for (const wrong of [null, 3, new ArrayBuffer(16), {}])
      expect(() => fromNative(wrong, [4], { device: "webgpu" })).toThrow(ArgumentError);
  });

  test("dispose leaves the program's device alone", async () => {
    const backend = await webgpu({ gpu: entry, device });
    backend.dispose();
    expect(() => backend.alloc(4)).toThrow(DeviceLostError);
    const buffer = device.createBuffer({ size: 4, usage: usage.copyTarget | usage.mapRead });
    await buffer.mapAsync(1);
    expect(buffer.mapState).toBe("mapped");
  });
}
