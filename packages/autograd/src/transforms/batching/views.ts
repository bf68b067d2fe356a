import { reshape } from "@flambeau/tensor/functional";
import {
  applyView,
  asStridedOp,
  groundOf,
  type Layout,
  memoryOp,
  type Op,
  sizeOf,
  type ViewOp,
} from "@flambeau/tensor/plugin";
import type { BatchCall, BatchRule } from "./call.ts";
import { batches, batchOf, shifted } from "./lanes.ts";

// Views: their dimensions shift by one; any other has its layout on a sample, which the batch has once for each.

interface Dim {
  readonly dim: number;
}
interface Shape {
  readonly shape: readonly number[];
}

/** How the attributes of a view of a sample become those of the batch. */
const attrsOf = {
  alias: (attrs: object) => attrs,
  detach: (attrs: object) => attrs,
  diagonal: (attrs: { readonly dim1: number; readonly dim2: number; readonly offset: number }) => ({
    ...attrs,
    dim1: shifted(attrs.dim1),
    dim2: shifted(attrs.dim2),
  }),
  permute: ({ dims }: { readonly dims: readonly number[] }) => ({ dims: [0, ...dims.map(shifted)] }),
  select: withDim,
  slice: withDim,
  split: withDim,
  unbind: withDim,
  unfold: withDim,
  view: withShape,
} as const;
function withDim<A extends Dim>(attrs: A): A {
  return { ...attrs, dim: shifted(attrs.dim) };
}
function withShape<A extends Shape>(attrs: A, size: number): A {
  return { ...attrs, shape: [size, ...attrs.shape] };
}

type Shift = (attrs: never, size: number) => object;
const shifting =
  (shift: Shift): BatchRule =>
  (call) => {
    const { lanes, attrs, size, next, samples } = call;
    // a sample without dimensions counts as having one where it is unfolded
    if (samples[0].ndim === 0 && (attrs as { readonly dim?: number }).dim !== undefined) return viewRule(call);
    return next([lanes[0].value], shift(attrs as never, size));
  };

/** The gradient kernels of views lay a gradient into zeros of the source's shape. */
const embedding =
  (shift: Shift): BatchRule<{ readonly shape: readonly number[]; readonly attrs: object }> =>
  (call) => {
    const { attrs, size, next } = call;
    const own = shift(attrs.attrs as never, size);
    if (attrs.shape.length > 0 || !("dim" in own))
      return next(batches(call), { shape: [size, ...attrs.shape], attrs: own });
    const [g] = batches(call);
    return next([reshape(g, [size, 1, ...g.shape.slice(1)])], { shape: [size, 1], attrs: own }).map((t) =>
      reshape(t, [size]),
    );
  };

const each = Object.entries(attrsOf) as [name: string, shift: Shift][]; // a shift takes the attributes of its view

/** An expanded sample: the dimensions that are put in front of it stand behind the batch. */
const expand: BatchRule<Shape> = ({ lanes, attrs, size, next, samples }) => {
  const { value } = lanes[0];
  const fill = attrs.shape.length - samples[0].ndim;
  if (fill === 0) return next([value], { shape: [size, ...attrs.shape] });
  const strides = [value.strides[0], ...new Array<number>(fill).fill(0), ...value.strides.slice(1)];
  const shape = [size, ...new Array<number>(fill).fill(1), ...value.shape.slice(1)];
  const raised = applyView(asStridedOp, value, { shape, strides, offset: 0 });
  return next([raised], { shape: [size, ...attrs.shape] });
};

/** A window on the source's elements in row-major order: each sample has its own. */
const stridedEmbedding: BatchRule<{ readonly shape: readonly number[]; readonly attrs: Layout }> = (call) => {
  const { attrs, size, next } = call;
  const { shape, strides, offset } = attrs.attrs;
  const window = { shape: [size, ...shape], strides: [sizeOf(attrs.shape), ...strides], offset };
  return next(batches(call), { shape: [size, ...attrs.shape], attrs: window });
};

/** The first input, which depends on the others as far as a graph goes. */
const slopeless: BatchRule = ({ lanes: [x, ...others], size, next }) =>
  next([batchOf(x, size), ...others.map((lane) => lane.value)]);

export const viewRules = {
  ...Object.fromEntries(
    each.flatMap(([name, shift]) => [
      [name, shifting(shift)],
      [`${name}Backward`, embedding(shift)],
    ]),
  ),
  asStridedBackward: stridedEmbedding,
  expand,
  slopeless,
} as const;

/** Any other view: the layout that it has of a sample, with the batch in front. */
export const viewRule: BatchRule = (call) => {
  const { op, attrs, samples, lanes, size } = call as BatchCall;
  const { value } = lanes[0];
  const { rule } = op as Op as ViewOp<object>; // the other kinds of views have rules of their own
  const { shape, strides, offset } = rule.layout(samples[0], attrs);
  const step = size > 1 ? value.strides[0] : 0;
  const window: Layout = { shape: [size, ...shape], strides: [step, ...strides], offset: offset - samples[0].offset };
  const ground = groundOf(value, window);
  if (ground === null) return [applyView(asStridedOp, value, window)];
  const memory = applyView(memoryOp, value, ground);
  return [applyView(asStridedOp, memory, { ...window, offset: window.offset - ground.low })];
};
