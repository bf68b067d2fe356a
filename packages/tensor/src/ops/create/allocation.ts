import { backendOf, context } from "../../core/context.ts";
import { checkDType, type DType } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { empty as allocate, type Tensor } from "../../core/tensor.ts";
import { checkShape } from "../../layout/shapes.ts";
import { encode } from "../../lower/host.ts";

export interface TensorOptions {
  readonly dtype?: DType;
  readonly device?: string;
  readonly requiresGrad?: boolean;
}

/** Makes an empty tensor on the named or default device. */
export function allocateOn(op: string, shape: readonly number[], options: TensorOptions): Tensor {
  const backend = backendOf(options.device);
  const dtype = options.dtype === undefined ? context.defaultDType : checkDType(op, options.dtype);
  if (!backend.dtypes.has(dtype)) {
    const others = [...context.backends.values()].filter((b) => b.dtypes.has(dtype)).map((b) => b.name);
    throw new DTypeError(
      op,
      `device "${backend.name}" has no ${dtype}`,
      `devices with ${dtype}: ${others.join(", ") || "none"}`,
    );
  }
  return allocate(backend, dtype, [...checkShape(op, shape)]);
}
/** Applies what the options ask of a finished tensor. */
export function finish(out: Tensor, options: TensorOptions): Tensor {
  if (options.requiresGrad) out.requiresGrad = true;
  return out;
}

type Values = ArrayLike<number | bigint | boolean>;
/** Numbers computed on the host, as a tensor. Those given as a function are computed once there is memory for them. */
export function fromValues(
  op: string,
  values: Values | (() => Values),
  shape: readonly number[],
  options: TensorOptions,
): Tensor {
  const out = allocateOn(op, shape, options);
  if (out.size > 0) out.backend.write(out.buffer, encode(typeof values === "function" ? values() : values, out.dtype));
  return finish(out, options);
}
