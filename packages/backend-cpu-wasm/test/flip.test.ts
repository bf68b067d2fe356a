import { dtypes, registerBackend, tensor } from "@flambeau/tensor";
import { withoutFused } from "@flambeau/tensor/plugin";
import { describe, expect, it } from "vitest";
import { cpuWasm } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

describe("rows back to front", () => {
  it.each(dtypes)("%s", (dtype) => {
    for (const n of [1, 2, 3, 5, 8, 15, 16, 17, 33, 100]) {
      const x = tensor(Float64Array.from({ length: 3 * n }, (_, i) => (i * 7) % 100))
        .to(dtype)
        .reshape([3, n]);
      const want = (x.tolist() as unknown[][]).map((row) => [...row].reverse());
      expect(x.flip([1]).tolist()).toEqual(want);
      expect(withoutFused(() => x.flip([1])).tolist()).toEqual(want);
      expect(x.flip([0, 1]).tolist()).toEqual([...want].reverse());
      expect(x.t().flip([1]).tolist()).toEqual(withoutFused(() => x.t().flip([1])).tolist());
    }
  });
  it("of nothing and of numbers", () => {
    expect(tensor([]).flip([0]).tolist()).toEqual([]);
    expect(tensor(3).flip([0]).item()).toBe(3);
  });
});
