import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { clone, inferenceMode, memory, ones, registerBackend, type Tensor, tensor, tidy } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { Function, type FunctionContext, grad, gradcheck, gradgradcheck } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

class Cube extends Function {
  static forward(ctx: FunctionContext, x: Tensor, factor: number): Tensor {
    ctx.saveForBackward(x);
    ctx.factor = factor;
    return x.mul(x).mul(x).mul(factor);
  }
  static backward(ctx: FunctionContext, g: Tensor): (Tensor | null)[] {
    const [x] = ctx.savedTensors;
    return [g.mul(x.mul(x)).mul(3 * (ctx.factor as number)), null];
  }
}

class SumAndDifference extends Function {
  static forward(_: FunctionContext, a: Tensor, b: Tensor): [Tensor, Tensor] {
    return [a.add(b), a.sub(b)];
  }
  static backward(ctx: FunctionContext, sum: Tensor, difference: Tensor): (Tensor | null)[] {
    return [ctx.needsInputGrad[0] ? sum.add(difference) : null, ctx.needsInputGrad[1] ? sum.sub(difference) : null];
  }
}

class Pass extends Function {
  static forward(_: FunctionContext, x: Tensor): Tensor {
    return x;
  }
  static backward(_: FunctionContext, g: Tensor): Tensor {
    return g.neg();
  }
}

const f64 = (values: number[]) => tensor(values, { dtype: "float64", requiresGrad: true });

describe("custom functions", () => {
  it("pass gradcheck and gradgradcheck when their backward is written in differentiable ops", () => {
    const x = f64([0.5, -1.25, 2]);
    expect(gradcheck((t: Tensor) => Cube.apply(t, 2), [x])).toBe(true);
    expect(gradgradcheck((t: Tensor) => Cube.apply(t, 2), [x])).toBe(true);
  });

  it("take several results of which only one is used, with zeros for the other", () => {
    const [a, b] = [f64([1, 2]), f64([3, 4])];
    const [sum] = SumAndDifference.apply(a, b);
    expect(grad(sum.sum(), [a, b]).map((g) => g.tolist())).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it("may save what forward made on the way, which is freed with the graph", () => {
    class ExpOfDouble extends Function {
      static forward(ctx: FunctionContext, x: Tensor): Tensor {
        const double = x.mul(2);
        const y = double.exp();
        ctx.saveForBackward(double, y);
        return y;
      }
      static backward(ctx: FunctionContext, g: Tensor): Tensor {
        const [double, y] = ctx.savedTensors;
        return g.mul(double.exp().add(y));
      }
    }
    const x = f64([0, 1]);
    const run = (retainGraph: boolean): unknown =>
      tidy(() => {
        const y = ExpOfDouble.apply(x).sum();
        if (retainGraph) y.backward({ retainGraph });
        y.backward();
        const found = x.grad?.tolist();
        x.grad?.dispose();
        x.grad = null;
        return found;
      });
    run(false);
    const before = memory().cpu.tensors;
    expect(run(false)).toEqual([2, 2 * Math.exp(2)]);
    expect(memory().cpu.tensors).toBe(before);
    expect(run(true)).toEqual([4, 4 * Math.exp(2)]);
    expect(gradcheck((t: Tensor) => ExpOfDouble.apply(t), [x])).toBe(true);
  });

  it("may return their input: the result is another place in the graph", () => {
    const x = f64([1, 2]);
    Pass.apply(x).sum().backward();
    expect(x.grad?.tolist()).toEqual([-1, -1]);
  });

  it("refuse a backward with the wrong number of gradients, by name", () => {
    class Wrong extends Function {
      static forward(_: FunctionContext, a: Tensor, b: Tensor): Tensor {
        return a.mul(b);
      }
      static backward(_: FunctionContext, g: Tensor): Tensor {
        return g;
      }
    }
    expect(() => Wrong.apply(f64([1]), f64([2])).backward()).toThrow(
      "Wrong.backward returned 1 gradients for 2 arguments",
    );
  });

  it("let backward keep what it makes", () => {
    let kept: Tensor | undefined;
    class Keeper extends Function {
      static forward(_: FunctionContext, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(_: FunctionContext, g: Tensor): Tensor {
        kept = g.mul(2);
        return kept;
      }
    }
    const x = f64([1]);
    Keeper.apply(x).backward();
    expect(kept?.tolist()).toEqual([2]);
  });
});

describe("inferenceMode", () => {
  it("makes tensors that no graph can save and no leaf can be made of", () => {
    const made = inferenceMode(() => ones([2]).mul(3));
    const w = tensor([1, 2], { requiresGrad: true });
    expect(() => w.mul(made)).toThrow("mul: a tensor made in inferenceMode cannot be saved for backward");
    expect(() => {
      made.requiresGrad = true;
    }).toThrow("a tensor made in inferenceMode cannot require gradients");
    expect(w.mul(clone(made)).requiresGrad).toBe(true);
  });
});
