import { isFloat } from "../../core/dtype.ts";
import { boolean, checkOptions, type Kinds, none, number } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import { pointwise } from "../../door/pointwise.ts";
import { scalar } from "../../expr/expr.ts";
import { sameShape } from "../../layout/shapes.ts";
import { valuesFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
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
  /** Tolerance relative to |y| (default 1e-5). */
  readonly rtol?: number | undefined;
  /** Absolute tolerance (default 1e-8). */
  readonly atol?: number | undefined;
  /** Whether NaN is close to NaN (default false). */
  readonly equalNan?: boolean | undefined;
}
const closeKinds: Kinds<CloseOptions> = { rtol: number, atol: number, equalNan: boolean };
/**
 * Whether elements are close, `|x - y| <= atol + rtol * |y|`. Equal infinities are; NaN is close to nothing, with `equalNan` to NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; integers are compared in floating point.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isclose.html
 * @example
 * const [x, y] = [tensor([1, 100, NaN]), tensor([1.000001, 101, NaN])];
 * isclose(x, y).tolist(); // [true, false, false]
 * isclose(x, y, { rtol: 0.1, equalNan: true }).tolist(); // [true, true, true]
 */
export const isclose = (x: Tensor, y: Tensor, options: CloseOptions = none): Tensor =>
  unscoped() ? scoped(isclose, x, y, options) : close("isclose", x, y, options);
function close(op: string, x: Tensor, y: Tensor, options: CloseOptions): Tensor {
  checkOptions(op, closeKinds, options);
  checkTensor(op, "x", x);
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  const integers = !isFloat(x.dtype) && !isFloat(y.dtype);
  const wide = x.backend.dtypes.has("float64") ? "float64" : "float32";
  const [a, b] = integers ? [toDType(x, wide), toDType(y, wide)] : [x, y];
  return pointwiseCall(equalNan ? closeNanOp : closeOp, [a, b, rtol, atol]);
}
/**
 * Whether all elements are close, `|x - y| <= atol + rtol * |y|` as in {@link isclose}.
 *
 * Shapes: `x` and `y` broadcast together. The result is a boolean.
 *
 * @throws UnavailableError where the device cannot be read synchronously: write `await all(isclose(x, y)).itemAsync()`.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.allclose.html
 * @example
 * allclose(tensor([1, 2]), tensor([1, 2.1])); // false
 * allclose(tensor([1, 2]), tensor([1, 2.1]), { atol: 0.2 }); // true
 */
export const allclose = (x: Tensor, y: Tensor, options: CloseOptions = none): boolean =>
  unscoped()
    ? scoped(allclose, x, y, options)
    : truthOf("allclose", all(close("allclose", x, y, options)), "all(isclose(x, y))");
/**
 * Whether two tensors have one shape and equal elements, `x[i] == y[i]` for all i. The dtypes may differ; NaN equals nothing.
 *
 * Shapes: any; tensors of different shapes are not equal. The result is a boolean.
 *
 * @throws UnavailableError where the device cannot be read synchronously: write `await all(eq(x, y)).itemAsync()`.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.equal.html
 * @example
 * equal(tensor([1, 2]), tensor([1, 2])); // true
 * equal(tensor([1, 1]), tensor([1])); // false
 */
export const equal = (x: Tensor, y: Tensor): boolean => {
  if (unscoped()) return scoped(equal, x, y);
  checkTensor("equal", "y", y);
  checkTensor("equal", "x", x);
  return sameShape(x.shape, y.shape) && truthOf("equal", all(eq(x, y)), "all(eq(x, y))");
};
function truthOf(op: string, flag: Tensor, formula: string): boolean {
  const [value] = valuesFor(op, flag, "it gives the answer at once", `write: await ${formula}.itemAsync()`);
  const yes = Number(value) !== 0;
  flag.dispose();
  return yes;
}
