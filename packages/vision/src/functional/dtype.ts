import {
  ArgumentError,
  bitwiseLeftShift,
  bitwiseRightShift,
  type DType,
  DTypeError,
  dtypes,
  isFloat,
  mul,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkOptions, checkTensor, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { bitsOf, whiteOf } from "../checks.ts";

export interface ToDtypeOptions {
  /** Take white to white: 255 of uint8 becomes 1 of floats. Default false: values stay. */
  readonly scale?: boolean | undefined;
}
export const toDtypeKinds: Kinds<ToDtypeOptions> = { scale: option.boolean };

/** @throws ArgumentError for what is no dtype. */
export function checkDtype(op: string, dtype: DType): DType {
  if (!dtypes.includes(dtype))
    throw new ArgumentError(op, `the dtype is one of ${dtypes.join(", ")}, got ${show(dtype)}`);
  return dtype;
}

/**
 * An image in another dtype. With `scale`, integers become floats by `y = x / white`, where white is the largest integer of the dtype (255 of
 * uint8); floats become integers by `y = floor(x * (white + 0.999))`; integers of another width are shifted by the bits between them.
 *
 * Shape: that of `x`. Dtype: `dtype`.
 *
 * @throws DTypeError with `scale` for bools, and for floats that cannot hold all the integers: float32 to int32 or int64, float64 to int64.
 * @throws ArgumentError for an unknown dtype.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.to_dtype.html
 * @example
 * const image = tensor([[[0, 51, 255]]], { dtype: "uint8" });
 * toDtype(image, "float32", { scale: true }).tolist(); // [[[0, 0.2000, 1]]]
 * toDtype(image, "float32").tolist(); // [[[0, 51, 255]]]
 * toDtype(tensor([[[0, 0.2, 1]]]), "uint8", { scale: true }).tolist(); // [[[0, 51, 255]]]
 */
export function toDtype(x: Tensor, dtype: DType, options: ToDtypeOptions = {}): Tensor {
  const op = "toDtype";
  checkOptions(op, toDtypeKinds, options);
  checkTensor(op, "the image", x);
  checkDtype(op, dtype);
  if (x.dtype === dtype) return x;
  return options.scale ? scaledTo(op, x, dtype) : cast(x, dtype);
}

/** White to white. */
export function scaledTo(op: string, x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const from = isFloat(x.dtype);
  if (isFloat(dtype)) return from ? cast(x, dtype) : toFloat(op, x, dtype);
  if (from) return toInteger(op, x, dtype);
  const shift = bitsOf(op, x) - bitsOf(op, { dtype });
  return tidy(() => (shift > 0 ? cast(bitwiseRightShift(x, shift), dtype) : bitwiseLeftShift(cast(x, dtype), -shift)));
}
function toFloat(op: string, x: Tensor, dtype: DType): Tensor {
  bitsOf(op, x);
  return tidy(() => mul(cast(x, dtype), 1 / whiteOf(x.dtype)));
}
function toInteger(op: string, x: Tensor, dtype: DType): Tensor {
  bitsOf(op, { dtype });
  const wide = dtype === "int64" || (dtype === "int32" && x.dtype !== "float64");
  if (wide)
    throw new DTypeError(
      op,
      `${x.dtype} cannot hold all the values of ${dtype}`,
      "scale and convert by hand: x.mul(n)",
    );
  // a little more than white, so that 1 alone does not make up the last step
  return tidy(() => cast(mul(x, whiteOf(dtype) + 1 - 1e-3), dtype));
}

/**
 * An image in another dtype, white to white: `toDtype(x, dtype, { scale: true })`. {@link toDtype}
 *
 * Shape: that of `x`. Dtype: `dtype`.
 *
 * @throws ArgumentError for an unknown dtype; DTypeError as {@link toDtype}.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.convert_image_dtype.html
 * @example
 * convertImageDtype(tensor([[[255, 0]]], { dtype: "uint8" })).tolist(); // [[[1, 0]]]
 */
export function convertImageDtype(x: Tensor, dtype: DType = "float32"): Tensor {
  const op = "convertImageDtype";
  checkTensor(op, "the image", x);
  return scaledTo(op, x, checkDtype(op, dtype));
}
