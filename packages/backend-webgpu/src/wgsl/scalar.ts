import type { ScalarType, TypedExpr } from "@flambeau/tensor";
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
  const done = new Map<TypedExpr, string>();
  const value = (e: TypedExpr): string => {
    let name = done.get(e);
    if (name === undefined) {
      const code = node(e);
      if (e.op === "const") name = code;
      else {
        name = `${prefix}${lines.length}`;
        lines.push(`let ${name}: ${wgslType(e.type)} = ${code};`);
      }
      done.set(e, name);
    }
    return name;
  };
  const node = (e: TypedExpr): string => {
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
      default: {
        const [a, b] = e.args.map(value);
        return operation(e, a, b, uses);
      }
    }
  };
  const result = value(root);
  return { statements: lines.join("\n    "), value: result };
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

function operation(e: TypedExpr, a: string, b: string, uses: Set<string>): string {
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

function logic(op: TypedExpr["op"], a: string, b: string): string {
  switch (op) {
    case "and":
      return `(${a} && ${b})`;
    case "or":
      return `(${a} || ${b})`;
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
function integer(e: TypedExpr, a: string, b: string, uses: Set<string>): string {
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
