import { asStrided, clone, contiguous, copy_, fill_, type Tensor, zeros } from "@flambeau/tensor/functional";
import { asStridedOp, type Ground, type Layout, memoryOp, type Op } from "@flambeau/tensor/plugin";

/** `g`, a gradient of a base, laid on the base's ground. */
const onGround = (g: Tensor, ground: Ground | null): Tensor =>
  ground === null
    ? contiguous(g)
    : asStridedOp.adjoint(g, { shape: ground.shape, strides: ground.strides, offset: -ground.low }, [ground.length]);
/** The gradient of the base that a gradient of its ground gives. */
const offGround = (memory: Tensor, ground: Ground | null): Tensor =>
  ground === null ? memory : memoryOp.adjoint(memory, ground, ground.shape);

/** An in-place op without a gradient rule: its result depends on nothing, so that what it overwrote gets a gradient of zeros. */
export const erasing = ({ name, title, forward }: Op): Op => ({
  name,
  ...(title !== undefined && { title }),
  forward,
  vjp: ({ needs }, [g]) =>
    needs.map((needed, i) => (i === 0 && needed && g ? zeros(g.shape, { dtype: g.dtype, device: g.device }) : null)),
});

/**
 * An in-place op on a view, seen as an op on the view's base: inside the window the op's own gradient applies, outside the
 * gradient passes through. The window's offset counts from the base's first element.
 */
export function sliceWrite(inner: Op, { shape, strides, offset }: Layout, ground: Ground | null): Op {
  const at = offset - (ground?.low ?? 0);
  return {
    name: inner.name,
    ...(inner.title !== undefined && { title: inner.title }),
    forward: ([base]) => base,
    vjp(ctx, [g]) {
      if (g === null || g === undefined) return ctx.needs.map(() => null);
      const whole = onGround(g, ground);
      const window = asStrided(whole, shape, strides, whole.offset + at);
      const vjp = inner.vjp as NonNullable<Op["vjp"]>; // only ops with a rule are recorded
      const grads = vjp.call(inner, { ...ctx, shapes: [shape, ...ctx.shapes.slice(1)] }, [window]);
      let base: Tensor | null = null;
      if (ctx.needs[0]) {
        const memory = clone(whole);
        const inside = asStrided(memory, shape, strides, memory.offset + at);
        if (grads[0]) copy_(inside, grads[0]);
        else fill_(inside, 0);
        base = offGround(memory, ground);
      }
      return [base, ...grads.slice(1)];
    },
  };
}
