import type { Backend } from "../contract/backend.ts";
import { backendOf, devicesWith } from "../core/context.ts";
import { accumulationType, checkDType, type DType, isFloat, isHalf, type TypedArray } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import { empty, isTensor, type Tensor } from "../core/tensor.ts";
import { unreadable, valuesFor } from "../lower/host.ts";
import { copyAcross, hasValues, writeBytes } from "../lower/machine.ts";
import { copyInto } from "../lower/move.ts";
import type { Op } from "./op.ts";
import { applyOne } from "./run.ts";

// From dtype to dtype and from device to device: the two conversions that the door makes by itself, and everything else asks for.

export const castOp: Op<{ dtype: DType }> = {
  name: "cast",
  forward([x], { dtype }) {
    if (!x.backend.dtypes.has(dtype))
      throw new DTypeError(
        "to",
        `device "${x.device}" has no ${dtype}`,
        `devices with ${dtype}: ${devicesWith(dtype)}`,
      );
    return copyInto(empty(x.backend, dtype, x.shape), x);
  },
  vjp: ({ dtypes }, [g]) => [g && toDType(g, dtypes[0])],
};
/**
 * `x` converted to `dtype`, `y[i] = dtype(x[i])`, or `x` itself when it has it already. Floats lose their fraction on the way to integers;
 * bool is true where an element is not 0. Gradients flow back, converted to `x`'s dtype.
 *
 * Shape: that of `x`. Dtype: `dtype`.
 *
 * @throws DTypeError when the dtype is unknown or the device does not have it.
 * @throws MemoryError when `x` must be converted and was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
 * @example
 * toDType(tensor([1.7, -2.7, 0]), "int32").tolist(); // [1, -2, 0]
 * toDType(tensor([1.7, -2.7, 0]), "bool").tolist(); // [true, true, false]
 */
export const toDType = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : applyOne(castOp, [x], { dtype: checkDType("to", dtype) });

// what is no tensor is told where it is used
const isWhole = (x: Tensor): boolean => isTensor(x) && (x.dtype === "int32" || x.dtype === "int64");
/**
 * int64 for all where some are int32 and the others int64, else the tensors as they are: counts and positions are int32 here and int64 in
 * PyTorch, where they meet int64 tensors in ops that want one dtype.
 */
export const alikeInWidth = <T extends readonly Tensor[]>(...tensors: T): T =>
  tensors.every(isWhole)
    ? (tensors.map((t) => toDType(t, tensors.some((u) => u.dtype === "int64") ? "int64" : "int32")) as unknown as T)
    : tensors;

/** A half float's tensor in the dtype that it is computed with; others as they are. */
export const widened = (x: Tensor): Tensor => (isHalf(x.dtype) ? toDType(x, accumulationType(x.dtype)) : x);

/**
 * float32 in the place of tensors that are all half floats of one dtype; null for others. Halves are stored numbers: a function made of
 * several ops calls itself with these and rounds once, where rounding after each op would lose digits.
 */
export function inFloat32<T extends readonly (Tensor | null | undefined)[]>(...tensors: T): T | null {
  const dtype = tensors.find((t) => t)?.dtype;
  if (dtype === undefined || !isHalf(dtype) || tensors.some((t) => t && t.dtype !== dtype)) return null;
  return tensors.map((t) => t && toDType(t, accumulationType(dtype))) as unknown as T; // one for each
}

export interface Transfer {
  /** The device that the gradient goes back to. */
  readonly from: string;
  readonly device: string;
  /** The elements, where they have been read already. */
  readonly bytes: Uint8Array | null;
}
export const transferOp: Op<Transfer> = {
  name: "toDevice",
  forward([x], { device, bytes }) {
    const to = backendOf(device);
    if (!to.dtypes.has(x.dtype))
      throw new DTypeError(
        "to",
        `device "${to.name}" has no ${x.dtype}`,
        `convert on the way: x.to({ device: "${to.name}", dtype: "${isFloat(x.dtype) ? "float32" : "int32"}" }); devices with ${x.dtype}: ${devicesWith(x.dtype)}`,
      );
    const out = empty(to, x.dtype, x.shape);
    if (!hasValues(out) || (bytes === null && x.rowMajor && copyAcross(out, x))) return out;
    const values =
      bytes ??
      bytesIn(
        valuesFor(
          "to",
          x,
          "a transfer reads it",
          `write: await x.toAsync("${to.name}") (modules: await module.toAsync)`,
        ),
      );
    writeBytes(out, values);
    return out;
  },
  vjp({ attrs: { from } }, [g]) {
    if (!g) return [null];
    if (g.device !== from && !g.backend.readSync)
      throw unreadable(
        "the gradient of to",
        g,
        `it goes back to device "${from}" at once`,
        `make the leaf on the device: tensor(values, { device: "${g.device}", requiresGrad: true }), module.to("${g.device}")`,
      );
    return [transfer(g, backendOf(from))];
  },
};
export const bytesIn = (values: TypedArray): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
export const transfer = (x: Tensor, backend: Backend, bytes: Uint8Array | null = null): Tensor =>
  x.backend === backend ? x : applyOne(transferOp, [x], { from: x.device, device: backend.name, bytes });

/**
 * `x` on another device, `y[i] = x[i]`, or `x` itself when it is there already. Gradients flow back to the device of `x`.
 *
 * Shape: that of `x`, row-major when moved. Dtype: that of `x`.
 *
 * @throws DeviceError when no such device is registered.
 * @throws DTypeError when the device does not have `x`'s dtype.
 * @throws UnavailableError when `x`'s device cannot be read synchronously: write `await x.toAsync(device)`. On "meta", which has no values,
 * it is a DataDependentError.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
 * @example
 * toDevice(tensor([[1, 2]]), "meta").shape; // [1, 2]
 */
export const toDevice = (x: Tensor, device: string): Tensor => transfer(x, backendOf(device));
