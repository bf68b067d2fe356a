import { type DType, scalarType } from "../core/dtype.ts";
import type { Expr, ExprOp, ScalarOp, ScalarType } from "../expr/expr.ts";
import { bitsOf, constantWidth, valueOf } from "./constant-bits.ts";

interface NodeOf<Op extends ExprOp, Value> {
  readonly op: Op;
  readonly type: ScalarType;
  /** Numbers of earlier nodes. */
  readonly args: readonly number[];
  readonly value: Value;
}
/**
 * An input's element or a run-time number, converted to the node's type (`value` says which one), or the position, an int32. A
 * conversion to bool asks for "not 0"; from floats to integers it cuts off, and what does not fit is left open; else integers wrap.
 */
export type LeafNode = NodeOf<"input" | "param" | "index", number>;
/** `value` is the constant's bits in the node's type; {@link constantValue} decodes them. A backend may give any NaN for any other. */
export type ConstantNode = NodeOf<"const", bigint>;
/** The conversion of a value to the node's type, which is another one. */
export type CastNode = NodeOf<"cast", 0>;
/**
 * An operation on values of the node's type. But comparisons look at values of any one type other than bool, and give a bool; the
 * condition of "where" is a bool; and bools have and, or, xor, not and "where" only. Each result is rounded to the type; floats may be
 * multiplied and added in one step.
 *
 * Integers wrap and never trap: "idiv" and "rem" by 0 give 0, the least integer by -1 is itself (remainder 0); shifts by less than 0 or
 * by the width and more leave 0, "shr" of a negative integer -1. The "sign" of NaN is 0.
 */
export type OperationNode = NodeOf<ScalarOp, 0>;
export type ProgramNode = LeafNode | ConstantNode | CastNode | OperationNode;

/**
 * A pointwise computation ready for a backend: typed, with the dtypes of its tensors. Programs of equal structure are one object,
 * so identity is the cache key: a backend compiles each once and keeps the result in `compiled`.
 */
export interface Program {
  /** In evaluation order, no two of them alike. The last one is the result, in `scalarType(output)`. */
  readonly nodes: readonly ProgramNode[];
  /** Memory dtype of each input tensor. */
  readonly inputs: readonly DType[];
  /** How many run-time numbers a call passes. */
  readonly params: number;
  /** Memory dtype of the result. */
  readonly output: DType;
  /** The whole structure as a string: for caches that outlive the process, never needed in a call. */
  readonly key: string;
  /** One slot per backend object. (A WeakMap costs each call of a kernel 3 ns.) */
  readonly compiled: Map<object, unknown>;
}

/** A constant's value: a bigint for int64, 0 or 1 for bool, else a number. */
export const constantValue = ({ value, type }: ConstantNode): number | bigint => valueOf(value, type);

/** Ops that look at arguments of one type and give a bool. */
export const comparisons: ReadonlySet<ExprOp> = new Set(["eq", "ne", "lt", "le", "gt", "ge", "isnan"]);
/** Ops that bools have; 1 + 1 is computed as integers and is true again when stored. */
export const logic: ReadonlySet<ExprOp> = new Set(["and", "or", "xor", "not"]);

/** A program under construction: nodes get numbers, equal ones the same. */
export class ProgramBuilder {
  private readonly nodes: ProgramNode[] = [];
  private readonly numbers = new Map<string, number>();

  add(node: ProgramNode): number {
    const key = nodeKey(node);
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.nodes.push(node) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }
  at(number: number): ProgramNode {
    return this.nodes[number];
  }
  /** The program whose result is the last node: the one there is, if it was made before. */
  finish(inputs: readonly DType[], params: number, output: DType): Program {
    const head = `inputs ${[...inputs, "params"].join(" ")} ${params} output ${output}`;
    const key = [head, ...this.numbers.keys()].join("\n");
    const table = programs();
    const known = table.get(key)?.deref();
    if (known) return known;
    const made: Program = { nodes: this.nodes, inputs: [...inputs], params, output, key, compiled: new Map() };
    table.set(key, new WeakRef(made));
    dropped.register(made, key);
    return made;
  }
}

function nodeKey({ op, type, args, value }: ProgramNode): string {
  if (typeof value === "bigint") return `${op} ${type} 0x${value.toString(16).padStart(constantWidth[type] / 4, "0")}`;
  if (op === "input" || op === "param") return `${op} ${type} ${value}`;
  return [op, type, ...args.map((a) => `%${a}`)].join(" ");
}

const shared = Symbol.for("flambeau/programs@2");
/** The programs in use by their keys, for all copies of this package in the realm: whoever uses one keeps it, the table does not. */
function programs(): Map<string, WeakRef<Program>> {
  const realm = globalThis as { [shared]?: Map<string, WeakRef<Program>> }; // a symbol of ours on the global object
  return (realm[shared] ??= new Map());
}
const dropped = new FinalizationRegistry<string>((key) => {
  if (programs().get(key)?.deref() === undefined) programs().delete(key); // it may have been made anew
});

/**
 * Types `expr` from the top down: each node is asked for in the type that its user wants. Arithmetic runs in the wanted type,
 * comparisons look at their arguments in `compute` and give a bool, conditions are bools. `input` nodes have the type they are
 * read as (a conversion from the memory dtype; to bool: not equal 0); "cast" nodes convert their argument's type to their own.
 */
export function compileProgram(
  expr: Expr,
  inputs: readonly DType[],
  params: number,
  compute: ScalarType,
  output: DType,
): Program {
  const program = new ProgramBuilder();
  const numeric = compute === "bool" ? "int32" : compute;
  const seen = new Map<Expr, Map<ScalarType, number>>();
  const convert = (number: number, type: ScalarType) =>
    program.at(number).type === type ? number : program.add({ op: "cast", type, args: [number], value: 0 });
  const want = (e: Expr, type: ScalarType): number => {
    let byType = seen.get(e);
    if (!byType) seen.set(e, (byType = new Map()));
    let number = byType.get(type);
    if (number === undefined) byType.set(type, (number = build(e, type)));
    return number;
  };
  const build = (e: Expr, type: ScalarType): number => {
    const { op } = e;
    switch (op) {
      case "input":
      case "param":
        return program.add({ op, type, args: [], value: e.value });
      case "const":
        return program.add({ op, type, args: [], value: bitsOf(e.value, type) });
      case "index":
        return convert(program.add({ op, type: "int32", args: [], value: 0 }), type);
      case "cast":
        return convert(want(e.args[0], e.type ?? compute), type);
      case "where": {
        const args = [want(e.args[0], "bool"), want(e.args[1], type), want(e.args[2], type)];
        return program.add({ op, type, args, value: 0 });
      }
      default: {
        if (comparisons.has(op)) {
          const args = e.args.map((a) => want(a, numeric));
          return convert(program.add({ op, type: "bool", args, value: 0 }), type);
        }
        if (type === "bool" && !logic.has(op)) return convert(want(e, numeric), "bool");
        const args = e.args.map((a) => want(a, type));
        return program.add({ op, type, args, value: 0 });
      }
    }
  };
  want(expr, scalarType(output));
  return program.finish(inputs, params, output);
}
