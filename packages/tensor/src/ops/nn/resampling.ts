import type { DType } from "../../core/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, type Expr, scalar } from "../../expr/expr.ts";
import { fromValues } from "../create/allocation.ts";
import { takeAt } from "../index/scattering.ts";
import { mul } from "../pointwise/arithmetic.ts";
import { expand } from "../shape/view.ts";

/** One new element along a dimension: a weighted sum of old ones. */
export type Taps = readonly { readonly from: number; readonly weight: number }[];

/** A linear map along one dimension with few entries in each row. Interpolations and uneven means are such maps. */
export interface Attrs {
  readonly dim: number;
  readonly rows: readonly Taps[];
  /** What is read is read once more with weight 0. */
  readonly twice?: boolean;
}

// rows with fewer taps than others take part with weight NaN, and read nothing; a weight of 0 makes NaN of infinities, as in PyTorch
const tap = (x: Expr, weight: Expr): Expr => choose(scalar.isnan(weight), 0, x.mul(weight));
export const addTapOp = pointwise("addTap", (sum, x, weight) => sum.add(tap(x, weight)));
export const firstTapOp = pointwise("firstTap", tap);
// with the neighbour of weight 0 along another dimension, which is the element itself
const taps = (x: Expr, weight: Expr): Expr => choose(scalar.isnan(weight), 0, x.mul(weight).add(x.mul(0)));
export const addTapsOp = pointwise("addTaps", (sum, x, weight) => sum.add(taps(x, weight)));
export const firstTapsOp = pointwise("firstTaps", taps);

export const resampleOp: Op<Attrs> = {
  name: "resample",
  forward([x], { dim, rows, twice }) {
    const [first, further] = twice ? [firstTapsOp, addTapsOp] : [firstTapOp, addTapOp];
    const column = x.shape.map((_, i) => (i === dim ? rows.length : 1));
    const shape = x.shape.map((s, i) => (i === dim ? rows.length : s));
    const table = (dtype: DType, entry: (row: Taps) => number) =>
      fromValues("resample", rows.map(entry), column, { dtype, device: x.device });
    const count = Math.max(1, ...rows.map((r) => r.length));
    let sum: Tensor | null = null;
    for (let k = 0; k < count; k++) {
      const taken = takeAt(
        x,
        dim,
        expand(
          table("int32", (row) => row[k]?.from ?? 0),
          shape,
        ),
      );
      const weights = rows.map((row) => row[k]?.weight ?? Number.NaN);
      if (count === 1 && weights.every((w) => w === 1)) return taken;
      const weight = table(x.dtype, (row) => row[k]?.weight ?? Number.NaN);
      sum = sum === null ? pointwiseCall(first, [taken, weight]) : pointwiseCall(further, [sum, taken, weight]);
      taken.dispose();
    }
    return sum ?? mul(x, 1); // count is at least 1
  },
  vjp({ attrs, shapes }, [g]) {
    return [g && applyOne(resampleOp, [g], { ...attrs, rows: transposed(attrs.rows, shapes[0][attrs.dim]) })];
  },
};

function transposed(rows: readonly Taps[], size: number): Taps[] {
  const out: { from: number; weight: number }[][] = Array.from({ length: size }, () => []);
  rows.forEach((row, from) => {
    for (const { from: to, weight } of row) out[to].push({ from, weight });
  });
  return out;
}

/** {@link resampleOp} whose gradient is {@link Op.tied}, as that of means of windows is. */
export const tiedResampleOp: Op<Attrs> = { ...resampleOp, tied: true };

/** New elements along a dimension, each the weighted sum of old ones that its row names. */
export function resample(x: Tensor, attrs: Attrs, op: Op<Attrs> = resampleOp): Tensor {
  const { dim, rows } = attrs;
  const same =
    rows.length === x.shape[dim] && rows.every((r, i) => r.length === 1 && r[0].from === i && r[0].weight === 1);
  return same ? x : applyOne(op, [x], attrs);
}
