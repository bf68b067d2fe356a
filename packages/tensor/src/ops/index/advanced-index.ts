import type { ScatterMode } from "../../contract/backend.ts";
import type { View } from "../../contract/view.ts";
import { IndexError, ShapeError, showShape } from "../../core/errors.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { applyInPlace } from "../../door/write.ts";
import { broadcastShapes, sizeOf } from "../../layout/shapes.ts";
import { windowOn } from "../../layout/windows.ts";
import { runGather, runScatter } from "../../lower/machine.ts";
import { dense, freshCopy } from "../../lower/move.ts";
import { filledLike } from "../create/allocation.ts";
import { add, mul } from "../pointwise/arithmetic.ts";
import { broadcastTo, expand, reshape } from "../shape/view.ts";
import { wrapIndex } from "./index-values.ts";
import { truePlaces } from "./positions.ts";

// Index tensors for several dimensions at once, as in NumPy: they broadcast together, and their common shape takes the place of
// the dimensions they index (the first place when those are not neighbours).

const maskHint =
  'without reading: where(mask, a, b), maskedFill(x, mask, value), or sums weighted by mask.to("float32"); else await x.toAsync("cpu")';

/** Which dimensions are indexed, by tensors of one shape whose values are in range. */
export interface Plan {
  readonly dims: readonly number[];
  readonly indices: readonly Tensor[];
  /** Common shape of the index tensors. */
  readonly picked: readonly number[];
  /** Dimension of the result at which it stands. */
  readonly place: number;
}

/**
 * Reads index tensors, one for each dimension (null: all of it). A bool mask counts for as many dimensions as it has.
 *
 * @throws IndexError for too many, for masks of other sizes and for values out of range.
 */
export function planOf(op: string, x: Tensor, given: readonly (Tensor | null)[]): Plan {
  const dims: number[] = [];
  const raw: Tensor[] = [];
  let d = 0;
  for (const index of given) {
    if (index === null) d++;
    else if (index.dtype === "bool") {
      for (let i = 0; i < index.ndim; i++)
        if (index.shape[i] !== x.shape[d + i])
          throw new IndexError(
            op,
            `the mask ${showShape(index.shape)} does not match dimension ${d + i} of ${showShape(x.shape)}: sizes ${index.shape[i]} and ${x.shape[d + i] ?? "none"}`,
          );
      for (const row of truePlaces(op, index, x.device, maskHint)) {
        dims.push(d++);
        raw.push(row);
      }
    } else {
      if (d >= x.ndim) throw new IndexError(op, `too many indices for ${x.ndim} dimensions of ${showShape(x.shape)}`);
      raw.push(wrapIndex(op, index, x.shape[d]));
      dims.push(d++);
    }
  }
  if (d > x.ndim) throw new IndexError(op, `too many indices for ${x.ndim} dimensions of ${showShape(x.shape)}`);
  const picked = raw.reduce<readonly number[]>((shape, t) => broadcastShapes(op, shape, t.shape), []);
  const neighbours = dims.every((dim, i) => i === 0 || dim === dims[i - 1] + 1);
  return { dims, indices: raw, picked, place: neighbours ? (dims[0] ?? 0) : 0 };
}

type Attrs = Omit<Plan, "indices">;

/** The window of `x` in which one dimension stands for all indexed ones, and the position in it of each index: kernels take one index. */
function window(
  x: Tensor,
  indices: readonly Tensor[],
  { dims, picked, place }: Attrs,
): { view: View; index: View; drop: Tensor; sizes: number[] } {
  const rest = x.shape.map((_, i) => i).filter((i) => !dims.includes(i));
  const [before, behind] = [rest.slice(0, place), rest.slice(place)];
  const count = sizeOf(picked);
  const pick = (list: readonly number[], middle: number) => [
    ...before.map((d) => list[d]),
    middle,
    ...behind.map((d) => list[d]),
  ];
  // one indexed dimension keeps its own stride; several share one of step 1, and the index counts elements of memory
  const one = dims.length === 1;
  const span = one ? x.shape[dims[0]] : dims.reduce((n, d) => n + (x.shape[d] - 1) * x.strides[d], 0) + 1;
  const view = windowOn(x, pick(x.shape, span), pick(x.strides, one ? x.strides[dims[0]] : 1));
  const positions = one
    ? indices[0]
    : dims.reduce<Tensor | null>((sum, d, i) => combined(sum, indices[i], x.strides[d]), null);
  const flat = packedTo(positions as Tensor, picked); // there is at least one index
  if (!one) (positions as Tensor).dispose();
  const sizes = pick(x.shape, count);
  const index = windowOn(
    flat,
    sizes,
    sizes.map((_, i) => (i === place ? 1 : 0)),
  );
  return { view, index, drop: flat, sizes };
}
function combined(sum: Tensor | null, index: Tensor, stride: number): Tensor {
  if (sum === null) return mul(index, stride);
  const out = add(sum, index, { alpha: stride });
  sum.dispose();
  return out;
}
/** A contiguous handle of our own on the index values, broadcast to `shape`. */
function packedTo(index: Tensor, shape: readonly number[]): Tensor {
  const wide = expand(index, shape);
  const packed = dense(wide);
  if (packed !== wide) wide.dispose();
  return packed;
}
const rowMajor = (out: Tensor, shape: readonly number[]): View => {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * (shape[i + 1] || 1);
  return windowOn(out, shape, strides);
};

export const resultShape = (x: readonly number[], { dims, picked, place }: Attrs): number[] => {
  const rest = x.filter((_, i) => !dims.includes(i));
  return [...rest.slice(0, place), ...picked, ...rest.slice(place)];
};

export const pickOp: Op<Attrs> = {
  name: "index",
  forward([x, ...indices], attrs) {
    const out = empty(x.backend, x.dtype, resultShape(x.shape, attrs));
    if (out.size === 0) return out;
    const { view, index, drop, sizes } = window(x, indices, attrs);
    runGather(x, view, index, rowMajor(out, sizes), attrs.place);
    drop.dispose();
    return out;
  },
  save: ([, ...indices]) => indices,
  vjp({ attrs, saved, shapes }, [g]) {
    if (!g) return shapes.map(() => null);
    return [applyOne(accumulating.copied, [filledLike(g, shapes[0], 0), g, ...saved], attrs)];
  },
};

interface Placing {
  readonly copied: Op<Attrs>;
  readonly inPlace: Op<Attrs>;
}
/** Writes inputs[1], of the shape that indexing gives, at the indexed elements of inputs[0]. */
function placing(
  name: string,
  mode: ScatterMode,
  target: (g: Tensor, indices: readonly Tensor[], attrs: Attrs) => Tensor,
): Placing {
  const write = (x: Tensor, values: Tensor, indices: readonly Tensor[], attrs: Attrs): Tensor => {
    if (values.size === 0) return x;
    const { view, index, drop, sizes } = window(x, indices, attrs);
    const source = dense(values);
    runScatter(x, mode, view, index, rowMajor(source, sizes), attrs.place);
    drop.dispose();
    if (source !== values) source.dispose();
    return x;
  };
  const rule: Pick<Op<Attrs>, "save" | "vjp"> = {
    save: ([, , ...indices]) => indices,
    vjp({ attrs, saved, needs }, [g]) {
      if (!g) return needs.map(() => null);
      return [needs[0] ? target(g, saved, attrs) : null, needs[1] ? applyOne(pickOp, [g, ...saved], attrs) : null];
    },
  };
  return {
    copied: { ...rule, name, forward: ([x, values, ...indices], attrs) => write(freshCopy(x), values, indices, attrs) },
    inPlace: {
      ...rule,
      name: `${name}_`,
      writes: [0],
      forward: ([x, values, ...indices], attrs) => write(x, values, indices, attrs),
    },
  };
}
export const accumulating = placing("indexPutAdd", "add", (g) => g);
export const replacing: Placing = placing("indexPut", "set", (g, indices, attrs) => {
  const zeros = expand(filledLike(g, [], 0), resultShape(g.shape, attrs));
  return applyOne(replacing.copied, [g, zeros, ...indices], attrs);
});

const attrsOf = ({ dims, picked, place }: Plan): Attrs => ({ dims, picked, place });
/** The elements that a plan picks. */
export const pick = (x: Tensor, plan: Plan): Tensor => applyOne(pickOp, [x, ...plan.indices], attrsOf(plan));
/** `values` (which broadcasts) at the elements that a plan picks, in a copy of `x` or in `x` itself. */
export function place(
  op: string,
  x: Tensor,
  plan: Plan,
  values: Tensor,
  options: { readonly accumulate: boolean; readonly inPlace: boolean },
): Tensor {
  const shape = resultShape(x.shape, plan);
  const extra = values.ndim - shape.length;
  const given =
    extra > 0 && values.shape.slice(0, extra).every((s) => s === 1)
      ? reshape(values, values.shape.slice(extra))
      : values;
  if (given.ndim > shape.length || given.shape.some((s, i) => s !== 1 && s !== shape[i + shape.length - given.ndim]))
    throw new ShapeError(
      op,
      `values ${showShape(values.shape)} do not broadcast to the indexed elements ${showShape(shape)}`,
      [values.shape, shape],
    );
  const source = toDType(broadcastTo(given, shape), x.dtype);
  const ops = options.accumulate ? accumulating : replacing;
  if (!options.inPlace) return applyOne(ops.copied, [x, source, ...plan.indices], attrsOf(plan));
  return applyInPlace(ops.inPlace, x, [x, source, ...plan.indices], attrsOf(plan));
}
