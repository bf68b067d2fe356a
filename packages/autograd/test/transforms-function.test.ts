import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { Function, type FunctionContext, grad, jvp, vmap } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

/** exp(x) * y * factor, which saves its input and its result. */
class Growth extends Function {
  static forward(ctx: FunctionContext, x: Tensor, y: Tensor, factor: number): Tensor {
    const out = x.exp().mul(y).mul(factor);
    ctx.saveForBackward(x, out);
    ctx.factor = factor;
    return out;
  }
  static backward(ctx: FunctionContext, g: Tensor): (Tensor | null)[] {
    const [x, out] = ctx.savedTensors;
    return [g.mul(out), g.mul(x.exp()).mul(ctx.factor as number), null];
  }
}
/** Both results of a rotation; the gradient is written for one sample. */
class Turn extends Function {
  static forward(ctx: FunctionContext, x: Tensor, y: Tensor, angle: Tensor): [Tensor, Tensor] {
    ctx.parts = { cos: angle.cos(), sin: angle.sin() };
    ctx.saveForBackward(x, y, angle);
    return [x.mul(angle.cos()).sub(y.mul(angle.sin())), x.mul(angle.sin()).add(y.mul(angle.cos()))];
  }
  static backward(ctx: FunctionContext, g: Tensor, h: Tensor): Tensor[] {
    const [x, y, angle] = ctx.savedTensors;
    const [c, s] = [angle.cos(), angle.sin()];
    const turn = g.mul(x.mul(s).add(y.mul(c)).neg()).add(h.mul(x.mul(c).sub(y.mul(s))));
    return [g.mul(c).add(h.mul(s)), h.mul(c).sub(g.mul(s)), turn.sum()];
  }
}
/** Counts the calls of its two parts. */
class Counted extends Function {
  static forwards = 0;
  static backwards = 0;
  static forward(ctx: FunctionContext, x: Tensor): Tensor {
    Counted.forwards++;
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static backward(ctx: FunctionContext, g: Tensor): Tensor {
    Counted.backwards++;
    return g.mul(ctx.savedTensors[0]).mul(2);
  }
}

const growth = (x: Tensor, y: Tensor): Tensor => Growth.apply(x, y, 2);
const plain = (x: Tensor, y: Tensor): Tensor => x.exp().mul(y).mul(2);
const turned = (x: Tensor, y: Tensor, a: Tensor): Tensor => {
  const [u, v] = Turn.apply(x, y, a);
  return u.mul(u).mul(3).add(v.mul(v).mul(v));
};
const turnedPlain = (x: Tensor, y: Tensor, a: Tensor): Tensor => {
  const [u, v] = [x.mul(a.cos()).sub(y.mul(a.sin())), x.mul(a.sin()).add(y.mul(a.cos()))];
  return u.mul(u).mul(3).add(v.mul(v).mul(v));
};

const f64 = (values: number[] | number[][] | number) => tensor(values, { dtype: "float64" });
const x = f64([0.5, -1.25, 2]);
const y = f64([1.5, 0.25, -1]);
const rows = f64([
  [0.5, -1.25, 2],
  [0.1, 0.2, -0.3],
]);
const angle = f64(0.7);

function same(ours: unknown, wanted: unknown): void {
  const flat = (r: unknown): number[] =>
    Array.isArray(r) ? r.flatMap(flat) : ((r as Tensor).flatten().tolist() as number[]);
  const [a, b] = [flat(ours), flat(wanted)];
  expect(a.length).toBe(b.length);
  a.forEach((v, i) => {
    expect(v).toBeCloseTo(b[i], 10);
  });
}
type F = (...xs: Tensor[]) => Tensor;
/** The same transform of the custom function and of its formula. */
function alike(transform: (f: F) => (...xs: Tensor[]) => unknown, f: F, g: F, ...args: Tensor[]): void {
  same(transform(f)(...args), transform(g)(...args));
}
const summed =
  (f: F): F =>
  (...xs) =>
    f(...xs).sum();
const d = (f: F, argnums: number | number[] = 0): F => grad(f as never, { argnums }) as never;

describe("custom functions in transforms", () => {
  it("have their gradients in a grad of a function, of any order", () => {
    alike((f) => d(summed(f)), growth, plain, x, y);
    alike((f) => d(summed(f), [0, 1]), growth, plain, x, y);
    alike((f) => d(summed(d(summed(f)))), growth, plain, x, y);
    alike((f) => d(summed(d(summed(f), 1))), growth, plain, x, y);
    alike((f) => d(summed(d(summed(d(summed(f)))))), growth, plain, x, y);
    alike((f) => d(summed(f), [0, 1, 2]), turned, turnedPlain, x, y, angle);
    alike((f) => d(summed(d(summed(f), 2) as F), 0), turned, turnedPlain, x, y, angle);
  });
  it("run for all samples at once", () => {
    alike((f) => vmap(f), growth, plain, x, y);
    alike((f) => vmap(f, { inDims: [0, null] }), growth, plain, rows, y);
    alike((f) => vmap(f, { inDims: [null, 0] }), growth, plain, y, rows);
    alike((f) => vmap(vmap(f)), growth, plain, rows, rows);
    alike((f) => vmap(f, { inDims: [0, 0, null] }), turned, turnedPlain, x, y, angle);
    Counted.forwards = 0;
    same(vmap((t: Tensor) => Counted.apply(t))(rows), rows.mul(rows));
    expect(Counted.forwards).toBe(1);
  });
  it("have a gradient for each sample", () => {
    alike((f) => vmap(d(summed(f)) as F, { inDims: [0, null] }), growth, plain, rows, y);
    alike((f) => vmap(d(summed(f), [0, 1]) as F, { inDims: [null, 0] }), growth, plain, y, rows);
    alike((f) => vmap(d(summed(d(summed(f)))), { inDims: [0, null] }), growth, plain, rows, y);
    alike((f) => vmap(d(summed(f), [0, 1, 2]) as F, { inDims: [0, null, null] }), turned, turnedPlain, rows, y, angle);
    Counted.backwards = 0;
    same(vmap(d((t) => Counted.apply(t).sum()))(rows), rows.mul(2));
    expect(Counted.backwards).toBe(1);
  });
  it("are differentiated through a batch, of which some arguments are no part", () => {
    alike((f) => d(summed(vmap(f, { inDims: [0, null] }) as F), [0, 1]), growth, plain, rows, y);
    alike((f) => d(summed(vmap(f, { inDims: [null, 0] }) as F), [0, 1]), growth, plain, y, rows);
    alike((f) => d(summed(d(summed(vmap(f, { inDims: [0, null] }) as F), 1)), 0), growth, plain, rows, y);
    alike((f) => d(summed(vmap(d(summed(f), 0) as F, { inDims: [0, null] }) as F), [0, 1]), growth, plain, rows, y);
    alike((f) => d(summed(vmap(f, { inDims: [0, null, null] }) as F), [0, 1, 2]), turned, turnedPlain, rows, y, angle);
  });
  it("are what they are made of in forward mode", () => {
    const tangent = f64([1, 2, 3]);
    const slope =
      (f: F): F =>
      (a) =>
        jvp((t: Tensor) => f(t, y), a, tangent)[1];
    alike(slope, growth, plain, x);
    alike((f) => slope(d(summed(f))), growth, plain, x);
    alike((f) => d(summed(slope(f))), growth, plain, x);
    alike((f) => slope((a) => vmap(f)(a, y)), growth, plain, x);
    const pushed =
      (f: F): F =>
      (a, b) =>
        jvp((t: Tensor) => f(t, y), a, b)[1];
    alike((f) => vmap(pushed(f)), growth, plain, rows, rows);
  });
  it("are recorded outside of the transforms, too", () => {
    const [ours, wanted] = [growth, plain].map((f) => {
      const leaf = rows.clone();
      leaf.requiresGrad = true;
      (vmap(f, { inDims: [0, null] })(leaf, y) as Tensor).sum().backward();
      const first = leaf.grad as Tensor;
      leaf.grad = null;
      (vmap(d(summed(f)) as F, { inDims: [0, null] })(leaf, y) as Tensor).sum().backward();
      return [first, leaf.grad as unknown as Tensor];
    });
    same(ours, wanted);
  });
});
