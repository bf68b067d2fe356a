// Pruning, fusing, initial values and what else nn.utils holds, against PyTorch 2.13.
import { ArgumentError, grad, manualSeed, nn, ones, optim, ShapeError, type Tensor, tensor, zeros } from "flambeau";
import { describe, expect, test } from "vitest";
import { close, decode, type Encoded, read } from "./support/figures.ts";

type Spec = readonly [kind: string, ...sizes: number[]];
type States = Record<string, Encoded>;
interface Figures {
  readonly prunes: readonly {
    readonly name: string;
    readonly spec: Spec;
    readonly steps: readonly (readonly [fn: string, name: string, ...rest: (number | "inf")[]])[];
    readonly after: readonly States[];
    readonly out: Encoded;
    readonly grads: States;
  }[];
  readonly global: readonly (readonly Encoded[])[];
  readonly fuses: readonly {
    readonly kind: "conv" | "transpose" | "linear";
    readonly spec: Spec;
    readonly bn: Spec;
    readonly "conv state": States;
    readonly "bn state": States;
    readonly state: States;
    readonly x: Encoded;
    readonly out: Encoded;
    readonly apart: Encoded;
  }[];
  readonly inits: readonly (readonly [
    name: string,
    args: number[],
    kw: Record<string, string | number>,
    shape: number[],
    dtype: "float32" | "float64",
    result: Encoded | string,
  ])[];
  readonly gains: readonly (readonly [name: nn.init.Nonlinearity, param: number | null, gain: number])[];
}
const figures = read("utils-torch213.json.gz") as Figures;
const { prune } = nn.utils;
const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const layer = ([kind, ...sizes]: Spec): nn.Linear => {
  manualSeed(5);
  return new (nn as unknown as Record<string, new (...args: number[]) => nn.Linear>)[kind](...sizes);
};
function closeState(module: nn.Module, expected: States, what: string): void {
  const state = module.stateDict();
  expect([...state.keys()].sort(), what).toEqual(Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) close(state.get(key), value, `${what} ${key}`);
}

describe("pruning", () => {
  test.each(figures.prunes.map((each) => [each.name, each.spec[0], each] as const))("%s of %s", (_, __, each) => {
    const module = layer(each.spec);
    manualSeed(11);
    for (const [i, [fn, ...args]] of each.steps.entries()) {
      const given = args.map((a) => (a === "inf" ? Number.POSITIVE_INFINITY : a));
      (prune as unknown as Record<string, (...args: unknown[]) => void>)[camel(fn)](module, ...given);
      closeState(module, each.after[i], `step ${i}`);
    }
    const out = module.forward(each.spec[0] === "Linear" ? ones([2, 5]) : ones([1, 3, 4, 4]));
    close(out, each.out, "out");
    out.sum().backward();
    for (const [name, p] of module.namedParameters()) close(p.grad, each.grads[name], `gradient of ${name}`);
  });

  test("of several parameters at once", () => {
    const [a, b] = [layer(["Linear", 5, 4]), layer(["Conv2d", 3, 5, 3])];
    prune.l1Unstructured(a, "weight", 3);
    const where = [
      [a, "weight"],
      [a, "bias"],
      [b, "weight"],
    ] as const;
    const check = (expected: readonly Encoded[]) => {
      for (const [i, [module, name]] of where.entries())
        close(Reflect.get(module, `${name}_mask`) as Tensor, expected[i], `${i}`);
    };
    prune.globalUnstructured(where, prune.L1Unstructured, { amount: 0.3 });
    check(figures.global[0]);
    const scores = tensor([0, 1, 2, 3]);
    prune.globalUnstructured(where, prune.L1Unstructured, { amount: 10, importanceScores: [null, scores, null] });
    check(figures.global[1]);
    manualSeed(1);
    prune.globalUnstructured(where, prune.RandomUnstructured, { amount: 20 });
    check(figures.global[2]);
  });

  test("moves a parameter away and gives it back as the one that optimizers know, also in a copy", () => {
    const module = new nn.Linear(4, 3);
    const { weight } = module;
    const optimizer = new optim.SGD(module.parameters(), { lr: 0.1 });
    prune.l1Unstructured(module, "weight", 6);
    const copy = module.clone();
    expect([prune.isPruned(module), prune.isPruned(copy), prune.isPruned(new nn.Linear(1, 1))]).toEqual([
      true,
      true,
      false,
    ]);
    prune.l1Unstructured(copy, "weight", 2);
    expect([copy, module].map((m) => m.weight.eq(0).sum().item())).toEqual([8, 6]);
    module
      .forward(ones([1, 4]))
      .sum()
      .backward();
    optimizer.step();
    expect(module.weight.eq(0).sum().item()).toBe(6);
    expect(Reflect.get(module, "weight_orig")).toBe(weight);
    const pruned = module.weight.tolist();
    prune.remove(module, "weight");
    expect(module.weight).toBe(weight);
    expect(weight.tolist()).toEqual(pruned);
    expect([...module.stateDict().keys()]).toEqual(["bias", "weight"]);
    expect(prune.isPruned(module)).toBe(false);
    expect(() => prune.remove(module, "weight")).toThrow(/is not pruned/);
    expect(() => Object.assign(copy, { weight: zeros([3, 4]) })).toThrow(/computed from weight_orig and weight_mask/);
  });

  test("refuses amounts that are none, and channels of vectors", () => {
    for (const amount of [-1, 1.5, Number.NaN]) expect(() => new prune.L1Unstructured(amount)).toThrow(ArgumentError);
    const module = new nn.Linear(2, 2);
    expect(() => prune.l1Unstructured(module, "weight", 5)).toThrow(/amount 5 is more than the 4 there are/);
    expect(() => prune.randomStructured(module, "bias", 1, 0)).toThrow(ShapeError);
    expect(() => prune.customFromMask(module, "weight", ones([2]))).toThrow(/mask must have the shape \[2,2\]/);
    expect([...module.stateDict().keys()]).toEqual(["weight", "bias"]); // nothing was done
    const structured = prune.RandomStructured as new (amount: number) => nn.utils.prune.RandomStructured;
    expect(() => prune.globalUnstructured([[module, "weight"]], structured, { amount: 1 })).toThrow(
      /unstructured ways/,
    );
  });
});

test.each(figures.fuses.map((each) => [each.spec[0], each] as const))(
  "%s and the batch norm behind it become one",
  (_, each) => {
    const load = <M extends nn.Module>(module: M, state: States): M => {
      module.loadStateDict(
        Object.fromEntries(
          Object.entries(state)
            .filter(([k]) => !k.startsWith("num"))
            .map(([k, v]) => [k, decode(v)]),
        ),
        { strict: false },
      );
      return module.eval() as M;
    };
    const conv = load(layer(each.spec), each["conv state"]);
    const bn = load(layer(each.bn) as unknown as nn.BatchNorm2d, each["bn state"]);
    const fused = each.kind === "linear" ? nn.utils.fuseLinearBnEval(conv, bn) : nn.utils.fuseConvBnEval(conv, bn);
    closeState(fused, each.state, "fused");
    const x = decode(each.x);
    close(fused.forward(x), each.out, "out");
    close(bn.forward(conv.forward(x)), each.apart, "apart");
    closeState(conv, each["conv state"], "the convolution stays");
    expect(() => nn.utils.fuseConvBnEval(conv.train(), bn)).toThrow(/must be in evaluation mode/);
  },
);

describe("initial values", () => {
  test.each(figures.inits)("%s %j %j of %j %s", (name, args, kw, shape, dtype, expected) => {
    manualSeed(9);
    const t = zeros(shape, { dtype });
    const options = Object.fromEntries(Object.entries(kw).map(([k, v]) => [k, typeof v === "string" ? camel(v) : v]));
    const fill = (nn.init as unknown as Record<string, (...args: unknown[]) => Tensor>)[`${camel(name.slice(0, -1))}_`];
    const run = () => fill(t, ...args, ...(Object.keys(options).length > 0 ? [options] : []));
    if (typeof expected === "string") expect(run).toThrow();
    else close(run(), expected, name);
  });
  test.each(figures.gains)("the gain of %s, %s", (name, param, gain) => {
    expect(nn.init.calculateGain(camel(name) as nn.init.Nonlinearity, param ?? undefined)).toBeCloseTo(gain, 12);
  });
});

test("parameters go into one vector and back, with gradients", () => {
  const module = new nn.Linear(3, 2);
  const vector = nn.utils.parametersToVector(module.parameters());
  expect(vector.tolist()).toEqual([
    ...(module.weight.flatten().tolist() as number[]),
    ...((module.bias as Tensor).tolist() as number[]),
  ]);
  expect(grad(vector.square().sum(), [module.weight])[0].tolist()).toEqual(module.weight.mul(2).tolist());
  nn.utils.vectorToParameters(vector.mul(2), module.parameters());
  expect(nn.utils.parametersToVector(module.parameters()).tolist()).toEqual(vector.mul(2).tolist());
  expect(module.weight.isLeaf && module.weight.requiresGrad).toBe(true);
  expect(() => nn.utils.vectorToParameters(ones([7]), module.parameters())).toThrow(/the 8 elements/);
  expect(() => nn.utils.parametersToVector([])).toThrow(ArgumentError);
});
