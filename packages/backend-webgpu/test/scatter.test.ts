// Long lines, where the primitive goes other ways than a walk along each: every way must give what a serial loop gives.
import { type DType, MemoryError } from "@flambeau/tensor";
import type { Buffer, ScatterMode, View } from "@flambeau/tensor/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const modes: readonly ScatterMode[] = ["set", "add", "mul", "max", "min"];
type Values = Float32Array | Int32Array | Int8Array | Uint8Array;

/** xorshift32: the same numbers in every run. */
function numbers(seed: number): () => number {
  let s = seed;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) / 2 ** 32;
  };
}

const combine: { readonly [M in ScatterMode]: (a: number, b: number) => number } = {
  set: (_, b) => b,
  add: (a, b) => a + b,
  mul: (a, b) => Math.imul(a, b),
  max: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b)),
  min: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b)),
};
const floatMul = (a: number, b: number): number => a * b;

describe.skipIf(await adapterMissing())("scatter along long lines", () => {
  let backend: WebGpuBackend;
  const made: Buffer[] = [];
  beforeAll(async () => {
    backend = await openBackend();
  });
  afterAll(() => backend.dispose());

  function view(values: Values, shape: number[], strides?: number[], offset = 0): View {
    const dtype: DType =
      values instanceof Float32Array
        ? "float32"
        : values instanceof Int32Array
          ? "int32"
          : values instanceof Int8Array
            ? "int8"
            : "uint8"; // prettier-ignore
    const buffer = backend.alloc(values.byteLength);
    made.push(buffer);
    backend.write(buffer, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return {
      buffer,
      dtype,
      offset,
      shape,
      strides: strides ?? shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1)),
    };
  }
  async function bytesOf(v: View, length: number): Promise<ArrayBuffer> {
    return new Uint8Array(await backend.read(v.buffer, 0, length)).buffer;
  }
  const clear = () => {
    for (const buffer of made.splice(0)) backend.free(buffer);
  };

  for (const mode of modes)
    for (const make of [Float32Array, Int32Array, Int8Array]) {
      const f = mode === "mul" && make === Float32Array ? floatMul : combine[mode];
      const next = numbers(99);
      const one = () =>
        make === Float32Array ? (mode === "mul" ? 0.9 + next() * 0.2 : next() - 0.5) : Math.floor(next() * 15) - 7;
      const draw = (n: number): Values => make.from(Array.from({ length: n }, one));

      it(`${mode} of ${make.name}: rows of a matrix that the index is broadcast along`, async () => {
        const [n, rows, width] = [1500, 37, 6];
        const target = draw(rows * width);
        const source = draw(n * width);
        const index = Int32Array.from({ length: n }, () => Math.floor(next() * rows));
        const to = view(target, [rows, width]);
        backend.kernels.scatter(mode, to, view(index, [n, width], [1, 0]), view(source, [n, width]), 0);
        const expected = target.slice();
        for (let i = 0; i < n; i++)
          for (let c = 0; c < width; c++) {
            const at = index[i] * width + c;
            expected[at] = f(expected[at], source[i * width + c]);
          }
        expect(new make(await bytesOf(to, target.byteLength))).toEqual(expected);
        clear();
      });

      it(`${mode} of ${make.name}: an index of its own for each of a few strided lines`, async () => {
        // target [3, 50, 2] as a transposed window in a larger buffer, along dim 1; source broadcast along the last dim
        const [a, n, size, b] = [3, 700, 50, 2];
        const target = draw(5 + size * 8);
        const to = view(target, [a, size, b], [2, 8, 1], 5);
        const index = Int32Array.from({ length: a * n * b }, () => Math.floor(next() * next() * size));
        const source = draw(a * n);
        backend.kernels.scatter(mode, to, view(index, [a, n, b]), view(source, [a, n, b], [n, 1, 0]), 1);
        const expected = target.slice();
        for (let i = 0; i < a; i++)
          for (let k = 0; k < n; k++)
            for (let j = 0; j < b; j++) {
              const at = 5 + i * 2 + index[(i * n + k) * b + j] * 8 + j;
              expected[at] = f(expected[at], source[i * n + k]);
            }
        expect(new make(await bytesOf(to, target.byteLength))).toEqual(expected);
        clear();
      });
    }

  it("half floats are rounded at each step, as a loop over memory does", async () => {
    const n = 500;
    const next = numbers(8);
    const source = Float16Array.from({ length: n }, () => 0.8 + next() * 0.7);
    const index = Int32Array.from({ length: n }, () => Math.floor(next() * 3));
    for (const mode of ["add", "mul"] as const) {
      const target = new Float16Array([1, 100, 0.001, 7]);
      const half = (values: Float16Array): View => ({
        ...view(new Uint8Array(values.buffer), [values.length]),
        dtype: "float16",
      });
      const to = half(target);
      backend.kernels.scatter(mode, to, view(index, [n]), half(source), 0);
      const expected = target.slice();
      for (let i = 0; i < n; i++)
        expected[index[i]] = mode === "add" ? expected[index[i]] + source[i] : expected[index[i]] * source[i];
      expect(new Float16Array(await bytesOf(to, 8)), mode).toEqual(expected);
    }
    clear();
  });

  it("bools: add is or, mul is and, of words that others write, too", async () => {
    const n = 400;
    const index = new Int32Array(n).map((_, i) => i % 6);
    const source = new Uint8Array(n).map((_, i) => Number(i === 201 || i % 6 === 5));
    const bool = (v: View): View => ({ ...v, dtype: "bool" });
    const target = new Uint8Array([0, 0, 1, 0, 1, 1, 0, 1]);
    for (const [mode, expected] of [
      ["add", [0, 0, 1, 1, 1, 1, 0, 1]],
      ["mul", [0, 0, 0, 0, 0, 1, 0, 1]],
    ] as const) {
      const to = bool(view(target, [8]));
      backend.kernels.scatter(mode, to, view(index, [n]), bool(view(source, [n])), 0);
      expect([...new Uint8Array(await bytesOf(to, 8))], mode).toEqual(expected);
    }
    clear();
  });

  it("NaN wins maxima and minima", async () => {
    const source = new Float32Array(400).map((_, i) => (i === 250 ? Number.NaN : i));
    const index = new Int32Array(400).map((_, i) => i % 3);
    for (const mode of ["max", "min"] as const) {
      const to = view(new Float32Array([50, 50, 50]), [3]);
      backend.kernels.scatter(mode, to, view(index, [400]), view(source, [400]), 0);
      const [x, y, z] = new Float32Array(await bytesOf(to, 12));
      expect([x, y, z]).toEqual(mode === "max" ? [399, Number.NaN, 398] : [0, Number.NaN, 2]);
    }
    clear();
  });

  it("the same buffer holds target, index and source", async () => {
    // [0, 200): source, [200, 400): index, [400, 410): target
    const all = new Int32Array(410);
    for (let i = 0; i < 200; i++) {
      all[i] = i;
      all[200 + i] = i % 7;
    }
    for (const mode of modes) {
      const buffer = view(all, [410]);
      const window = (offset: number, length: number): View => ({ ...buffer, offset, shape: [length], strides: [1] });
      backend.kernels.scatter(mode, window(400, 10), window(200, 200), window(0, 200), 0);
      const expected = all.slice();
      for (let i = 0; i < 200; i++) expected[400 + (i % 7)] = combine[mode](expected[400 + (i % 7)], i);
      expect(new Int32Array(await bytesOf(buffer, all.byteLength)), mode).toEqual(expected);
    }
    clear();
  });

  it("no room for what it needs: a MemoryError, the target as it was, nothing left behind", async () => {
    const n = 50_000;
    const limited = await openBackend({ memoryLimit: 6 * 4 * n });
    const place = (values: Float32Array | Int32Array): View => {
      const buffer = limited.alloc(values.byteLength);
      limited.write(buffer, new Uint8Array(values.buffer));
      const dtype = values instanceof Float32Array ? "float32" : "int32";
      return { buffer, dtype, offset: 0, shape: [values.length], strides: [1] };
    };
    const to = place(new Float32Array([1, 2, 3]));
    const index = place(new Int32Array(n).fill(1));
    const source = place(new Float32Array(n).fill(1));
    const before = limited.memory();
    // three lists of n words fit, a fourth does not
    expect(() => limited.kernels.scatter("add", to, index, source, 0)).toThrow(MemoryError);
    expect(limited.memory()).toMatchObject({ bytes: before.bytes, buffers: before.buffers });
    expect(new Float32Array(new Uint8Array(await limited.read(to.buffer, 0, 12)).buffer)).toEqual(
      new Float32Array([1, 2, 3]),
    );
    limited.dispose();
  });

  it("positions out of range touch nothing outside of the target", async () => {
    const memory = new Float32Array(300).fill(1);
    const index = new Int32Array(200).map((_, i) => (i % 2 ? 1e9 : -5));
    for (const n of [20, 200])
      for (const mode of modes) {
        const to: View = { ...view(memory, [300]), offset: 100, shape: [50] };
        backend.kernels.scatter(mode, to, view(index, [n], [1]), view(new Float32Array(200).fill(7), [n]), 0);
        const after = new Float32Array(await bytesOf(to, memory.byteLength));
        expect([...after.subarray(0, 100), ...after.subarray(150)].every((v) => v === 1)).toBe(true);
        const out = view(new Float32Array(n), [n]);
        backend.kernels.gather(to, view(index, [n], [1]), out, 0);
        expect(new Set(new Float32Array(await bytesOf(out, 4 * n))).isSubsetOf(new Set(after.subarray(100, 150)))).toBe(
          true,
        );
      }
    clear();
  });

  it("a million positions in ten bins: sums in order, in a fixed number of dispatches", async () => {
    const n = 1_000_000;
    const next = numbers(5);
    const source = Float32Array.from({ length: n }, () => next() - 0.5);
    const index = Int32Array.from({ length: n }, () => Math.floor(next() * 10));
    const expected = new Float32Array(10);
    for (let i = 0; i < n; i++) expected[index[i]] += source[i];
    const [indices, values] = [view(index, [n]), view(source, [n])];
    await backend.warmUp(() => backend.kernels.scatter("add", view(new Float32Array(10), [10]), indices, values, 0));
    const to = view(new Float32Array(10), [10]);
    const before = backend.counters;
    backend.kernels.scatter("add", to, indices, values, 0);
    expect(new Float32Array(await bytesOf(to, 40))).toEqual(expected);
    // keys, passes of a sort, the sums: none for each position or bin
    expect(backend.counters.dispatches - before.dispatches).toBeLessThanOrEqual(16);
    clear();
  });
});
