import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { cat } from "./joining.ts";
import { reshape, t, unsqueeze } from "./view.ts";

type OneOrMany = Tensor | readonly Tensor[];
const isList = (x: OneOrMany): x is readonly Tensor[] => Array.isArray(x);
function each(f: (x: Tensor) => Tensor): { (x: Tensor): Tensor; (x: readonly Tensor[]): Tensor[] } {
  function mapped(x: Tensor): Tensor;
  function mapped(x: readonly Tensor[]): Tensor[];
  function mapped(x: OneOrMany): Tensor | Tensor[] {
    return isList(x) ? x.map(f) : f(x);
  }
  return mapped;
}
/** `x` (or each of a list) with at least one dimension. */
export const atleast1d = each((x) => (x.ndim === 0 ? reshape(x, [1]) : x));
/** `x` (or each of a list) with at least two dimensions: vectors become rows. */
export const atleast2d = each((x) => (x.ndim === 0 ? reshape(x, [1, 1]) : x.ndim === 1 ? unsqueeze(x, 0) : x));
/** `x` (or each of a list) with at least three dimensions: vectors become [1, n, 1], matrices get a last dimension. */
export const atleast3d = each((x) => {
  if (x.ndim === 0) return reshape(x, [1, 1, 1]);
  if (x.ndim === 1) return unsqueeze(unsqueeze(x, 0), 2);
  return x.ndim === 2 ? unsqueeze(x, -1) : x;
});

function some(op: string, tensors: readonly Tensor[]): void {
  if (tensors.length === 0) throw new ArgumentError(op, "expected at least one tensor");
}
/** Joins tensors side by side: along dimension 1, vectors along 0. */
export function hstack(tensors: readonly Tensor[]): Tensor {
  some("hstack", tensors);
  const parts = atleast1d(tensors);
  return cat(parts, parts[0].ndim === 1 ? 0 : 1);
}
/** Joins tensors row below row: along dimension 0, vectors as rows. */
export function vstack(tensors: readonly Tensor[]): Tensor {
  some("vstack", tensors);
  return cat(atleast2d(tensors), 0);
}
/** Joins tensors in depth: along dimension 2, after {@link atleast3d}. */
export function dstack(tensors: readonly Tensor[]): Tensor {
  some("dstack", tensors);
  return cat(atleast3d(tensors), 2);
}
/** Joins vectors and matrices as columns of one matrix. */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  some("columnStack", tensors);
  return hstack(tensors.map((x) => (x.ndim <= 1 ? t(atleast2d(x)) : x)));
}
