import type { Backend } from "../../contract/backend.ts";
import { backendOf, context, hasDevice } from "../../core/context.ts";
import { checkDType, type DType } from "../../core/dtype.ts";
import { element, type Scalar } from "../../core/element.ts";
import { ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { checkOptions, dtype as dtypeKind, type Kinds, string } from "../../core/options.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { bytesIn, toDType, transfer } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { clone } from "../../door/run.ts";
import { ViewOp, view } from "../../door/view.ts";
import { applyInPlace } from "../../door/write.ts";
import { broadcastShapes, sameShape } from "../../layout/shapes.ts";
import { data } from "../../lower/host.ts";
import { copyInto, fillInto } from "../../lower/move.ts";
import { checkNoDims, filledLike } from "./allocation.ts";

export { clone };
/**
 * `x` with its elements in row-major order without gaps: `x` itself when they lie so already, else a copy, `y[i, j] = x[i, j]`.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws MemoryError when there must be a copy and `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html
 * @example
 * const x = tensor([[1, 2], [3, 4]]).t();
 * x.strides; // [1, 2]
 * x.contiguous().strides; // [2, 1]
 */
export const contiguous = (x: Tensor): Tensor => {
  checkTensor("contiguous", "x", x);
  return x.rowMajor ? x : clone(x);
};

export const detachOp = new ViewOp<object>({
  name: "detach",
  layout: (x) => ({ shape: x.shape, strides: x.strides, offset: x.offset }),
});
/**
 * The same memory outside the graph: `y[i] = x[i]`, through which no gradient flows back. What is written into one shows in the other.
 *
 * Shape: that of `x`, with its strides. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * const y = x.mul(2).detach();
 * y.requiresGrad; // false
 */
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
/**
 * Another handle on the same memory, in the graph: `y[i] = x[i]`, and gradients flow back unchanged. A view.
 *
 * Shape: that of `x`, with its strides. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/tensor_view.html
 * @example
 * const x = tensor([1, 2]);
 * alias(x).fill_(5);
 * x.tolist(); // [5, 5]
 */
export const alias = (x: Tensor): Tensor => view(aliasOp, x, {});

/** A device, a dtype, or both: `"cpu"`, `"float16"`, `{ device: "cpu", dtype: "float16" }`. */
export type Placement = DType | string | PlacementOptions;
interface PlacementOptions {
  readonly dtype?: DType | undefined;
  readonly device?: string | undefined;
}
const placementKinds: Kinds<PlacementOptions> = { device: string, dtype: dtypeKind };
/** What a target means for `x`, and whether the device asked for can only hold it once converted. */
function resolve(x: Tensor, target: Placement): { backend: Backend; dtype: DType; convertFirst: boolean } {
  if (typeof target !== "string") checkOptions("to", placementKinds, target);
  checkTensor("to", "x", x);
  const { device, dtype = x.dtype } =
    typeof target !== "string"
      ? target
      : hasDevice(target)
        ? { device: target }
        : { dtype: checkDTypeOrDevice(target) };
  const backend = device === undefined ? x.backend : backendOf(device);
  return { backend, dtype, convertFirst: dtype !== x.dtype && !backend.dtypes.has(x.dtype) };
}
/**
 * `x` with another dtype, on another device, or both: `y[i] = dtype(x[i])`; `x` itself where it is so already. Gradients flow back through
 * it.
 *
 * Shape: that of `x`. Dtype: the one asked for, else that of `x`.
 *
 * @throws DeviceError when no such device is registered.
 * @throws DTypeError when the name is no dtype, or the device does not have it.
 * @throws UnavailableError for a transfer from a device that cannot be read synchronously: write `await x.toAsync("cpu")`. On "meta", which
 * has no values, it is a DataDependentError.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
 * @example
 * const x = tensor([1.5, 2]);
 * x.to("int32").tolist(); // [1, 2]
 * x.to({ device: "meta", dtype: "float64" }).dtype; // "float64"
 * x.to("float32") === x; // true
 */
export function to(x: Tensor, target: Placement): Tensor {
  const { backend, dtype, convertFirst } = resolve(x, target);
  return convertFirst ? transfer(toDType(x, dtype), backend) : toDType(transfer(x, backend), dtype);
}
/**
 * {@link to} that waits for the device; works from every device to every other. The values are those at the time of the call.
 *
 * @throws DataDependentError for values that "meta" does not have.
 * @example
 * import { tensor } from "flambeau";
 * console.log((await tensor([1, 2]).toAsync({ dtype: "int32" })).tolist()); // [1, 2]
 */
export async function toAsync(x: Tensor, target: Placement): Promise<Tensor> {
  const { backend, dtype, convertFirst } = resolve(x, target);
  const recording = context.gradEnabled;
  const source = convertFirst ? toDType(x, dtype) : x;
  if (source.backend === backend) return toDType(source, dtype);
  try {
    const bytes = bytesIn(await data(source));
    const finish = () => {
      const moved = transfer(source, backend, bytes);
      try {
        return toDType(moved, dtype);
      } finally {
        if (moved.dtype !== dtype) moved.dispose();
      }
    };
    return recording ? finish() : noGrad(finish);
  } finally {
    if (source !== x) source.dispose();
  }
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
/**
 * Writes `source`, broadcast and converted, into `target`: `target[i, j] = source[i, j]`. It comes from whichever device it is on.
 * Gradients flow back to `source`.
 *
 * Shapes: that of `source` broadcasts to that of `target`, which stays as it is, like its dtype. Returns `target`.
 *
 * @throws ShapeError when `source` does not broadcast to `target`.
 * @throws AutogradError while recording, when `target` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `target` share one place in memory (an expanded view).
 * @throws UnavailableError when `source` is on another device, which cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.copy_.html
 * @example
 * zeros([2, 3]).copy_(tensor([1, 2, 3])).tolist(); // [[1, 2, 3], [1, 2, 3]]
 * tensor([0], { dtype: "int32" }).copy_(tensor([2.7])).tolist(); // [2]
 */
export function copy_(target: Tensor, source: Tensor): Tensor {
  checkTensor("copy_", "target", target);
  checkTensor("copy_", "source", source);
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

export const fillOp: Op<{ readonly value: number | bigint }> = {
  name: "fill_",
  writes: [0],
  uniform: true,
  forward: ([target], { value }) => fillInto(target, value),
  vjp: (_, [g]) => [g && filledLike(g, g.shape, 0)],
};
/**
 * Sets every element to `value`, a number or a 0-d tensor: `target[i] = value`, in the target's dtype. The gradient of what was there is
 * 0; that of a tensor `value` flows to it.
 *
 * Shape: that of `target`, which is returned. Dtype: that of `target`; integers take `value` without its fraction.
 *
 * @throws ArgumentError when a number does not fit the dtype.
 * @throws DTypeError when `value` is no number, boolean, bigint or tensor.
 * @throws ShapeError when a tensor `value` has dimensions.
 * @throws AutogradError while recording, when `target` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError for a tensor `value` when several elements of `target` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
 * @example
 * const x = zeros([2, 3]);
 * x.select(1, 0).fill_(7);
 * x.tolist(); // [[7, 0, 0], [7, 0, 0]]
 */
export function fill_(target: Tensor, value: Tensor | Scalar): Tensor {
  checkTensor("fill_", "target", target);
  if (!(value instanceof Tensor))
    return applyInPlace(fillOp, target, [target], { value: element("fill_", value, target.dtype) });
  checkNoDims("fill_", value);
  return copy_(target, value);
}
/**
 * Sets every element to 0, as {@link fill_} does: `target[i] = 0`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.zero_.html
 * @example
 * tensor([1, 2]).zero_().tolist(); // [0, 0]
 */
export const zero_ = (target: Tensor): Tensor => fill_(target, 0);
