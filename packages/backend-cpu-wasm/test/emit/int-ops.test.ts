import {
  arity,
  cast,
  choose,
  compileProgram,
  type Expr,
  input,
  param,
  type ScalarOp,
  type ScalarType,
  scalar,
  type View,
} from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { MapKernels } from "../../src/kernels/map.ts";
import { generator, Memory } from "../memory.ts";

const memory = new Memory();
const map = new MapKernels(memory.engine);

type Reference = (x: bigint, y: bigint, bits: bigint) => bigint | boolean;
const power = (x: bigint, n: bigint): bigint => {
  if (n >= 0n) return x ** n;
  return x === 1n ? 1n : x === -1n ? (n % 2n === 0n ? 1n : -1n) : 0n;
};
/** Exact integers; a result wraps to the type's width. Division by zero gives 0. */
const references: { readonly [op in ScalarOp]?: Reference } = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  floor: (x) => x,
  trunc: (x) => x,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  idiv: (x, y) => (y === 0n ? 0n : x / y),
  rem: (x, y) => (y === 0n ? 0n : x % y),
  pow: (x, y) => power(x, y % 40n),
  min: (x, y) => (x < y ? x : y),
  max: (x, y) => (x > y ? x : y),
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
  isnan: () => false,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  not: (x) => ~x,
  shl: (x, y, bits) => (y >= 0n && y < bits ? x << y : 0n),
  shr: (x, y, bits) => (y >= 0n && y < bits ? x >> y : x < 0n ? -1n : 0n),
};

const build = (op: ScalarOp, x: Expr, y: Expr): Expr => {
  const make = scalar[op as "exp"] as unknown as (...args: Expr[]) => Expr; // of either arity
  return arity[op] === 2 ? make(x, op === "pow" ? scalar.rem(y, 40) : y) : make(x);
};

for (const [type, bits] of [
  ["int32", 32n],
  ["int64", 64n],
] as const)
  describe(type, () => {
    const random = generator(77);
    const low = -(2n ** (bits - 1n));
    const edges = [0n, 1n, -1n, 2n, -2n, 3n, 7n, 31n, 32n, 33n, 63n, 64n, -31n, low, low + 1n, -low - 1n];
    const xs: bigint[] = [];
    const ys: bigint[] = [];
    for (const a of edges)
      for (const b of edges) {
        xs.push(a);
        ys.push(b);
      }
    for (let i = 0; i < 3001; i++) {
      xs.push(
        BigInt.asIntN(Number(bits), (BigInt(random.bits()) << 32n) | BigInt(random.bits())) >>
          BigInt(random.below(Number(bits))),
      );
      ys.push(
        BigInt.asIntN(Number(bits), (BigInt(random.bits()) << 32n) | BigInt(random.bits())) >>
          BigInt(random.below(Number(bits))),
      );
    }
    const x = memory.tensor(type, [xs.length], xs);
    const y = memory.tensor(type, [ys.length], ys);
    for (const op of Object.keys(references) as ScalarOp[])
      test(op, () => {
        const reference = references[op] as Reference; // of this key
        const want = xs.map((a, i) => {
          const r = reference(a, ys[i], bits);
          return typeof r === "boolean" ? BigInt(r) : BigInt.asIntN(Number(bits), r);
        });
        const inputs = arity[op] === 2 ? [x, y] : [x];
        const out = memory.tensor(type, [xs.length]);
        const program = compileProgram(
          build(op, input(0), input(1)),
          inputs.map(() => type),
          0,
          type,
          type,
        );
        map.run(program, inputs, [], out, true);
        expect(memory.values(out).map(BigInt)).toEqual(want);
      });

    test("shifts by one run-time count for all elements", () => {
      for (const op of ["shl", "shr"] as const) {
        const program = compileProgram(scalar[op](input(0), param(0)), [type], 1, type, type);
        for (const count of [0, 1, 5, 31, 32, 63, 64, -1]) {
          const out = memory.tensor(type, [xs.length]);
          map.run(program, [x], [count], out, true);
          const reference = references[op] as Reference; // of this key
          expect(memory.values(out).map(BigInt)).toEqual(
            xs.map((a) => BigInt.asIntN(Number(bits), reference(a, BigInt(count), bits) as bigint)),
          );
        }
      }
    });

    test("what integers have no form of their own for is truncated", () => {
      const small = memory.tensor(type, [6], [0, 1, 2, 10, 100, 1000]);
      const out = memory.tensor(type, [6]);
      map.run(compileProgram(scalar.sqrt(input(0)), [type], 0, type, type), [small], [], out, true);
      expect(memory.numbers(out)).toEqual([0, 1, 1, 3, 10, 31]);
    });
  });

describe("bools", () => {
  const a = memory.tensor("bool", [7], [0, 0, 1, 1, 0, 1, 1]);
  const b = memory.tensor("bool", [7], [0, 1, 0, 1, 1, 1, 0]);
  const tables: { readonly [op in ScalarOp]?: (x: number, y: number) => number } = {
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    xor: (x, y) => x ^ y,
    not: (x) => 1 - x,
    eq: (x, y) => Number(x === y),
    ne: (x, y) => Number(x !== y),
    lt: (x, y) => Number(x < y),
    le: (x, y) => Number(x <= y),
    gt: (x, y) => Number(x > y),
    ge: (x, y) => Number(x >= y),
    add: (x, y) => x | y,
    mul: (x, y) => x & y,
    max: (x, y) => x | y,
    min: (x, y) => x & y,
  };
  for (const [op, table] of Object.entries(tables))
    test(op, () => {
      const views: View[] = arity[op as ScalarOp] === 2 ? [a, b] : [a];
      const want = memory.numbers(a).map((x, i) => table(x, memory.numbers(b)[i]));
      for (const compute of ["bool", "int64"] as ScalarType[]) {
        const out = memory.tensor("bool", [7]);
        map.run(
          compileProgram(
            build(op as ScalarOp, input(0), input(1)),
            views.map(() => "bool" as const),
            0,
            compute,
            "bool",
          ),
          views,
          [],
          out,
          true,
        );
        expect(memory.numbers(out)).toEqual(want);
      }
    });

  test("any non-zero byte is true, stores are 0 or 1", () => {
    const x = memory.tensor("bool", [5], [0, 1, 2, 255, 128]);
    const out = memory.tensor("bool", [5]);
    map.run(compileProgram(input(0), ["bool"], 0, "bool", "bool"), [x], [], out, true);
    expect(memory.numbers(out)).toEqual([0, 1, 1, 1, 1]);
  });

  test("where takes one side only, logic of floats is that of not 0", () => {
    const x = memory.tensor("float32", [5], [Number.NaN, -1, 0, 2, Infinity]);
    for (const type of ["float32", "float64"] as const) {
      const out = memory.tensor(type, [5]);
      map.run(
        compileProgram(choose(input(0).gt(0), scalar.log(input(0)), -7), ["float32"], 0, type, type),
        [x],
        [],
        out,
        true,
      );
      expect(memory.numbers(out)).toEqual([
        -7,
        -7,
        -7,
        type === "float32" ? Math.fround(Math.LN2) : Math.LN2,
        Infinity,
      ]);
      map.run(
        compileProgram(scalar.and(input(0), 1).add(scalar.not(input(0)).mul(10)), ["float32"], 0, type, type),
        [x],
        [],
        out,
        true,
      );
      expect(memory.numbers(out)).toEqual([1, 1, 10, 1, 1]);
      map.run(compileProgram(cast(input(0), "bool"), ["float32"], 0, type, type), [x], [], out, true);
      expect(memory.numbers(out)).toEqual([1, 1, 0, 1, 1]);
    }
  });
});
