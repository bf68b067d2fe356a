import { isFloat, isHalf } from "../../core/dtype.ts";
import { ArgumentError } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { alikeInWidth, toDType } from "../../door/convert.ts";
import { records } from "../../door/interpreter.ts";
import type { Op, VjpContext } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { applyInPlace } from "../../door/write.ts";
import { copyInto, freshCopy } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { filledLike } from "../create/allocation.ts";
import { clone, copy_ } from "../create/copy.ts";
import { fullLike, onesLike, zerosLike } from "../create/creation.ts";
import { div, mul } from "../pointwise/arithmetic.ts";
import { eq, logicalAnd, where } from "../pointwise/comparison.ts";
import { expand } from "../shape/view.ts";
import { checkAlong, sourceAt } from "./along.ts";
import {
  addAt,
  adding,
  lowering,
  multiplying,
  raising,
  setting,
  takeAt,
  type Writing,
  writeAt,
  writeInto,
} from "./scattering.ts";

export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";
export interface Attrs {
  readonly dim: number;
  readonly reduce: ScatterReduction;
  readonly includeSelf: boolean;
}

const writings: Record<ScatterReduction, Writing> = {
  sum: adding,
  prod: multiplying,
  mean: adding,
  amax: raising,
  amin: lowering,
};

/** Reduces `source` into `target`, a result under construction (or the tensor written in place). No graph. */
function reduceInto(target: Tensor, index: Tensor, source: Tensor, { dim, reduce, includeSelf }: Attrs): Tensor {
  const run = (w: Writing, from: Tensor) => w.inPlace.forward([target, index, from], { dim });
  if (!includeSelf) {
    // positions that are written start afresh: extremes from any of their own values, sums and products from the neutral element
    const start =
      reduce === "amax" || reduce === "amin" ? source : neutral(target, reduce === "prod" ? 1 : 0, index.shape);
    run(setting, start);
    if (start !== source) start.dispose();
  }
  run(writings[reduce], source);
  if (reduce === "mean" && index.size > 0) {
    const counts = countsOf(target, index, dim, includeSelf);
    const mean = div(target, counts, isFloat(target.dtype) ? {} : { roundingMode: "floor" });
    copyInto(target, mean);
    mean.dispose();
    counts.dispose();
  }
  return target;
}
function neutral(target: Tensor, value: number, shape: readonly number[]): Tensor {
  const one = filledLike(target, [], value);
  const out = expand(one, shape);
  one.dispose();
  return out;
}
/** How many values meet at each element; at least 1. */
function countsOf(x: Tensor, index: Tensor, dim: number, includeSelf: boolean): Tensor {
  const start = includeSelf ? onesLike(x) : zerosLike(x);
  const one = neutral(x, 1, index.shape);
  writeInto(adding, start, dim, index, one);
  one.dispose();
  if (includeSelf) return start;
  const counts = where(eq(start, 0), fullLike(start, 1), start);
  start.dispose();
  return counts;
}

function gradients({ attrs, saved, needs }: VjpContext<Attrs>, g: Tensor): readonly (Tensor | null)[] {
  const { dim, reduce, includeSelf } = attrs;
  const index = saved[0];
  let self: Tensor = g;
  let source: Tensor | null = null;
  if (reduce === "sum") source = needs[2] ? takeAt(g, dim, index) : null;
  else if (reduce === "mean") {
    self = div(g, countsOf(g, index, dim, includeSelf));
    source = takeAt(self, dim, index);
  } else {
    const [, x, src, out] = saved;
    [self, source] =
      reduce === "prod" ? throughProduct(attrs, g, index, x, src, out) : throughExtreme(attrs, g, index, x, src, out);
  }
  if (needs[0] && !includeSelf) self = writeAt(setting, self, dim, index, neutral(g, 0, index.shape));
  return [needs[0] ? self : null, null, source];
}

/** Each factor's gradient is the product of the others: the result divided by the factor, or where it is 0 the product without it. */
function throughProduct(attrs: Attrs, g: Tensor, index: Tensor, x: Tensor, src: Tensor, out: Tensor): [Tensor, Tensor] {
  const { dim, reduce, includeSelf } = attrs;
  const product = (a: Tensor, b: Tensor) => scatterReduce(a, dim, index, b, reduce, { includeSelf });
  const withoutZeros = where(eq(x, 0), fullLike(x, 1), x);
  const self = div(mul(g, product(withoutZeros, src)), withoutZeros);
  const zero = eq(src, 0);
  const zeros = takeAt(addAt(zerosLike(x), dim, index, toDType(zero, src.dtype)), dim, index);
  const onlyZero = logicalAnd(zero, eq(zeros, 1));
  const others = product(x, where(onlyZero, fullLike(src, 1), src));
  const source = where(
    onlyZero,
    takeAt(mul(g, others), dim, index),
    div(takeAt(mul(g, out), dim, index), where(zero, fullLike(src, 1), src)),
  );
  return [self, source];
}

/** Elements that equal the extreme share its gradient equally. */
function throughExtreme(
  { dim }: Attrs,
  g: Tensor,
  index: Tensor,
  x: Tensor,
  src: Tensor,
  out: Tensor,
): [Tensor, Tensor] {
  const isSelf = toDType(eq(x, out), g.dtype);
  const isSource = toDType(eq(src, takeAt(out, dim, index)), g.dtype);
  const share = div(g, addAt(isSelf, dim, index, isSource));
  return [mul(isSelf, share), mul(isSource, takeAt(share, dim, index))];
}

const rule: Pick<Op<Attrs>, "save" | "vjp"> = {
  save: ([x, index, src], [out], { reduce }) =>
    reduce === "sum" || reduce === "mean" ? [index] : [index, x, src, out],
  vjp: (ctx, [g]) => (g ? gradients(ctx, g) : [null, null, null]),
};
export const scatterReduceOp: Op<Attrs> = {
  ...rule,
  name: "scatterReduce",
  rounds: 1,
  forward: ([x, index, source], attrs) => reduceInto(freshCopy(x), index, source, attrs),
};
export const scatterReduceInPlaceOp: Op<Attrs> = {
  ...rule,
  writes: [0],
  name: "scatterReduce_",
  forward: ([x, index, source], attrs) => reduceInto(x, index, source, attrs),
};

export interface ScatterReduceOptions {
  /** Whether the values that are there take part (default true). */
  readonly includeSelf?: boolean | undefined;
}
export const scatterReduceKinds: Kinds<ScatterReduceOptions> = { includeSelf: boolean };
function attrsOf(
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  reduce: ScatterReduction,
  options: ScatterReduceOptions,
): Attrs {
  checkOptions(op, scatterReduceKinds, options);
  if (!(reduce in writings))
    throw new ArgumentError(op, `reduce must be one of sum, prod, mean, amax and amin, got ${JSON.stringify(reduce)}`);
  return { dim: checkAlong(op, x, dim, index), reduce, includeSelf: options.includeSelf ?? true };
}
/**
 * A copy of `x` in which the values of `source` that `index` sends to one element are reduced with each other and, unless `includeSelf` is
 * false, with what is there: `y[index[i]] = reduce(y[index[i]], source[i])` for a vector, where `reduce` is "sum", "prod", "mean", "amax"
 * or "amin".
 * Shapes: as of {@link scatter}. Dtype: that of `x`; means of integers are rounded down.
 *
 * @throws ArgumentError when `reduce` is none of these.
 * @throws IndexError when an index is outside the dimension, or `dim` out of range.
 * @throws ShapeError when `index` does not fit `x`, or `source` does not cover `index`.
 * @throws DTypeError when `index` is neither int32 nor int64, or `source` has another dtype than `x`.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
 * @example
 * const index = tensor([0, 0, 1], { dtype: "int32" });
 * const source = tensor([5, 6, 7]);
 * tensor([10, 2]).scatterReduce(0, index, source, "amax").tolist(); // [10, 7]
 * tensor([10, 2]).scatterReduce(0, index, source, "mean", { includeSelf: false }).tolist(); // [5.5, 7]
 */
export function scatterReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: ScatterReduction,
  options: ScatterReduceOptions = none,
): Tensor {
  if (unscoped()) return scoped(scatterReduce, x, dim, index, source, reduce, options);
  const attrs = attrsOf("scatterReduce", x, dim, index, reduce, options);
  x = alikeInWidth(x, source)[0];
  return applyOne(scatterReduceOp, [x, index, sourceAt("scatterReduce", x, index, source)], attrs);
}
/** In place {@link scatterReduce}: `x = scatterReduce(x, dim, index, source, reduce, options)`. */
export function scatterReduce_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: ScatterReduction,
  options: ScatterReduceOptions = none,
): Tensor {
  if (unscoped()) return scoped(scatterReduce_, x, dim, index, source, reduce, options);
  const attrs = attrsOf("scatterReduce_", x, dim, index, reduce, options);
  const from = sourceAt("scatterReduce_", x, index, source);
  // the gradients of products and extremes read what was there before; halves are reduced in float32 and rounded once
  if (isHalf(x.dtype) || (reduce !== "sum" && reduce !== "mean" && records([x, from])))
    return copy_(x, applyOne(scatterReduceOp, [clone(x), index, from], attrs));
  return applyInPlace(scatterReduceInPlaceOp, x, [x, index, from], attrs);
}
