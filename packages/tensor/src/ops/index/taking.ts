import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { copy_ } from "../create/copy.ts";
import { reshape } from "../shape/view.ts";
import { wrapIndex } from "./index-values.ts";
import { adding, setting, takeAt, writeAt } from "./scattering.ts";

const flat = (x: Tensor): Tensor => reshape(x, [x.size]);

/** Elements of the flattened tensor at `index`, in the index's shape; negative ones count from the end. */
export function take(x: Tensor, index: Tensor): Tensor {
  checkSameDevice("take", x, index);
  return reshape(takeAt(flat(x), 0, flat(wrapIndex("take", index, x.size))), index.shape);
}

function written(op: string, x: Tensor, index: Tensor, source: Tensor, accumulate: boolean): Tensor {
  checkSameDevice(op, x, index);
  checkSameDevice(op, x, source);
  if (source.dtype !== x.dtype)
    throw new DTypeError(op, `source and tensor have different dtypes: ${source.dtype} and ${x.dtype}`);
  if (source.size !== index.size)
    throw new ShapeError(
      op,
      `source and index need the same number of elements, got ${showShape(source.shape)} and ${showShape(index.shape)}`,
      [source.shape, index.shape],
    );
  const positive = wrapIndex(op, index, x.size);
  return reshape(writeAt(accumulate ? adding : setting, flat(x), 0, flat(positive), flat(source)), x.shape);
}
export interface PutOptions {
  /** Add to what is there, also where an element is named several times. */
  readonly accumulate?: boolean;
}
/** A copy of `x` with `source` at positions `index` of the flattened tensor, in place of what is there or (accumulate) added to it. */
export const put = (x: Tensor, index: Tensor, source: Tensor, options: PutOptions = {}): Tensor =>
  written("put", x, index, source, options.accumulate ?? false);
/** {@link put} in place. */
export const put_ = (x: Tensor, index: Tensor, source: Tensor, options: PutOptions = {}): Tensor =>
  copy_(x, written("put_", x, index, source, options.accumulate ?? false));
