import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, expect, test } from "vitest";
import {
  bernoulli,
  chebyshevPolynomialT,
  mvlgamma,
  noGrad,
  polygamma,
  registerBackend,
  round,
  type Tensor,
  tensor,
  tolist,
} from "../../src/index.ts";
import { createOps } from "../../src/ops/create/list.ts";
import { indexOps } from "../../src/ops/index/list.ts";
import { linalgOps } from "../../src/ops/linalg/list.ts";
import { nnOps } from "../../src/ops/nn/list.ts";
import { pointwiseOps } from "../../src/ops/pointwise/list.ts";
import { reduceOps } from "../../src/ops/reduce/list.ts";
import { shapeOps } from "../../src/ops/shape/list.ts";
import { type AnyOp, opNamed } from "../../src/ops.ts";
import { type Call, dispatch, withInterpreter } from "../../src/plugin.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});
const lists: readonly { readonly [name: string]: AnyOp }[] = [
  createOps,
  indexOps,
  linalgOps,
  nnOps,
  pointwiseOps,
  reduceOps,
  shapeOps,
];

test("each record stands in one list, once, under its own name", () => {
  const entries = lists.flatMap((list) => Object.entries(list));
  expect(entries.filter(([key, op]) => key !== op.name).map(([key]) => key)).toEqual([]);
  const names = entries.map(([key]) => key);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  // the names of in-place forms and gradient kernels stand for those
  const derived = names.filter(
    (name) => /_$|Backward$/.test(name) && opNamed(name, without(entries, name)) !== undefined,
  );
  expect(derived).toEqual([]);
  const records = entries.map(([, op]) => op);
  expect(names.filter((_, i) => records.indexOf(records[i]) !== i)).toEqual([]);
});

const without = (entries: readonly (readonly [string, AnyOp])[], name: string): { readonly [name: string]: AnyOp } =>
  Object.fromEntries(entries.filter(([key]) => key !== name));

/** The calls of `fn` and of its backward pass, each given again by name with its attributes; what differs is a problem. */
function replayed(fn: () => Tensor): { readonly names: readonly string[]; readonly problems: readonly string[] } {
  const names: string[] = [];
  const problems: string[] = [];
  const op = (call: Call): readonly Tensor[] => {
    const out = call.next();
    const { name } = call.op;
    names.push(name);
    const known = opNamed(name);
    if (!known) problems.push(`${name} has no record`);
    else
      noGrad(() =>
        dispatch(known, call.inputs, call.attrs).forEach((t, i) => {
          if (String(tolist(t)) !== String(tolist(out[i]))) problems.push(`${name} gives ${tolist(t)}`);
        }),
      );
    return out;
  };
  withInterpreter({ op }, () => fn().sum().backward());
  return { names, problems };
}

test("formulas that a number shapes are found by name, and their gradients", () => {
  const x = () => tensor([1.5, 2.5], { requiresGrad: true });
  for (const [fn, own] of [
    [() => polygamma(2, x()), ["polygamma", "polygammaBackward"]],
    [() => mvlgamma(x(), 2), ["mvlgamma", "mvlgammaBackward"]],
    [() => chebyshevPolynomialT(tensor([0.5]), 9).mul(x()), ["chebyshevPolynomialT"]],
    [() => chebyshevPolynomialT(0.5, tensor([2, 9])).mul(x()), ["chebyshevPolynomialT"]],
    [() => round(x(), { decimals: 1 }), ["roundDecimals", "roundDecimalsBackward"]],
  ] as const) {
    const { names, problems } = replayed(fn);
    expect(problems).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([...own]));
  }
});

test("parts of one function have the function's name in messages and in the graph", () => {
  const a = tensor([1.25], { requiresGrad: true });
  expect(a.add(a, { alpha: 2 }).gradFn?.name).toBe("AddBackward");
  expect(round(a, { decimals: 1 }).gradFn?.name).toBe("RoundBackward");
  expect(a.max().gradFn?.name).toBe("MaxBackward");
  expect(() => tensor([1, 2]).gcd(tensor([1.5]))).toThrow(/^gcd: /);
});

test("a draw depends on its probabilities without a slope: its gradient is zeros", () => {
  const p = tensor([0.25, 0.75], { requiresGrad: true });
  const { names, problems } = replayed(() => {
    const draw = bernoulli(p);
    expect(draw.gradFn?.name).toBe("BernoulliBackward");
    return draw;
  });
  expect(names).toContain("slopeless");
  // the draw itself moves the generator on, so that a second one differs
  expect(problems.filter((problem) => !problem.startsWith("bernoulliEach "))).toEqual([]);
  expect(p.grad && tolist(p.grad)).toEqual([0, 0]);
});
