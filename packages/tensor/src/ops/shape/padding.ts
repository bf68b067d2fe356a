import { element, type Scalar } from "../../core/element.ts";
import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, numeral, oneOf, orNull } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkIntegers } from "../../layout/integers.ts";
import { countElements } from "../../layout/shapes.ts";
import { runGather } from "../../lower/machine.ts";
import { copyInto, fillInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import { clone } from "../create/copy.ts";
import { gatherOp, takeAt, takeTied } from "../index/scattering.ts";
import { expand, narrow } from "./view.ts";

export interface Attrs {
  /** Elements before and behind each dimension; not negative. */
  readonly before: readonly number[];
  readonly behind: readonly number[];
  readonly value: number | bigint;
}
export const padOp: Op<Attrs> = {
  name: "constantPadNd",
  forward([x], { before, behind, value }) {
    const out = empty(
      x.backend,
      x.dtype,
      x.shape.map((s, d) => before[d] + s + behind[d]),
    );
    fillInto(out, value);
    const inside = viewOf(
      out,
      x.shape,
      out.strides,
      before.reduce((at, n, d) => at + n * out.strides[d], 0),
    );
    copyInto(inside, x);
    inside.dispose();
    return out;
  },
  vjp: ({ attrs: { before }, shapes: [shape] }, [g]) => [
    g && before.reduce((part, n, d) => narrow(part, d, n, shape[d]), g),
  ],
};

/** Padding of each dimension from PyTorch's list: pairs from the last dimension on. */
function pairs(op: string, x: Tensor, padding: readonly number[]): [number, number][] {
  checkIntegers(op, "padding", padding);
  if (padding.length % 2 !== 0 || padding.length > 2 * x.ndim)
    throw new ArgumentError(
      op,
      `padding must be pairs of integers for the last dimensions, got [${padding.join(",")}] for shape ${showShape(x.shape)}`,
      "[left, right, top, bottom] pads the last two dimensions",
    );
  return x.shape.map((s, d) => {
    const i = 2 * (x.ndim - 1 - d);
    const [before, behind] = i < padding.length ? [padding[i], padding[i + 1]] : [0, 0];
    if (before + s + behind < 0)
      throw new ShapeError(
        op,
        `padding ${before} and ${behind} leave less than nothing of dimension ${d} of ${showShape(x.shape)}`,
        [x.shape],
      );
    return [before, behind];
  });
}

/**
 * {@link pad} with a constant: `y[i] = x[i - before]` inside of `x`, else `value`. Negative padding crops.
 *
 * @example
 * constantPadNd(tensor([1, 2, 3]), [-1, 2], 9).tolist(); // [2, 3, 9, 9]
 */
export function constantPadNd(x: Tensor, padding: readonly number[], value: Scalar = 0): Tensor {
  checkTensor("constantPadNd", "x", x);
  const filling = element("pad", value, x.dtype);
  const sizes = pairs("constantPadNd", x, padding);
  let part = x;
  sizes.forEach(([before, behind], d) => {
    const cut = Math.max(0, -before);
    if (before < 0 || behind < 0) {
      const length = Math.max(0, x.shape[d] - cut - Math.max(0, -behind));
      part = narrow(part, d, Math.min(cut, x.shape[d] - length), length);
    }
  });
  // a crop beyond the far edge takes from the other side's padding
  const grown = sizes.map(([before, behind], d) => {
    const total = before + x.shape[d] + behind - part.shape[d];
    const left = Math.min(Math.max(0, before), total);
    return [left, total - left];
  });
  if (grown.every(([a, b]) => a === 0 && b === 0)) return part === x ? clone(x) : clone(part);
  return applyOne(padOp, [part], { before: grown.map(([a]) => a), behind: grown.map(([, b]) => b), value: filling });
}

interface ContinuedAttrs {
  readonly dim: number;
  /** Elements before the line itself, which follows as a whole. */
  readonly before: number;
}
/** `gather` of lines that are continued at both ends: what lies between is copied. */
const continued: Op<ContinuedAttrs> = {
  ...gatherOp,
  forward([x, index], { dim, before }) {
    const out = empty(x.backend, x.dtype, index.shape);
    if (out.size === 0) return out;
    const n = x.shape[dim];
    const part = (of: Tensor, start: number, length: number): Tensor =>
      viewOf(
        of,
        of.shape.map((size, d) => (d === dim ? length : size)),
        of.strides,
        of.offset + start * of.strides[dim],
      );
    const inside = part(out, before, n);
    copyInto(inside, x);
    inside.dispose();
    for (const [start, end] of [
      [0, before],
      [before + n, index.shape[dim]],
    ]) {
      if (start === end) continue;
      const [places, target] = [part(index, start, end - start), part(out, start, end - start)];
      runGather(x, x, places, target, dim);
      places.dispose();
      target.dispose();
    }
    return out;
  },
};
const continuedTied: Op<ContinuedAttrs> = { ...continued, tied: true };

/** The source positions of one padded dimension. */
const sources = {
  reflect(position: number, size: number) {
    const inside = position < 0 ? -position : position;
    return inside >= size ? 2 * (size - 1) - inside : inside;
  },
  replicate: (position: number, size: number) => Math.min(Math.max(position, 0), size - 1),
  circular: (position: number, size: number) => ((position % size) + size) % size,
} as const;

/** What {@link pad} puts around a tensor. */
export interface PadOptions {
  /** What the new elements are (default "constant"). */
  readonly mode?: "constant" | "reflect" | "replicate" | "circular" | undefined;
  /** What constant padding is made of (default 0). */
  readonly value?: number | bigint | null | undefined;
}
const padNames = {
  constant: "constantPad",
  reflect: "reflectionPad",
  replicate: "replicationPad",
  circular: "circularPad",
} as const;
const padKinds: Kinds<PadOptions> = {
  mode: oneOf("constant", "reflect", "replicate", "circular"),
  value: orNull(numeral),
};
/**
 * `x` with more elements around it: `y[i] = x[i - before]` inside of `x`. The list `padding` has pairs (before, behind) from the last
 * dimension on. The new elements are a constant, or `x` mirrored at its edges without repeating them (reflect), its edge elements
 * (replicate), or `x` continued from the other side (circular). Negative padding crops.
 *
 * Shape: each padded size becomes `before + size + behind`. Dtype: that of `x`.
 *
 * @throws ArgumentError when mirrored or circular padding is larger than what there is to take from, when `padding` is no list of pairs of
 * integers for the last dimensions, and when a mode but "constant" gets a `value`.
 * @throws ShapeError when a crop leaves less than nothing.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 * @example
 * import { pad, tensor } from "@flambeau/tensor";
 * console.log(pad(tensor([1, 2, 3]), [1, 2]).tolist()); // [0, 1, 2, 3, 0, 0]
 * console.log(pad(tensor([[1, 2, 3]]), [2, 0], { mode: "reflect" }).tolist()); // [[3, 2, 1, 2, 3]]
 * console.log(pad(tensor([1, 2, 3]), [1, 1], { mode: "circular" }).tolist()); // [3, 1, 2, 3, 1]
 * console.log(pad(tensor([[1, 2]]), [0, 0, 1, 0], { value: 9 }).tolist()); // [[9, 9], [1, 2]]
 */
export function pad(x: Tensor, padding: readonly number[], options: PadOptions = none): Tensor {
  if (unscoped()) return scoped(pad, x, padding, options);
  checkOptions("pad", padKinds, options);
  checkTensor("pad", "x", x);
  const { mode = "constant" } = options;
  const whole = wholeBy(padNames[mode], x);
  if (whole !== null) return whole(pad, [x, padding, options]);
  if (mode === "constant") return constantPadNd(x, padding, options.value ?? 0);
  if (options.value !== undefined && options.value !== null && options.value !== 0)
    throw new ArgumentError("pad", `${mode} padding takes no value, got ${options.value}`);
  const [take, continueBy] = mode === "circular" ? [takeAt, continued] : [takeTied, continuedTied];
  let out = x;
  pairs("pad", x, padding).forEach(([before, behind], d) => {
    if (before === 0 && behind === 0) return;
    const n = x.shape[d];
    const most = mode === "reflect" ? n - 1 : mode === "circular" ? n : Infinity;
    if (before > most || behind > most || n === 0)
      throw new ArgumentError(
        "pad",
        `${mode} padding ${before} and ${behind} is more than dimension ${d} of size ${n} has to give (${most} at most)`,
      );
    const size = countElements([before + n + behind], "pad");
    // a crop comes first where the rest is continued
    const start = mode === "circular" ? Math.max(0, -before) : 0;
    const period = mode === "circular" ? n - start - Math.max(0, -behind) : n;
    const index = Int32Array.from({ length: size }, (_, i) => start + sources[mode](i - before - start, period));
    const rows = fromValues(
      "pad",
      index,
      out.shape.map((_, i) => (i === d ? size : 1)),
      { dtype: "int32", device: x.device },
    );
    const places = expand(
      rows,
      out.shape.map((s, i) => (i === d ? size : s)),
    );
    out = before >= 0 && behind >= 0 ? applyOne(continueBy, [out, places], { dim: d, before }) : take(out, d, places);
  });
  return out === x ? clone(x) : out;
}
