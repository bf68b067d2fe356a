import { isFloat } from "../dtype.ts";
import { scalar } from "../expr/expr.ts";
import { sameShape } from "../layout.ts";
import { pointwise, pointwiseCall } from "../pointwise.ts";
import type { Tensor } from "../tensor.ts";
import { eq } from "./comparison.ts";
import { toDType } from "./copy.ts";
import { all } from "./reduction.ts";

const compare = { category: "compare" } as const;
const closeOp = pointwise(
  "isclose",
  (x, y, rtol, atol) =>
    x.eq(y).or(
      scalar
        .abs(x.sub(y))
        .le(atol.add(scalar.abs(y.mul(rtol))))
        .and(scalar.abs(y).lt(Infinity)),
    ),
  compare,
);
const closeNanOp = pointwise(
  "isclose",
  (x, y, rtol, atol) =>
    x
      .eq(y)
      .or(
        scalar
          .abs(x.sub(y))
          .le(atol.add(scalar.abs(y.mul(rtol))))
          .and(scalar.abs(y).lt(Infinity)),
      )
      .or(scalar.isnan(x).and(scalar.isnan(y))),
  compare,
);
export interface CloseOptions {
  readonly rtol?: number;
  readonly atol?: number;
  readonly equalNan?: boolean;
}
/** |x - y| <= atol + rtol * |y|, element by element. */
export function isclose(
  x: Tensor,
  y: Tensor,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {},
): Tensor {
  const integers = !isFloat(x.dtype) && !isFloat(y.dtype);
  const [a, b] = integers ? [toDType(x, "float64"), toDType(y, "float64")] : [x, y];
  return pointwiseCall(equalNan ? closeNanOp : closeOp, [a, b, rtol, atol]);
}
/** Whether all elements are close; reads the answer, so the device must allow synchronous reads. */
export function allclose(x: Tensor, y: Tensor, options?: CloseOptions): boolean {
  const flag = all(isclose(x, y, options));
  return truthOf(flag);
}
/** Whether shapes and all elements are equal. */
export const equal = (x: Tensor, y: Tensor): boolean => sameShape(x.shape, y.shape) && truthOf(all(eq(x, y)));
function truthOf(flag: Tensor): boolean {
  const read = flag.backend.readSync;
  if (!read) throw new TypeError(`device "${flag.device}" cannot be read synchronously`);
  const yes = read.call(flag.backend, flag.buffer, flag.offset, 1)[0] !== 0;
  flag.dispose();
  return yes;
}
