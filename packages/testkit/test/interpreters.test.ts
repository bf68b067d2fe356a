import { Function, type FunctionContext } from "@flambeau/autograd";
import { crossEntropy } from "@flambeau/losses";
import { Linear, ReLU, Sequential } from "@flambeau/nn";
import { AdamW, SGD } from "@flambeau/optim";
import { isFloat, mul, mul_, noGrad, type Tensor, tensor } from "@flambeau/tensor";
import { type Call, context, type Interpreter, withInterpreter } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { loadSubject } from "../src/conformance/subject.ts";

await loadSubject("cpu", { threads: 1 });

/** Counts calls by the names of their ops. */
class Counter implements Interpreter {
  readonly counts = new Map<string, number>();
  op(call: Call): readonly Tensor[] {
    this.counts.set(call.op.name, (this.counts.get(call.op.name) ?? 0) + 1);
    return call.next();
  }
}
const countsOf = (fn: () => unknown): Record<string, number> => {
  const counter = new Counter();
  withInterpreter(counter, fn);
  return Object.fromEntries(counter.counts);
};

/** Doubles every floating-point result: what is written is doubled where it is. */
const doubling: Interpreter = {
  op(call) {
    const { op, inputs, attrs } = call;
    const outputs = call.next();
    const written = op.writesOf?.(inputs, attrs) ?? op.writes ?? [];
    return outputs.map((t, i) => (!isFloat(t.dtype) ? t : i < written.length ? mul_(t, 2) : mul(t, 2)));
  },
};
const values = (t: Tensor): number[] => Array.from(t.dataSync(), Number);
const close = (t: Tensor, expected: readonly number[]): void => {
  const found = values(t);
  expect(found.length).toBe(expected.length);
  expected.forEach((v, i) => void expect(found[i]).toBeCloseTo(v, 5));
};

const model = () => new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
const softmaxOf = (row: readonly number[]): number[] => {
  const powers = row.map(Math.exp);
  const total = powers.reduce((a, b) => a + b);
  return powers.map((p) => p / total);
};

describe("an interpreter that counts sees", () => {
  test("an MLP in noGrad", () => {
    const mlp = model();
    const x = tensor([[1, 2, 3]]);
    expect(countsOf(() => noGrad(() => mlp.forward(x)))).toEqual({ linear: 2, relu: 1 });
  });
  test("ops on plain tensors", () => {
    const x = tensor([[1, 2, 3]]);
    expect(countsOf(() => x.mul(2).add(1).softmax(1))).toEqual({ mul: 1, add: 1, softmax: 1 });
  });
  test("backward", () => {
    const w = tensor(0.5, { requiresGrad: true });
    const y = w.exp();
    expect(countsOf(() => y.backward())).toEqual({ full: 1, expBackward: 1 });
  });
  test("gradient kernels of whole ops, for first and for second derivatives", () => {
    const x = tensor([[1, 2, 3]], { requiresGrad: true });
    const target = tensor([1], { dtype: "int32" });
    const first = countsOf(() => crossEntropy(x, target).backward());
    expect(first).toEqual({ crossEntropy: 1, full: 1, crossEntropyBackward: 1 });
    x.grad = null;
    expect(countsOf(() => crossEntropy(x, target).backward({ createGraph: true }))).toEqual(first);
    const hessian = countsOf(() => (x.grad as Tensor).square().sum().backward());
    expect(Object.keys(hessian).length).toBeGreaterThan(2);
  });
  test("an optimizer's step, in one call for all its parameters", () => {
    const mlp = model();
    const optimizer = new AdamW(mlp.parameters());
    mlp
      .forward(tensor([[1, 2, 3]]))
      .sum()
      .backward();
    expect(countsOf(() => optimizer.step())).toEqual({ full: 8, adamStep: 1 });
    expect(countsOf(() => optimizer.step())).toEqual({ adamStep: 1 });
  });
  test("the ops inside a custom function, forward and backward, and not the function", () => {
    class Cube extends Function {
      static forward(ctx: FunctionContext, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(x).mul(x);
      }
      static backward(ctx: FunctionContext, grad: Tensor): Tensor {
        const [x] = ctx.savedTensors;
        return grad.mul(x.square()).mul(3);
      }
    }
    class Same extends Function {
      static forward(_: FunctionContext, x: Tensor): Tensor {
        return x;
      }
      static backward(_: FunctionContext, grad: Tensor): Tensor {
        return grad;
      }
    }
    const x = tensor(2, { requiresGrad: true });
    expect(countsOf(() => Cube.apply(x))).toEqual({ mul: 2 });
    const y = Cube.apply(x);
    // user code may hold on to a gradient: the leaf's is a copy
    expect(countsOf(() => y.backward())).toEqual({ full: 1, square: 1, mul: 2, clone: 1 });
    expect(x.grad?.item()).toBe(12);
    // a result that shows an input is copied
    expect(countsOf(() => Same.apply(x))).toEqual({ clone: 1 });
  });
});

describe("an interpreter that doubles every floating-point result changes", () => {
  test("an MLP in noGrad", () => {
    const mlp = new Sequential(new Linear(2, 2), new ReLU());
    const [weight, bias] = mlp.parameters();
    noGrad(() => {
      weight.copy_(
        tensor([
          [1, -2],
          [3, 4],
        ]),
      );
      bias.copy_(tensor([0.5, -1]));
    });
    const x = tensor([[1, 2]]);
    // linear gives [-2.5, 10]; doubled, through relu, doubled
    close(withInterpreter(doubling, () => noGrad(() => mlp.forward(x))) as Tensor, [0, 40]);
  });
  test("ops on plain tensors", () => {
    const row = [0.1, -0.2, 0.3];
    const expected = softmaxOf(row.map((v) => (v * 2 * 2 + 1) * 2)).map((p) => p * 2);
    const x = tensor([row]);
    close(
      withInterpreter(doubling, () => x.mul(2).add(1).softmax(1)),
      expected,
    );
  });
  test("backward", () => {
    const w = tensor(0.5, { requiresGrad: true });
    const y = w.exp();
    withInterpreter(doubling, () => y.backward());
    // the seed 1 and the gradient g e^w, each doubled
    close(w.grad as Tensor, [4 * Math.exp(0.5)]);
  });
  test("an optimizer's step", () => {
    const p = tensor([1, -2], { requiresGrad: true });
    const optimizer = new AdamW([p], { lr: 0.1, weightDecay: 0.5 });
    p.grad = tensor([3, -4]);
    withInterpreter(doubling, () => optimizer.step());
    // p (1 - lr wd) - lr sign(g), (1 - b1) g, (1 - b2) g^2, doubled
    close(p, [2 * (0.95 - 0.1), 2 * (-1.9 + 0.1)]);
    const state = optimizer.stateDict().state[0];
    close(state.expAvg as Tensor, [0.6, -0.8]);
    close(state.expAvgSq as Tensor, [0.018, 0.032]);
    const plain = tensor([1, -2], { requiresGrad: true });
    plain.grad = tensor([3, -4]);
    withInterpreter(doubling, () => new SGD([plain], { lr: 0.1 }).step());
    close(plain, [2 * (1 - 0.3), 2 * (-2 + 0.4)]);
  });
});

describe("the stack of interpreters", () => {
  const named = (log: string[], name: string): Interpreter => ({
    op(call) {
      log.push(`${name}: ${call.op.name}`);
      return call.next();
    },
  });

  test("the one installed last sees a call first", () => {
    const log: string[] = [];
    const x = tensor([1, 2]);
    withInterpreter(named(log, "outer"), () => withInterpreter(named(log, "inner"), () => x.mul(2).add(1)));
    expect(log).toEqual(["inner: mul", "outer: mul", "inner: add", "outer: add"]);
  });
  test("what an interpreter calls itself goes to those below", () => {
    const log: string[] = [];
    const x = tensor([1, 2]);
    const out = withInterpreter(named(log, "outer"), () => withInterpreter(doubling, () => x.add(1)));
    expect(log).toEqual(["outer: add", "outer: mul"]);
    expect(values(out)).toEqual([4, 6]);
  });
  test("an exception takes interpreters off the stack", () => {
    const log: string[] = [];
    const x = tensor([1, 2]);
    const refusing: Interpreter = {
      op(call) {
        if (call.op.name === "exp") throw new Error("no exp here");
        return call.next();
      },
    };
    withInterpreter(named(log, "outer"), () => {
      const below = context.stack;
      expect(() => withInterpreter(refusing, () => x.add(1).exp())).toThrow("no exp here");
      expect(() =>
        withInterpreter(refusing, () => {
          throw new Error("the program's");
        }),
      ).toThrow("the program's");
      expect(() => withInterpreter(refusing, () => x.add(tensor([1, 2, 3])))).toThrow(/add/);
      expect(context.stack).toBe(below);
      x.exp();
    });
    expect(log).toEqual(["outer: add", "outer: constant", "outer: add", "outer: exp"]);
    expect(context.stack).toBeNull();
    expect(countsOf(() => x.exp())).toEqual({ exp: 1 });
    expect(values(x.add(1))).toEqual([2, 3]);
  });
});
