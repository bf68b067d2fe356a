import { asStrided, clone, copy_, fill_, type Layout, type Op, type Tensor } from "@flambeau/tensor/functional";

/**
 * An in-place op on a view, seen as an op on the view's base: inside the window the op's own gradient applies, outside the
 * gradient passes through. The base is row-major, so the window is the same on its gradient.
 */
export function sliceWrite(inner: Op, { shape, strides, offset }: Layout): Op {
  return {
    name: inner.name,
    forward: ([base]) => base,
    vjp(ctx, [g]) {
      if (g === null || g === undefined) return ctx.needs.map(() => null);
      const whole = g.rowMajor ? g : clone(g);
      const window = asStrided(whole, shape, strides, whole.offset + offset);
      const vjp = inner.vjp as NonNullable<Op["vjp"]>; // only ops with a rule are recorded
      const grads = vjp.call(inner, { ...ctx, shapes: [shape, ...ctx.shapes.slice(1)] }, [window]);
      let base: Tensor | null = null;
      if (ctx.needs[0]) {
        base = clone(whole);
        const inside = asStrided(base, shape, strides, base.offset + offset);
        if (grads[0]) copy_(inside, grads[0]);
        else fill_(inside, 0);
      }
      return [base, ...grads.slice(1)];
    },
  };
}
