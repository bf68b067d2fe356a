// Programs that have every operation in every type, every conversion, and what else generated code may hold.
import type { DType } from "@flambeau/tensor";
import { dtypes } from "@flambeau/tensor";
import {
  arity,
  cast,
  compileProgram,
  constant,
  Expr,
  index,
  input,
  type Program,
  param,
  type ScalarType,
  scalar,
  scalarType,
} from "@flambeau/tensor/plugin";

/** A dtype that holds each scalar type. */
const holding: readonly DType[] = ["bool", "int32", "int64", "float32", "float64"];
const logic = ["and", "or", "xor", "not"];
const comparing = ["eq", "ne", "lt", "le", "gt", "ge", "isnan"];
const where = (...args: (Expr | number)[]): Expr =>
  new Expr(
    "where",
    args.map((x) => (typeof x === "number" ? constant(x) : x)),
  );
const bitwise = [...logic, "shl", "shr"];

/** Each operation in each type that has it. */
export function ofOperations(): Program[] {
  return holding.flatMap((dtype) =>
    Object.entries(arity)
      .filter(([op]) =>
        dtype === "bool" ? logic.includes(op) || op === "where" : !(dtype.startsWith("float") && bitwise.includes(op)),
      )
      .map(([op, count]) => {
        const args = Array.from({ length: count }, (_, i) => input(i));
        const output = comparing.includes(op) ? "bool" : dtype;
        const inputs = args.map((_, i) => (op === "where" && i === 0 ? "bool" : dtype));
        return compileProgram(new Expr(op as "where", args), inputs, 0, scalarType(dtype), output); // an op of the list
      }),
  );
}
/** Loads of each dtype as each scalar type, and stores of these. */
export function ofConversions(): Program[] {
  const types: readonly ScalarType[] = ["bool", "int32", "int64", "float32", "float64"];
  const loads = dtypes.flatMap((from) =>
    types.map((to) => compileProgram(input(0), [from], 0, to, holding[types.indexOf(to)])),
  );
  const casts = holding.flatMap((from) =>
    types.map((to) => compileProgram(cast(input(0), scalarType(from)), [from], 0, to, holding[types.indexOf(to)])),
  );
  const stores = dtypes.map((to) => compileProgram(scalar.add(input(0), param(0)), ["float32"], 1, scalarType(to), to));
  return [...loads, ...casts, ...stores];
}
/** Positions, params and constants of each type, and more values than a thread's registers are meant for. */
export function ofTheRest(): Program[] {
  const each = holding.map((dtype) => {
    const type = scalarType(dtype);
    if (type === "bool")
      return compileProgram(
        scalar.or(scalar.eq(index(), 3), where(input(0), param(0), constant(1))),
        ["bool"],
        1,
        type,
        dtype,
      );
    const sum = scalar.add(scalar.mul(index(), input(0)), scalar.add(param(0), param(1)));
    return compileProgram(
      where(scalar.gt(input(0), 2), sum, scalar.sub(constant(-7.5), input(1))),
      [dtype, dtype],
      2,
      type,
      dtype,
    );
  });
  let chain: Expr = input(0);
  const steps = Array.from({ length: 40 }, (_, i) => (chain = scalar.add(scalar.mul(chain, input(i % 2)), i)));
  const long = steps.reduce<Expr>((all, step) => scalar.max(step, all), input(1)); // all steps are alive until the last one
  return [...each, compileProgram(long, ["float32", "float16"], 0, "float32", "bfloat16")];
}
