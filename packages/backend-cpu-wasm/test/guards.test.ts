import { type DType, dtypes, MemoryError } from "@flambeau/tensor";
import { compileProgram, contiguousStrides, input, sizeOf, type View } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { createEngine } from "../src/engine/engine.ts";
import { type CpuWasmBackend, cpuWasm } from "../src/index.ts";

const backends: CpuWasmBackend[] = [];
afterAll(() => {
  for (const backend of backends) backend.dispose();
});
function open(options: Parameters<typeof cpuWasm>[0] = {}): CpuWasmBackend {
  const backend = cpuWasm({ threads: 1, debug: true, ...options });
  backends.push(backend);
  return backend;
}
const debug = open();

function view(
  backend: CpuWasmBackend,
  dtype: DType,
  shape: readonly number[],
  values?: Float32Array | Uint8Array,
): View {
  const buffer = backend.alloc(sizeOf(shape) * (dtype === "uint8" ? 1 : 4));
  if (values) backend.write(buffer, new Uint8Array(values.buffer));
  return { buffer, dtype, offset: 0, shape, strides: contiguousStrides(shape) };
}
const floats = (shape: readonly number[], f: (i: number) => number, backend = debug): View =>
  view(
    backend,
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => f(i)),
  );
const read = (x: View, backend = debug): number[] => [
  ...new Float32Array(backend.readSync(x.buffer, 0, 4 * sizeOf(x.shape)).buffer),
];
const copy = compileProgram(input(0), ["float32"], 0, "float32", "float32");

describe("a kernel that writes outside", () => {
  test("above a block is named, with the block and the place", () => {
    const [x, y] = [floats([8], (i) => i), floats([8], () => 0)];
    const beyond = () => debug.kernels.map(copy, [x], [], { ...y, offset: 3 }, true);
    expect(beyond).toThrow(
      /^cpu: map changed 12 bytes above float32 \[8\]: its 32 bytes are at \d+, the first one changed is byte 32$/,
    );
    // what lies inside was written, the guards are whole again, and the next call is another one
    expect(read(y)).toEqual([0, 0, 0, 0, 1, 2, 3, 4]);
    debug.kernels.map(copy, [x], [], y, true);
    debug.checkGuards();
    expect(read(y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("below a block likewise", () => {
    const [x, y] = [floats([8], (i) => i), floats([8], () => 0)];
    const before = () => debug.kernels.map(copy, [x], [], { ...y, offset: -2 }, true);
    expect(before).toThrow(
      /^cpu: map changed 8 bytes below float32 \[8\]: its 32 bytes are at \d+, the first one changed is byte -8$/,
    );
    debug.checkGuards();
  });

  test("on both sides, by strides that are too wide", () => {
    const [x, y] = [floats([3], (i) => i), floats([10], () => 0)];
    const wide: View = { ...y, offset: -1, shape: [3], strides: [6] };
    expect(() => debug.kernels.map(copy, [x], [], wide, false)).toThrow(
      /map changed 8 bytes below and above float32 \[3\]: .* byte -4$/,
    );
    debug.checkGuards();
  });

  test("by a single byte, where kernels may read but not write", () => {
    const bytes = compileProgram(input(0), ["uint8"], 0, "int32", "uint8");
    for (const n of [1, 2, 3, 4, 5, 31]) {
      const x = view(
        debug,
        "uint8",
        [n],
        Uint8Array.from({ length: n }, () => 7),
      );
      const y = view(debug, "uint8", [n]);
      debug.kernels.map(bytes, [x], [], y, true);
      expect(() => debug.kernels.map(bytes, [x], [], { ...y, offset: 1 }, true)).toThrow(
        new RegExp(`map changed 1 bytes above uint8 \\[${n}\\].* byte ${n}$`),
      );
    }
  });

  test("a fused kernel is named as its op, and one by one so are the primitives", () => {
    const x = floats([4, 16], (i) => i);
    const short = floats([4, 15], () => 0);
    expect(() => debug.fused.softmax!.run([x], [{ ...short, shape: x.shape }], { dim: 1 })).toThrow(
      /^cpu: softmax changed 16 bytes above float32 \[4,16\]: its 240 bytes/,
    );
    const index: View = { ...x, buffer: debug.alloc(4), dtype: "int32", shape: [1], strides: [1] };
    debug.write(index.buffer, Uint8Array.of(60, 0, 0, 0));
    const one = floats([1], () => 5);
    const target: View = { ...short, shape: [60], strides: [1] };
    expect(() => debug.kernels.scatter("set", target, index, one, 0)).toThrow(/^cpu: scatter changed 4 bytes above/);
    expect(() => debug.kernels.random({ ...index, offset: 1 }, 1n, 1n)).toThrow(/^cpu: random changed 4 bytes above/);
    debug.checkGuards();
  });

  test("a write from outside that is too long, or off", () => {
    const buffer = debug.alloc(10);
    expect(() => debug.write(buffer, new Uint8Array(11))).toThrow(/write changed 1 bytes above a buffer: its 10 bytes/);
    expect(() => debug.write(buffer, new Uint8Array(4), -4)).toThrow(/write changed 4 bytes below a buffer/);
  });

  test("on another thread", () => {
    const backend = open({ threads: 2 });
    const n = 1 << 20;
    const [x, y] = [floats([n], () => 1, backend), floats([n], () => 0, backend)];
    for (let i = 0; i < 20; i++) {
      expect(() => backend.kernels.map(copy, [x], [], { ...y, offset: 4 }, true)).toThrow(/map changed 16 bytes above/);
      expect(() => backend.kernels.map(copy, [x], [], { ...y, offset: -4 }, true)).toThrow(
        /map changed 16 bytes below/,
      );
    }
  });

  test("into a block that it was not given: the next looks in turn find it, and checkGuards at once", () => {
    const backend = open();
    const [x, y] = [floats([4], (i) => i, backend), floats([4], () => 0, backend)];
    const others = Array.from({ length: 50 }, () => floats([4], () => 0, backend));
    const { address } = others[20].buffer as { address: number };
    // so far that the guards of what was given stay whole
    const far: View = { ...y, offset: (address + 16 - (y.buffer as { address: number }).address) / 4 };
    const stray = () => backend.kernels.map(copy, [x], [], far, true);
    const message = /map, or what ran before it, changed 16 bytes above a block it was not given: its 16 bytes/;
    expect(() => {
      stray();
      for (let i = 0; i < 10; i++) backend.kernels.map(copy, [x], [], y, true);
    }).toThrow(message);
    expect(() => {
      stray();
      backend.checkGuards();
    }).toThrow(message);
    backend.checkGuards();
  });

  test("dispose looks at all blocks", () => {
    const backend = cpuWasm({ threads: 1, debug: true });
    const blocks = Array.from({ length: 30 }, () => floats([4], () => 0, backend));
    const { address } = blocks[29].buffer as { address: number };
    const far: View = { ...blocks[0], offset: (address - 16 - (blocks[0].buffer as { address: number }).address) / 4 };
    try {
      backend.kernels.map(copy, [blocks[1]], [], far, true);
    } catch {
      // a look in turn may meet it already
      backend.kernels.map(copy, [blocks[1]], [], far, true);
    }
    expect(() => backend.dispose()).toThrow(/changed 16 bytes below/);
  });
});

describe("memory that is nobody's", () => {
  test("is NaN in every float dtype when it is new, and again after it was freed", () => {
    for (const dtype of dtypes) {
      if (!dtype.includes("float")) continue;
      const bytes = dtype === "float64" ? 8 : dtype === "float32" ? 4 : 2;
      const out = floats([6], () => 0);
      const toFloat = compileProgram(input(0), [dtype], 0, dtype === "float64" ? "float64" : "float32", "float32");
      for (let round = 0; round < 2; round++) {
        const buffer = debug.alloc(6 * bytes);
        const fresh: View = { buffer, dtype, offset: 0, shape: [6], strides: [1] };
        debug.kernels.map(toFloat, [fresh], [], out, true);
        expect(read(out), dtype).toEqual(new Array(6).fill(Number.NaN));
        // so are the elements beside it
        debug.kernels.map(toFloat, [{ ...fresh, offset: -6 }], [], out, true);
        expect(read(out), dtype).toEqual(new Array(6).fill(Number.NaN));
        debug.kernels.map(toFloat, [{ ...fresh, offset: 6 }], [], out, true);
        expect(read(out), dtype).toEqual(new Array(6).fill(Number.NaN));
        debug.write(buffer, new Uint8Array(6 * bytes));
        debug.free(buffer);
      }
    }
  });

  test("a buffer that was freed is refused, even where its memory lives again", () => {
    const [x, y] = [floats([4], (i) => i), floats([4], () => 0)];
    debug.free(y.buffer);
    const again = floats([4], () => 1);
    expect(() => debug.kernels.map(copy, [x], [], y, true)).toThrow(
      "cpu: map was given float32 [4], whose memory was given back",
    );
    expect(() => debug.write(y.buffer, new Uint8Array(4))).toThrow(
      "write was given a buffer, whose memory was given back",
    );
    expect(read(again)).toEqual([1, 1, 1, 1]);
  });
});

describe("the engine's blocks", () => {
  const engine = createEngine({ threads: 1, debug: true });
  afterAll(() => engine.dispose());
  const guards = engine.guards!; // debug is set

  test("free tells what was written around a block, and of a block that is none", () => {
    const used = engine.usedBytes();
    const a = engine.alloc(100);
    expect(a % 64).toBe(0);
    engine.u8[a + 100] ^= 1;
    engine.u8[a - 1] ^= 1;
    guards.running = "conv";
    expect(() => engine.free(a, 100)).toThrow(
      /conv, or what ran before it, changed 2 bytes below and above a block: .* byte -1$/,
    );
    expect(engine.usedBytes()).toBe(used);
    expect(() => engine.free(a, 100)).toThrow(`no block of 100 bytes lives at ${a}`);
    const b = engine.alloc(100);
    expect(() => engine.free(b, 101)).toThrow(`no block of 101 bytes lives at ${b}`);
    engine.free(b, 100);
  });

  test("a write to free memory shows when the memory is used again", () => {
    const a = engine.alloc(1000);
    engine.free(a, 1000);
    engine.f32[a / 4 + 7] = 1;
    guards.running = "conv";
    expect(() => engine.alloc(1000)).toThrow(
      `conv, or what ran before it, changed 4 bytes of free memory, from ${a + 28} on`,
    );
    expect(engine.alloc(1000)).toBe(a);
    engine.free(a, 1000);
  });

  test("work areas and the lower end of all memory are looked at every time", () => {
    const area = engine.fn(engine.staticKernel("scratchAddress")) as unknown as (x: number) => number;
    const end = area(0) + (4 << 20);
    engine.u8[end] = 0;
    expect(() => guards.check(new Map())).toThrow(
      /changed 1 bytes above a thread's work area: its 4194304 bytes .* byte 4194304$/,
    );
    engine.i32[engine.desc / 4 + 1024] = 0;
    expect(() => guards.check(new Map())).toThrow(/changed 4 bytes below the heap's lower end/);
    guards.check(new Map());
    engine.f32[area(0) / 4] = 1;
    guards.begin("conv");
    expect(engine.f32[area(0) / 4]).toBeNaN();
  });
});

describe("debug", () => {
  test("changes no result", () => {
    const plain = cpuWasm({ threads: 1 });
    backends.push(plain);
    const results = [plain, debug].map((backend) => {
      const x = floats([30, 40], (i) => Math.sin(i), backend);
      const outs = [
        [30, 40],
        [1, 30, 30],
        [30, 1],
      ].map((shape) => floats(shape, () => 0, backend));
      backend.fused.softmax!.run([x], [outs[0]], { dim: 1 });
      const a: View = { ...x, shape: [1, 30, 40], strides: [0, 40, 1] };
      backend.kernels.matmul(a, { ...x, shape: [1, 40, 30], strides: [0, 1, 40] }, outs[1]);
      backend.kernels.reduce("sum", copy, [x], [], outs[2], [1]);
      return outs.map((out) => read(out, backend));
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[1].flat().every(Number.isFinite)).toBe(true);
  });

  test("keeps the limit, the statistics and the errors", () => {
    const backend = open({ memoryLimit: 2 ** 20 });
    const buffers = [10, 1000, 100_000].map((n) => backend.alloc(n));
    expect(backend.memory()).toMatchObject({ bytes: 101_010, buffers: 3 });
    expect(() => backend.alloc(2 ** 20)).toThrow(MemoryError);
    expect(() => backend.alloc(2 ** 45)).toThrow(/no room for 35184372088832 bytes: 101010 bytes are in use/);
    for (const buffer of buffers) backend.free(buffer);
    backend.free(buffers[0]); // a second time: nothing happens
    expect(backend.memory()).toMatchObject({ bytes: 0, buffers: 0 });
    backend.free(backend.alloc(2 ** 20 - 1024));
  });

  test("left out, nothing is looked at: no call is wrapped", () => {
    const plain = cpuWasm({ threads: 1 });
    backends.push(plain);
    expect(["alloc", "free", "write", "dispose"].filter((name) => Object.hasOwn(plain, name))).toEqual([]);
    const buffer = plain.alloc(4);
    plain.write(buffer, new Uint8Array(8)); // into the slack: harmless, and not noticed
    plain.checkGuards();
    plain.free(buffer);
  });
});
