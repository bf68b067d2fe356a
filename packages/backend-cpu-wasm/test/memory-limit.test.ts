import { ArgumentError, type DType, MemoryError } from "@flambeau/tensor";
import { contiguousStrides, sizeOf, type View } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { type CpuWasmBackend, cpuWasm } from "../src/index.ts";

const backends: CpuWasmBackend[] = [];
afterAll(() => {
  for (const backend of backends) backend.dispose();
});
function open(memoryLimit: number): CpuWasmBackend {
  const backend = cpuWasm({ threads: 1, memoryLimit });
  backends.push(backend);
  return backend;
}
function view(
  backend: CpuWasmBackend,
  dtype: DType,
  shape: readonly number[],
  values: Float32Array | Int32Array,
): View {
  const buffer = backend.alloc(values.byteLength);
  backend.write(buffer, new Uint8Array(values.buffer));
  return { buffer, dtype, offset: 0, shape, strides: contiguousStrides(shape) };
}
const read = (backend: CpuWasmBackend, x: View): number[] => {
  const bytes = backend.readSync(x.buffer, 0, 4 * sizeOf(x.shape)).buffer;
  return [...(x.dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes))];
};

const MiB = 2 ** 20;

describe("memoryLimit", () => {
  test("is a positive number", () => {
    for (const memoryLimit of [0, -1, Number.NaN]) {
      const make = () => cpuWasm({ memoryLimit });
      expect(make).toThrow(ArgumentError);
      expect(make).toThrow(`cpuWasm: memoryLimit must be a positive number of bytes, got ${memoryLimit}`);
    }
    // @ts-expect-error the types refuse it too
    expect(() => cpuWasm({ memoryLimit: "1" })).toThrow('cpuWasm: the option memoryLimit is a number, got "1"');
    // @ts-expect-error likewise
    expect(() => cpuWasm(4)).toThrow("cpuWasm: options are given by name, got 4\n  hint: write { threads: 4 }");
    expect(open(Number.POSITIVE_INFINITY).alloc(64)).toBeDefined();
  });

  test("a request beyond it is a MemoryError that says what is in use, of how much; everything is as before", () => {
    const backend = open(10 * MiB);
    const kept = backend.alloc(6 * MiB);
    backend.write(kept, Uint8Array.of(1, 2, 3));
    const before = backend.memory();
    const ask = () => backend.alloc(5 * MiB);
    for (let i = 0; i < 2; i++) {
      expect(ask).toThrow(MemoryError);
      expect(ask).toThrow(
        "cpu: no room for 5242880 bytes: 6291456 bytes are in use, of 10485760 at most (memoryLimit)\n" +
          "  hint: free tensors (tidy, memoryScope, dispose) or use smaller batches; leakReport() names what is alive",
      );
    }
    expect(backend.memory()).toEqual(before);
    expect([...backend.readSync(kept, 0, 3)]).toEqual([1, 2, 3]);
    backend.free(kept);
    backend.free(ask()); // there is room again
    expect(backend.memory().bytes).toBe(0);
  });

  test("where memory is left, but in pieces, the error says so", () => {
    const backend = open(4 * MiB);
    const quarters = Array.from({ length: 4 }, () => backend.alloc(MiB - 64));
    backend.free(quarters[0]);
    backend.free(quarters[2]);
    expect(() => backend.alloc(1.5 * MiB)).toThrow(/no room for 1572864 bytes in one piece: 2097024 bytes are in use/);
  });

  test("bounds what is held, with spare memory: each round asks for all of it in another size", () => {
    const backend = open(40 * MiB);
    const atStart = backend.memory().reservedBytes;
    for (let round = 0; round < 12; round++) {
      const size = [100, 5000, 300_000, 9 * MiB][round % 4] + round;
      const buffers = Array.from({ length: Math.floor((39 * MiB) / (Math.ceil((size + 528) / 512) * 512)) }, () =>
        backend.alloc(size),
      );
      expect(backend.memory().reservedBytes).toBeLessThanOrEqual(atStart + 40 * MiB);
      for (const buffer of buffers) backend.free(buffer);
    }
    expect(backend.memory().reservedBytes).toBeGreaterThan(atStart);
  });

  test("kernels that want work space beyond it: a MemoryError, nothing left behind, and the same call works later", () => {
    const n = 40_000;
    const backend = open(16 * n + 4096);
    // every second value, so that the sort needs a copy
    const values = view(
      backend,
      "float32",
      [2 * n],
      Float32Array.from({ length: 2 * n }, (_, i) => -i),
    );
    const input: View = { ...values, shape: [n], strides: [2] };
    const sorted = view(backend, "float32", [n], new Float32Array(n));
    const positions: View = { ...sorted, buffer: backend.alloc(2 * n), dtype: "int32", shape: [n / 2] };
    const before = backend.memory();
    const half: View = { ...input, shape: [n / 2] };
    const sort = () => backend.kernels.sort(half, { ...sorted, shape: [n / 2] }, positions, false);
    const rest = backend.alloc(n);
    expect(sort).toThrow(MemoryError);
    expect(sort).toThrow(/no room for 80000 bytes of work space \(sort\): \d+ bytes are in use, of 644096 at most/);
    backend.free(rest);
    expect(backend.memory()).toMatchObject({ bytes: before.bytes, buffers: before.buffers });
    sort();
    expect(read(backend, { ...sorted, shape: [2] })).toEqual([-(n - 2), -(n - 4)]);
    expect(read(backend, { ...positions, shape: [2] })).toEqual([n / 2 - 1, n / 2 - 2]);
  });
});
