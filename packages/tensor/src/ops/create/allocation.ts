import { backendOf, context, devicesWith } from "../../core/context.ts";
import { checkDType, type DType } from "../../core/dtype.ts";
import { element, type Scalar } from "../../core/element.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { boolean, dtype, type Kinds, string } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { allocateFor, constantOp, type Made } from "../../door/constant.ts";
import type { Op } from "../../door/op.ts";
import { create } from "../../door/run.ts";
import { checkShape } from "../../layout/shapes.ts";
import { encode } from "../../lower/host.ts";
import { hasValues, writeBytes } from "../../lower/machine.ts";
import { fillInto } from "../../lower/move.ts";

export { allocateFor, constantOp, type Made } from "../../door/constant.ts";

/** What a new tensor is made with. */
export interface TensorOptions {
  /** Element type; default: the default floating dtype, or what the function says. */
  readonly dtype?: DType | undefined;
  /** Name of a registered device; default: the default device. */
  readonly device?: string | undefined;
  /** Whether backward gives the tensor a `grad` (default false); for floating dtypes only. */
  readonly requiresGrad?: boolean | undefined;
}

export const tensorKinds: Kinds<TensorOptions> = { dtype, device: string, requiresGrad: boolean };

/** A new tensor's shape, dtype and device from options and defaults. @throws ShapeError, DTypeError, DeviceError */
export function made(op: string, shape: readonly number[], options: TensorOptions): Made {
  const backend = backendOf(options.device);
  const dtype = options.dtype === undefined ? context.defaultDType : checkDType(op, options.dtype);
  if (!backend.dtypes.has(dtype))
    throw new DTypeError(
      op,
      `device "${backend.name}" has no ${dtype}`,
      `devices with ${dtype}: ${devicesWith(dtype)}`,
    );
  return { shape: [...checkShape(op, shape)], dtype, device: backend.name };
}
/** Options of a tensor like `x`, unless they say otherwise. */
export const like = <O extends TensorOptions>(x: Pick<Made, "dtype" | "device">, options: O): O => ({
  ...options,
  dtype: options.dtype ?? x.dtype,
  device: options.device ?? x.device,
});
/** Applies what the options ask of a finished tensor. */
export function finish(out: Tensor, options: TensorOptions): Tensor {
  if (!options.requiresGrad) return out;
  try {
    out.requiresGrad = true;
    return out;
  } catch (error) {
    out.dispose(); // integers have no gradient
    throw error;
  }
}

export const emptyOp: Op<Made> = { name: "empty", forward: (_, attrs) => allocateFor(attrs) };
export const fullOp: Op<Made & { readonly value: number | bigint }> = {
  name: "full",
  forward: (_, attrs) => fillInto(allocateFor(attrs), attrs.value),
};
/** A tensor of `value` with the shape, dtype and device that are given: what gradient rules make of nothing. */
export const filledLike = (
  { dtype, device }: Pick<Made, "dtype" | "device">,
  shape: readonly number[],
  value: number,
): Tensor => create(fullOp, { shape, dtype, device, value });
/** What a program gave as one of `x`'s elements, as a 0-d tensor beside it. @throws ArgumentError, DTypeError as {@link element}. */
export const scalarLike = (op: string, { dtype, device }: Tensor, value: Scalar): Tensor =>
  create(fullOp, { shape: [], dtype, device, value: element(op, value, dtype) });

/** A new tensor of numbers that `values` computes on the host, once there is memory for them. */
export const computed = <A extends Made>(name: string, values: (attrs: A) => ArrayLike<number>): Op<A> => ({
  name,
  forward(_, attrs) {
    const out = allocateFor(attrs);
    if (out.size > 0 && hasValues(out)) writeBytes(out, encode(values(attrs), out.dtype, name), true);
    return out;
  },
});

/** Numbers that the host has, as a tensor. */
export function fromValues(
  op: string,
  values: ArrayLike<Scalar>,
  shape: readonly number[],
  options: TensorOptions,
): Tensor {
  const attrs = made(op, shape, options);
  return finish(create(constantOp, { ...attrs, bytes: encode(values, attrs.dtype, op) }), options);
}

/** @throws ShapeError for a tensor that stands for one value and has dimensions. */
export function checkNoDims(op: string, value: Tensor): void {
  if (value.ndim > 0)
    throw new ShapeError(op, `a tensor value must be 0-d, got shape ${showShape(value.shape)}`, [value.shape]);
}
