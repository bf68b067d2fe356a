import { type DType, isFloat } from "@flambeau/tensor";
import {
  arity,
  cast,
  choose,
  compileProgram,
  constant,
  type Expr,
  index,
  input,
  param,
  parseProgram,
  type ScalarOp,
  scalar,
  scalarType,
  sizeOf,
} from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { type Lab, layouts } from "./lab.ts";
import { rounded, type Scalar, sample } from "./numbers.ts";
import { allScalarOps, elsewhere, floatCases, floatSpecials, intCases } from "./scalars.ts";
import { expectValues, type Subject } from "./subject.ts";

const build = (op: ScalarOp): Expr => {
  const make = scalar[op as "exp"] as unknown as (...args: Expr[]) => Expr; // of either arity
  return arity[op] === 2 ? make(input(0), input(1)) : make(input(0));
};
const comparisons: ReadonlySet<ScalarOp> = new Set(["eq", "ne", "lt", "le", "gt", "ge", "isnan"]);
const floats = ["float32", "float64", "float16", "bfloat16"] as const;
const integers = ["int32", "int64", "int16", "int8", "uint8"] as const;

/** The `map` primitive: each scalar op on each dtype, conversions, layouts, in-place use, larger expressions. */
export function mapTests({ backend, lab, accuracy }: Subject): void {
  const has = (dtype: DType) => backend.dtypes.has(dtype);
  const run: Lab["map"] = (...given) => lab.map(...given);

  describe("map", () => {
    test("every scalar op is tested", () => {
      expect(allScalarOps.filter((op) => !floatCases[op] && !intCases[op] && !elsewhere.has(op))).toEqual([]);
    });

    for (const dtype of floats.filter(has))
      describe(dtype, () => {
        for (const op of Object.keys(floatCases) as ScalarOp[])
          test(op, async () => {
            const { f, x, y = x, ulps, floor } = floatCases[op]!; // a key of it
            const draw = new Draw(1);
            const pairs = floatSpecials.flatMap((a) => (arity[op] === 2 ? floatSpecials.map((b) => [a, b]) : [[a, 1]]));
            for (let i = 0; i < 400; i++) pairs.push([draw.between(...x), draw.between(...y)]);
            const xs = pairs.map(([a]) => rounded(a, dtype));
            // a NaN's sign is not observable in JavaScript
            const ys = pairs.map(([, b]) => rounded(op === "copysign" && Number.isNaN(b) ? 1 : b, dtype));
            const shape = [xs.length];
            const inputs = [
              lab.contiguous(dtype, shape, xs),
              ...(arity[op] === 2 ? [lab.contiguous(dtype, shape, ys)] : []),
            ];
            const output = comparisons.has(op) ? "bool" : dtype;
            const actual = await run(build(op), inputs, dtype, output);
            // what overflows or loses its leading bits in float32 depends on the platform: only ordinary results are compared there
            const wide = dtype === "float64";
            const expected = xs.map((a, i) => rounded(Number(f(Number(a), Number(ys[i]))), output));
            const ordinary = (v: Scalar) =>
              wide ||
              v === 0 ||
              !(Math.abs(Number(v)) < 1e-37 || Math.abs(Number(v)) > 1e37) ||
              !Number.isFinite(Number(v));
            const kept = expected.flatMap((v, i) =>
              ordinary(v) && (ulps === 0 || special(xs[i]) || inside(xs[i], x) || wide) ? [i] : [],
            );
            // half floats round a second time
            const slack =
              output === "bool"
                ? 0
                : dtype === "float16" || dtype === "bfloat16"
                  ? ulps / 4 + 1
                  : wide && ulps > 0
                    ? ulps * 2
                    : ulps;
            expectValues(
              kept.map((i) => actual[i]),
              kept.map((i) => expected[i]),
              dtype,
              slack * accuracy,
              (i) => `${op}(${xs[kept[i]]}${arity[op] === 2 ? `, ${ys[kept[i]]}` : ""})`,
              floor,
            );
          });
      });

    for (const dtype of integers.filter(has))
      describe(dtype, () => {
        for (const op of Object.keys(intCases) as ScalarOp[])
          test(op, async () => {
            const f = intCases[op]!; // a key of it
            const draw = new Draw(2);
            const n = 300;
            const shift = op === "shl" || op === "shr";
            const bits = BigInt({ int32: 32, int64: 64, int16: 16, int8: 8, uint8: 8 }[dtype]);
            const any = () => rounded((BigInt(draw.bits()) << 32n) | BigInt(draw.bits()), dtype);
            const xs = Array.from({ length: n }, any);
            const ys = xs.map((_, i) => {
              if (shift) return rounded(BigInt(draw.below(Number(bits))), dtype);
              const y = i % 2 ? any() : rounded(BigInt(draw.below(11) - 5), dtype);
              return (op === "idiv" || op === "rem") && (Number(y) === 0 || Number(y) === -1) ? rounded(3n, dtype) : y;
            });
            const inputs = [
              lab.contiguous(dtype, [n], xs),
              ...(arity[op] === 2 ? [lab.contiguous(dtype, [n], ys)] : []),
            ];
            const output = comparisons.has(op) ? "bool" : dtype;
            const expected = xs.map((a, i) => {
              const r = f(BigInt(a), BigInt(ys[i]));
              return typeof r === "boolean" ? Number(r) : rounded(r, dtype);
            });
            expectValues(
              await run(build(op), inputs, dtype, output),
              expected,
              output,
              0,
              (i) => `${op}(${xs[i]}, ${ys[i]})`,
            );
          });
      });

    test("bools: logic, and arithmetic that is true where the sum is not 0", async () => {
      const x = lab.contiguous("bool", [4], [0, 0, 1, 1]);
      const y = lab.contiguous("bool", [4], [0, 1, 0, 1]);
      const both = [x, y];
      expect(await run(input(0).and(input(1)), both, "bool", "bool")).toEqual([0, 0, 0, 1]);
      expect(await run(input(0).or(input(1)), both, "bool", "bool")).toEqual([0, 1, 1, 1]);
      expect(await run(scalar.xor(input(0), input(1)), both, "bool", "bool")).toEqual([0, 1, 1, 0]);
      expect(await run(input(0).not(), both, "bool", "bool")).toEqual([1, 1, 0, 0]);
      expect(await run(input(0).add(input(1)), both, "bool", "bool")).toEqual([0, 1, 1, 1]);
      expect(await run(input(0).mul(input(1)), both, "bool", "bool")).toEqual([0, 0, 0, 1]);
      expect(await run(input(0).lt(input(1)), both, "bool", "bool")).toEqual([0, 1, 0, 0]);
    });

    test("nextafter", async () => {
      const from = [1, 1, -1, -1, 2, 0.5, 3, Number.NaN, 0, 0];
      const towards = [2, 0, 0, -2, Infinity, 0.5, Number.NaN, 1, 1, -1];
      for (const [dtype, ulp, least] of [
        ["float32", 2 ** -23, 2 ** -149],
        ["float64", 2 ** -52, Number.MIN_VALUE],
      ] as const) {
        if (!has(dtype)) continue;
        const [x, y] = [from, towards].map((values) => lab.contiguous(dtype, [values.length], values));
        const [nan, half] = [Number.NaN, ulp / 2];
        const expected = [1 + ulp, 1 - half, -1 + half, -1 - ulp, 2 + 2 * ulp, 0.5, nan, nan, least, -least];
        expect(await run(scalar.nextafter(input(0), input(1)), [x, y], dtype, dtype), dtype).toEqual(expected);
      }
    });

    test("conversions between all dtypes", async () => {
      const draw = new Draw(3);
      for (const from of backend.dtypes)
        for (const to of backend.dtypes) {
          const values = [
            ...sample(draw, from, 30),
            ...(isFloat(from) && (to === "bool" || isFloat(to)) ? [Number.NaN, Infinity, -0] : []),
          ];
          const positive = to === "uint8" ? values.map((v) => (v < 0 ? rounded(0, from) : v)) : values;
          const x = lab.contiguous(from, [positive.length], positive);
          const actual = await run(input(0), [x], to, to);
          expectValues(
            actual,
            positive.map((v) => rounded(v, to)),
            to,
            0,
            (i) => `${from} ${positive[i]} to ${to}`,
          );
        }
    });

    if (has("int64"))
      test("integers out of range wrap, int64 keeps all its bits", async () => {
        const big = [2n ** 62n + 1n, -(2n ** 63n), 2n ** 53n + 1n, 2n ** 31n, 300n];
        const x = lab.contiguous("int64", [5], big);
        expect(await run(input(0).add(1), [x], "int64", "int64")).toEqual(big.map((v) => v + 1n));
        expect(await run(input(0), [x], "int32", "int32")).toEqual(big.map((v) => Number(BigInt.asIntN(32, v))));
      });

    test("params, constants, positions, casts and choices", async () => {
      const dtype: DType = has("float32") ? "float32" : [...backend.dtypes][0];
      const values = [1, 2, 3, 4, 5, 6];
      const x = lab.contiguous(dtype, [2, 3], values);
      expect(await run(input(0).mul(param(1)).add(param(0)), [x], dtype, dtype, [10, 2])).toEqual(
        values.map((v) => 10 + 2 * v),
      );
      expect(await run(input(0).add(index()), [x], dtype, dtype)).toEqual(values.map((v, i) => v + i));
      const across = lab.place(dtype, [2, 3], [0, 0, 0, 0, 0, 0], "transposed", new Draw(7));
      backend.kernels.map(compileProgram(index(), [], 0, scalarType(dtype), dtype), [], [], across, false);
      expect(await lab.read(across), "positions count in row-major order, however the output lies").toEqual([
        0, 1, 2, 3, 4, 5,
      ]);
      expect(await run(cast(input(0).div(2), "int32"), [x], dtype, dtype)).toEqual([0, 1, 1, 2, 2, 3]);
      expect(await run(choose(input(0).gt(3), input(0), constant(-1)), [x], dtype, dtype)).toEqual([
        -1, -1, -1, 4, 5, 6,
      ]);
      // only the chosen side counts
      expect(await run(choose(input(0).gt(0), input(0), scalar.sqrt(input(0).neg())), [x], dtype, dtype)).toEqual(
        values,
      );
    });

    test("a result that uses a part many times, and many inputs", async () => {
      const dtype: DType = "float32";
      const draw = new Draw(4);
      const inputs = Array.from({ length: 8 }, () => lab.contiguous(dtype, [7], sample(draw, dtype, 7)));
      let sum: Expr = constant(0);
      let expected = new Array<number>(7).fill(0);
      for (let k = 0; k < 8; k++) {
        sum = sum.add(input(k).mul(k + 1));
        expected = expected.map((s, i) => Math.fround(s + Math.fround(Number(inputs[k].values[i]) * (k + 1))));
      }
      const square = sum.mul(sum);
      const doubled = expected.map((s) => 2 * s * s);
      expectValues(await run(square.add(square), inputs, dtype, dtype), doubled, dtype, 200, (i) => `element ${i}`, 10);
    });

    test("inputs and outputs in any layout", async () => {
      const draw = new Draw(5);
      const dtype: DType = "float32";
      const program = compileProgram(input(0).sub(input(1).mul(param(0))), [dtype, dtype], 1, "float32", dtype);
      for (let round = 0; round < 60; round++) {
        const shape = draw.shape(draw.below(6), 4);
        const n = sizeOf(shape);
        const [x, y] = [0, 1].map(() => lab.place(dtype, shape, sample(draw, dtype, n), draw.pick(layouts), draw));
        const layout = draw.pick(["contiguous", "transposed", "gaps"] as const);
        const out = lab.place(dtype, shape, new Array<number>(n).fill(-99), layout, draw);
        const before = await lab.memory(out);
        backend.kernels.map(program, [x, y], [2], out, false);
        const about = `shape [${shape}], strides [${x.strides}] and [${y.strides}] into [${out.strides}]`;
        expectValues(
          await lab.read(out),
          x.values.map((v, i) => Math.fround(Number(v) - 2 * Number(y.values[i]))),
          dtype,
          4,
          (i) => `${about}: element ${i}`,
          8,
        );
        // what lies between the elements of the output is nobody's to write
        const after = await lab.memory(out);
        expect(
          after.filter((_, p) => before[p] !== -99),
          about,
        ).toEqual(before.filter((v) => v !== -99));
      }
    });

    test("in place: the output is the same window as an input", async () => {
      const draw = new Draw(6);
      for (const layout of ["contiguous", "transposed", "gaps"] as const) {
        const shape = [3, 4, 2];
        const x = lab.place("float32", shape, sample(draw, "float32", 24), layout, draw);
        const y = lab.place("float32", shape, sample(draw, "float32", 24), "broadcast", draw);
        const program = compileProgram(input(0).mul(input(1)), ["float32", "float32"], 0, "float32", "float32");
        backend.kernels.map(program, [x, y], [], x, false);
        expectValues(
          await lab.read(x),
          x.values.map((v, i) => Math.fround(Number(v) * Number(y.values[i]))),
          "float32",
          1,
          (i) => `${layout}: element ${i}`,
        );
      }
    });

    test("no inputs at all: a fill", async () => {
      for (const dtype of backend.dtypes) {
        const out = lab.output(dtype, [5]);
        backend.kernels.map(compileProgram(param(0), [], 1, scalarType(dtype), dtype), [], [1], out, true);
        expect(await lab.read(out), dtype).toEqual(new Array<Scalar>(5).fill(dtype === "int64" ? 1n : 1));
      }
    });

    test("constants, to the bit", async () => {
      for (const dtype of backend.dtypes) {
        const type = scalarType(dtype);
        const values = isFloat(dtype)
          ? [0, -0, 1.5, Infinity, -Infinity, Number.NaN]
          : dtype === "bool"
            ? [0, 1]
            : [0, 1, 127];
        if (dtype === "int32") values.push(2 ** 31 - 1, -(2 ** 31));
        for (const value of values) {
          const out = lab.output(dtype, [5]);
          backend.kernels.map(compileProgram(constant(value), [], 0, type, dtype), [], [], out, true);
          const expected = dtype === "int64" ? BigInt(value) : value;
          expect(await lab.read(out), `${dtype} ${value}`).toEqual(new Array<Scalar>(5).fill(expected));
        }
      }
      if (!has("int64")) return;
      // one that is no number of JavaScript's
      const out = lab.output("int64", [5]);
      const text = "program inputs params 0 output int64\n%0 = const int64 0xffdfffffffffffff";
      backend.kernels.map(parseProgram(text), [], [], out, true);
      expect(await lab.read(out)).toEqual(new Array<Scalar>(5).fill(-(2n ** 53n) - 1n));
    });

    test("more elements than one block or thread takes", async () => {
      const n = 100_003;
      const x = lab.contiguous(
        "float32",
        [n],
        Array.from({ length: n }, (_, i) => i % 1000),
      );
      const actual = await run(input(0).add(index()), [x], "float32", "float32");
      expectValues(
        actual,
        x.values.map((v, i) => Number(v) + i),
        "float32",
        0,
        (i) => `element ${i}`,
      );
    });
  });
}

const special = (x: Scalar): boolean => Number.isNaN(x) || !Number.isFinite(Number(x)) || Math.abs(Number(x)) <= 1;
const inside = (x: Scalar, [low, high]: readonly [number, number]): boolean => Number(x) >= low && Number(x) <= high;
