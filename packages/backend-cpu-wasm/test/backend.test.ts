import { type DType, dtypes, MemoryError } from "@flambeau/tensor";
import { compileProgram, contiguousStrides, input, scalarType, sizeOf, type View } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { cpuWasm } from "../src/index.ts";

const backend = cpuWasm({ threads: 2 });
afterAll(() => backend.dispose());

function view(dtype: DType, shape: readonly number[], bytes: Uint8Array): View {
  const buffer = backend.alloc(Math.max(1, bytes.byteLength));
  backend.write(buffer, bytes);
  return { buffer, dtype, offset: 0, shape, strides: contiguousStrides(shape) };
}
const floats = (shape: readonly number[], f: (i: number) => number): View =>
  view("float32", shape, new Uint8Array(Float32Array.from({ length: sizeOf(shape) }, (_, i) => f(i)).buffer));
const read = (x: View): number[] => [
  ...new Float32Array(backend.readSync(x.buffer, x.offset * 4, 4 * sizeOf(x.shape)).buffer),
];

describe("memory", () => {
  test("what is written is read back, at any offset, as a copy", async () => {
    const buffer = backend.alloc(100);
    backend.write(
      buffer,
      Uint8Array.from({ length: 100 }, (_, i) => i),
    );
    backend.write(buffer, Uint8Array.of(255, 254), 7);
    const bytes = backend.readSync(buffer, 5, 6);
    expect([...bytes]).toEqual([5, 6, 255, 254, 9, 10]);
    expect(bytes.buffer.byteLength).toBe(6);
    expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
    bytes[0] = 99;
    expect([...(await backend.read(buffer, 5, 2))]).toEqual([5, 6]);
    backend.free(buffer);
  });

  test("statistics follow every allocation and release", () => {
    const before = backend.memory();
    const buffers = [10, 1000, 100_000].map((n) => backend.alloc(n));
    expect(backend.memory().bytes - before.bytes).toBe(101_010);
    expect(backend.memory().buffers - before.buffers).toBe(3);
    expect(backend.memory().peakBytes).toBeGreaterThanOrEqual(before.bytes + 101_010);
    for (const buffer of buffers) backend.free(buffer);
    backend.free(buffers[0]); // a second time: nothing happens
    expect(backend.memory().bytes).toBe(before.bytes);
    expect(backend.memory().buffers).toBe(before.buffers);
  });

  test("memory is used again: a million small buffers hold no more than a few", () => {
    const held = backend.memory().reservedBytes;
    for (let i = 0; i < 100_000; i++) backend.free(backend.alloc(4096 + (i % 7) * 1000));
    expect(backend.memory().reservedBytes).toBe(held);
  });

  test("no room is a MemoryError that says how much is in use, and changes nothing", () => {
    const before = backend.memory();
    const ask = () => backend.alloc(8 * 2 ** 30);
    expect(ask).toThrow(MemoryError);
    expect(ask).toThrow(`cpu: no room for 8589934592 bytes: ${before.bytes} bytes are in use, of 4294967296 at most`);
    expect(backend.memory().bytes).toBe(before.bytes);
    const small = backend.alloc(64);
    backend.free(small);
  });

  test("kernels go on working when memory grows", () => {
    const x = floats([1000], (i) => i);
    const grown = backend.alloc(64 * 2 ** 20);
    const out = floats([1000], () => 0);
    backend.kernels.map(compileProgram(input(0).mul(2), ["float32"], 0, "float32", "float32"), [x], [], out, true);
    expect(read(out)[999]).toBe(1998);
    backend.free(grown);
  });
});

test("names itself and says what runs", () => {
  expect(backend.name).toBe("cpu");
  expect(backend.contract).toBe(2);
  expect([...backend.dtypes]).toEqual([...dtypes]);
  expect(backend.info).toMatch(/^2 threads, .*SIMD/);
  backend.setThreads(1);
  expect(backend.info).toMatch(/^1 thread, /);
  backend.setThreads(2);
});

describe("matmul", () => {
  const at = (x: View, b: number, i: number, j: number, data: readonly number[]) =>
    data[x.offset + (x.shape[0] === 1 ? 0 : b) * x.strides[0] + i * x.strides[1] + j * x.strides[2]];

  for (const dtype of dtypes)
    test(`${dtype}: batches, transposes and repeats`, () => {
      const programTo = compileProgram(input(0), ["float32"], 0, scalarType(dtype), dtype);
      const programFrom = compileProgram(input(0), [dtype], 0, "float32", "float32");
      const make = (shape: readonly number[], f: (i: number) => number): { x: View; data: number[] } => {
        const wide = floats(shape, f);
        const buffer = backend.alloc(8 * sizeOf(shape));
        const x: View = { buffer, dtype, offset: 0, shape, strides: contiguousStrides(shape) };
        backend.kernels.map(programTo, [wide], [], x, true);
        return { x, data: read(wide) };
      };
      const small = (i: number) => (dtype === "bool" ? i % 2 : dtype === "uint8" ? i % 3 : (i % 5) - 2);
      for (const [batch, m, k, n] of [
        [1, 1, 1, 1],
        [1, 5, 7, 3],
        [3, 4, 6, 17],
        [2, 33, 20, 34],
        [2, 3, 0, 2],
      ]) {
        const a = make([1, m, k], small);
        const b = make([batch, n, k], (i) => small(i + 1));
        const left: View = { ...a.x, shape: [batch, m, k], strides: [0, k, 1] };
        const right: View = { ...b.x, shape: [batch, k, n], strides: [n * k, 1, k] };
        const out = make([batch, m, n], () => 1).x;
        backend.kernels.matmul(left, right, out);
        const result = floats([batch, m, n], () => 0);
        backend.kernels.map(programFrom, [out], [], result, true);
        const want: number[] = [];
        for (let p = 0; p < batch; p++)
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++) {
              let sum = 0;
              for (let l = 0; l < k; l++) sum += at(left, p, i, l, a.data) * at(right, p, l, j, b.data);
              want.push(dtype === "bool" ? Number(sum > 0) : sum);
            }
        expect(read(result)).toEqual(want);
      }
    });
});
