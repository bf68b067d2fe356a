// Laws of all layers and criterions: gradients are those of finite differences, a copy computes the same, a state can be loaded.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gradcheck, nn, type Tensor, Tensor as TensorClass } from "flambeau";
import * as t7 from "flambeau/torch7";
import { describe, expect, test } from "vitest";
import { root } from "../../../../scripts/setup/paths.mjs";
import { filesBelow } from "../../../../test/support/examples.ts";
import { type Argument, cases } from "./cases.ts";

const isTensor = (x: unknown): x is Tensor => x instanceof TensorClass;
const leaves = (given: unknown): Tensor[] =>
  isTensor(given) ? [given] : Array.isArray(given) ? given.flatMap(leaves) : [];
/** The same lists with other tensors, in the order of `leaves`. */
function filled(given: Argument, next: Iterator<Tensor>): Argument {
  if (isTensor(given)) return next.next().value as Tensor;
  return typeof given === "number" ? given : given.map((each) => filled(each, next));
}
const floating = (t: Tensor): boolean => t.dtype === "float64";

describe.each(cases)("$name", ({ make, inputs }) => {
  test("has the gradients of finite differences, of what it takes and of its parameters", () => {
    const module = make();
    const given = inputs();
    const all = leaves(given);
    const parameters = [...module.namedParameters()].map(([name, p]) => [name, p.detach().clone()] as const);
    const wanted = [...all.filter(floating), ...parameters.map(([, p]) => p)];
    for (const t of wanted) t.requiresGrad = true;
    const run = (...values: Tensor[]): Tensor[] => {
      const rest = values[Symbol.iterator]();
      const floats = all.map((t) => (floating(t) ? (rest.next().value as Tensor) : t));
      const state = Object.fromEntries(parameters.map(([name]) => [name, rest.next().value as Tensor]));
      const again = floats[Symbol.iterator]();
      const y: unknown = nn.functionalCall(module, state, given.map((each) => filled(each, again)) as never);
      return leaves(y);
    };
    expect(gradcheck(run, wanted)).toBe(true);
  });

  test("computes the same in float32, and with the state of another", () => {
    const [module, other] = [make(), make()];
    const flat = (m: nn.Module, given: readonly Argument[]) =>
      leaves(m.forward(...given)).flatMap((t) => t.to("float64").flatten().tolist() as number[]);
    const given = inputs();
    const expected = flat(module, given);
    for (const p of other.parameters()) p.detach().zero_();
    other.loadStateDict(module.stateDict());
    expect(flat(other, given)).toEqual(expected);
    const single = given.map(function narrow(each): Argument {
      if (isTensor(each)) return floating(each) ? each.to("float32") : each;
      return typeof each === "number" ? each : each.map(narrow);
    });
    const rounded = flat(module.float(), single);
    expect(rounded.length).toBe(expected.length);
    for (const [i, value] of rounded.entries()) expect(value).toBeCloseTo(expected[i], 4);
  });
});

test("every class of this folder is among the cases, or has tests of its own", () => {
  const apart = [
    ..."Container PrintSize GradientReversal ZeroGrad L1Penalty Constant OneHot ModuleFromCriterion".split(" "),
    ..."Node StochasticGradient Kmeans SparseLinear".split(" "),
  ];
  const named = new Set(cases.map(({ name }) => name.split(" ")[0]));
  const folder = "packages/nn/src/torch7";
  // along-dim.ts is what two files of these build on
  const files = filesBelow(folder, (path) => path.endsWith(".ts") && !/torch7\/(rnn\/|dpnn\/|along-dim)/.test(path));
  const classes = files.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/^export (?:abstract )?class (\w+)/gm)].map(([, name]) => name),
  );
  expect(classes.length).toBeGreaterThan(95);
  expect(classes.filter((name) => !named.has(name) && !apart.includes(name))).toEqual([]);
  expect(classes.filter((name) => !(name in t7))).toEqual([]);
});
