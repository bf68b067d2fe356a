import { ops } from "@flambeau/tensor/ops";
import { contiguousStrides, type Layout, sizeOf, type ViewOp } from "@flambeau/tensor/plugin";
import type { Builder } from "./builder.ts";

// Views in a program whose values never change: what shows another tensor's memory is made of it anew after each write, and a write
// into a view becomes a copy of its source with the new elements in their place.

/** A way from a tensor to one that shows its memory. */
export interface Step {
  readonly op: ViewOp<object>;
  readonly attrs: object;
}

/** A window on a row-major tensor of `shape`, as steps: another order of its dimensions where it is no more than that. */
export function stepsTo(shape: readonly number[], { shape: seen, strides, offset }: Layout): Step[] {
  const whole = contiguousStrides(shape);
  if (offset === 0 && seen.length === shape.length) {
    const free = new Set(shape.keys());
    const dims = seen.map((size, i) => {
      const d = [...free].find((j) => shape[j] === size && (size === 1 || whole[j] === strides[i]));
      if (d !== undefined) free.delete(d);
      return d;
    });
    if (!dims.includes(undefined))
      return dims.every((d, i) => d === i) ? [] : [{ op: ops.permute as ViewOp<object>, attrs: { dims } }];
  }
  return [{ op: ops.asStrided as ViewOp<object>, attrs: { shape: seen, strides, offset } }];
}

/** The shape that a view of a tensor of `shape` has. */
const shapeAfter = ({ op, attrs }: Step, shape: readonly number[]): readonly number[] =>
  op.rule.layout({ shape, strides: contiguousStrides(shape), offset: 0, size: sizeOf(shape) }, attrs).shape;

/** Adds the view of a value. */
export function emitView(builder: Builder, step: Step, source: string): string {
  const { shape, dtype } = builder.value(source);
  return builder.call(step.op, [source], step.attrs, [{ shape: shapeAfter(step, shape), dtype }])[0];
}

/** Adds what `source` is once its view by `step` is `part`. */
export function emitInverse(builder: Builder, { op, attrs }: Step, source: string, part: string): string {
  const before = builder.value(source);
  const call = (by: keyof typeof ops, inputs: readonly string[], given: object, shape = before.shape): string =>
    builder.call(ops[by], inputs, given, [{ shape, dtype: before.dtype }])[0];
  switch (op.name) {
    case "alias":
    case "detach":
      return part;
    case "view":
      return call("view", [part], { shape: before.shape });
    case "permute": {
      const { dims } = attrs as { dims: readonly number[] };
      return call("permute", [part], { dims: dims.map((_, i) => dims.indexOf(i)) });
    }
    case "expand":
      return unexpand(builder, before.shape, part);
    case "select":
      return call("selectScatter", [source, part], attrs);
    case "slice": {
      const { dim, start, length, step } = attrs as { dim: number; start: number; length: number; step: number };
      return call("sliceScatter", [source, part], { dim, start, end: start + (length - 1) * step + 1, step });
    }
    case "diagonal":
      return call("diagonalScatter", [source, part], attrs);
    default: {
      const strides = contiguousStrides(before.shape);
      const window = op.rule.layout({ shape: before.shape, strides, offset: 0, size: sizeOf(before.shape) }, attrs);
      return call("asStridedScatter", [source, part], window);
    }
  }
}

/** Of elements that showed one place, which all were given one value, the first. */
function unexpand(builder: Builder, shape: readonly number[], part: string): string {
  let at = part;
  const emit = (op: keyof typeof ops, attrs: object): void => {
    at = emitView(builder, { op: ops[op] as unknown as ViewOp<object>, attrs }, at);
  };
  for (let lead = builder.value(part).shape.length - shape.length; lead > 0; lead--)
    emit("select", { dim: 0, index: 0 });
  shape.forEach((size, dim) => {
    if (size !== builder.value(at).shape[dim]) emit("slice", { dim, start: 0, length: size, step: 1 });
  });
  return at;
}
