import type { Backend } from "../../contract/backend.ts";
import { backendOf, context, devicesWith } from "../../core/context.ts";
import { accumulationType, checkDType, type DType, isFloat, isHalf, type TypedArray } from "../../core/dtype.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne, clone } from "../../door/run.ts";
import { ViewOp, view } from "../../door/view.ts";
import { applyInPlace } from "../../door/write.ts";
import { broadcastShapes, sameShape } from "../../layout/shapes.ts";
import { data, unreadable, valuesFor } from "../../lower/host.ts";
import { copyAcross, hasValues, writeBytes } from "../../lower/machine.ts";
import { copyInto, fillInto } from "../../lower/move.ts";
import { filledLike } from "./allocation.ts";

export { clone };
/** `x` itself when its elements lie in row-major order, else a copy that does. */
export const contiguous = (x: Tensor): Tensor => (x.rowMajor ? x : clone(x));

export const detachOp = new ViewOp<object>({
  name: "detach",
  layout: (x) => ({ shape: x.shape, strides: x.strides, offset: x.offset }),
});
/** The same memory outside the graph. */
export function detach(x: Tensor): Tensor {
  const before = context.gradEnabled;
  context.gradEnabled = false;
  try {
    const out = view(detachOp, x, {});
    out.base = null;
    return out;
  } finally {
    context.gradEnabled = before;
  }
}
export const aliasOp = new ViewOp<object>({
  name: "alias",
  layout: (x) => ({ shape: x.shape, strides: x.strides, offset: x.offset }),
  vjp: (g) => g,
});
/** Another handle on the same memory, in the graph. */
export const alias = (x: Tensor): Tensor => view(aliasOp, x, {});

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
/** `x` converted to `dtype`; `x` itself when it has it already. */
export const toDType = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : applyOne(castOp, [x], { dtype: checkDType("to", dtype) });

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
const bytesIn = (values: TypedArray): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const transfer = (x: Tensor, backend: Backend, bytes: Uint8Array | null = null): Tensor =>
  x.backend === backend ? x : applyOne(transferOp, [x], { from: x.device, device: backend.name, bytes });

/** `x` on another device; `x` itself when it is there already. */
export const toDevice = (x: Tensor, device: string): Tensor => transfer(x, backendOf(device));

/** A device, a dtype, or both. */
export type Placement = DType | string | { readonly dtype?: DType | undefined; readonly device?: string | undefined };
/** What a target means for `x`, and whether the device asked for can only hold it once converted. */
function resolve(x: Tensor, target: Placement): { backend: Backend; dtype: DType; convertFirst: boolean } {
  const { device, dtype = x.dtype } =
    typeof target !== "string"
      ? target
      : context.backends.has(target)
        ? { device: target }
        : { dtype: checkDTypeOrDevice(target) };
  const backend = device === undefined ? x.backend : backendOf(device);
  return { backend, dtype, convertFirst: dtype !== x.dtype && !backend.dtypes.has(x.dtype) };
}
/**
 * `x` with another dtype, on another device, or both; `x` itself where it is so already. Gradients flow back through it.
 *
 * @throws UnavailableError for a transfer from a device that cannot be read synchronously: write `await x.toAsync("cpu")`.
 */
export function to(x: Tensor, target: Placement): Tensor {
  const { backend, dtype, convertFirst } = resolve(x, target);
  return convertFirst ? transfer(toDType(x, dtype), backend) : toDType(transfer(x, backend), dtype);
}
/**
 * {@link to} that waits for the device; works from every device to every other. The values are those at the time of the call.
 *
 * @example
 * import { tensor } from "flambeau";
 * console.log((await tensor([1, 2]).toAsync({ dtype: "int32" })).tolist()); // [1, 2]
 */
export async function toAsync(x: Tensor, target: Placement): Promise<Tensor> {
  const { backend, dtype, convertFirst } = resolve(x, target);
  const recording = context.gradEnabled;
  const source = convertFirst ? toDType(x, dtype) : x;
  if (source.backend === backend) return toDType(source, dtype);
  const bytes = bytesIn(await data(source));
  const finish = () => {
    const moved = transfer(source, backend, bytes);
    const out = toDType(moved, dtype);
    if (out !== moved) moved.dispose();
    if (source !== x) source.dispose();
    return out;
  };
  return recording ? finish() : noGrad(finish);
}
function checkDTypeOrDevice(name: string): DType {
  if (/^(cpu|cuda|webgpu|meta)/.test(name)) backendOf(name); // throws, and says how to register it
  return checkDType("to", name);
}

export const copyOp: Op = {
  name: "copy_",
  writes: [0],
  elementwise: true,
  forward: ([target, source]) => copyInto(target, source),
  vjp: ({ needs }, [g]) => {
    if (!g) return [null, null];
    return [needs[0] ? filledLike(g, g.shape, 0) : null, needs[1] ? g : null];
  },
};
/** Writes `source` (broadcast to `target`'s shape, converted to its dtype) into `target`. */
export function copy_(target: Tensor, source: Tensor): Tensor {
  if (!sameShape(broadcastShapes("copy_", target.shape, source.shape), target.shape))
    throw new ShapeError(
      "copy_",
      `source ${showShape(source.shape)} does not broadcast to target ${showShape(target.shape)}`,
      [target.shape, source.shape],
    );
  // what the target's device does not have (int64, say) becomes the target's dtype before it goes there
  const from = target.backend.dtypes.has(source.dtype)
    ? transfer(source, target.backend)
    : transfer(toDType(source, target.dtype), target.backend);
  return applyInPlace(copyOp, target, [target, from], {});
}

export const fillOp: Op<{ readonly value: number }> = {
  name: "fill_",
  writes: [0],
  forward: ([target], { value }) => fillInto(target, value),
  vjp: (_, [g]) => [g && filledLike(g, g.shape, 0)],
};
/** Sets every element to `value`. */
export const fill_ = (target: Tensor, value: number): Tensor => applyInPlace(fillOp, target, [target], { value });
/** Sets every element to 0. */
export const zero_ = (target: Tensor): Tensor => fill_(target, 0);
