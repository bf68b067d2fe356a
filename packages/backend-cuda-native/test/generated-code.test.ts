// Generated code gives the interpreter's bits, and nvcc takes its texts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emulatedDriver, emulatedNvrtc, emulation } from "@flambeau/backend-cuda-native/emulated";
import type { DType } from "@flambeau/tensor";
import {
  bytesOf,
  compileProgram,
  contiguousStrides,
  input,
  type Program,
  type ReduceKind,
  scalar,
  scalarType,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { addon } from "../src/addon.ts";
import type { DeviceBuffer } from "../src/engine/allocator.ts";
import { Engine } from "../src/engine/engine.ts";
import type { Pair } from "../src/generated/generator.ts";
import { type Source, textOf } from "../src/generated/text.ts";
import { map } from "../src/kernels/map.ts";
import { reduce } from "../src/kernels/reduce.ts";
import { loadKernels } from "../src/ptx.ts";
import { missingFor } from "./support/missing.ts";
import { ofConversions, ofOperations, ofTheRest } from "./support/programs.ts";

const missing = missingFor("generated code");
const pointwise = [...ofOperations(), ...ofConversions(), ...ofTheRest()];
const kinds: readonly ReduceKind[] = ["sum", "prod", "max", "min", "any", "all"];
const reduced = (kind: ReduceKind): Program[] => {
  const types: DType[] = ["int32", "int64", "float32", "float64", "float16", "uint8"];
  return types.map((dtype) =>
    compileProgram(
      scalar.mul(input(0), input(1)),
      [dtype, dtype],
      0,
      scalarType(dtype),
      kind === "any" || kind === "all" ? "bool" : dtype,
    ),
  );
};
const numbered = (source: Omit<Source, "suffix">, i: number): Source => ({ ...source, suffix: `_${i}` });
const maps = pointwise.map((program) => ({ program, kind: null })).map(numbered);
const reductions = kinds.flatMap((kind) => reduced(kind).map((program) => ({ program, kind }))).map(numbered);
const options = ["--gpu-architecture=compute_80", "--std=c++17", "--fmad=false"];

/** Values where something ends: of every type, also as bits of halves. */
function values(dtype: DType, count: number, seed: number): Uint8Array {
  const special = [
    0,
    -0,
    1,
    -1,
    2,
    0.5,
    -2.5,
    3,
    31,
    33,
    64,
    -64,
    1e-40,
    7e-46,
    65519,
    65520,
    1e10,
    -1e10,
    3.4e38,
    9.3e18,
    -9.3e18,
    2 ** 31,
    -(2 ** 31),
    Infinity,
    -Infinity,
    NaN,
  ];
  const at = (i: number) => special[(i * 7 + seed * 11 + Math.floor(i / special.length) * (seed + 1)) % special.length];
  const numbers = Array.from({ length: count }, (_, i) => (i % 3 === 2 ? Math.sin(i * 12.9 + seed) * 9 : at(i)));
  switch (dtype) {
    case "float64":
      return new Uint8Array(Float64Array.from(numbers).buffer);
    case "float32":
      return new Uint8Array(Float32Array.from(numbers).buffer);
    case "int64": // Number.MAX_SAFE_INTEGER has no place in it: these are exact
      return new Uint8Array(
        BigInt64Array.from(numbers, (x) => (Number.isFinite(x) ? BigInt(Math.trunc(x)) : -(2n ** 63n) + 1n)).buffer,
      );
    case "int32":
      return new Uint8Array(Int32Array.from(numbers).buffer);
    case "bool":
      return Uint8Array.from(numbers, (x) => Number(x > 0));
    case "int16":
    case "float16":
    case "bfloat16":
      return new Uint8Array(Uint16Array.from(numbers, (_, i) => i * 40503 + seed).buffer);
    default:
      return Uint8Array.from(numbers, (_, i) => i * 101 + seed);
  }
}

/** Whether all bits are the same; but any NaN is as good as another, and processors give that of either argument. */
function same(dtype: DType, x: Uint8Array, y: Uint8Array): boolean {
  if (Buffer.from(x).equals(y)) return true;
  const numbers = (bytes: Uint8Array): ArrayLike<number> | null =>
    dtype === "float32"
      ? new Float32Array(bytes.slice().buffer)
      : dtype === "float64"
        ? new Float64Array(bytes.slice().buffer)
        : null;
  const [here, there] = [numbers(x), numbers(y)];
  return here !== null && there !== null && Array.from(here).every((value, i) => Object.is(value, there[i]));
}

describe.skipIf(missing !== null)("generated code", () => {
  let engines: readonly [interpreting: Engine, generating: Engine];
  const made = new Map<string, Pair>();
  const keyOf = (program: Program, kind: ReduceKind | null) => `${kind} ${program.key}`;
  beforeAll(() => {
    const native = new (addon().Device)(emulatedDriver, 0);
    const modules = loadKernels(native, 80);
    for (const sources of [maps, reductions]) {
      const module = native.load(addon().compile(emulatedNvrtc, textOf(sources), options));
      for (const { program, kind, suffix } of sources) {
        const names = kind === null ? ["map", "map_flat"] : ["reduce_short", "reduce_long"];
        const [first, second] = names.map((name) => native.kernel(`${name}${suffix}`, module));
        made.set(keyOf(program, kind), [first, second]);
      }
    }
    const common = {
      device: "cuda",
      native,
      modules,
      memoryLimit: Infinity,
      blas: null,
      processors: 2,
      blockSize: 64,
      round: (bytes: number) => bytes,
    };
    const make = (program: Program, kind: ReduceKind | null) => made.get(keyOf(program, kind)) ?? null;
    engines = [new Engine({ ...common, generator: null }), new Engine({ ...common, generator: { uses: 1, make } })];
  });
  afterAll(() => {
    engines[0].dispose();
    emulation.set("reset", 1);
  });

  /** The bytes that `run` writes with each engine. */
  const both = (dtype: DType, shape: readonly number[], run: (engine: Engine, output: View) => void) =>
    engines.map((engine) => {
      const buffer = engine.alloc(sizeOf(shape) * bytesOf(dtype));
      run(engine, { buffer, dtype, offset: 0, shape, strides: contiguousStrides(shape) });
      const bytes = engine.readSync(buffer.pointer, buffer.byteLength);
      engine.free(buffer);
      return bytes;
    });
  const filled = (dtype: DType, count: number, seed: number): DeviceBuffer => {
    const bytes = values(dtype, count, seed);
    const buffer = engines[0].alloc(bytes.length);
    engines[0].write(buffer.pointer, bytes);
    return buffer;
  };
  const layouts: readonly (readonly [string, readonly number[], (k: number) => readonly number[]])[] = [
    ["rows without gaps", [312], () => [1]],
    ["exchanged dimensions, and one that repeats", [4, 6, 13], (k) => (k === 1 ? [0, 13, 1] : [6, 1, 24])],
  ];
  test.each(layouts)("pointwise, %s: the interpreter's bits", (_, shape, strides) => {
    const different: string[] = [];
    for (const program of pointwise) {
      const buffers = program.inputs.map((dtype, k) => filled(dtype, 312, k));
      const views = program.inputs.map(
        (dtype, k): View => ({ buffer: buffers[k], dtype, offset: 0, shape, strides: strides(k) }),
      );
      const params = Array.from({ length: program.params }, (_, i) => 2.75 - i);
      const [interpreted, generated] = both(program.output, shape, (engine, output) =>
        map(engine, program, views, params, output),
      );
      if (!same(program.output, interpreted, generated)) different.push(program.key);
      for (const buffer of buffers) engines[0].free(buffer);
    }
    expect(different).toEqual([]);
    expect(pointwise.length).toBeGreaterThan(300);
  });
  test.each(kinds)("%s of products, short, long and in slices: the interpreter's bits", (kind) => {
    for (const program of reduced(kind))
      for (const shape of [
        [9, 20],
        [3, 300],
        [1, 9000],
      ]) {
        const buffers = program.inputs.map((dtype, k) => filled(dtype, sizeOf(shape), k));
        const views = program.inputs.map(
          (dtype, k): View => ({ buffer: buffers[k], dtype, offset: 0, shape, strides: contiguousStrides(shape) }),
        );
        const [interpreted, generated] = both(program.output, [shape[0]], (engine, output) =>
          reduce(engine, kind, program, views, [], { ...output, shape: [shape[0], 1], strides: [1, 1] }, [1]),
        );
        expect(same(program.output, interpreted, generated), `${program.key} of ${shape}`).toBe(true);
        for (const buffer of buffers) engines[0].free(buffer);
      }
  });
});

const nvcc = spawnSync("nvcc", ["--version"]).status === 0;
if (!nvcc) console.warn("SKIPPED: nvcc compiles generated texts: it is not there");
describe.skipIf(!nvcc)("nvcc compiles", () => {
  const compile = (text: string): string => {
    const work = mkdtempSync(join(tmpdir(), "flambeau-texts-"));
    try {
      writeFileSync(join(work, "text.cu"), text);
      const { status, stderr } = spawnSync(
        "nvcc",
        ["-arch=compute_75", "-std=c++17", "-fmad=false", "-ptx", "text.cu", "-o", "text.ptx"],
        { cwd: work, encoding: "utf8" },
      );
      return status === 0 ? "" : stderr;
    } finally {
      rmSync(work, { recursive: true });
    }
  };
  test.each([
    ["every operation, type and conversion", maps],
    ["every combination", reductions],
  ])("the text of %s", (_, sources) => {
    expect(compile(textOf(sources.filter((_, i) => long || i % 16 === 0)))).toBe(""); // a minute for all
  });
});
