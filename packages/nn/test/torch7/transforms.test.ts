// Layers of Torch7 inside of what looks at ops: batches, captured graphs and compiled functions compute what the layers do.
import { capture, compile, type nn, noGrad, stack, type Tensor, Tensor as TensorClass, vmap } from "flambeau";
import { describe, expect, test } from "vitest";
import { type Argument, cases } from "./cases.ts";

const isTensor = (x: unknown): x is Tensor => x instanceof TensorClass;
const leaves = (given: unknown): Tensor[] =>
  isTensor(given) ? [given] : Array.isArray(given) ? given.flatMap(leaves) : [];
function filled(given: Argument, next: Iterator<Tensor>): Argument {
  if (isTensor(given)) return next.next().value as Tensor;
  return typeof given === "number" ? given : given.map((each) => filled(each, next));
}
/** A module as a function of the tensors that it takes. */
function plain(module: nn.Module, given: readonly Argument[]): (...xs: Tensor[]) => Tensor[] {
  return (...xs) => {
    const next = xs[Symbol.iterator]();
    return leaves(module.forward(...given.map((each) => filled(each, next))));
  };
}
const close = (found: readonly Tensor[], expected: readonly Tensor[]) => {
  expect(found.map((t) => t.shape)).toEqual(expected.map((t) => t.shape));
  for (const [i, t] of found.entries())
    if (t.size > 0) expect(t.sub(expected[i]).abs().max().item()).toBeLessThan(1e-9);
};
const dependsOnValues = ["MaskedSelect"]; // as many elements as the mask has ones

describe.each(cases)("$name", ({ name, make, inputs }) => {
  const module = make().requiresGrad_(false);
  const given = inputs();
  const xs = leaves(given);
  const run = plain(module, given);
  const others = xs.map((x) => (x.dtype === "float64" ? x.mul(1.25) : x));

  test.skipIf(dependsOnValues.includes(name))("in a captured graph", () => {
    const graph = capture(run, xs, { model: module });
    close(
      graph.run(others) as Tensor[],
      noGrad(() => run(...others)),
    );
  });
  test.skipIf(dependsOnValues.includes(name))("for a batch of samples", () => {
    const stacked = xs.map((x, i) => stack([x, others[i]]));
    const found = vmap(run)(...stacked);
    close(
      found.map((t) => t.select(0, 0)),
      run(...xs),
    );
    close(
      found.map((t) => t.select(0, 1)),
      run(...others),
    );
  });
  test("in a compiled function", () => {
    const compiled = compile(run);
    for (const values of [xs, others, xs]) close(compiled(...values), run(...values));
  });
});
