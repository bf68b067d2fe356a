import { registerBackend, tensor } from "@flambeau/tensor";
import { expect, it } from "vitest";
import { cpuWasm } from "../../src/index.ts";
import reference from "../engine/math.reference.json" with { type: "json" };

registerBackend(cpuWasm({ threads: 1 }));
/** Arguments and results of 60-digit arithmetic. */
const figures = reference.op.erfinv as [number, number][];

it("float64 agrees with 60-digit arithmetic to 2e-15", () => {
  const got = tensor(Float64Array.from(figures, ([x]) => x))
    .erfinv()
    .dataSync();
  figures.forEach(([x, want], i) => {
    expect(
      Math.abs(Number(got[i]) - want) / Math.max(Math.abs(want), Number.MIN_VALUE),
      `erfinv(${x}) = ${got[i]}`,
    ).toBeLessThan(2e-15);
  });
});

it("float32 agrees with float64 to 4 units in the last place", () => {
  const values = new Set<number>();
  for (let i = 1; i < 4000; i++)
    for (const x of [i / 4000, 1 - 2 ** (-i / 167), 2 ** (-i / 40)]) values.add(Math.fround(x));
  values.delete(1);
  const x = Float32Array.from([...values, ...figures.map(([v]) => v).filter((v) => Math.abs(Math.fround(v)) < 1)]);
  const [got, want] = [tensor(x).erfinv().dataSync(), tensor(Float64Array.from(x)).erfinv().dataSync()];
  for (let i = 0; i < x.length; i++) {
    const units =
      Math.abs(Number(got[i]) - Number(want[i])) / Math.max(Math.abs(Number(want[i])) * 2 ** -23, 2 ** -149);
    // the last bit of an argument below 2^-125 is more than one of its result
    expect(units, `erfinv(${x[i]}) = ${got[i]}, in float64 ${want[i]}`).toBeLessThan(4);
  }
});

it("has PyTorch's edges, in the order of its elements whatever they are", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const y = tensor([1, -1, 1.5, -1.5, Infinity, -Infinity, NaN, 0, -0, 0.5], { dtype }).erfinv();
    const found = y.tolist() as number[];
    expect(found.slice(0, 9)).toEqual([Infinity, -Infinity, NaN, NaN, NaN, NaN, NaN, 0, -0]);
    expect(found[9]).toBeCloseTo(0.4769362762044699, 6);
  }
});
