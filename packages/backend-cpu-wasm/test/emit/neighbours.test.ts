import { registerBackend, tensor } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { cpuWasm } from "../../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const unary = [
  "exp",
  "expm1",
  "exp2",
  "log",
  "log1p",
  "log2",
  "log10",
  "sin",
  "cos",
  "tan",
  "tanh",
  "sigmoid",
  "sinh",
  "cosh",
] as const;
const unusual = [1e30, -1e30, Infinity, Number.NaN, 1e-42, 0];

/** Bits of the first element's result when `neighbour` fills the rest of its vector. */
const firstBits = (values: Float32Array, compute: (t: ReturnType<typeof tensor>) => ReturnType<typeof tensor>) =>
  new Uint32Array((compute(tensor(values)).dataSync() as Float32Array).buffer)[0];

describe("an element's result does not depend on its neighbours", () => {
  const values = Array.from({ length: 40 }, (_, i) => Math.fround(0.37 + i * 0.731));
  it.each(unary)("%s", (op) => {
    for (const v of values) {
      const alone = firstBits(Float32Array.of(v, v, v, v), (t) => t[op]());
      for (const n of unusual)
        expect(
          firstBits(Float32Array.of(v, n, v, n), (t) => t[op]()),
          `${op}(${v}) beside ${n}`,
        ).toBe(alone);
    }
  });
  it("pow and remainder", () => {
    for (const v of values)
      for (const f of [(t: ReturnType<typeof tensor>) => t.pow(2.7), (t: ReturnType<typeof tensor>) => t.fmod(0.3)]) {
        const alone = firstBits(Float32Array.of(v, v, v, v), f);
        for (const n of unusual) expect(firstBits(Float32Array.of(v, n, v, n), f), `${v} beside ${n}`).toBe(alone);
      }
  });
});
