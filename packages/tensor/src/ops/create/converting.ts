import type { DType } from "../../core/dtype.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { toDType } from "../../door/convert.ts";
import { to } from "./copy.ts";

// PyTorch's methods that are named after dtypes.

const as =
  (dtype: DType) =>
  (x: Tensor): Tensor =>
    toDType(x, dtype);

/**
 * As float32: `x.to("float32")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.float.html
 */
export const float: (x: Tensor) => Tensor = as("float32");
/**
 * As float64: `x.to("float64")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.double.html
 */
export const double: (x: Tensor) => Tensor = as("float64");
/**
 * As float16: `x.to("float16")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.half.html
 */
export const half: (x: Tensor) => Tensor = as("float16");
/**
 * As bfloat16: `x.to("bfloat16")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.bfloat16.html
 */
export const bfloat16: (x: Tensor) => Tensor = as("bfloat16");
/**
 * As int32, without fractions: `x.to("int32")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.int.html
 */
export const int: (x: Tensor) => Tensor = as("int32");
/**
 * As int64, without fractions: `x.to("int64")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.long.html
 */
export const long: (x: Tensor) => Tensor = as("int64");
/**
 * As int16, without fractions: `x.to("int16")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.short.html
 */
export const short: (x: Tensor) => Tensor = as("int16");
/**
 * As int8, without fractions: `x.to("int8")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.char.html
 */
export const char: (x: Tensor) => Tensor = as("int8");
/**
 * As uint8, without fractions: `x.to("uint8")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.byte.html
 */
export const byte: (x: Tensor) => Tensor = as("uint8");
/**
 * As bool, `x[i] != 0`: `x.to("bool")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.bool.html
 */
export const bool: (x: Tensor) => Tensor = as("bool");
/**
 * On the device "cpu": `x.to("cpu")`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.cpu.html
 */
export const cpu = (x: Tensor): Tensor => to(x, { device: "cpu" });
/**
 * In the dtype of `other`: `x.to(other.dtype)`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.type_as.html
 */
export function typeAs(x: Tensor, other: Tensor): Tensor {
  checkTensor("typeAs", "other", other);
  return toDType(x, other.dtype);
}
