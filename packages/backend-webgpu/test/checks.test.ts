// What only the device can find out of range: the first read after it rejects, once.
import { crossEntropy } from "@flambeau/losses";
import { type Backend, registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

describe.skipIf(await adapterMissing())("checks on the device", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = registerBackend(await openBackend());
  });
  afterAll(() => backend.dispose());

  const ints = (values: number[], shape = [values.length]): Tensor =>
    tensor(Int32Array.from(values), { shape, device: "webgpu" });
  const check = (name: string, index: Tensor, size: number): void =>
    backend.checkIndices?.(index, size, (value) => new Error(`${name}: ${value} is not below ${size}`));
  const logits = () => tensor([0.5, 1, -1, 2, 0, 0.25], { device: "webgpu" }).reshape([2, 3]);

  test("the first failed check is reported by the first read after it", async () => {
    check("fine", ints([0, 4, 2]), 5);
    check("first", ints([0, 7, 2]), 5);
    check("second", ints([-1]), 5);
    const x = ints([3, 4]);
    await expect(x.data()).rejects.toThrow("first: 7 is not below 5");
    expect(await x.tolist()).toEqual([3, 4]);
    check("negative", ints([-3, 1, -3]), 5);
    expect(() => x.tolist()).toThrow("negative: -3 is not below 5");
    check("fine", ints([4]), 5);
    expect(x.tolist()).toEqual([3, 4]);
  });

  test("a strided view is checked where it is, and nowhere else", async () => {
    const index = ints([1, 99, 2, 99, 0, 99], [3, 2]).select(1, 0);
    check("every other", index, 3);
    expect(index.tolist()).toEqual([1, 2, 0]);
    check("every other", index, 2);
    await expect(index.data()).rejects.toThrow("every other: 2 is not below 2");
  });

  test("memory freed and used again after the call does not matter", async () => {
    for (let i = 0; i < 20; i++) {
      const good = ints([1, 2, 3]);
      check("freed", good, 4);
      good.dispose();
      ints([500, 600, 700]).dispose();
    }
    expect(await ints([1]).data()).toEqual(new Int32Array([1]));
  });

  test("more checks than are told apart still fail", async () => {
    for (let i = 0; i < 5000; i++) check("one of many", ints([i === 4900 ? 9 : 0]), 5);
    await expect(ints([1]).data()).rejects.toThrow("9");
  });

  test("cross entropy: a target that is no class, and the ignored one that is none either", async () => {
    const loss = crossEntropy(logits(), ints([1, 3]));
    await expect(loss.data()).rejects.toThrow("crossEntropy: target 3 is out of range for 3 classes");
    // log(e^0.5 + e^1 + e^-1) - 1
    const ignoring = crossEntropy(logits(), ints([1, -100]));
    expect(await ignoring.itemAsync()).toBeCloseTo(Math.log(Math.exp(0.5) + Math.E + Math.exp(-1)) - 1, 6);
    expect(await crossEntropy(logits(), ints([-100, -100])).itemAsync()).toBeNaN();
  });
});
