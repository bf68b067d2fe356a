import type { DType } from "@flambeau/tensor";
import type { Buffer, View } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { Gemm } from "../src/kernels/gemm/gemm.ts";
import { MatmulKernel } from "../src/kernels/matmul.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

/** How a factor lies in its buffer. */
interface Layout {
  readonly transposed?: boolean;
  /** Unused elements behind each row (or column). */
  readonly gap?: number;
  readonly offset?: number;
  /** One matrix for the whole batch. */
  readonly shared?: boolean;
}
const layouts: readonly Layout[] = [
  {},
  { transposed: true },
  { gap: 3 },
  { offset: 1 },
  { offset: 4, gap: 4 },
  { transposed: true, gap: 4, offset: 8 },
  { shared: true, transposed: true },
];
const pairs: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 0],
  [0, 3],
  [4, 4],
  [5, 5],
  [6, 0],
  [0, 6],
]; // prettier-ignore
/** Batch, M, K, N: single elements, odd sizes, whole tiles, edges of tiles, matrix times vector, sums in parts, nothing to sum. */
const sizes: readonly (readonly [number, number, number, number])[] = [
  [2, 1, 1, 1],
  [1, 7, 1, 9],
  [2, 17, 33, 9],
  [1, 64, 64, 64],
  [1, 70, 5, 130],
  [5, 4, 4, 4],
  [2, 3, 300, 5],
  [1, 65, 1000, 2],
  [1, 2, 1000, 65],
  [2, 33, 1500, 31],
  [1, 1, 700, 150],
  [1, 150, 700, 1],
  [40, 16, 16, 16],
  [64, 40, 9, 40],
  [3, 5, 0, 3],
]; // prettier-ignore

if (await adapterMissing()) test.skip("matmul: there is no WebGPU adapter");
else
  describe("matmul", async () => {
    const backend = await openBackend();
    afterAll(() => backend.dispose());
    const engine = new Engine(backend.device, { memoryLimit: Number.POSITIVE_INFINITY, pump: null });
    const kernels = [
      ["in tiles of workgroup memory", new MatmulKernel(engine, new Gemm(engine, false))],
      ["in registers only", new MatmulKernel(engine, new Gemm(engine, true))],
    ] as const;

    let seed = 1;
    const random = (): number => {
      seed = (seed * 1664525 + 1013904223) >>> 0;
      return seed / 2 ** 31 - 1;
    };
    const buffers: Buffer[] = [];
    function view(
      shape: readonly number[],
      strides: readonly number[],
      offset: number,
      data: Float32Array | Int32Array,
    ) {
      const buffer = backend.alloc(Math.max(4, data.byteLength));
      buffers.push(buffer);
      backend.write(buffer, new Uint8Array(data.buffer));
      const dtype: DType = data instanceof Float32Array ? "float32" : "int32";
      return { buffer, dtype, offset, shape, strides, data };
    }
    function factor(batch: number, rows: number, columns: number, layout: Layout) {
      const { transposed = false, gap = 0, offset = 0, shared = false } = layout;
      const inner = (transposed ? rows : columns) + gap;
      const outer = transposed ? columns : rows;
      const data = Float32Array.from({ length: offset + (shared ? 1 : batch) * inner * outer }, random);
      const strides = [shared ? 0 : inner * outer, transposed ? 1 : inner, transposed ? inner : 1];
      return view([batch, rows, columns], strides, offset, data);
    }
    /** Runs on this file's own engine: what the backend has recorded goes first. */
    async function run(kernel: MatmulKernel, a: View, b: View, out: View & { data: { length: number } }) {
      backend.flush();
      kernel.run(a, b, out);
      engine.submit();
      return new Float32Array((await backend.read(out.buffer, 0, 4 * out.data.length)).buffer);
    }
    const release = () => buffers.splice(0).forEach((b) => void backend.free(b));

    for (const [how, kernel] of kernels) {
      for (const [batch, m, k, n] of sizes)
        test(`${how}: ${batch} x [${m}, ${k}] @ [${k}, ${n}] in all layouts, against float64`, async () => {
          for (const [left, right] of pairs) {
            const a = factor(batch, m, k, layouts[left]);
            const b = factor(batch, k, n, layouts[right]);
            // what lies before and behind the output stays as it is
            const offset = 3;
            const out = view([batch, m, n], [m * n, n, 1], offset, new Float32Array(batch * m * n + 6).fill(7));
            const got = await run(kernel, a, b, out);
            expect([...got.subarray(0, 3), ...got.subarray(-3)]).toEqual([7, 7, 7, 7, 7, 7]);
            let worst = 0;
            for (let p = 0; p < batch; p++)
              for (let i = 0; i < m; i++)
                for (let j = 0; j < n; j++) {
                  let sum = 0;
                  for (let l = 0; l < k; l++)
                    sum +=
                      a.data[a.offset + p * a.strides[0] + i * a.strides[1] + l * a.strides[2]] *
                      b.data[b.offset + p * b.strides[0] + l * b.strides[1] + j * b.strides[2]];
                  const error = Math.abs(got[offset + (p * m + i) * n + j] - sum);
                  worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
                }
            // rounding of a chain of k terms of size up to 1
            expect(worst).toBeLessThanOrEqual(10 * 2 ** -23 * Math.sqrt(k));
            release();
          }
        });

      test(`${how}: the error of a long sum is that of short ones`, async () => {
        const k = 40_000;
        const a = view([1, 2, k], [0, k, 1], 0, new Float32Array(2 * k).fill(0.1));
        const b = view([1, k, 20], [0, 20, 1], 0, new Float32Array(20 * k).fill(1));
        const out = view([1, 2, 20], [40, 20, 1], 0, new Float32Array(40));
        const exact = Math.fround(0.1) * k;
        for (const value of await run(kernel, a, b, out)) expect(Math.abs(value / exact - 1)).toBeLessThan(5e-6);
        release();
      });

      test(`${how}: an output in the buffer of its factors`, async () => {
        const data = new Float32Array(3 * 16).fill(2);
        const x = view([1, 4, 4], [16, 4, 1], 0, data);
        const got = await run(kernel, x, { ...x, offset: 16 }, { ...x, offset: 32 });
        expect([...got]).toEqual([...new Array(32).fill(2), ...new Array(16).fill(16)]);
        release();
      });
    }

    test("int32 wraps", async () => {
      const a = view([1, 1, 2], [2, 2, 1], 0, Int32Array.of(2 ** 30, 3));
      const b = view([1, 2, 1], [2, 1, 1], 0, Int32Array.of(6, -5));
      const out = view([1, 1, 1], [1, 1, 1], 0, new Int32Array(1));
      backend.kernels.matmul(a, b, out);
      const got = new Int32Array((await backend.read(out.buffer, 0, 4)).buffer);
      expect(got[0]).toBe(Number(BigInt.asIntN(32, 6n * 2n ** 30n - 15n)));
      release();
    });

    test("the same product gives the same bits each time", async () => {
      const a = factor(1, 20, 5000, {});
      const b = factor(1, 5000, 30, {});
      const out = view([1, 20, 30], [600, 30, 1], 0, new Float32Array(600));
      for (const [, kernel] of kernels) {
        const first = await run(kernel, a, b, out);
        expect(await run(kernel, a, b, out)).toEqual(first);
      }
      release();
    });
  });
