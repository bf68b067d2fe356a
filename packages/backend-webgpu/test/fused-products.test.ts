import type { Buffer, View } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { convKernels } from "../src/fused/conv.ts";
import { linearKernels } from "../src/fused/linear.ts";
import { Attention } from "../src/kernels/attention/attention.ts";
import { Gemm } from "../src/kernels/gemm/gemm.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const size = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);
const rowMajor = (shape: readonly number[]): number[] => shape.map((_, d) => size(shape.slice(d + 1)));

interface Conv {
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}
const plain = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 } as const;
const convs: readonly Conv[] = [
  { ...plain, x: [2, 3, 6, 7], w: [4, 3, 3, 2] },
  { ...plain, x: [2, 5, 9, 9], w: [20, 5, 3, 3], padding: [1, 2] },
  { ...plain, x: [1, 2, 14, 13], w: [3, 2, 5, 4], stride: [2, 3], padding: [2, 1], dilation: [1, 2] },
  // the last rows and columns of the image are in no window
  { ...plain, x: [2, 2, 8, 9], w: [2, 2, 3, 3], stride: [3, 2] },
  { ...plain, x: [2, 6, 7, 7], w: [9, 2, 3, 3], groups: 3, padding: [1, 1] },
  { ...plain, x: [2, 5, 8, 8], w: [5, 1, 3, 3], groups: 5, stride: [2, 2], padding: [1, 1] },
  { ...plain, x: [8, 18, 12, 11], w: [40, 18, 1, 1] },
  { ...plain, x: [40, 1, 12, 12], w: [17, 1, 3, 3] },
]; // prettier-ignore

/** Calls `visit` with the indices of y, w and x for every product of a convolution. */
function products(c: Conv, visit: (y: number, w: number, x: number) => void): [number, number, number, number] {
  const [images, channels, height, width] = c.x;
  const [filters, perGroup, kh, kw] = c.w;
  const out = ([height, width] as const).map(
    (s, d) => Math.floor((s + 2 * c.padding[d] - c.dilation[d] * (c.w[d + 2] - 1) - 1) / c.stride[d]) + 1,
  );
  const [oh, ow] = out;
  for (let n = 0; n < images; n++)
    for (let f = 0; f < filters; f++)
      for (let oy = 0; oy < oh; oy++)
        for (let ox = 0; ox < ow; ox++)
          for (let p = 0; p < perGroup; p++)
            for (let ky = 0; ky < kh; ky++)
              for (let kx = 0; kx < kw; kx++) {
                const y = oy * c.stride[0] - c.padding[0] + ky * c.dilation[0];
                const x = ox * c.stride[1] - c.padding[1] + kx * c.dilation[1];
                if (y < 0 || y >= height || x < 0 || x >= width) continue;
                const channel = Math.floor(f / (filters / c.groups)) * perGroup + p;
                visit(
                  ((n * filters + f) * oh + oy) * ow + ox,
                  ((f * perGroup + p) * kh + ky) * kw + kx,
                  ((n * channels + channel) * height + y) * width + x,
                );
              }
  return [images, filters, oh, ow];
}

if (await adapterMissing()) test.skip("fused products: there is no WebGPU adapter");
else
  describe("fused products", async () => {
    const backend = await openBackend();
    afterAll(() => backend.dispose());
    const engine = new Engine(backend.device, { memoryLimit: Number.POSITIVE_INFINITY, pump: null });
    let seed = 1;
    const random = (): number => {
      seed = (seed * 1664525 + 1013904223) >>> 0;
      return seed / 2 ** 31 - 1;
    };
    const buffers: Buffer[] = [];
    const release = () => buffers.splice(0).forEach((b) => void backend.free(b));
    interface Made extends View {
      readonly data: Float32Array;
    }
    /** A view of random numbers at an offset; `strides` may be those of a transposed layout of the same shape. */
    function floats(shape: readonly number[], offset = 3, strides: readonly number[] = rowMajor(shape)): Made {
      const data = Float32Array.from({ length: offset + size(shape) }, random);
      const buffer = backend.alloc(data.byteLength);
      buffers.push(buffer);
      backend.write(buffer, new Uint8Array(data.buffer));
      return { buffer, dtype: "float32", offset, shape, strides, data };
    }
    async function read(x: Made): Promise<Float32Array> {
      const bytes = await backend.read(x.buffer, 4 * x.offset, 4 * size(x.shape));
      return new Float32Array(bytes.buffer);
    }
    async function run(kernel: () => void): Promise<void> {
      backend.flush();
      kernel();
      engine.submit();
    }
    async function expectClose(got: Made, expected: Float64Array, terms: number, what: string): Promise<void> {
      const values = await read(got);
      expect(values.length).toBe(expected.length);
      let worst = 0;
      values.forEach((v, i) => {
        const error = Math.abs(v - expected[i]);
        worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
      });
      expect(worst, what).toBeLessThanOrEqual(10 * 2 ** -23 * Math.sqrt(terms));
    }

    for (const software of [false, true]) {
      const how = software ? "in registers only" : "in tiles of workgroup memory";
      const gemm = new Gemm(engine, software);
      const kernels = { ...linearKernels(gemm), ...convKernels(gemm) };

      for (const [rows, depth, columns] of [
        [1, 5, 3],
        [64, 300, 10],
        [70, 784, 33],
        [3, 2000, 5],
      ])
        test(`linear ${how}: ${rows} rows of ${depth}, ${columns} outputs`, async () => {
          const [x, w, b] = [floats([rows, depth]), floats([columns, depth], 2), floats([columns], 1)];
          for (const bias of [null, b]) {
            const y = floats([rows, columns], 5);
            await run(() => kernels.linear.run(bias ? [x, w, bias] : [x, w], [y], {}));
            const expected = new Float64Array(rows * columns).map((_, i) => {
              const [r, c] = [Math.floor(i / columns), i % columns];
              let sum = bias ? bias.data[1 + c] : 0;
              for (let k = 0; k < depth; k++) sum += x.data[3 + r * depth + k] * w.data[2 + c * depth + k];
              return sum;
            });
            await expectClose(y, expected, depth + 1, bias ? "with bias" : "without bias");
          }
          release();
        });

      for (const c of convs)
        test(`conv ${how}: ${JSON.stringify(c)}, and its gradients`, async () => {
          const yShape = products(c, () => {});
          const [x, w, bias, g] = [floats(c.x), floats(c.w, 1), floats([c.w[0]], 2), floats(yShape, 7)];
          const [y, unbiased, dx, dw] = [floats(yShape, 1), floats(yShape), floats(c.x, 2), floats(c.w, 5)];
          const { stride, padding, dilation, groups } = c;
          const attrs = { stride, padding, dilation, groups };
          await run(() => {
            kernels.conv.run([x, w, bias], [y], attrs);
            kernels.conv.run([x, w], [unbiased], attrs);
            kernels.convTranspose.run([g, w], [dx], { ...attrs, shape: c.x });
            kernels.convWeightGrad.run([g, x], [dw], { ...attrs, shape: c.w });
          });
          const plane = yShape[2] * yShape[3];
          const sums = new Float64Array(size(yShape));
          const withBias = new Float64Array(size(yShape));
          const [toX, toW] = [new Float64Array(size(c.x)), new Float64Array(size(c.w))];
          products(c, (iy, iw, ix) => {
            sums[iy] += w.data[1 + iw] * x.data[3 + ix];
            toX[ix] += w.data[1 + iw] * g.data[7 + iy];
            toW[iw] += x.data[3 + ix] * g.data[7 + iy];
          });
          for (let i = 0; i < sums.length; i++) withBias[i] = sums[i] + bias.data[2 + (Math.floor(i / plane) % c.w[0])];
          await expectClose(y, withBias, 1 + size(c.w.slice(1)), "y with bias");
          await expectClose(unbiased, sums, size(c.w.slice(1)), "y");
          await expectClose(dx, toX, (c.w[0] / groups) * c.w[2] * c.w[3], "dx");
          await expectClose(dw, toW, c.x[0] * plane, "dw");
          release();
        });

      const attention = new Attention(engine, software);
      for (const [batch, heads, queries, keys, dim, dimV, causal, transposed] of [
        [2, 3, 10, 12, 8, 8, false, false],
        [1, 2, 70, 70, 16, 16, true, true],
        [1, 1, 5, 90, 3, 7, false, false],
        [1, 2, 90, 40, 32, 20, true, false],
        [1, 1, 33, 65, 40, 24, true, true],
        // the widest; in tiles the same code takes a software adapter long to compile
        ...(software
          ? ([[1, 1, 9, 17, 128, 128, false, false]] as const)
          : ([[1, 1, 9, 17, 68, 5, false, false]] as const)),
      ] as const)
        test(`attention ${how}: ${batch} x ${heads} heads, [${queries}, ${dim}] to [${keys}, ${dimV}]${causal ? ", causal" : ""}, and its gradient`, async () => {
          const heads4 = (rows: number, width: number): Made =>
            floats(
              [batch, heads, rows, width],
              2,
              transposed
                ? [rows * heads * width, width, heads * width, 1]
                : [heads * rows * width, rows * width, width, 1],
            );
          const [q, k, v] = [heads4(queries, dim), heads4(keys, dim), heads4(keys, dimV)];
          const g = heads4(queries, dimV);
          const [y, logSums] = [floats([batch, heads, queries, dimV], 0), floats([batch, heads, queries], 0)];
          const [dq, dk, dv] = [q, k, v].map((t) => floats(t.shape, 1));
          const scale = 0.7;
          await run(() => {
            attention.forward(q, k, v, y, logSums, scale, causal);
            attention.backward([g, q, k, v, y, logSums], [dq, dk, dv], scale, causal);
          });
          const expected = [y, logSums, dq, dk, dv].map((t) => new Float64Array(size(t.shape)));
          const [ey, el, eq, ek, ev] = expected;
          const at = (t: Made, h: number, row: number, d: number): number =>
            t.data[
              t.offset + Math.floor(h / heads) * t.strides[0] + (h % heads) * t.strides[1] + row * t.strides[2] + d
            ];
          const inner = (a: Made, i: number, b: Made, j: number, h: number, width: number): number => {
            let sum = 0;
            for (let d = 0; d < width; d++) sum += at(a, h, i, d) * at(b, h, j, d);
            return sum;
          };
          for (let h = 0; h < batch * heads; h++)
            for (let i = 0; i < queries; i++) {
              const count = causal ? Math.min(keys, i + 1) : keys;
              const weights = Array.from({ length: count }, (_, j) => Math.exp(scale * inner(q, i, k, j, h, dim)));
              const total = weights.reduce((s, w) => s + w, 0);
              el[h * queries + i] = Math.log(total);
              const p = weights.map((w) => w / total);
              const dp = p.map((_, j) => inner(g, i, v, j, h, dimV));
              const delta = dp.reduce((s, x, j) => s + x * p[j], 0);
              p.forEach((w, j) => {
                const ds = w * (dp[j] - delta) * scale;
                for (let d = 0; d < dimV; d++) {
                  ey[(h * queries + i) * dimV + d] += w * at(v, h, j, d);
                  ev[(h * keys + j) * dimV + d] += w * at(g, h, i, d);
                }
                for (let d = 0; d < dim; d++) {
                  eq[(h * queries + i) * dim + d] += ds * at(k, h, j, d);
                  ek[(h * keys + j) * dim + d] += ds * at(q, h, i, d);
                }
              });
            }
          const names = ["y", "log-sums", "dq", "dk", "dv"];
          for (const [t, made] of [y, logSums, dq, dk, dv].entries())
            await expectClose(made, expected[t], 100, names[t]);
          release();
        });
    }
  });
