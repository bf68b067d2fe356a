// The loss of the device, forced in the middle of a step.
import "@flambeau/autograd";
import { DeviceLostError, UnavailableError } from "@flambeau/tensor";
import { add, mul, ones, registerBackend, tensor } from "flambeau";
import { describe, expect, it } from "vitest";
import { adapterMissing, openBackend } from "../support/adapter.ts";

describe.skipIf(await adapterMissing())("device loss", () => {
  it("pending reads and later calls say so, what is on the cpu is intact, a new device works", async () => {
    const lost = await openBackend();
    registerBackend(lost);
    const host = tensor([1, 2, 3]);
    const x = host.to("webgpu");
    const early = x.data().catch((error: unknown) => error); // it may be in time
    const pending = mul(add(x, 1), 2).data();
    lost.device.destroy();
    await expect(pending).rejects.toThrow(DeviceLostError);
    const outcome = await early;
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(DeviceLostError);
    else expect(outcome).toEqual(new Float32Array([1, 2, 3]));
    expect(() => add(x, 1)).toThrow(DeviceLostError);
    expect(() => ones([3], { device: "webgpu" })).toThrow(DeviceLostError);
    await expect(x.data()).rejects.toThrow(/^device "webgpu" was lost: destroyed.*its tensors are gone/);
    await expect(x.data()).rejects.toMatchObject({ device: "webgpu", hint: expect.stringContaining("await webgpu()") });
    expect(() => x.tolist()).toThrow(DeviceLostError);
    await expect(lost.warmUp(() => {})).rejects.toThrow(DeviceLostError);
    await lost.pace();
    expect(host.tolist()).toEqual([1, 2, 3]);
    x.dispose();
    lost.dispose(); // once more does no harm

    const fresh = await openBackend();
    registerBackend(fresh);
    const y = mul(host.to("webgpu"), 2);
    expect([...(await y.data())]).toEqual([2, 4, 6]);
    expect(y.tolist()).toEqual([2, 4, 6]);
    fresh.dispose();
  });

  it("a warm-up that is under way says so, too", async () => {
    const lost = await openBackend();
    registerBackend(lost);
    const x = ones([3], { device: "webgpu" });
    const warming = lost.warmUp(() => x.erf().lgamma());
    lost.device.destroy();
    const outcome = await warming.catch((error: unknown) => error); // compilation may have been faster
    if (outcome !== undefined) expect(outcome).toBeInstanceOf(DeviceLostError);
    await expect(lost.warmUp(() => {})).rejects.toThrow(DeviceLostError);
  });

  it("a synchronous read right after the loss throws instead of waiting", async () => {
    const lost = await openBackend();
    registerBackend(lost);
    const x = add(ones([3], { device: "webgpu" }), 1);
    lost.device.destroy();
    expect(() => x.tolist()).toThrow(DeviceLostError);
  });

  it("a long loop without reads on a lost device ends in the error, too", async () => {
    const lost = await openBackend();
    registerBackend(lost);
    const x = ones([64], { device: "webgpu" });
    for (let i = 0; i < 1000; i++) x.add_(1);
    lost.device.destroy();
    const run = () => {
      for (let i = 0; i < 50_000; i++) x.add_(1);
    };
    try {
      run(); // within one turn of the event loop the loss may not be known yet: then the loop runs into nothing
    } catch (error) {
      expect(error).toBeInstanceOf(DeviceLostError);
    }
    await expect(x.data()).rejects.toThrow(DeviceLostError);
    expect(run).toThrow(DeviceLostError);
  });
});

describe.skipIf(await adapterMissing())("a program's own calls to the device", () => {
  it("settle, and a synchronous read beside one says what to do instead of waiting for ever", async () => {
    const backend = await openBackend();
    registerBackend(backend);
    const x = add(ones([3], { device: "webgpu" }), 1);
    expect(x.tolist()).toEqual([2, 2, 2]);
    const own = backend.device.queue.onSubmittedWorkDone();
    let outcome: unknown;
    try {
      outcome = x.tolist();
    } catch (error) {
      outcome = error;
    }
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UnavailableError);
    else expect(outcome).toEqual([2, 2, 2]);
    await own;
    expect(x.tolist()).toEqual([2, 2, 2]);
    backend.dispose();
  });
});
