// What only the device can find out of range: reads of what depends on it reject.
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

  const table = (size: number): Tensor =>
    tensor(
      Int32Array.from({ length: size }, (_, i) => 10 * i),
      { device: "webgpu" },
    );
  /** What is picked with an index that is checked first. */
  const picked = (name: string, index: Tensor, size: number): Tensor => {
    const out = ints(new Array(index.size).fill(0));
    check(name, index, size);
    backend.kernels.gather(table(size), index, out, 0);
    return out;
  };

  test("only what depends on a failed check rejects, and does so whenever it is read", async () => {
    const fine = picked("fine", ints([0, 4, 2]), 5);
    const first = picked("first", ints([0, 7, 2]), 5);
    const second = picked("second", ints([-1]), 5);
    const later = first.mul(2).add(1);
    const both = second.add(first.sum());
    const x = ints([3, 4]);
    expect(await x.tolist()).toEqual([3, 4]);
    expect(await fine.data()).toEqual(Int32Array.from([0, 40, 20]));
    for (let i = 0; i < 2; i++) {
      await expect(first.data()).rejects.toThrow("first: 7 is not below 5");
      await expect(later.data()).rejects.toThrow("first: 7 is not below 5");
      expect(() => second.tolist()).toThrow("second: -1 is not below 5");
      await expect(both.data()).rejects.toThrow("first: 7");
    }
    expect(await fine.mul(2).data()).toEqual(Int32Array.from([0, 80, 40]));
  });

  test("new contents are in no doubt; a part of them leaves the rest in doubt", async () => {
    const bad = picked("bad", ints([0, 9]), 5);
    const part = bad.clone();
    part.select(0, 0).fill_(1);
    await expect(part.data()).rejects.toThrow("bad: 9");
    part.copy_(ints([5, 6]));
    expect(await part.data()).toEqual(Int32Array.from([5, 6]));
    bad.fill_(3);
    expect(await bad.add(part).data()).toEqual(Int32Array.from([8, 9]));
    // memory that comes back from the pool is new, too
    picked("bad", ints([0, 9]), 5).dispose();
    for (let i = 0; i < 4; i++) expect(await ints([1, 2]).mul(2).data()).toEqual(Int32Array.from([2, 4]));
  });

  test("an index is in doubt for those who use it with that size", async () => {
    const index = ints([0, 7]);
    const bad = picked("five", index, 5);
    const good = picked("nine", index, 9);
    await expect(bad.data()).rejects.toThrow("five: 7");
    expect(await good.data()).toEqual(Int32Array.from([0, 70]));
    expect(await index.data()).toEqual(Int32Array.from([0, 7]));
    index.copy_(ints([1, 2]));
    expect(await picked("five", index, 5).data()).toEqual(Int32Array.from([10, 20]));
  });

  test("a strided view is checked where it is, and nowhere else", async () => {
    const index = ints([1, 99, 2, 99, 0, 99], [3, 2]).select(1, 0);
    expect(await picked("every other", index, 3).data()).toEqual(Int32Array.from([10, 20, 0]));
    await expect(picked("every other", index, 2).data()).rejects.toThrow("every other: 2 is not below 2");
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

  test("thousands of checks without a read, summed up: the one that failed is told", async () => {
    const sum = ints([0]);
    const good = ints([0]);
    for (let i = 0; i < 3000; i++) {
      sum.add_(picked(`check ${i}`, ints([i === 2900 || i === 2950 ? 9 : 1]), 5));
      good.add_(picked(`check ${i}`, ints([1]), 5));
    }
    await expect(sum.data()).rejects.toThrow("check 2900: 9 is not below 5");
    expect(await good.data()).toEqual(Int32Array.from([30000]));
    await expect(sum.add(good).data()).rejects.toThrow("check 2900");
  });

  test("cross entropy: a target that is no class, and the ignored one that is none either", async () => {
    const loss = crossEntropy(logits(), ints([1, 3]));
    await expect(loss.data()).rejects.toThrow("crossEntropy: target 3 is out of range for 3 classes");
    await expect(loss.data()).rejects.toThrow("crossEntropy: target 3 is out of range for 3 classes");
    // log(e^0.5 + e^1 + e^-1) - 1
    const ignoring = crossEntropy(logits(), ints([1, -100]));
    expect(await ignoring.itemAsync()).toBeCloseTo(Math.log(Math.exp(0.5) + Math.E + Math.exp(-1)) - 1, 6);
    expect(await crossEntropy(logits(), ints([-100, -100])).itemAsync()).toBeNaN();
  });
});
