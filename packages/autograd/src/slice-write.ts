import {
  asStrided,
  clone,
  copy_,
  emptyOn,
  fill_,
  type Layout,
  noGrad,
  type Op,
  type Tensor,
  ViewOp,
} from "@flambeau/tensor/functional";

/** How a base lies in memory. `rowMajor` ones are their own picture: a window on them is the same window on their gradient. */
export interface Ground {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly rowMajor: boolean;
}

/** Elements from a tensor's first to its last one in memory. */
const spanOf = ({ shape, strides }: Ground): number =>
  shape.includes(0) ? 0 : shape.reduce((n, s, d) => n + (s - 1) * strides[d], 1);

/** `g`, which has the ground's shape, in memory laid out as the ground is; the first element lies at the result's offset. */
function onGround(g: Tensor, ground: Ground): Tensor {
  if (ground.rowMajor) return g.rowMajor ? g : clone(g);
  const memory = noGrad(() => fill_(emptyOn(g.backend, g.dtype, [spanOf(ground)]), 0));
  copy_(asStrided(memory, ground.shape, ground.strides, 0), g);
  return memory;
}
/** The inverse of {@link onGround}. */
const offGround = (memory: Tensor, ground: Ground): Tensor =>
  ground.rowMajor ? memory : asStrided(memory, ground.shape, ground.strides, memory.offset);

/** The memory under a base that is not row-major, as one dimension: windows on the base are windows on it. */
export const memoryOp = new ViewOp<{ readonly ground: Ground }>({
  name: "memory",
  layout: (x, { ground }) => ({ shape: [spanOf(ground)], strides: [1], offset: x.offset }),
  vjp: (g, { ground }) => offGround(g.rowMajor ? g : clone(g), ground),
});

/**
 * An in-place op on a view, seen as an op on the view's base: inside the window the op's own gradient applies, outside the
 * gradient passes through. The window's offset counts from the base's first element.
 */
export function sliceWrite(inner: Op, { shape, strides, offset }: Layout, ground: Ground): Op {
  return {
    name: inner.name,
    forward: ([base]) => base,
    vjp(ctx, [g]) {
      if (g === null || g === undefined) return ctx.needs.map(() => null);
      const whole = onGround(g, ground);
      const window = asStrided(whole, shape, strides, whole.offset + offset);
      const vjp = inner.vjp as NonNullable<Op["vjp"]>; // only ops with a rule are recorded
      const grads = vjp.call(inner, { ...ctx, shapes: [shape, ...ctx.shapes.slice(1)] }, [window]);
      let base: Tensor | null = null;
      if (ctx.needs[0]) {
        const memory = clone(whole);
        const inside = asStrided(memory, shape, strides, memory.offset + offset);
        if (grads[0]) copy_(inside, grads[0]);
        else fill_(inside, 0);
        base = offGround(memory, ground);
      }
      return [base, ...grads.slice(1)];
    },
  };
}
