import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { full, pow, pow_, registerBackend, type Tensor, tensor, tolist } from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

const bases = Array.from({ length: 100 }, (_, i) => i + 1);
const dtypes = ["float32", "float64"] as const;
const numbers = (x: Tensor): readonly number[] => tolist(x) as number[]; // one dimension

describe.each(dtypes)("powers in %s", (dtype) => {
  const fits = (x: number): boolean => Number.isSafeInteger(x) && (dtype === "float64" || Math.fround(x) === x);
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("of whole numbers to %d are exact where they fit", (p) => {
    const x = tensor(bases, { dtype });
    const forms = [pow(x, p), pow(x, full([100], p, { dtype })), pow_(tensor(bases, { dtype }), p)].map(numbers);
    for (const [i, base] of bases.entries())
      if (fits(base ** p)) expect(forms.map((f) => f[i])).toEqual([base ** p, base ** p, base ** p]);
  });

  test.each([
    [0.5, [Number.NaN, -0, 0, Infinity, Number.NaN, Number.NaN, 2]],
    [-0.5, [Number.NaN, -Infinity, Infinity, 0, Number.NaN, Number.NaN, 0.5]],
    [-1, [-0, -Infinity, Infinity, 0, Number.NaN, -0.5, 0.25]],
    [-2, [0, Infinity, Infinity, 0, Number.NaN, 0.25, 0.0625]],
    [3, [-Infinity, -0, 0, Infinity, Number.NaN, -8, 64]],
    [4, [Infinity, 0, 0, Infinity, Number.NaN, 16, 256]],
  ])("to %d at zeros, infinities and NaN, as PyTorch 2.13 has them", (p, figures) => {
    const points = [-Infinity, -0, 0, Infinity, Number.NaN, -2, 4];
    expect(numbers(pow(tensor(points, { dtype }), p))).toEqual(figures);
    expect(numbers(pow_(tensor(points, { dtype }), p))).toEqual(figures);
  });
});

test("powers in float32 are those of float64, rounded once", () => {
  const points = Array.from({ length: 20000 }, (_, i) => i);
  const x = Float32Array.from(points, (i) => 2 ** (((i * 7919) % 20011) / 1000 - 10));
  const y = Float32Array.from(points, (i) => ((i * 104729) % 20021) / 1000 - 10);
  const got = numbers(pow(tensor(x), tensor(y)));
  for (const i of points) {
    const exact = x[i] ** y[i];
    const ulp = 2 ** Math.max(-149, Math.floor(Math.log2(exact)) - 23);
    // half an ulp is the rounding; the logarithm's and the exponential's 6e-9 are a tenth of an ulp
    expect(Math.abs(got[i] - exact)).toBeLessThanOrEqual(0.6 * ulp);
  }
});
