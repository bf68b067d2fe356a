import type { DType } from "@flambeau/tensor";
import {
  choose,
  compileProgram,
  type Expr,
  halfCodec,
  input,
  param,
  scalar,
  typedArray,
} from "@flambeau/tensor/plugin";
import { describe, expect, it, vi } from "vitest";
import type { InstructionSet } from "../src/engine/native.ts";
import { MapKernels } from "../src/kernels/map.ts";
import { nativeProgram } from "../src/kernels/native-map.ts";
import { builds } from "./engine/builds.ts";
import { generator, Memory } from "./memory.ts";

// Native pointwise programs that read or give numbers of 16 bits: bit for bit what the dtypes' own encoding says.

const natives = builds.filter((build): build is InstructionSet => build !== "wasm");
const [x, y] = [input(0), input(1)];
const { add, exp, gt, mul, tanh } = scalar;
type Half = "float16" | "bfloat16";

describe.each(natives)("half floats (%s)", (native) => {
  const memory = new Memory(1, { native });
  const run = (e: Expr, from: readonly DType[], to: DType, values: readonly (readonly number[])[]) => {
    const program = compileProgram(e, from, 1, "float32", to);
    expect(nativeProgram(program, memory.engine.operations)).not.toBeNull();
    const n = values[0].length;
    const views = from.map((dtype, i) => memory.tensor(dtype, [n], values[i]));
    const out = memory.tensor(to, [n]);
    const compile = vi.spyOn(memory.engine, "addKernel");
    new MapKernels(memory.engine).run(program, views, [0.75], out, true);
    expect(compile).not.toHaveBeenCalled();
    compile.mockRestore();
    return memory.numbers(out);
  };
  const codec = (dtype: Half) => halfCodec(dtype)!;
  const rounded = (dtype: DType, value: number) => {
    const half = halfCodec(dtype);
    return half === undefined || half === null ? Math.fround(value) : half.decode(half.encode(Math.fround(value)));
  };

  it.each(["float16", "bfloat16"] as const)("every pattern of %s survives the way through float32", (half) => {
    const patterns = Array.from({ length: 65536 }, (_, i) => i);
    const values = patterns.map((bits) => codec(half).decode(bits));
    expect(run(x, [half], "float32", [values])).toEqual(values);
    expect(run(x, ["float32"], half, [values])).toEqual(values);
  });

  it.each(["float16", "bfloat16"] as const)("float32 is rounded to the nearest %s, ties to even", (half) => {
    const random = generator(7);
    const word = new Uint32Array(1);
    const single = new Float32Array(word.buffer);
    const values = Array.from({ length: 40001 }, (_, i) => {
      // anything; halfway between neighbours; next to that
      word[0] = random.bits();
      if (i % 3 > 0) {
        const value = codec(half).decode(random.below(65536));
        if (!Number.isFinite(value)) return value;
        single[0] = value;
        word[0] += half === "float16" ? 0x1000 : 0x8000;
        if (i % 3 === 2) word[0] += random.below(3) - 1;
      }
      return single[0];
    });
    const bits = typedArray(half, new ArrayBuffer(values.length * 2), 0, values.length);
    values.forEach((value, i) => {
      bits[i] = codec(half).encode(value);
    });
    expect(run(x, ["float32"], half, [values])).toEqual(Array.from(bits as Uint16Array, (b) => codec(half).decode(b)));
  });

  it.each([
    [["float16", "float16"], "float16"],
    [["bfloat16", "bfloat16"], "bfloat16"],
    [["float16", "float32"], "float32"],
    [["float32", "bfloat16"], "float16"],
    [["bfloat16", "float16"], "bfloat16"],
  ] as const)("sums and products of %s in float32, rounded to %s, of any length", (from, to) => {
    const random = generator(3);
    for (const n of [512, 515, 1024 + 15, 5001]) {
      const values = from.map((dtype) =>
        Array.from({ length: n }, () => rounded(dtype, (random.uniform() - 0.5) * 300)),
      );
      const sums = values[0].map((a, i) => rounded(to, a + values[1][i]));
      expect(run(add(x, y), from, to, values)).toEqual(sums);
      const products = values[0].map((a, i) => rounded(to, a * values[1][i]));
      expect(run(mul(x, y), from, to, values)).toEqual(products);
      const larger = values[0].map((a, i) => rounded(to, a > values[1][i] ? a : Math.fround(values[1][i] * 0.75)));
      expect(run(choose(gt(x, y), x, mul(y, param(0))), from, to, values)).toEqual(larger);
    }
  });

  it("functions of them are as near as a rounding of the exact value is", () => {
    const random = generator(11);
    const values = [Array.from({ length: 3003 }, () => rounded("float16", (random.uniform() - 0.5) * 12))];
    for (const [e, f] of [
      [exp(x), Math.exp],
      [tanh(x), Math.tanh],
    ] as const) {
      const got = run(e, ["float16"], "float16", values);
      got.forEach((value, i) => {
        const exact = f(values[0][i]);
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(Math.abs(exact) * 2 ** -11, 2 ** -25) * 1.001);
      });
    }
  });

  it("walks along rows, over repeated values, and gives the same bits for any part", () => {
    const [rows, columns] = [9, 143];
    const program = compileProgram(add(mul(x, y), param(0)), ["float16", "bfloat16"], 1, "float32", "float16");
    const dense = memory.tensor("float16", [rows, columns], (i) => (i % 97) / 8 - 5);
    for (const strides of [
      [0, 1],
      [1, 0],
    ]) {
      const other = memory.tensor("bfloat16", [columns], (i) => i / 4 - 9);
      const repeated = { ...other, shape: [rows, columns], strides };
      const out = memory.tensor("float16", [rows, columns]);
      const kernels = new MapKernels(memory.engine);
      kernels.run(program, [dense, repeated], [0.75], out, false);
      const whole = memory.numbers(out);
      const [a, b] = [memory.numbers(dense), memory.numbers(repeated)];
      expect(whole).toEqual(a.map((v, i) => rounded("float16", Math.fround(v * b[i]) + 0.75)));
      const id = kernels.prepared(program, [dense, repeated], [0.75], out);
      for (let at = 0; at < rows * columns; at += 37)
        memory.engine.fn(id)(memory.engine.desc, at, Math.min(rows * columns, at + 37));
      expect(memory.numbers(out)).toEqual(whole);
    }
  });
});
