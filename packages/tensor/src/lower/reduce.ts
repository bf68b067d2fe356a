import type { ReduceKind } from "../contract/backend.ts";
import { compileProgram, type Program } from "../contract/program.ts";
import type { View } from "../contract/view.ts";
import { type DType, dtypeKey, scalarType } from "../core/dtype.ts";
import { IndexError, showShape } from "../core/errors.ts";
import { empty, type Tensor, viewOf } from "../core/tensor.ts";
import { type Expr, input } from "../expr/expr.ts";
import { contiguousStrides, normalizeDims, sameShape } from "../layout/shapes.ts";
import { runReduce } from "./machine.ts";

/** One dimension, several, or (null, or left out) all. */
export type Dims = number | readonly number[] | null;
export function reducedDims(op: string, x: Tensor, dim: Dims | undefined): number[] {
  if (dim === null || dim === undefined || (Array.isArray(dim) && dim.length === 0)) return x.shape.map((_, i) => i);
  const dims = normalizeDims(op, dim, x.ndim);
  return x.ndim === 0 ? [] : dims; // a 0-d tensor accepts 0 and -1, and has nothing to reduce
}
export const keptShape = (shape: readonly number[], dims: readonly number[]): number[] =>
  shape.map((s, i) => (dims.includes(i) ? 1 : s));
export const droppedShape = (shape: readonly number[], dims: readonly number[]): number[] =>
  shape.filter((_, i) => !dims.includes(i));

const programs = new Map<Expr, Map<number, Program>>();
const identity = input(0);
/** The typed form of a reduction's input expression, computed in the output's type. */
function programFor(expr: Expr, inputs: readonly View[], params: number, output: DType): Program {
  let byKey = programs.get(expr);
  if (!byKey) programs.set(expr, (byKey = new Map()));
  let key = dtypeKey(0, output);
  for (const t of inputs) key = dtypeKey(key, t.dtype);
  let program = byKey.get(key);
  if (!program)
    byKey.set(
      key,
      (program = compileProgram(
        expr,
        inputs.map((t) => t.dtype),
        params,
        scalarType(inputs[0].dtype),
        output,
      )),
    );
  return program;
}

/** Runs the reduce primitive on `expr` of tensors of one shape; the result keeps reduced dims with size 1. No graph. */
export function reduceKept(
  kind: ReduceKind,
  x: Tensor,
  dims: readonly number[],
  output: DType,
  expr: Expr = identity,
  more: readonly View[] = [],
  params: readonly number[] = [],
): Tensor {
  const inputs: View[] = [x, ...more];
  const out = empty(x.backend, output, keptShape(x.shape, dims));
  if (out.size > 0) runReduce(kind, programFor(expr, inputs, params.length, output), inputs, params, out, dims);
  return out;
}

/** Gives a fresh contiguous result another shape and drops the first handle. */
export function squeezeFresh(out: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(out.shape, shape)) return out;
  const result = viewOf(out, shape, contiguousStrides(shape), out.offset);
  out.dispose();
  return result;
}
/** Refuses to take an extreme of nothing. */
export function checkNonEmpty(op: string, x: Tensor, dims: readonly number[]): void {
  for (const d of dims)
    if (x.shape[d] === 0)
      throw new IndexError(
        op,
        `dimension ${d} of shape ${showShape(x.shape)} is empty: there is no largest or smallest element`,
      );
}
