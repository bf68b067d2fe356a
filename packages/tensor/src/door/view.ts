import { context } from "../core/context.ts";
import { checkTensor, type Tensor, viewOf } from "../core/tensor.ts";
import { sizeOf } from "../layout/shapes.ts";
import { records, tracer } from "./interpreter.ts";
import type { Op, VjpContext } from "./op.ts";
import { applyOne } from "./run.ts";
import { interpret } from "./stack.ts";

/** Where a view's elements lie in its source's storage. */
export interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The part of a tensor that a view op's layout rule looks at. */
export interface Strided extends Layout {
  readonly size: number;
}

export interface ViewRule<A extends object> {
  readonly name: string;
  /** The layout of the view, or an error when the arguments do not fit. */
  layout(x: Strided, attrs: A): Layout;
  /** Gradient of the result to gradient of the source. Default: the gradient is laid into zeros through the same layout. */
  vjp?(g: Tensor, attrs: A, shape: readonly number[]): Tensor;
  /** True when several elements of the view can share one of the source, so that their gradients add up. */
  readonly overlaps?: boolean;
}

const firstOfFirst = [[0, 0]] as const;

/** A view op: a layout rule and its gradient. No data moves. */
export class ViewOp<A extends object> implements Op<A> {
  readonly name: string;
  readonly rule: ViewRule<A>;
  /** Lays a gradient into zeros of the source's shape. */
  readonly backward: Op<Embedding<A>>;

  constructor(rule: ViewRule<A>) {
    this.name = rule.name;
    this.rule = rule;
    this.backward = {
      name: `${rule.name}Backward`,
      forward: ([g], { shape, attrs }) => embed(rule, g, shape, attrs),
      vjp: ({ attrs: { attrs } }, [gg]) => [view(this, gg as Tensor, attrs)],
    };
  }

  get aliases(): readonly (readonly [number, number])[] {
    return firstOfFirst;
  }
  call(inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
    return [view(this, inputs[0], attrs)];
  }

  forward(inputs: readonly Tensor[], attrs: A): Tensor {
    const x = inputs[0];
    const { shape, strides, offset } = this.rule.layout(x, attrs);
    return viewOf(x, shape, strides, offset, this.name);
  }

  vjp({ attrs, shapes }: VjpContext<A>, [g]: readonly (Tensor | null)[]): (Tensor | null)[] {
    return [g === null ? null : this.adjoint(g, attrs, shapes[0])];
  }

  /** The gradient of a source of `shape` from the view's. */
  adjoint(g: Tensor, attrs: A, shape: readonly number[]): Tensor {
    return this.rule.vjp ? this.rule.vjp(g, attrs, shape) : applyOne(this.backward, [g], { shape, attrs });
  }
}

interface Embedding<A> {
  readonly shape: readonly number[];
  readonly attrs: A;
}

let embed: <A extends object>(rule: ViewRule<A>, g: Tensor, shape: readonly number[], attrs: A) => Tensor = () => {
  throw new Error("ops/view.ts is not loaded");
};
/** Set by ops/view.ts, which has the ops that it takes (this file stands below them). */
export const setEmbed = (f: typeof embed): void => {
  embed = f;
};

/** Makes the view and, when a tracer wants it, records it. */
export function view<A extends object>(op: ViewOp<A>, x: Tensor, attrs: A): Tensor {
  checkTensor(op.name, "x", x);
  if (context.stack !== null) return interpret(op, [x], attrs, callView)[0];
  void x.buffer; // a view of a disposed tensor fails here, not at its first use
  const out = op.forward([x], attrs);
  link(op, x, attrs, out);
  return out;
}

const callView = <A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] => [
  view(op as ViewOp<A>, inputs[0], attrs), // only view ops are given to it
];

/** Makes `out`, a fresh view of `x`, known to the graph. */
export function link<A extends object>(op: ViewOp<A>, x: Tensor, attrs: A, out: Tensor): void {
  linkBase(x, out);
  const recorder = tracer();
  if (recorder !== null && records([x])) recorder.recordView(op, x, attrs, out);
}

/** An op that gives several views of its one input, as one node of the graph. */
export interface SeveralViews<A extends object> extends Op<A> {
  forward(inputs: readonly Tensor[], attrs: A): Tensor[];
}
export function severalViews<A extends object>(
  rule: Pick<SeveralViews<A>, "name" | "forward" | "vjp">,
): SeveralViews<A> {
  const op: SeveralViews<A> = {
    ...rule,
    aliases: "each",
    call: (inputs, attrs) => viewsBy(op, inputs[0], attrs),
  };
  return op;
}
/** {@link view} for an op with several results. Not through the door, which gives results memory of their own. */
export function viewsBy<A extends object>(op: SeveralViews<A>, x: Tensor, attrs: A): Tensor[] {
  if (context.stack !== null)
    return [...interpret(op, [x], attrs, (_, inputs, given) => viewsBy(op, inputs[0], given))];
  void x.buffer;
  const out = op.forward([x], attrs);
  for (const part of out) linkBase(x, part);
  if (records([x])) tracer()?.record(op, [x], attrs, out);
  return out;
}

/** Tells in-place writes to `out` whose memory it shows. */
export function linkBase(x: Tensor, out: Tensor): void {
  out.base = x.base ?? x;
  out.graphVersion = out.base.graphVersion;
}

/**
 * Strides that give `shape` to elements laid out as (oldShape, oldStrides) without moving them; null when that is impossible.
 * Each run of old dimensions that steps evenly is split into new ones.
 */
export function viewStrides(
  oldShape: readonly number[],
  oldStrides: readonly number[],
  shape: readonly number[],
): number[] | null {
  const strides = new Array<number>(shape.length);
  if (sizeOf(oldShape) === 0) {
    for (let i = shape.length - 1, step = 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(shape[i], 1);
    }
    return strides;
  }
  let d = shape.length - 1;
  let chunk = 1; // elements of the current run of old dimensions
  let covered = 1; // of which the new dimensions so far cover
  let base = oldStrides.length > 0 ? oldStrides[oldStrides.length - 1] : 1;
  for (let o = oldShape.length - 1; o >= 0; o--) {
    chunk *= oldShape[o];
    if (o === 0 || (oldShape[o - 1] !== 1 && oldStrides[o - 1] !== chunk * base)) {
      while (d >= 0 && (covered < chunk || shape[d] === 1)) {
        strides[d] = covered * base;
        covered *= shape[d];
        d--;
      }
      if (covered !== chunk) return null;
      if (o > 0) {
        base = oldStrides[o - 1];
        chunk = 1;
        covered = 1;
      }
    }
  }
  while (d >= 0) {
    strides[d] = covered * base;
    d--;
  }
  return strides;
}
