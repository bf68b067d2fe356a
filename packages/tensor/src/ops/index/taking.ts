import { ShapeError, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { alikeInWidth } from "../../door/convert.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { copy_ } from "../create/copy.ts";
import { reshape } from "../shape/view.ts";
import { inDTypeOf } from "./along.ts";
import { wrapIndex } from "./index-values.ts";
import { adding, setting, takeAt, writeAt } from "./scattering.ts";

const flat = (x: Tensor): Tensor => reshape(x, [x.size]);

/**
 * Elements of the flattened tensor by position: `y[i] = flatten(x)[index[i]]`. Negative indices count from the end.
 * Shape: that of `index`. Dtype: that of `x`.
 *
 * @throws IndexError when an index is not in -n..n-1 for the n elements of `x`.
 * @throws DTypeError when `index` is neither int32 nor int64.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.take.html
 * @example
 * const index = tensor([[0, -1], [2, 2]], { dtype: "int32" });
 * tensor([[10, 20], [30, 40]]).take(index).tolist(); // [[10, 40], [30, 30]]
 */
export function take(x: Tensor, index: Tensor): Tensor {
  if (unscoped()) return scoped(take, x, index);
  checkSameDevice("take", x, index);
  return reshape(takeAt(flat(x), 0, flat(wrapIndex("take", index, x.size))), index.shape);
}

function written(op: "put" | "put_", x: Tensor, index: Tensor, source: Tensor, options: PutOptions): Tensor {
  checkOptions(op, putKinds, options);
  checkSameDevice(op, x, index);
  checkSameDevice(op, x, source);
  if (op === "put") x = alikeInWidth(x, source)[0];
  source = inDTypeOf(op, x, source);
  if (source.size !== index.size)
    throw new ShapeError(
      op,
      `source and index need the same number of elements, got ${showShape(source.shape)} and ${showShape(index.shape)}`,
      [source.shape, index.shape],
    );
  const positive = wrapIndex(op, index, x.size);
  return reshape(writeAt(options.accumulate ? adding : setting, flat(x), 0, flat(positive), flat(source)), x.shape);
}
export interface PutOptions {
  /** Add to what is there, also where an element is named several times (default false). */
  readonly accumulate?: boolean | undefined;
}
const putKinds: Kinds<PutOptions> = { accumulate: boolean };
/**
 * A copy of `x` with `source` at positions of the flattened tensor: `flatten(y)[index[i]] = source[i]`, or `+=` with `accumulate`. Negative
 * indices count from the end.
 * Shapes: `source` has as many elements as `index`; the result has the shape of `x`. Dtype: that of `x`.
 *
 * @throws IndexError when an index is not in -n..n-1 for the n elements of `x`.
 * @throws ShapeError when `source` and `index` differ in the number of elements.
 * @throws DTypeError when `source` has another dtype than `x`, or `index` is neither int32 nor int64.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.put_.html
 * @example
 * const index = tensor([1, -1, 1], { dtype: "int32" });
 * const x = tensor([[10, 20], [30, 40]]);
 * x.put(index, tensor([1, 2, 3]), { accumulate: true }).tolist(); // [[10, 24], [30, 42]]
 */
export const put = (x: Tensor, index: Tensor, source: Tensor, options: PutOptions = none): Tensor =>
  unscoped() ? scoped(put, x, index, source, options) : written("put", x, index, source, options);
/** In place {@link put}: `x = put(x, index, source, options)`. */
export const put_ = (x: Tensor, index: Tensor, source: Tensor, options: PutOptions = none): Tensor => {
  if (unscoped()) return scoped(put_, x, index, source, options);
  return copy_(x, written("put_", x, index, source, options));
};
