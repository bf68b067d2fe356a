import type { ScalarType, TypedExpr } from "@flambeau/tensor";

type ExprOp = TypedExpr["op"];

import { floatWord, intWord, word } from "./shader.ts";
import { wgslType } from "./types.ts";

/** What an expression's leaves are in a kernel: WGSL expressions. */
export interface Leaves {
  /** The i-th input's element in its natural type. */
  input(i: number): { readonly value: string; readonly type: ScalarType };
  /** The position, an i32. */
  readonly index: string;
  /** The first parameter word of the call's run-time numbers; each has two: as f32 and as i32. */
  readonly params: number;
}

/** A constant as a WGSL expression that survives const-evaluation: NaN and infinities come from the library. */
export function literal(value: number, type: ScalarType, uses: Set<string>): string {
  switch (type) {
    case "bool":
      return value !== 0 ? "true" : "false";
    case "int32":
    case "int64": {
      const v = Number.isNaN(value) ? 0 : Math.trunc(Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1));
      return v === -(2 ** 31) ? "bitcast<i32>(0x80000000u)" : `i32(${v})`;
    }
    case "float32":
    case "float64": {
      const v = Math.fround(value);
      if (Number.isNaN(v)) return named("f_nan()", uses);
      if (!Number.isFinite(v)) return v > 0 ? named("f_inf()", uses) : `(-${named("f_inf()", uses)})`;
      if (Object.is(v, -0)) return "bitcast<f32>(0x80000000u)";
      return `f32(${v})`;
    }
  }
}

/** A call of the library's function, noted as used. */
function named(call: string, uses: Set<string>): string {
  uses.add(call.slice(0, call.indexOf("(")));
  return call;
}

/** Converts a value between scalar types as PyTorch does. */
export function convert(value: string, from: ScalarType, to: ScalarType, uses: Set<string>): string {
  if (from === to) return value;
  switch (to) {
    case "bool":
      // by its bits: shaders may take NaN for equal to 0
      return from === "int32" ? `(${value} != 0i)` : `((bitcast<u32>(${value}) & 0x7fffffffu) != 0u)`;
    case "int32":
      if (from === "bool") return `i32(${value})`;
      uses.add("f_to_i");
      return `f_to_i(${value})`;
    default:
      return `${wgslType(to)}(${value})`;
  }
}

/** Operations whose code is long. Compilers put it wherever it is called, so that many calls make shaders that compile for minutes. */
const long: ReadonlySet<ExprOp> = new Set<ExprOp>([
  ...(["pow", "rem", "atan2", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan"] as const),
  ...(["asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid"] as const),
  ...(["erf", "erfc", "lgamma", "digamma"] as const),
]);
/** Calls of one long operation from which on they share its code in a loop. */
const worthLoop = 3;

/** How many long operations an expression calls. */
export function longCalls(root: TypedExpr): number {
  const seen = new Set<TypedExpr>();
  let count = 0;
  const visit = (e: TypedExpr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (long.has(e.op)) count++;
    e.args.forEach(visit);
  };
  visit(root);
  return count;
}

/**
 * The nodes in an order in which arguments come first, in stages: long operations that do not need each other's results are in
 * the same stage, in front of its other nodes.
 */
function stages(root: TypedExpr): { readonly calls: TypedExpr[]; readonly rest: TypedExpr[] }[] {
  const stageOf = new Map<TypedExpr, number>();
  const out: { calls: TypedExpr[]; rest: TypedExpr[] }[] = [];
  const visit = (e: TypedExpr): number => {
    const known = stageOf.get(e);
    if (known !== undefined) return known;
    const isLong = long.has(e.op);
    const stage = e.args.reduce((most, a) => Math.max(most, visit(a)), 0) + Number(isLong);
    stageOf.set(e, stage);
    while (out.length <= stage) out.push({ calls: [], rest: [] });
    (isLong ? out[stage].calls : out[stage].rest).push(e);
    return stage;
  };
  visit(root);
  return out;
}

/**
 * Statements that compute a typed expression, one `let` a node (shared nodes once), and the expression of its result. `prefix`
 * keeps the names of several computations in one scope apart.
 */
export function emit(
  root: TypedExpr,
  leaves: Leaves,
  uses: Set<string>,
  prefix = "v",
): { readonly statements: string; readonly value: string } {
  const lines: string[] = [];
  const names = new Map<TypedExpr, string>();
  const value = (e: TypedExpr): string => names.get(e) as string; // arguments come first
  const define = (e: TypedExpr, code: string): void => {
    const name = `${prefix}${names.size}`;
    lines.push(`let ${name}: ${wgslType(e.type)} = ${code};`);
    names.set(e, name);
  };
  const code = (e: TypedExpr): string => {
    switch (e.op) {
      case "input": {
        const leaf = leaves.input(e.value);
        return convert(leaf.value, leaf.type, e.type, uses);
      }
      case "param":
        return param(leaves.params + 2 * e.value, e.type);
      case "const":
        return literal(e.value, e.type, uses);
      case "index":
        return convert(leaves.index, "int32", e.type, uses);
      case "cast":
        return convert(value(e.args[0]), e.args[0].type, e.type, uses);
      case "where":
        return `select(${value(e.args[2])}, ${value(e.args[1])}, ${value(e.args[0])})`;
      default:
        return operation(e, value(e.args[0]), e.args.length > 1 ? value(e.args[1]) : undefined, uses);
    }
  };
  for (const { calls, rest } of stages(root)) {
    for (const group of groupBy(calls, (e) => `${e.op} ${e.type} ${e.args[0].type}`)) {
      if (group.length < worthLoop) for (const e of group) define(e, code(e));
      else loop(group, `${prefix}g${names.size}`);
    }
    for (const e of rest) {
      if (e.op === "const") names.set(e, code(e));
      else define(e, code(e));
    }
  }
  return { statements: lines.join("\n    "), value: value(root) };

  /** Calls of the same operation, computed in a loop over their arguments. */
  function loop(group: readonly TypedExpr[], name: string): void {
    const [first] = group;
    first.args.forEach((a, k) => {
      const list = group.map((e) => value(e.args[k])).join(", ");
      lines.push(`var ${name}_${k} = array<${wgslType(a.type)}, ${group.length}>(${list});`);
    });
    lines.push(`var ${name} = array<${wgslType(first.type)}, ${group.length}>();`);
    const operands = first.args.map((_, k) => `${name}_${k}[k]`);
    lines.push(
      `for (var k = 0u; k < ${group.length}u; k++) { ${name}[k] = ${operation(first, operands[0], operands[1], uses)}; }`,
    );
    group.forEach((e, k) => {
      define(e, `${name}[${k}]`);
    });
  }
}

/** Items with equal keys together, in the order in which the keys appear. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}

const param = (at: number, type: ScalarType): string =>
  type === "float32" ? floatWord(at) : type === "bool" ? `(${word(at + 1)} != 0u)` : intWord(at + 1);

const operators: { readonly [op: string]: string } = {
  add: "+",
  sub: "-",
  mul: "*",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

function operation(e: TypedExpr, a: string, b: string | undefined, uses: Set<string>): string {
  const { op } = e;
  const type = e.args[0].type;
  if (type === "bool") return logic(op, a, b);
  if (type === "int32") return integer(e, a, b, uses);
  wgslType(type); // refuses 64-bit types
  if (op === "neg") return `-(${a})`;
  const operator = operators[op];
  if (operator !== undefined && e.type !== "bool") return `(${a} ${operator} ${b})`;
  const name = `f_${op}`;
  uses.add(name);
  return b === undefined ? `${name}(${a})` : `${name}(${a}, ${b})`;
}

function logic(op: TypedExpr["op"], a: string, b: string | undefined): string {
  switch (op) {
    case "and":
      return `(${a} & ${b})`;
    case "or":
      return `(${a} | ${b})`;
    case "xor":
    case "ne":
      return `(${a} != ${b})`;
    case "eq":
      return `(${a} == ${b})`;
    case "not":
      return `!(${a})`;
    default:
      throw new Error(`webgpu: "${op}" of bools has no meaning`);
  }
}

/** Integer operations whose WGSL form is PyTorch's, the rest by the library, and what integers have no form for by f32. */
function integer(e: TypedExpr, a: string, b: string | undefined, uses: Set<string>): string {
  const { op } = e;
  const operator = operators[op];
  if (operator !== undefined) return `(${a} ${operator} ${b})`;
  switch (op) {
    case "neg":
      return `-(${a})`;
    case "floor":
    case "ceil":
    case "round":
    case "trunc":
      return a;
    case "isnan":
      return "false";
    case "and":
      return `(${a} & ${b})`;
    case "or":
      return `(${a} | ${b})`;
    case "xor":
      return `(${a} ^ ${b})`;
    case "not":
      return `~(${a})`;
    case "min":
      return `min(${a}, ${b})`;
    case "max":
      return `max(${a}, ${b})`;
    case "abs":
    case "sign":
    case "idiv":
    case "rem":
    case "pow":
    case "shl":
    case "shr": {
      const name = `i_${op}`;
      uses.add(name);
      return b === undefined ? `${name}(${a})` : `${name}(${a}, ${b})`;
    }
    default: {
      uses.add(`f_${op}`).add("f_to_i");
      return b === undefined ? `f_to_i(f_${op}(f32(${a})))` : `f_to_i(f_${op}(f32(${a}), f32(${b})))`;
    }
  }
}
