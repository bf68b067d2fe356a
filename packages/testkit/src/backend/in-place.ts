import { ArgumentError, type DType, isFloat, manualSeed, noGrad, type Tensor, tensor, tidy } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { alone, callAlone, exported, type InPlaceOp, withOperands, withPositions } from "./in-place-ops.ts";
import type { Subject } from "./subject.ts";

/** A target and an operand inside one square matrix. */
interface Overlap {
  readonly name: string;
  readonly target: (m: Tensor) => Tensor;
  readonly operand: (m: Tensor) => Tensor;
  /** The operand has the target's shape; else it is broadcast. */
  readonly sameShape: boolean;
  /** Tried in large matrices, too, where kernels work in parts. */
  readonly inLarge?: true;
}
const whole = (m: Tensor): Tensor => m;
const overlaps: readonly Overlap[] = [
  { name: "the target itself", target: whole, operand: (m) => m, sameShape: true },
  { name: "its transpose", target: whole, operand: (m) => m.t(), sameShape: true, inLarge: true },
  { name: "a row of it", target: whole, operand: (m) => m.select(0, 1), sameShape: false },
  { name: "a column of it", target: whole, operand: (m) => m.slice(1, 0, 1), sameShape: false },
  { name: "one element", target: whole, operand: (m) => m.select(0, 0).select(0, 1), sameShape: false },
  {
    name: "the rows before",
    target: (m) => m.slice(0, 1),
    operand: (m) => m.slice(0, 0, -1),
    sameShape: true,
    inLarge: true,
  },
  { name: "the rows behind", target: (m) => m.slice(0, 0, -1), operand: (m) => m.slice(0, 1), sameShape: true },
  { name: "the columns before", target: (m) => m.slice(1, 1), operand: (m) => m.slice(1, 0, -1), sameShape: true },
  {
    name: "the columns behind",
    target: (m) => m.t().slice(0, 0, -1),
    operand: (m) => m.t().slice(0, 1),
    sameShape: true,
  },
];

/** Below one vector of lanes, beyond some and with a rest, beyond one thread's share and one workgroup. */
const sizes: readonly number[] = [3, 21, 300];

/** A square matrix whose elements all ops accept. */
function matrix(n: number, dtype: DType, device: string, below = 7): Tensor {
  const draw = new Draw(n);
  const values = Array.from({ length: n * n }, () =>
    dtype === "bool" ? draw.below(2) : isFloat(dtype) ? 0.25 + draw.below(1000) / 600 : draw.below(below),
  );
  return tensor(values, { device }).to({ dtype }).reshape(n, n);
}
const positions = (x: Tensor): Tensor =>
  tensor(
    Array.from({ length: x.shape[0] }, (_, i) => (7 * i + 1) % x.shape[0]),
    { dtype: "int32", device: x.device },
  );

/** NaN is NaN; halves are compared as their bits. */
async function expectSame(ours: Tensor, expected: Tensor, about: string): Promise<void> {
  const [a, b] = [await ours.data(), await expected.data()];
  for (let i = 0; i < b.length; i++)
    if (!Object.is(a[i], b[i])) expect(`${about}, element ${i}: ${a[i]}`).toBe(`${about}, element ${i}: ${b[i]}`);
}

async function compare(
  run: (m: Tensor, apart: (x: Tensor) => Tensor) => Tensor,
  m: Tensor,
  about: string,
): Promise<void> {
  const [ours, expected] = [m.clone(), m.clone()];
  manualSeed(1);
  noGrad(() => run(ours, (x) => x));
  manualSeed(1);
  noGrad(() => run(expected, (x) => x.clone()));
  await expectSame(ours, expected, about);
  for (const t of [ours, expected]) t.dispose();
}

/** Ops that write: what they give when their operands share the target's memory, and what they refuse. */
export function inPlaceTests({ backend }: Subject): void {
  const device = backend.name;
  const has = (dtype: DType): boolean => backend.dtypes.has(dtype);
  const operands = Object.entries(withOperands).filter(([, op]) => !op.reads || backend.readSync);

  describe("in place", () => {
    test("every op in place is tried", () => {
      const known = new Set([...Object.keys(withOperands), ...alone]);
      expect(exported().filter((name) => !known.has(name))).toEqual([]);
    });

    test.each(operands)("%s: an operand inside the target is read before it is written", (name, op) =>
      operandTest(name, op, device, has),
    );

    test.each(Object.entries(withPositions))("%s: so are positions", async (name, call) => {
      for (const dtype of (["int32", "int64"] as const).filter(has))
        for (const n of sizes.slice(0, 2)) {
          const m = matrix(n, dtype, device, n);
          const source = matrix(n, dtype, device).add(1);
          await compare((x, apart) => call(x, apart(x), source), m, `${name} ${dtype} ${n}`);
          await compare((x, apart) => call(x, apart(x.t()), apart(x.t())), m, `${name} ${dtype} ${n}, transposed`);
        }
    });

    const uniform = ["fill_", "zero_"];
    const names = [...alone.filter((name) => !uniform.includes(name)), ...operands.map(([name]) => name)];
    test.each(uniform)("%s: a target that shows an element twice has one value everywhere", async (name) => {
      const memory = matrix(3, "float32", device);
      const target = memory.slice(0, 0, 1).expand([3, 3]);
      callAlone(name, target);
      const value = name === "fill_" ? 1 : 0;
      expect(Array.from(await target.data(), Number)).toEqual(new Array(9).fill(value));
      expect(Array.from(await memory.data(), Number).slice(0, 3)).toEqual(new Array(3).fill(value));
    });

    test.each(names)("%s: a target that shows an element twice is refused", (name) => {
      tidy(() => {
        const dtype = /^(bitwise|maskedFill)/.test(name) ? (name === "maskedFill_" ? "bool" : "int32") : "float32";
        const memory = matrix(3, dtype, device);
        const before = memory.clone();
        for (const target of [memory.flatten().asStrided([3, 3], [2, 1]), memory.slice(0, 0, 1).expand([3, 3])]) {
          const op = withOperands[name];
          expect(
            () => (op ? op.call(target, before, before, positions(target)) : callAlone(name, target)),
            name,
          ).toThrow(ArgumentError);
        }
      });
    });
  });
}

async function operandTest(name: string, op: InPlaceOp, device: string, has: (dtype: DType) => boolean): Promise<void> {
  const dtypes = (op.dtypes ?? ["float32", "float64"]).filter(has);
  for (const [i, dtype] of dtypes.entries())
    for (const n of sizes) {
      const large = n === sizes[2];
      if (large && i > 0) continue;
      const m = matrix(n, dtype, device);
      for (const { name: how, target, operand, sameShape, inLarge } of overlaps) {
        if ((op.sameShape && !sameShape) || (large && !inLarge)) continue;
        await compare(
          (x, apart) => {
            const into = target(x);
            return op.call(into, apart(operand(x)), apart(into), positions(into));
          },
          m,
          `${name} of ${dtype} [${n},${n}], ${how}`,
        );
      }
    }
}
