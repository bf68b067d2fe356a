import type { View } from "../../contract/view.ts";
import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { boolean, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { checkInteger } from "../../layout/integers.ts";
import { checkSameDevice, windowOn } from "../../layout/windows.ts";
import { valuesFor } from "../../lower/host.ts";
import { runGather, runScatter } from "../../lower/machine.ts";
import { dense, fillInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { arange, fullLike, ones, zeros } from "../create/creation.ts";
import { checkIndex, paddingRow } from "../index/index-values.ts";
import { addAt, setting, takeAt, writeInto } from "../index/scattering.ts";
import { abs, add, div, mul, pow } from "../pointwise/arithmetic.ts";
import { eq, gt, where } from "../pointwise/comparison.ts";
import { amax, sum } from "../reduce/reduction.ts";
import { expand, flatten, reshape, unsqueeze } from "../shape/view.ts";

export interface Attrs {
  readonly paddingIdx: number | null;
  readonly scaleGradByFreq: boolean;
}

// Views for kernels: index values repeated along the rows of a matrix, and a contiguous tensor as a matrix of its rows.
const rowsAt = (index: Tensor, width: number): View => windowOn(index, [index.size, width], [1, 0]);
const matrixOf = (x: Tensor, width: number): View => windowOn(x, [x.size / width, width], [width, 1]);

export const embeddingOp: Op<Attrs> = {
  name: "embedding",
  forward([weight, index]) {
    const width = weight.shape[1];
    const out = empty(weight.backend, weight.dtype, [...index.shape, width]);
    if (out.size > 0) {
      const flat = dense(index);
      runGather(weight, weight, rowsAt(flat, width), matrixOf(out, width), 0);
      if (flat !== index) flat.dispose();
    }
    return out;
  },
  save: ([, index]) => [index],
  vjp({ saved: [index], shapes: [[rows]], attrs: { paddingIdx, scaleGradByFreq } }, [g]) {
    if (!g) return [null, null];
    const part = scaleGradByFreq ? div(g, unsqueeze(occurrences(index, rows, g), -1)) : g;
    return [applyOne(embeddingBackwardOp, [part, index], { paddingIdx, rows }), null];
  },
};
/** How often each index value occurs, at its places, in `like`'s dtype. */
function occurrences(index: Tensor, rows: number, like: Tensor): Tensor {
  const flat = flatten(index);
  const counts = addAt(
    zeros([rows], { dtype: like.dtype, device: like.device }),
    0,
    flat,
    ones([flat.size], { dtype: like.dtype, device: like.device }),
  );
  return reshape(takeAt(counts, 0, flat), index.shape);
}

/** embedding's gradient: each row of `g` is added to the row of the weight that it came from, but for the padding row. */
export const embeddingBackwardOp: Op<{ readonly rows: number; readonly paddingIdx: number | null }> = {
  name: "embeddingBackward",
  forward([g, index], { rows, paddingIdx }) {
    const width = g.shape[g.ndim - 1];
    const out = fillInto(empty(g.backend, g.dtype, [rows, width]), 0);
    if (g.size === 0) return out;
    const flat = dense(index);
    const from = dense(g);
    runScatter(g, "add", out, rowsAt(flat, width), matrixOf(from, width), 0);
    if (flat !== index) flat.dispose();
    if (from !== g) from.dispose();
    if (paddingIdx !== null) fillInto(viewOf(out, [width], [1], paddingIdx * width), 0).dispose();
    return out;
  },
  save: ([, index]) => [index],
  vjp({ saved: [index], attrs: { paddingIdx } }, [gg]) {
    if (!gg) return [null, null];
    const rows = applyOne(embeddingOp, [gg, index], { paddingIdx: null, scaleGradByFreq: false });
    return [paddingIdx === null ? rows : where(unsqueeze(eq(index, paddingIdx), -1), fullLike(rows, 0), rows), null];
  },
};

/** Scales the rows that `index` names down to `maxNorm`, in place and outside the graph. */
function renormalize(weight: Tensor, index: Tensor, maxNorm: number, normType: number): void {
  noGrad(() => {
    const named = applyOne(embeddingOp, [weight, flatten(index)], { paddingIdx: null, scaleGradByFreq: false });
    const [rows] = inFloat32(named) ?? [named];
    const size =
      normType === Infinity
        ? amax(abs(rows), 1, { keepdim: true })
        : pow(sum(pow(abs(rows), normType), 1, { keepdim: true }), 1 / normType);
    const scale = where(gt(size, maxNorm), div(maxNorm, add(size, 1e-7)), fullLike(size, 1));
    const scaled = toDType(mul(rows, scale), weight.dtype);
    writeInto(setting, weight, 0, expand(unsqueeze(flatten(index), 1), scaled.shape), scaled);
  });
}

export interface EmbeddingOptions {
  /** The row that gets no gradient; negative counts from the end. Default: none. */
  readonly paddingIdx?: number | null | undefined;
  /** Rows that are looked up are first scaled down, in place, to this norm. Default: none. */
  readonly maxNorm?: number | null | undefined;
  /** The p of that norm (default 2). */
  readonly normType?: number | undefined;
  /** Divide each gradient by how often its row occurs (default false). */
  readonly scaleGradByFreq?: boolean | undefined;
}
export const embeddingKinds: Kinds<EmbeddingOptions> = {
  paddingIdx: orNull(number),
  maxNorm: orNull(number),
  normType: number,
  scaleGradByFreq: boolean,
};

/** Checks an index into rows of `weight`; gives the padding row counted from the start. */
export function checkEmbedding(
  op: string,
  weight: Tensor,
  index: Tensor,
  paddingIdx: number | null | undefined,
): number | null {
  checkSameDevice(op, weight, index);
  if (weight.ndim !== 2)
    throw new ShapeError(op, `the weight must be [rows, features], got ${showShape(weight.shape)}`, [weight.shape]);
  if (!isFloat(weight.dtype)) throw new DTypeError(op, `the weight must be floating-point, got ${weight.dtype}`);
  if (isFloat(index.dtype) && index.size > 0)
    throw new DTypeError(
      op,
      `the index must be int32 or int64, got ${index.dtype}`,
      "the arguments are (weight, index)",
    );
  const rows = weight.shape[0];
  const row = paddingRow(op, paddingIdx, rows);
  checkIndex(op, index, rows);
  return row;
}

/**
 * Looks up rows of a table by number: `y[..., :] = weight[index[...], :]`. PyTorch takes the two in the other order.
 *
 * Shapes: `weight` [rows, features], `index` of any shape; result [...index, features]. Dtype: that of `weight`, a floating-point one;
 * `index` is int32 or int64.
 *
 * @throws IndexError when an index is no row of the weight (on a device that cannot be read synchronously the read of what depends on it rejects),
 * or `paddingIdx` is none.
 * @throws ShapeError when `weight` is no matrix.
 * @throws DTypeError when `weight` is not floating-point or `index` not int32 or int64.
 * @throws DeviceError when the two live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 * @example
 * import { embedding, tensor } from "@flambeau/tensor";
 * const weight = tensor([[1, 2], [3, 4], [5, 6]]);
 * embedding(weight, tensor([2, 0], { dtype: "int32" })).tolist(); // [[5, 6], [1, 2]]
 */
export function embedding(weight: Tensor, index: Tensor, options: EmbeddingOptions = none): Tensor {
  checkOptions("embedding", embeddingKinds, options);
  const paddingIdx = checkEmbedding("embedding", weight, index, options.paddingIdx);
  if (options.maxNorm !== undefined && options.maxNorm !== null)
    renormalize(weight, index, options.maxNorm, options.normType ?? 2);
  return applyOne(embeddingOp, [weight, index], { paddingIdx, scaleGradByFreq: options.scaleGradByFreq ?? false });
}

function largestClass(x: Tensor): number {
  const top = amax(x);
  const why = "the number of classes depends on the values";
  return Math.max(0, Number(valuesFor("oneHot", top, why, "pass numClasses")[0]));
}
/**
 * A 1 at the position that each element names in a new last dimension, 0 elsewhere: `y[..., k] = x[...] == k`. The dimension has the size
 * `numClasses` (default: the largest value + 1).
 *
 * Shape: [...] -> [..., numClasses]. Dtype: int32 (PyTorch: int64); `x` is int32 or int64.
 *
 * @throws DTypeError when `x` is not int32 or int64.
 * @throws IndexError when a value is not in 0..numClasses-1.
 * @throws ArgumentError when `numClasses` is left out and `x` has no elements, or is no integer of at least -1.
 * @throws UnavailableError when `numClasses` is left out and `x` is on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 * @example
 * import { oneHot, tensor } from "@flambeau/tensor";
 * oneHot(tensor([1, 0], { dtype: "int32" }), 3).tolist(); // [[0, 1, 0], [1, 0, 0]]
 * oneHot(tensor([1, 0], { dtype: "int32" })).shape; // [2, 2]
 */
export function oneHot(x: Tensor, numClasses = -1): Tensor {
  if (unscoped()) return scoped(oneHot, x, numClasses);
  checkTensor("oneHot", "x", x);
  if (x.dtype !== "int32" && x.dtype !== "int64")
    throw new DTypeError("oneHot", `class numbers must be int32 or int64, got ${x.dtype}`);
  checkInteger("oneHot", "numClasses", numClasses, -1);
  if (numClasses < 1 && x.size === 0)
    throw new ArgumentError("oneHot", "numClasses cannot be inferred from an empty tensor", "pass numClasses");
  const classes = numClasses === -1 ? largestClass(x) + 1 : numClasses;
  checkIndex("oneHot", x, classes);
  const positions = arange(0, classes, 1, { dtype: x.dtype, device: x.device });
  return toDType(eq(unsqueeze(x, -1), positions), "int32");
}
