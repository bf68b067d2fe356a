import type { DType } from "../core/dtype.ts";
import type { Expr, ExprOp, ScalarType } from "../expr/expr.ts";

/** An `Expr` node with its type. Nodes are shared: the same object in two places is computed once. */
export interface TypedExpr {
  readonly op: ExprOp;
  readonly type: ScalarType;
  readonly args: readonly TypedExpr[];
  /** The constant's value, or the number of the input or param. */
  readonly value: number;
}

/**
 * A pointwise computation ready for a backend: typed, with the dtypes of its tensors. A backend compiles it once and keeps the
 * result in `compiled` (one slot per backend object); identity is the cache key.
 */
export interface Program {
  readonly root: TypedExpr;
  /** Memory dtype of each input tensor. */
  readonly inputs: readonly DType[];
  /** How many run-time numbers a call passes. */
  readonly params: number;
  /** Memory dtype of the result; `root.type` is `scalarType(output)`. */
  readonly output: DType;
  readonly compiled: Map<object, unknown>;
}

const scalarTypes: { readonly [D in DType]: ScalarType } = {
  bool: "bool",
  uint8: "int32",
  int8: "int32",
  int16: "int32",
  int32: "int32",
  int64: "int64",
  float16: "float32",
  bfloat16: "float32",
  float32: "float32",
  float64: "float64",
};
/** The type in which elements of `dtype` are computed. */
export const scalarType = (dtype: DType): ScalarType => scalarTypes[dtype];

const comparisons: ReadonlySet<ExprOp> = new Set(["eq", "ne", "lt", "le", "gt", "ge", "isnan"]);
const typed = (op: ExprOp, type: ScalarType, args: readonly TypedExpr[], value = 0): TypedExpr => ({
  op,
  type,
  args,
  value,
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
  const seen = new Map<Expr, Map<ScalarType, TypedExpr>>();
  const convert = (e: TypedExpr, type: ScalarType) => (e.type === type ? e : typed("cast", type, [e]));
  const want = (e: Expr, type: ScalarType): TypedExpr => {
    let byType = seen.get(e);
    if (!byType) seen.set(e, (byType = new Map()));
    let node = byType.get(type);
    if (!node) byType.set(type, (node = build(e, type)));
    return node;
  };
  const build = (e: Expr, type: ScalarType): TypedExpr => {
    switch (e.op) {
      case "input":
      case "param":
        return typed(e.op, type, [], e.value);
      case "const":
        return typed("const", type, [], type === "bool" ? Number(e.value !== 0) : e.value);
      case "index":
        return convert(typed("index", "int32", []), type);
      case "cast":
        return convert(want(e.args[0], e.type ?? compute), type);
      case "where":
        return typed("where", type, [want(e.args[0], "bool"), want(e.args[1], type), want(e.args[2], type)]);
      default:
        if (comparisons.has(e.op))
          return convert(
            typed(
              e.op,
              "bool",
              e.args.map((a) => want(a, compute === "bool" ? "int32" : compute)),
            ),
            type,
          );
        // bools have logic and no arithmetic: 1 + 1 is computed as integers and is true again when stored
        if (type === "bool" && e.op !== "and" && e.op !== "or" && e.op !== "xor" && e.op !== "not")
          return convert(want(e, compute === "bool" ? "int32" : compute), "bool");
        return typed(
          e.op,
          type,
          e.args.map((a) => want(a, type)),
        );
    }
  };
  return { root: want(expr, scalarType(output)), inputs, params, output, compiled: new Map() };
}
