// Reductions large enough to take each way through the kernel, against float64 loops.
import { amax, amin, any, permute, registerBackend, sum, type Tensor, tensor } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

/** Numbers in -1..1 that look random. */
const drawn = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => ((i * 7919 + 13) % 2003) / 1001.5 - 1);

/** The sums and maxima of [a, b, c] over the dimensions named, by plain loops. */
function reference(x: Float32Array, [a, b, c]: readonly number[], dims: readonly number[]) {
  const kept = [a, b, c].map((s, d) => (dims.includes(d) ? 1 : s));
  const n = kept[0] * kept[1] * kept[2];
  const sums = new Float64Array(n);
  const sizes = new Float64Array(n);
  const high = new Float64Array(n).fill(-Infinity);
  for (let i = 0, at = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++, at++) {
        const o = ((i % kept[0]) * kept[1] + (j % kept[1])) * kept[2] + (k % kept[2]);
        sums[o] += x[at];
        sizes[o] += Math.abs(x[at]);
        high[o] = Math.max(high[o], x[at]);
      }
  return { sums, sizes, high };
}

describe.skipIf(await adapterMissing())("reduce", () => {
  let dispose = (): void => {};
  beforeAll(async () => {
    const backend = registerBackend(await openBackend());
    dispose = () => backend.dispose();
  });
  afterAll(() => dispose());

  test.each([
    ["few long rows", [1, 5, 40_000], [2]],
    ["many rows", [30, 20, 700], [2]],
    ["short rows", [50, 60, 7], [2]],
    ["long columns", [30_000, 1, 9], [0]],
    ["many columns", [70, 3, 900], [0]],
    ["planes of channels", [40, 9, 300], [0, 2]],
    ["everything", [31, 67, 101], [0, 1, 2]],
  ] as const)("%s", (_, shape, dims) => {
    const x = drawn(shape[0] * shape[1] * shape[2]);
    const { sums, sizes, high } = reference(x, shape, dims);
    const onDevice = tensor(x, { shape, device: "webgpu" });
    const results = (t: Tensor) => [t.tolist()].flat(3) as number[];
    results(sum(onDevice, [...dims])).forEach((s, i) => {
      expect(Math.abs(s - sums[i])).toBeLessThanOrEqual(3e-7 * sizes[i]);
    });
    expect(results(amax(onDevice, [...dims]))).toEqual([...high]);
    const back = permute(tensor(x, { shape, device: "webgpu" }).neg(), [2, 0, 1]);
    const moved = dims.map((d) => (d + 1) % 3);
    const low = results(amin(back, moved));
    expect([...low].sort((p, q) => p - q)).toEqual([...high].map((h) => -h).sort((p, q) => p - q));
  });

  test("bytes of neighbouring outputs share a word", () => {
    const rows = 37;
    const x = new Uint8Array(rows * 300);
    for (let r = 0; r < rows; r += 3) x[r * 300 + ((r * 31) % 300)] = 1;
    const found = any(tensor(x, { shape: [rows, 300], dtype: "uint8", device: "webgpu" }), 1).tolist();
    expect(found).toEqual(Array.from({ length: rows }, (_, r) => (r % 3 === 0 ? 1 : 0)));
  });
});
