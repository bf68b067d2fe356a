import { applyInPlace, applyOne, type Op } from "../apply.ts";
import { backendOf, context } from "../context.ts";
import type { Backend } from "../contract.ts";
import { bytesOf, checkDType, type DType } from "../dtype.ts";
import { DTypeError, MemoryError, ShapeError, showShape } from "../errors.ts";
import { broadcastShapes, sameShape } from "../layout.ts";
import { copyInto, dense, fillInto, freshCopy } from "../raw.ts";
import { empty, type Tensor } from "../tensor.ts";
import { ViewOp, view } from "../view.ts";

const cloneOp: Op = {
  name: "clone",
  forward: ([x]) => freshCopy(x),
  vjp: (_, [g]) => [g],
};
/** A copy with memory of its own, row-major; gradients flow through it. */
export const clone = (x: Tensor): Tensor => applyOne(cloneOp, [x], {});
/** `x` itself when its elements lie in row-major order, else a copy that does. */
export const contiguous = (x: Tensor): Tensor => (x.rowMajor ? x : clone(x));

const detachOp = new ViewOp<object>({
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
const aliasOp = new ViewOp<object>({
  name: "alias",
  layout: (x) => ({ shape: x.shape, strides: x.strides, offset: x.offset }),
  vjp: (g) => g,
});
/** Another handle on the same memory, in the graph. */
export const alias = (x: Tensor): Tensor => view(aliasOp, x, {});

const castOp: Op<{ dtype: DType }> = {
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
const devicesWith = (dtype: DType): string =>
  [...context.backends.values()]
    .filter((b) => b.dtypes.has(dtype))
    .map((b) => b.name)
    .join(", ") || "none";

/** `x` converted to `dtype`; `x` itself when it has it already. */
export const toDType = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : applyOne(castOp, [x], { dtype: checkDType("to", dtype) });

const transferOp: Op<{ backend: Backend }> = {
  name: "toDevice",
  forward([x], { backend }) {
    const source = dense(x);
    const read = source.backend.readSync;
    if (!read)
      throw new MemoryError(
        `to: device "${x.device}" cannot be read synchronously`,
        `write: tensor(await x.data(), { shape: x.shape, device: "${backend.name}" })`,
      );
    const width = bytesOf(x.dtype);
    const out = empty(backend, x.dtype, x.shape);
    backend.write(out.buffer, read.call(source.backend, source.buffer, source.offset * width, source.size * width));
    if (source !== x) source.dispose();
    return out;
  },
  vjp: (_, [g]) => [g && toDevice(g, g.device)],
};
/** `x` on another device; `x` itself when it is there already. */
export function toDevice(x: Tensor, device: string): Tensor {
  const backend = backendOf(device);
  return x.backend === backend ? x : applyOne(transferOp, [x], { backend });
}
/** `x` with another dtype, on another device, or both. */
export function to(x: Tensor, target: DType | string | { dtype?: DType; device?: string }): Tensor {
  if (typeof target === "string")
    return context.backends.has(target) ? toDevice(x, target) : toDType(x, checkDTypeOrDevice(target));
  const moved = target.device === undefined ? x : toDevice(x, target.device);
  return target.dtype === undefined ? moved : toDType(moved, target.dtype);
}
function checkDTypeOrDevice(name: string): DType {
  if (/^(cpu|cuda|webgpu)/.test(name)) backendOf(name); // throws, and says how to register it
  return checkDType("to", name);
}

const copyOp: Op = {
  name: "copy_",
  forward: ([target, source]) => copyInto(target, source),
  vjp: ({ needs }, [g]) => {
    if (!g) return [null, null];
    return [needs[0] ? fillInto(empty(g.backend, g.dtype, g.shape), 0) : null, needs[1] ? g : null];
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
  const from = source.device === target.device ? source : toDevice(source, target.device);
  return applyInPlace(copyOp, target, [target, withoutOverlap(from, target)], {});
}

/** `source`, or a copy of it when writing `target` element by element would overwrite parts of `source` not read yet. */
export function withoutOverlap(source: Tensor, target: Tensor): Tensor {
  if (source.storage !== target.storage) return source;
  const same =
    source.offset === target.offset &&
    sameShape(source.shape, target.shape) &&
    sameShape(source.strides, target.strides);
  return same ? source : clone(source);
}

const fillOp: Op<{ value: number }> = {
  name: "fill_",
  forward: ([target], { value }) => fillInto(target, value),
  vjp: (_, [g]) => [g && fillInto(empty(g.backend, g.dtype, g.shape), 0)],
};
/** Sets every element to `value`. */
export const fill_ = (target: Tensor, value: number): Tensor => applyInPlace(fillOp, target, [target], { value });
/** Sets every element to 0. */
export const zero_ = (target: Tensor): Tensor => fill_(target, 0);
