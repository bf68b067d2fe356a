import { add } from "@flambeau/tensor/functional";
import type { TangentRule } from "./call.ts";

// Ops that are linear in what they compute with: the tangent goes the way of the value.

/** Linear in its first input; the others (positions, masks) have no tangents. */
const linear: TangentRule = ({ primals, tangents, next }) => {
  const [t] = tangents;
  return t === null ? null : next([t, ...primals.slice(1)]);
};

/** Linear in each of two factors; a third input is added. */
const bilinear: TangentRule = ({ primals, tangents, next }) => {
  const [a, b] = primals;
  const [ta, tb, tc] = tangents;
  const added = tc === null || tc === undefined ? [] : [tc];
  if (ta === null && added.length > 0 && tb === null) return null;
  const left = ta && next([ta, b, ...added])[0];
  const right = tb && next([a, tb, ...(ta === null ? added : [])])[0];
  return [left && right ? add(left, right) : (left ?? right)];
};

export const linearRules = {
  cast: linear,
  clone: linear,
  col2im: linear,
  conv: bilinear,
  embedding: linear,
  flip: linear,
  gather: linear,
  im2col: linear,
  index: linear,
  linear: bilinear,
  matmul: bilinear,
  resample: linear,
  roll: linear,
  // what it stands for was made without a slope
  slopeless: () => [null],
  sum: linear,
  sumPool: linear,
} as const;
