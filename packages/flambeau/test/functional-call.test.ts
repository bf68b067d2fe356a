// A module as a function of its parameters: PyTorch's figures, its rules for names, and what is left afterwards.
import {
  ArgumentError,
  eye,
  FlambeauError,
  grad,
  losses,
  manualSeed,
  memory,
  nn,
  ones,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { describe, expect, it } from "vitest";
import {
  allNear,
  build,
  type Case,
  cases,
  type Dict,
  decode,
  dict,
  type Encoded,
  near,
} from "./support/recorded-modules.ts";

describe("functionalCall gives PyTorch's figures", () => {
  const of = (transform: string) => cases.filter((c) => c.transform === transform && c.net !== "tied");
  const leaves = (params: Dict) => {
    const all = dict(params);
    for (const t of Object.values(all)) t.requiresGrad = true;
    return all;
  };
  const loss = (net: nn.Sequential, params: Record<string, Tensor>, c: Case, x = decode(c.x), y = decode(c.y)) =>
    losses.crossEntropy(nn.functionalCall(net, [params, dict(c.buffers)], x), y);
  /** Gradients with respect to the parameters, by their names. */
  const grads = (y: Tensor, params: Record<string, Tensor>, options = {}): Record<string, Tensor> => {
    const names = Object.keys(params);
    const found = grad(y, Object.values(params), options);
    return Object.fromEntries(names.map((name, i) => [name, found[i]]));
  };

  it.each(of("functional_call").map((c) => [`${c.net}, ${c.training ? "training" : "evaluation"}`, c] as const))(
    "values and statistics: %s",
    (_, c) => {
      const net = build(c.spec).train(c.training);
      const own = [...net.stateDict()].map(([name, t]) => [name, t.tolist()]);
      const buffers = dict(c.buffers);
      near(nn.functionalCall(net, [dict(c.params), buffers], decode(c.x)), c.out as Encoded);
      allNear(buffers, c.buffers_after);
      expect([...net.stateDict()].map(([name, t]) => [name, t.tolist()])).toEqual(own);
    },
  );
  it.each(of("grad_and_value").map((c) => [`${c.net}, ${c.training ? "training" : "evaluation"}`, c] as const))(
    "gradients: %s",
    (_, c) => {
      const net = build(c.spec).train(c.training);
      const params = leaves(c.params);
      const y = loss(net, params, c);
      near(y, c.value);
      allNear(grads(y, params), c.grads);
      expect([...net.parameters()].every((p) => p.grad === null)).toBe(true);
    },
  );
  it.each(of("per_sample_grads").map((c) => [c.net, c] as const))("gradients of each sample: %s", (_, c) => {
    const net = build(c.spec).eval();
    const [x, y] = [decode(c.x), decode(c.y)];
    const each = Array.from({ length: x.shape[0] }, (_, i) => {
      const params = leaves(c.params);
      return grads(loss(net, params, c, x.narrow(0, i, 1), y.narrow(0, i, 1)), params);
    });
    allNear(Object.fromEntries(Object.keys(each[0]).map((name) => [name, stack(each.map((g) => g[name]))])), c.grads);
  });
  it.each(of("hvp").map((c) => [c.net, c] as const))("products with the Hessian: %s", (_, c) => {
    const net = build(c.spec).eval();
    const params = leaves(c.params);
    const first = grads(loss(net, params, c), params, { createGraph: true });
    let along = zeros([]);
    for (const [name, t] of Object.entries(dict(c.tangents))) along = along.add(first[name].mul(t).sum());
    allNear(grads(along, params), c.out as Dict);
  });
  it.each(of("ensemble").map((c) => [c.net, c] as const))("ensembles: %s", (_, c) => {
    const models = Array.from({ length: 3 }, (_, i) => {
      manualSeed(100 + i);
      return build(c.spec).eval();
    });
    const [params, buffers] = nn.stackModuleState(models);
    allNear(params, c.stacked_params);
    allNear(buffers, c.stacked_buffers);
    const at = (all: Record<string, Tensor>, i: number) =>
      Object.fromEntries(Object.entries(all).map(([name, t]) => [name, t.select(0, i)]));
    const each = models.map((_, i) => nn.functionalCall(models[0], [at(params, i), at(buffers, i)], decode(c.x)));
    near(stack(each), c.out as Encoded);
  });
  it.each(cases.filter((c) => c.net === "tied").map((c) => [c.tie_weights, c] as const))("tied weights: %s", (_, c) => {
    const net = new Tied();
    net.a.weight = new nn.Parameter(zeros([2, 2]));
    net.b.weight = net.a.weight;
    const y = nn.functionalCall(net, { "a.weight": decode(c.W) }, decode(c.x), { tieWeights: c.tie_weights });
    near(y, c.out as Encoded);
  });
});

class Tied extends nn.Module {
  a = new nn.Linear(2, 2, { bias: false }) as nn.Linear & { weight: nn.Parameter };
  b = new nn.Linear(2, 2, { bias: false }) as nn.Linear & { weight: nn.Parameter };
  constructor() {
    super();
    this.b.weight = this.a.weight;
  }
  forward(x: Tensor, { by = 1 }: { by?: number } = {}): Tensor {
    return this.b.forward(this.a.forward(x).tanh()).mul(by);
  }
}

describe("functionalCall", () => {
  const x = ones([1, 2]);
  const w = eye(2);

  it("gives one tensor to all names of a shared parameter, unless told not to", () => {
    const net = new Tied();
    const both = nn.functionalCall(net, { "a.weight": w }, x).tolist();
    expect(nn.functionalCall(net, { "b.weight": w }, [x]).tolist()).toEqual(both);
    expect(nn.functionalCall(net, new Map([["a.weight", w]]), x, { strict: true }).tolist()).toEqual(both);
    expect(nn.functionalCall(net, { "a.weight": w, "b.weight": w }, x).tolist()).toEqual(both);
    const two = nn.functionalCall(net, { "a.weight": w, "b.weight": w.mul(2) }, x, { tieWeights: false });
    expect(two.tolist()).toEqual(
      tensor(both as number[][])
        .mul(2)
        .tolist(),
    );
    expect(nn.functionalCall(net, {}, x).tolist()).toEqual(net.forward(x).tolist());
    expect(nn.functionalCall(net, { "a.weight": w }, x, { kwargs: { by: 3 } }).tolist()).toEqual(
      tensor(both as number[][])
        .mul(3)
        .tolist(),
    );
    expect(net.b.weight).toBe(net.a.weight);
  });

  it("puts the module's own back when it throws, inside itself too, and shows the others meanwhile", () => {
    class Seen extends nn.Module {
      list = new nn.ParameterList([zeros([1])]);
      dict = new nn.ParameterDict({ one: zeros([1]) });
      count = new nn.Buffer(zeros([]));
      seen: unknown[] = [];
      forward(y: Tensor, depth = 1): Tensor {
        this.seen.push([...this.stateDict().values(), ...this.parameters()].map((t) => t.item()));
        if (depth === 0) throw new RangeError("inside");
        return nn.functionalCall(this, { "list.0": tensor([depth * 10]) }, [y, depth - 1] as never);
      }
    }
    const net = new Seen();
    const own = [net.list.get(0), net.dict.get("one"), net.count];
    const given = { "dict.one": tensor([2]), count: tensor(3) };
    expect(() => nn.functionalCall(net, given, x)).toThrow("inside");
    expect(net.seen).toEqual([
      [3, 0, 2, 0, 2],
      [3, 10, 2, 10, 2],
    ]);
    expect([net.list.get(0), net.dict.get("one"), net.count].map((t, i) => t === own[i])).toEqual([true, true, true]);
    expect([...net.namedParameters()].map(([name, p]) => [name, p.item()])).toEqual([
      ["list.0", 0],
      ["dict.one", 0],
    ]);
  });

  it("hands what the module writes or assigns to where the tensors came from", () => {
    class Count extends nn.Module {
      calls: Tensor = new nn.Buffer(zeros([]));
      total = new nn.Buffer(zeros([]));
      forward(y: Tensor): Tensor {
        this.calls = this.calls.add(1);
        this.total.add_(y.sum());
        return y;
      }
    }
    const net = new Count();
    const given = { calls: tensor(5), total: tensor(1) };
    const { total } = given;
    nn.functionalCall(net, given, x);
    expect([given.calls.item(), given.total === total, total.item()]).toEqual([6, true, 3]);
    const map = new Map([["calls", tensor(7)]]);
    nn.functionalCall(net, map, x);
    expect([map.get("calls")?.item(), net.calls.item(), net.total.item()]).toEqual([8, 0, 2]);
    nn.functionalCall(net, Object.freeze({ calls: tensor(7) }), x); // which keeps what it has
    expect(net.calls.item()).toBe(0);
  });

  it("lets gradients flow to tensors that a graph made, and to those of recurrent layers", () => {
    manualSeed(2);
    const lstm = new nn.LSTM(2, 3);
    const factor = tensor(0.5, { requiresGrad: true });
    const scaled = Object.fromEntries([...lstm.namedParameters()].map(([name, p]) => [name, p.detach().mul(factor)]));
    const input = ones([4, 1, 2]);
    const [g] = grad(nn.functionalCall(lstm, scaled, input)[0].sum(), [factor]);
    // a difference of first order, in float64
    const at = (f: number) =>
      nn
        .functionalCall(
          lstm.double(),
          Object.fromEntries([...lstm.namedParameters()].map(([name, p]) => [name, p.detach().mul(f)])),
          input.to("float64"),
        )[0]
        .sum()
        .item();
    expect(g.item()).toBeCloseTo((at(0.5 + 1e-6) - at(0.5 - 1e-6)) / 2e-6, 5);
  });

  it("says what does not fit", () => {
    const net = new Tied();
    const told = (call: () => unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
      expect(call).toThrow(kind);
      expect(call).toThrow(message);
    };
    const call = (state: unknown, options = {}) => nn.functionalCall(net, state as never, x, options);
    told(
      () => call({ "a.weight": w, "b.weight": w.mul(2) }),
      ArgumentError,
      /"a.weight" and "b.weight" are one shared/,
    );
    told(
      () => call({ "c.weight": w, nope: w }),
      ArgumentError,
      /no parameter or buffer "c.weight", "nope"\n.*it has: a.weight, b.weight/,
    );
    told(() => call({ "a.weight": 3 }), ArgumentError, /"a.weight" must be a tensor, got 3/);
    told(() => call([{ "a.weight": w }, { "a.weight": w }]), ArgumentError, /"a.weight" is given twice/);
    told(() => call(w), ArgumentError, /come in a Map or an object of tensors by name/);
    told(() => call({}, { strict: true }), FlambeauError, /missing keys: a.weight, b.weight/);
    told(() => call({ "a.weight": w }, { strict: true, tieWeights: false }), FlambeauError, /missing keys: b.weight/);
    told(() => call({}, { tie: false }), ArgumentError, /no option "tie"/);
    told(() => nn.functionalCall(net, {}, 3 as never), ArgumentError, /args must be a tensor or the list/);
    told(() => nn.functionalCall(3 as never, {}, x as never), ArgumentError, /module must be a Module, got 3/);
    class Late extends nn.Module {
      async forward(y: Tensor): Promise<Tensor> {
        return y;
      }
    }
    told(() => nn.functionalCall(new Late(), {}, x), FlambeauError, /takes a synchronous function/);
  });

  it("leaves no memory behind, whether it succeeds or not", () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
    const state = () => ({ "0.weight": eye(2, { requiresGrad: true }), "1.running_mean": zeros([2]) });
    const before = memory().cpu.tensors;
    tidy(() => void nn.functionalCall(net, state(), ones([3, 2])));
    expect(() => tidy(() => void nn.functionalCall(net, state(), ones([3, 5])))).toThrow(ShapeError);
    expect(memory().cpu.tensors).toBe(before);
  });
});

describe("stackModuleState", () => {
  it("makes leaves that require what the models' parameters require, in whatever names they have", () => {
    const frozen = new nn.BatchNorm1d(2);
    frozen.requiresGrad_(false);
    const [params, buffers] = nn.stackModuleState([new nn.BatchNorm1d(2), new nn.BatchNorm1d(2)]);
    expect(Object.entries(params).map(([name, p]) => [name, p.shape, p.requiresGrad, p.isLeaf])).toEqual([
      ["weight", [2, 2], true, true],
      ["bias", [2, 2], true, true],
    ]);
    expect(Object.keys(buffers)).toEqual(["running_mean", "running_var", "num_batches_tracked"]);
    const [still] = nn.stackModuleState([frozen, frozen, frozen]);
    expect([still.weight.shape, still.weight.requiresGrad]).toEqual([[3, 2], false]);
  });
  it("refuses models that do not go together", () => {
    const told = (models: unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
      expect(() => nn.stackModuleState(models as nn.Module[])).toThrow(kind);
      expect(() => nn.stackModuleState(models as nn.Module[])).toThrow(message);
    };
    const line = () => new nn.Linear(1, 1);
    told([], ArgumentError, /at least one module/);
    told(3, ArgumentError, /at least one module, got 3/);
    told([line(), 3], ArgumentError, /models\[1\] must be a Module, got 3/);
    told([line(), new nn.BatchNorm1d(1)], ArgumentError, /one class, got Linear and BatchNorm1d/);
    told([line(), line().eval()], ArgumentError, /all be in training or all in evaluation/);
    told([line(), line().requiresGrad_(false)], ArgumentError, /"weight" must .* require a gradient in all of them/);
    told([line(), new nn.Linear(1, 1, { bias: false })], ArgumentError, /"bias" must be there in each model/);
    told([line(), new nn.Linear(2, 1)], ShapeError, /stack/);
  });
});
