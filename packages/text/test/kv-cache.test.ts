import { memory, noGrad, ones, randn, type Tensor, text } from "flambeau";
import { describe, expect, test } from "vitest";

const made = (batch: number, capacity = 6) => new text.KVCache({ layers: 2, batch, heads: 1, headWidth: 2, capacity });
const filled = (batch: number): { cache: text.KVCache; keys: Tensor; values: Tensor } => {
  const cache = made(batch);
  const [keys, values] = [randn([batch, 1, 4, 2]), randn([batch, 1, 4, 2])];
  for (const layer of [0, 1]) cache.append(layer, keys.mul(layer + 1), values.mul(layer + 1));
  cache.advance(4);
  return { cache, keys, values };
};
/** What a layer holds, as one sees it who appends nothing. */
const held = (cache: text.KVCache, layer: number, batch: number) =>
  cache.append(layer, ones([batch, 1, 0, 2]), ones([batch, 1, 0, 2]));

describe("KVCache", () => {
  test("keeps what is appended, each layer its own, in memory that it took once", () => {
    const { cache, keys, values } = filled(2);
    const { bytes } = memory().cpu;
    for (const layer of [0, 1]) {
      const more = cache.append(layer, ones([2, 1, 2, 2]), ones([2, 1, 2, 2]));
      expect(more.keys.narrow(2, 0, 4).equal(keys.mul(layer + 1))).toBe(true);
      expect(more.values.narrow(2, 0, 4).equal(values.mul(layer + 1))).toBe(true);
      expect(more.keys.narrow(2, 4, 2).equal(ones([2, 1, 2, 2]))).toBe(true);
      expect(more.keys.storage).toBe(held(cache, layer, 2).keys.storage);
    }
    expect(cache.length).toBe(4);
    cache.advance(2);
    expect(() => cache.append(0, ones([2, 1, 1, 2]), ones([2, 1, 1, 2]))).toThrow(
      "no room for 1 positions more: 6 of 6",
    );
    cache.crop(1);
    expect(held(cache, 0, 2).keys.equal(keys.narrow(2, 0, 1))).toBe(true);
    cache.reset();
    expect([cache.length, cache.capacity, cache.layers, cache.batch]).toEqual([0, 6, 2, 2]);
    expect(memory().cpu.bytes - bytes).toBeLessThan(4096); // handles and ones of this test alone
  });

  test.each([[[2, 0, 0]], [[1, 2, 0]], [[1]], [[0, 0, 1, 1, 2]]])("takes the rows %j", (rows) => {
    const { cache, keys, values } = filled(3);
    cache.reorder(rows);
    expect(cache.batch).toBe(rows.length);
    for (const layer of [0, 1]) {
      const all = held(cache, layer, rows.length);
      for (const [i, row] of rows.entries()) {
        expect(all.keys.at(i).equal(keys.at(row).mul(layer + 1))).toBe(true);
        expect(all.values.at(i).equal(values.at(row).mul(layer + 1))).toBe(true);
      }
    }
  });

  test("gives its memory back", () => {
    const before = memory().cpu.tensors;
    const cache = made(3);
    cache.reorder([0, 1]);
    cache.reorder([1, 0, 0]);
    expect(memory().cpu.tensors).toBe(before + 4);
    cache.dispose();
    expect(memory().cpu.tensors).toBe(before);
  });

  test.each([
    [() => made(0), "batch must be a positive integer"],
    [() => made(1).append(2, ones([1, 1, 1, 2]), ones([1, 1, 1, 2])), "there are 2 layers, got 2"],
    [() => made(1).append(0, ones([1, 1, 1, 3]), ones([1, 1, 1, 3])), "expected [1,1,1,2], got [1,1,1,3]"],
    [() => made(1).append(0, ones([2]), ones([2])), "expected [1,1,0,2], got [2]"],
    [() => made(1).advance(7), "no room for 7 positions more"],
    [() => made(1).crop(1), "there are 0 positions, got 1"],
    [() => made(2).reorder([2]), "rows must be numbers of the 2 sequences, got [2]"],
  ])("%#: %s", (run, message) => {
    expect(run).toThrow(message);
  });
  test("has no gradients", () => {
    const wanted = randn([1, 1, 1, 2], { requiresGrad: true });
    expect(() => made(1).append(0, wanted, wanted)).toThrow("have no gradients");
    noGrad(() => made(1).append(0, wanted, wanted));
  });
});
