export { bytesOf, type DType, type TypedArray, typedArray } from "../../tensor/src/dtype.ts";
export { ArgumentError, DTypeError, FlambeauError, FormatError, UnavailableError } from "../../tensor/src/errors.ts";
export { data } from "../../tensor/src/host.ts";
export { fromBytes } from "../../tensor/src/ops/creation.ts";
export { Tensor } from "../../tensor/src/tensor.ts";
