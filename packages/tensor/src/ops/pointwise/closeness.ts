import { isFloat } from "../../core/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { scalar } from "../../expr/expr.ts";
import { sameShape } from "../../layout/shapes.ts";
import { valuesFor } from "../../lower/host.ts";
import { toDType } from "../create/copy.ts";
import { all } from "../reduce/reduction.ts";
import { eq } from "./comparison.ts";

const compare = { category: "compare" } as const;
export const closeOp = pointwise(
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
export const closeNanOp = pointwise(
  "iscloseNan",
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
  { ...compare, title: "isclose" },
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
  const wide = x.backend.dtypes.has("float64") ? "float64" : "float32";
  const [a, b] = integers ? [toDType(x, wide), toDType(y, wide)] : [x, y];
  return pointwiseCall(equalNan ? closeNanOp : closeOp, [a, b, rtol, atol]);
}
/** Whether all elements are close. @throws UnavailableError where the device cannot be read synchronously. */
export const allclose = (x: Tensor, y: Tensor, options?: CloseOptions): boolean =>
  truthOf("allclose", all(isclose(x, y, options)), "all(isclose(x, y))");
/** Whether shapes and all elements are equal. @throws UnavailableError where the device cannot be read synchronously. */
export const equal = (x: Tensor, y: Tensor): boolean =>
  sameShape(x.shape, y.shape) && truthOf("equal", all(eq(x, y)), "all(eq(x, y))");
function truthOf(op: string, flag: Tensor, formula: string): boolean {
  const [value] = valuesFor(op, flag, "it gives the answer at once", `write: await ${formula}.itemAsync()`);
  const yes = Number(value) !== 0;
  flag.dispose();
  return yes;
}
