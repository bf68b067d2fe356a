// Pooling against plain loops over windows, written from PyTorch's definition.
import "@flambeau/autograd";
import { avgPool2d, maxPool2dWithIndices, mul, registerBackend, sum, tensor, tidy } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

interface Case {
  readonly shape: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}
const one = (shape: Case["shape"], kernel: number, stride: number, padding = 0, dilation = 1): Case => ({
  shape,
  kernel: [kernel, kernel],
  stride: [stride, stride],
  padding: [padding, padding],
  dilation: [dilation, dilation],
});
const cases: readonly Case[] = [
  one([2, 3, 8, 8], 2, 2),
  one([1, 2, 9, 7], 3, 2, 1),
  one([2, 1, 10, 11], 3, 1, 1),
  one([1, 1, 12, 13], 3, 2, 1, 2),
  { shape: [1, 2, 7, 40], kernel: [2, 35], stride: [3, 2], padding: [1, 0], dilation: [1, 1] }, // sizes too large for literals
  { shape: [2, 2, 6, 9], kernel: [1, 4], stride: [2, 3], padding: [0, 2], dilation: [1, 2] },
];
const name = (c: Case): string =>
  `[${c.shape}], kernel ${c.kernel}, stride ${c.stride}, padding ${c.padding}, dilation ${c.dilation}`; // prettier-ignore

/** Calls `visit` with each window's number and the positions of its cells in the plane, in row-major order. */
function windows({ shape, kernel, stride, padding, dilation }: Case, visit: (window: number, cells: number[]) => void) {
  const [height, width] = [shape[2], shape[3]];
  const out = [0, 1].map(
    (d) => Math.floor((shape[2 + d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1,
  ); // prettier-ignore
  for (let i = 0; i < out[0]; i++)
    for (let j = 0; j < out[1]; j++) {
      const cells: number[] = [];
      for (let a = 0; a < kernel[0]; a++)
        for (let b = 0; b < kernel[1]; b++) {
          const y = i * stride[0] - padding[0] + a * dilation[0];
          const x = j * stride[1] - padding[1] + b * dilation[1];
          if (y >= 0 && y < height && x >= 0 && x < width) cells.push(y * width + x);
        }
      visit(i * out[1] + j, cells);
    }
  return out;
}

/** Values that repeat, so that maxima tie, with NaN and infinities where asked. */
function values({ shape }: Case, special: boolean): Float32Array {
  const x = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < x.length; i++) x[i] = ((i * 37) % 23) / 4 - 3;
  if (special) {
    for (let i = 5; i < x.length; i += 17) x[i] = Number.NaN;
    for (let i = 2; i < x.length; i += 7) x[i] = -Infinity;
    for (let i = 1; i < x.length; i += 29) x[i] = Infinity;
  }
  return x;
}

describe.skipIf(await adapterMissing())("pooling", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  for (const c of cases) {
    const { shape, stride, padding, dilation } = c;
    const kernel = [...c.kernel];
    const plane = shape[2] * shape[3];
    const options = { stride: [...stride], padding: [...padding], dilation: [...dilation] };

    for (const special of [false, true])
      it(`max: values, positions and gradients${special ? " among NaN and infinities" : ""}, ${name(c)}`, async () => {
        const x = values(c, special);
        const leaf = tensor(x, { shape, device: "webgpu", requiresGrad: true });
        const { values: y, indices } = maxPool2dWithIndices(leaf, kernel, options);
        const [found, where] = [(await y.data()) as Float32Array, (await indices.data()) as Int32Array];
        const weights = Float32Array.from(found, (_, i) => 1 + (i % 5) / 8);
        const planes = shape[0] * shape[1];
        const size = found.length / planes;
        sum(
          mul(
            maxPool2dWithIndices(leaf, kernel, options).values,
            tensor(weights, { shape: y.shape, device: "webgpu" }),
          ),
        ).backward(); // prettier-ignore
        const gradient = new Float32Array(x.length);
        for (let p = 0; p < planes; p++)
          windows(c, (w, cells) => {
            // a NaN wins, and the last of several; of equals the first
            let best = cells[0];
            let most = -Infinity;
            for (const cell of cells) {
              const v = x[p * plane + cell];
              if (v > most || Number.isNaN(v)) [best, most] = [cell, v];
            }
            const at = p * size + w;
            expect([found[at], where[at]], `plane ${p}, window ${w}`).toEqual([most, best]);
            gradient[p * plane + best] += weights[at];
          });
        expect(await leaf.grad?.data()).toEqual(gradient);
      });

    if (dilation.some((d) => d !== 1)) continue;
    it(`average: values and gradients, ${name(c)}`, async () => {
      const x = values(c, false);
      const leaf = tensor(x, { shape, device: "webgpu", requiresGrad: true });
      const y = avgPool2d(leaf, kernel, { stride: [...stride], padding: [...padding], countIncludePad: false });
      const found = (await y.data()) as Float32Array;
      sum(mul(y, y)).backward();
      const gradient = new Float64Array(x.length);
      const planes = shape[0] * shape[1];
      const size = found.length / planes;
      for (let p = 0; p < planes; p++)
        windows(c, (w, cells) => {
          const mean = cells.reduce((s, cell) => s + x[p * plane + cell], 0) / cells.length;
          expect(found[p * size + w]).toBeCloseTo(mean, 5);
          for (const cell of cells) gradient[p * plane + cell] += (2 * mean) / cells.length;
        });
      const actual = (await leaf.grad?.data()) as Float32Array; // backward has made it
      for (let i = 0; i < x.length; i++) expect(actual[i]).toBeCloseTo(gradient[i], 5);
    });
  }

  it("a pass forward and one backward are a dispatch each", async () => {
    const x = tensor(values(cases[0], false), { shape: cases[0].shape, device: "webgpu", requiresGrad: true });
    const ones = tensor(new Float32Array(96).fill(1), { shape: [2, 3, 4, 4], device: "webgpu" });
    const step = () => tidy(() => maxPool2dWithIndices(x, 2).values.backward({ gradient: ones }));
    step();
    x.grad = null;
    const before = backend.counters.dispatches;
    step();
    expect(backend.counters.dispatches - before).toBe(2);
  });
});
