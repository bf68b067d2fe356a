import type { OperationNode, Program, ProgramNode, ScalarType } from "@flambeau/tensor/plugin";
import { constantValue } from "@flambeau/tensor/plugin";
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
const long: ReadonlySet<ProgramNode["op"]> = new Set([
  ...(["pow", "rem", "atan2", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan"] as const),
  ...(["asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid"] as const),
  ...(["erf", "erfc", "lgamma", "digamma"] as const),
]);
/** Calls of one long operation from which on they share its code in a loop. */
const worthLoop = 3;

/** How many long operations a program calls. */
export const longCalls = ({ nodes }: Program): number => nodes.filter(({ op }) => long.has(op)).length;

/** What names a program in a kernel's label: the operation that gives its result. */
export const nameOf = ({ nodes }: Program): string => nodes[nodes.length - 1].op;

/**
 * The numbers of a program's nodes in stages: long operations that do not need each other's results are in the same stage, in front
 * of its other nodes.
 */
function stages(nodes: readonly ProgramNode[]): { readonly calls: number[]; readonly rest: number[] }[] {
  const stageOf: number[] = [];
  const out: { calls: number[]; rest: number[] }[] = [];
  nodes.forEach(({ op, args }, n) => {
    const isLong = long.has(op);
    const stage = args.reduce((most, a) => Math.max(most, stageOf[a]), 0) + Number(isLong);
    stageOf.push(stage);
    while (out.length <= stage) out.push({ calls: [], rest: [] });
    (isLong ? out[stage].calls : out[stage].rest).push(n);
  });
  return out;
}

/**
 * Statements that compute a program, one `let` a node, and the expression of its result. `prefix` keeps the names of several
 * computations in one scope apart.
 */
export function emit(
  { nodes }: Program,
  leaves: Leaves,
  uses: Set<string>,
  prefix = "v",
): { readonly statements: string; readonly value: string } {
  const lines: string[] = [];
  const names = new Map<number, string>();
  const value = (n: number): string => names.get(n) as string; // arguments come first
  const define = (n: number, code: string): void => {
    const name = `${prefix}${names.size}`;
    lines.push(`let ${name}: ${wgslType(nodes[n].type)} = ${code};`);
    names.set(n, name);
  };
  const code = (e: ProgramNode): string => {
    switch (e.op) {
      case "input": {
        const leaf = leaves.input(e.value);
        return convert(leaf.value, leaf.type, e.type, uses);
      }
      case "param":
        return param(leaves.params + 2 * e.value, e.type);
      case "const":
        return literal(Number(constantValue(e)), e.type, uses);
      case "index":
        return convert(leaves.index, "int32", e.type, uses);
      case "cast":
        return convert(value(e.args[0]), nodes[e.args[0]].type, e.type, uses);
      case "where":
        return `select(${value(e.args[2])}, ${value(e.args[1])}, ${value(e.args[0])})`;
      default:
        return call(e, value(e.args[0]), e.args.length > 1 ? value(e.args[1]) : undefined);
    }
  };
  const call = (e: OperationNode, a: string, b: string | undefined): string =>
    operation(e, nodes[e.args[0]].type, a, b, uses);
  for (const { calls, rest } of stages(nodes)) {
    const kind = (n: number): string => `${nodes[n].op} ${nodes[n].type} ${nodes[nodes[n].args[0]].type}`;
    for (const group of groupBy(calls, kind)) {
      if (group.length < worthLoop) for (const n of group) define(n, code(nodes[n]));
      else loop(group, `${prefix}g${names.size}`);
    }
    for (const n of rest) {
      if (nodes[n].op === "const") names.set(n, code(nodes[n]));
      else define(n, code(nodes[n]));
    }
  }
  return { statements: lines.join("\n    "), value: value(nodes.length - 1) };

  /** Calls of the same operation, computed in a loop over their arguments. */
  function loop(group: readonly number[], name: string): void {
    const first = nodes[group[0]] as OperationNode; // a long one
    first.args.forEach((a, k) => {
      const list = group.map((n) => value(nodes[n].args[k])).join(", ");
      lines.push(`var ${name}_${k} = array<${wgslType(nodes[a].type)}, ${group.length}>(${list});`);
    });
    lines.push(`var ${name} = array<${wgslType(first.type)}, ${group.length}>();`);
    const operands = first.args.map((_, k) => `${name}_${k}[k]`);
    lines.push(
      `for (var k = 0u; k < ${group.length}u; k++) { ${name}[k] = ${call(first, operands[0], operands[1])}; }`,
    );
    group.forEach((n, k) => {
      define(n, `${name}[${k}]`);
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

/** An operation on operands of `type`. */
function operation(
  { op, type: result }: OperationNode,
  type: ScalarType,
  a: string,
  b: string | undefined,
  uses: Set<string>,
): string {
  if (type === "bool") return logic(op, a, b);
  if (type === "int32") return integer(op, a, b, uses);
  wgslType(type); // refuses 64-bit types
  if (op === "neg") return `-(${a})`;
  const operator = operators[op];
  if (operator !== undefined && result !== "bool") return `(${a} ${operator} ${b})`;
  const name = `f_${op}`;
  uses.add(name);
  return b === undefined ? `${name}(${a})` : `${name}(${a}, ${b})`;
}

function logic(op: OperationNode["op"], a: string, b: string | undefined): string {
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
function integer(op: OperationNode["op"], a: string, b: string | undefined, uses: Set<string>): string {
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
