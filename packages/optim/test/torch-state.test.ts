import { readFileSync, writeFileSync } from "node:fs";
import { backward } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { type DType, FormatError, isTensor, registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { afterAll, describe, expect, it } from "vitest";
import * as optim from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

interface Encoded {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}
interface Case {
  readonly start: readonly Encoded[];
  readonly after3: readonly Encoded[];
  readonly after6: readonly Encoded[];
  readonly state_dict: {
    readonly state: Record<string, Record<string, unknown>>;
    readonly param_groups: Record<string, unknown>[];
  };
}
const folder = new URL("./figures/", import.meta.url);
const figures: { cases: Record<string, Case> } = JSON.parse(readFileSync(new URL("torch-state.json", folder), "utf8"));

const isEncoded = (x: unknown): x is Encoded => typeof x === "object" && x !== null && "dtype" in x;
function decode(x: unknown): unknown {
  if (isEncoded(x)) return tensor(x.values, { dtype: x.dtype }).reshape(x.shape);
  if (Array.isArray(x)) return x.map(decode);
  return typeof x === "object" && x !== null
    ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, decode(v)]))
    : x;
}
function encode(x: unknown): unknown {
  if (isTensor(x)) return { dtype: x.dtype, shape: x.shape, values: [...x.dataSync()].map(Number) };
  if (Array.isArray(x)) return x.map(encode);
  const entries = x instanceof Map ? [...x] : typeof x === "object" && x !== null ? Object.entries(x) : null;
  return entries ? Object.fromEntries(entries.map(([k, v]) => [k, encode(v)])) : x;
}

type Make = (p: Tensor[]) => optim.Optimizer<object>;
const makers: Record<string, Make> = {
  SGD: (p) => new optim.SGD(p),
  "SGD momentum": (p) => new optim.SGD(p, { momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
  "SGD nesterov": (p) => new optim.SGD(p, { momentum: 0.9, nesterov: true, maximize: true }),
  Adam: (p) => new optim.Adam(p, { lr: 0.05 }),
  "Adam amsgrad": (p) => new optim.Adam(p, { lr: 0.05, amsgrad: true, betas: [0.8, 0.99], weightDecay: 0.1 }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.05, weightDecay: 0.2 }),
  Adadelta: (p) => new optim.Adadelta(p, { weightDecay: 0.1 }),
  Adafactor: (p) => new optim.Adafactor(p, { lr: 0.05, eps: [null, 1e-2] }),
  "Adafactor eps": (p) => new optim.Adafactor(p, { lr: 0.05, eps: [1e-4, 1e-2], weightDecay: 0.1 }),
  Adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1, initialAccumulatorValue: 0.1 }),
  Adamax: (p) => new optim.Adamax(p, { lr: 0.05 }),
  ASGD: (p) => new optim.ASGD(p, { lr: 0.05, t0: 1 }),
  LBFGS: (p) => new optim.LBFGS(p, { lr: 0.1, maxIter: 2, historySize: 3 }),
  "LBFGS strong_wolfe": (p) => new optim.LBFGS(p, { maxIter: 2, maxEval: 7, lineSearchFn: "strongWolfe" }),
  Muon: (p) => new optim.Muon(p, { lr: 0.05, adjustLrFn: "matchRmsAdamw" }),
  NAdam: (p) => new optim.NAdam(p, { lr: 0.05, momentumDecay: 0.01 }),
  "NAdam decoupled": (p) => new optim.NAdam(p, { lr: 0.05, weightDecay: 0.1, decoupledWeightDecay: true }),
  RAdam: (p) => new optim.RAdam(p, { lr: 0.05, betas: [0.9, 0.9] }),
  RMSprop: (p) => new optim.RMSprop(p, { lr: 0.01 }),
  "RMSprop centered": (p) => new optim.RMSprop(p, { lr: 0.01, centered: true, momentum: 0.5 }),
  Rprop: (p) => new optim.Rprop(p, { lr: 0.05, etas: [0.4, 1.3], stepSizes: [1e-5, 1] }),
  "SGD scheduled": (p) => {
    const optimizer = new optim.SGD(p, { lr: 0.1, momentum: 0.5 });
    new optim.lrScheduler.StepLR(optimizer, 1);
    return optimizer;
  },
  "SGD named": (p) =>
    new optim.SGD([["layer.weight", p[0]] as const, ["layer.bias", p[1]] as const], { lr: 0.1, momentum: 0.5 }),
  "SGD groups": (p) =>
    new optim.SGD([{ params: p.slice(0, 1) }, { params: p.slice(1), lr: 0.03, nesterov: true }], {
      lr: 0.1,
      momentum: 0.5,
    }),
};
const parameters = (given: readonly Encoded[]): Tensor[] =>
  given.map((x) => {
    const p = decode(x) as Tensor;
    p.requiresGrad = true;
    return p;
  });
const weights = [0.8, 0.9, 0.1, -0.75, -0.95, -0.3];
/** Three steps down sum(p^4 / 4 + p^2 weight), from step `first`. */
function train(params: readonly Tensor[], optimizer: optim.Optimizer<object>, first: number): void {
  for (const weight of weights.slice(first, first + 3))
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = params.map((p) => p.pow(4).div(4).add(p.square().mul(weight)).sum()).reduce((a, b) => a.add(b));
      backward(loss);
      return loss;
    });
}
function same(actual: unknown, expected: unknown, tolerance: number, path = ""): void {
  if (isEncoded(expected)) {
    expect(actual, path).toMatchObject({ dtype: expected.dtype, shape: expected.shape });
    expected.values.forEach((v, i) => {
      const [got, bound] = [(actual as Encoded).values[i], tolerance * Math.max(1, Math.abs(v))];
      expect(Math.abs(got - v), `${path}[${i}]: ${got}, PyTorch's is ${v}`).toBeLessThanOrEqual(bound);
    });
  } else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(actual as object).sort(), path).toEqual(Object.keys(expected).sort());
    for (const [k, v] of Object.entries(expected))
      same((actual as Record<string, unknown>)[k], v, tolerance, `${path}.${k}`);
  } else if (typeof expected === "number") expect(actual, path).toBeCloseTo(expected, 4);
  else expect(actual, path).toBe(expected);
}
// float32 through six steps of quotients; LBFGS divides differences of gradients, and Muon rounds to eight bits
const tolerance = (name: string) => (/LBFGS|Muon/.test(name) ? 2e-4 : 2e-6);

const written: Record<string, unknown> = {};
afterAll(() => {
  // for `python figures/torch-state.py FILE`, which loads them into PyTorch's optimizers and goes on
  if (process.env.OPTIM_TORCH_STATE) writeFileSync(process.env.OPTIM_TORCH_STATE, JSON.stringify(written));
});

describe("a state dict of PyTorch's", () => {
  it("is recorded for each setting", () => {
    expect(Object.keys(figures.cases)).toEqual(Object.keys(makers));
  });
  it.each(Object.entries(makers))("%s: loads, and three more steps give PyTorch's parameters", (name, make) => {
    const c = figures.cases[name];
    const params = parameters(c.after3);
    const optimizer = make(params);
    optimizer.loadStateDict(optim.fromTorchStateDict(decode(c.state_dict)));
    train(params, optimizer, 3);
    same(params.map(encode), c.after6, tolerance(name), name);
  });
  it.each(Object.entries(makers))("%s: is what ours becomes", (name, make) => {
    const c = figures.cases[name];
    const params = parameters(c.start);
    const optimizer = make(params);
    train(params, optimizer, 0);
    const ours = encode(optim.toTorchStateDict(optimizer)) as Case["state_dict"];
    written[name] = { params: params.map(encode), state_dict: ours };
    const expected = structuredClone(c.state_dict);
    for (const entries of Object.values(expected.state)) {
      for (const [k, v] of Object.entries(entries)) if (v === null) delete entries[k];
      delete entries.al; // of the recursion, computed anew each time
      if (entries.H_diag === 1) entries.H_diag = { dtype: "float32", shape: [], values: [1] };
    }
    same(ours, expected, name.startsWith("LBFGS") ? 2e-3 : tolerance(name), name);
  });
  it.each(Object.entries(makers))("%s: goes through tensors and text, and comes back", (name, make) => {
    const c = figures.cases[name];
    const optimizer = make(parameters(c.after3));
    optimizer.loadStateDict(optim.fromTorchStateDict(decode(c.state_dict)));
    const dict = optim.toTorchStateDict(optimizer);
    const { tensors, metadata } = optim.flattenTorchState(dict);
    expect(Object.values(tensors).every(isTensor)).toBe(true);
    expect(encode(optim.unflattenTorchState(tensors, metadata))).toEqual(encode(dict));
  });
});

it("the table of docs/optimizer-state.md names each entry of each optimizer, and no other", () => {
  const page = readFileSync(new URL("../../../docs/optimizer-state.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (\w[\w, ]*) \| (`.*`) \| (`.*) \|$/gm)].map(([, names, torch, ours]) => ({
    names: names.split(", "),
    torch: [...torch.matchAll(/`(\w+)`/g)].map(([, key]) => key),
    ours: [...ours.matchAll(/`(\w+)`/g)].map(([, key]) => key),
  }));
  const seen = new Map<string, Set<string>>();
  for (const [name, { state_dict }] of Object.entries(figures.cases)) {
    const keys = seen.get(name.split(" ")[0]) ?? new Set<string>();
    seen.set(name.split(" ")[0], keys);
    for (const entries of Object.values(state_dict.state))
      for (const [key, value] of Object.entries(entries)) if (value !== null && key !== "al") keys.add(key);
  }
  for (const row of rows) {
    const found = new Set(row.names.flatMap((name) => [...(seen.get(name) ?? [])]));
    expect([...found].sort(), row.names.join()).toEqual([...row.torch].sort());
    const given = {
      state: { 0: Object.fromEntries(row.torch.map((key) => [key, 1])) },
      param_groups: [{ params: [0] }],
    };
    expect(Object.keys(optim.fromTorchStateDict(given).state["0"]).sort()).toEqual([...row.ours].sort());
  }
  expect(rows.flatMap((row) => row.names).sort()).toEqual([...seen.keys()].sort());
});

describe("what readers give", () => {
  const dict = () => {
    const buffer = tensor([1, 2]);
    return {
      state: new Map([[7, { momentum_buffer: buffer }]]),
      param_groups: [
        new Map<string, unknown>([
          ["lr", 1],
          ["params", [7n]],
        ]),
      ],
    };
  };
  it("may be Maps, with numbers or bigints that stand for the parameters in their order", () => {
    const { state, paramGroups } = optim.fromTorchStateDict(dict());
    expect(Object.keys(state)).toEqual(["0"]);
    expect(paramGroups).toEqual([{ lr: 1, params: [0] }]);
  });
  it("keeps numbers that JSON has not", () => {
    const torch = {
      state: new Map([[0, { prev_loss: Number.NaN }]]),
      param_groups: [{ step_sizes: [0, Infinity], params: [0] }],
    };
    const { tensors, metadata } = optim.flattenTorchState(torch);
    expect(optim.unflattenTorchState(tensors, metadata)).toEqual(torch);
  });
  it.each<[string, () => unknown]>([
    ["a state dict is no dict: 3", () => optim.fromTorchStateDict(3)],
    ['needs "state" and "param_groups"', () => optim.fromTorchStateDict({ state: {} })],
    ["parameter group 0 has no list of params", () => optim.fromTorchStateDict({ state: {}, param_groups: [{}] })],
    [
      "holds state for parameter 3, which no group names",
      () => optim.fromTorchStateDict({ state: { 3: {} }, param_groups: [{ params: [0] }] }),
    ],
    ["not what toTorchStateDict() gives", () => optim.flattenTorchState({ state: {}, param_groups: [] } as never)],
    ['the metadata has no "optimizer"', () => optim.unflattenTorchState({}, {})],
    ["is no JSON", () => optim.unflattenTorchState({}, { optimizer: "{" })],
    [
      '"weight" is no tensor of an optimizer\'s state',
      () => optim.unflattenTorchState({ weight: tensor([1]) }, { optimizer: '{"state": {}, "param_groups": []}' }),
    ],
    [
      "lacks some of its 1 tensors",
      () =>
        optim.unflattenTorchState({ "state.0.ro.1": tensor(1) }, { optimizer: '{"state": {}, "param_groups": []}' }),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(FormatError);
    expect(call).toThrow(message);
  });
  it("PyTorch's is told from ours", () => {
    const optimizer = new optim.SGD([tensor([1, 2], { requiresGrad: true })]);
    expect(() => optimizer.loadStateDict(dict() as never)).toThrow("read PyTorch's with fromTorchStateDict(dict)");
  });
});
