import {
  amp,
  detectAnomaly,
  memory,
  nn,
  ones,
  optim,
  profiler,
  registerBackend,
  tensor,
  UnavailableError,
} from "flambeau";
import { beforeEach, expect, it } from "vitest";
import { RemoteDevice } from "../support/remote.ts";

const device = "remote";
beforeEach(() => void registerBackend(new RemoteDevice()));

it("autocast goes by the lists for devices other than the cpu", () => {
  const x = ones([2, 2], { device });
  amp.autocast("bfloat16", () => {
    const y = x.matmul(x);
    expect(y.dtype).toBe("bfloat16");
    expect(y.softmax(-1).dtype).toBe("float32");
    expect(
      ones([2, 2])
        .matmul(ones([2, 2]))
        .softmax(-1).dtype,
    ).toBe("bfloat16"); // on the cpu
  });
});

it("a scaler's step says that it cannot look, and waits when asked to", async () => {
  const w = tensor([1, 2], { device, requiresGrad: true });
  const optimizer = new optim.SGD([w], { lr: 0.5 });
  const scaler = new amp.GradScaler();
  scaler.scale(w.sum()).backward();
  expect(() => scaler.step(optimizer)).toThrow(UnavailableError);
  expect(() => scaler.step(optimizer)).toThrow(/await scaler.stepAsync\(optimizer\)/);
  await scaler.stepAsync(optimizer);
  scaler.update();
  expect(await w.tolistAsync()).toEqual([0.5, 1.5]);
});

it("anomaly detection of the forward says that it cannot look", () => {
  const x = ones([2], { device });
  expect(() => detectAnomaly(() => x.log(), { forward: "nan" })).toThrow(UnavailableError);
});

it("a profile that waits has the device's time, and leaves nothing there", async () => {
  const model = new nn.Linear(4, 2).to(device);
  const x = ones([3, 4], { device });
  const before = memory().remote.tensors;
  const p = await profiler.profileAsync(() => model.forward(x).dispose(), { model });
  expect(Object.keys(p.deviceTimes).sort()).toEqual(["cpu", "remote"]);
  expect(p.deviceTimes.remote).toBeGreaterThanOrEqual(p.wallTime);
  expect(p.keyAverages({ by: "module" }).map(({ name }) => name)).toEqual(["Linear"]);
  expect(p.keyAverages({ by: "kernel" }).length).toBeGreaterThan(0);
  expect(memory().remote.tensors).toBe(before);
});
