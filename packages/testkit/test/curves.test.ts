import "@flambeau/autograd";
import { describe, expect, test } from "vitest";
import { readBundle } from "../src/conformance/bundle.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { difference } from "./curves/compare.ts";
import { has } from "./curves/later.ts";
import { needs, programs } from "./curves/programs.ts";
import { type Curve, Run, sumsOf } from "./curves/run.ts";

// Fifty losses each of 37 training runs of PyTorch's: the same programs, from the same seed.

await loadSubject("cpu", { threads: 1 });
const curves = new Map(
  readBundle(new URL("./curves/curves.br", import.meta.url)).map(({ name, read }) => [
    name,
    read() as unknown as Curve,
  ]), // the bundle's own
);
const waiting = Object.keys(needs).filter((name) => !has(...needs[name]));
const ready = [...curves.keys()].filter((name) => !waiting.includes(name));

/** How far a loss may be off: ten times what rounding to float32 did to PyTorch's own, or 1e-5. */
function toleranceOf(curve: Curve, dtype: string): number {
  if (/lbfgs/.test(curve.name)) return 1e-3; // each step doubles a difference, down to float64's last bit: it divides differences
  if (dtype === "float64") return 1e-9;
  if (/bf16/.test(curve.name)) return 2e-2; // a product in bfloat16 has eight bits, and sums go in another order
  const own = curve.name.endsWith("_rng") ? 0 : curve.max_abs_difference; // there float64 draws other numbers
  return Math.max(1e-5, 10 * own);
}

/** Weights that the losses hardly see, so that rounding alone moves them, and why. */
const undetermined: { readonly [name: string]: readonly [keys: RegExp, why: string] } = {
  gpt: [/qkv\.bias$/, "the softmax of attention does not see the keys' bias"],
  unet: [/\.0\.bias$|running_mean$/, "batch norm takes a convolution's bias away"],
  dropout_mlp_rng: [/^3\.bias$|running_mean$/, "batch norm takes a linear layer's bias away"],
  optim_lbfgs: [/./, "the losses of LBFGS double a difference in each step"],
  optim_lbfgs_strong_wolfe: [/./, "the losses of LBFGS double a difference in each step"],
  autocast_bf16_mlp: [/./, "eight bits in each product"],
  bf16_weights_mlp: [/./, "eight bits in each weight"],
};
function finalOf(curve: Curve, nets: Run["nets"]): [ours: unknown, theirs: unknown] {
  const [keys] = undetermined[curve.name] ?? [/^$/];
  const told = <T>(sums: { readonly [key: string]: T }) =>
    Object.fromEntries(Object.entries(sums).filter(([key]) => !keys.test(key)));
  return [
    Object.fromEntries(Object.entries(nets).map(([net, m]) => [net, told(sumsOf(m.stateDict()))])),
    Object.fromEntries(Object.entries(curve.final).map(([net, sums]) => [net, told(sums)])),
  ];
}

async function replay(curve: Curve, dtype: "float32" | "float64"): Promise<{ run: Run; losses: number[] }> {
  const run = new Run(curve, dtype);
  const losses: number[] = [];
  for await (const loss of programs[curve.name](run)) losses.push(loss.item());
  return { run, losses };
}

test("there is a program for each curve", () => {
  expect(Object.keys(programs).sort()).toEqual([...curves.keys()].sort());
  expect(curves.size).toBe(37);
});

for (const name of waiting) test.todo(`${name}: needs ${needs[name].join(", ")}`);

describe.each(ready)("%s", (name) => {
  const curve = curves.get(name) as Curve; // one of them
  test("has PyTorch's start, losses and end", async () => {
    const { run, losses } = await replay(curve, "float32");
    const tolerance = toleranceOf(curve, "float32");
    expect(run.drawn).toEqual([]);
    expect(difference(losses, curve.loss, tolerance, "loss")).toBe("");
    for (const [key, expected] of Object.entries(curve.extra))
      if (key !== "optimizer") expect(difference(run.notes[key], expected, tolerance, key)).toBe("");
    // sums of up to 2,300 weights
    expect(difference(...finalOf(curve, run.nets), 10 * tolerance, "final")).toBe("");
  });
  test("has PyTorch's losses in float64", async () => {
    const { losses } = await replay(curve, "float64");
    expect(difference(losses, curve.loss_float64, toleranceOf(curve, "float64"), "loss")).toBe("");
  });
});

test("the comparison sees a loss, a note and a weight that are off", async () => {
  const curve = curves.get("optim_adamw") as Curve;
  const { losses } = await replay(curve, "float32");
  const off = losses.map((l, i) => (i === 30 ? l + 1e-4 : l));
  expect(difference(off, curve.loss, toleranceOf(curve, "float32"), "loss")).toMatch(/^loss\[30\]: /);
  expect(difference(losses.slice(1), curve.loss, 1, "loss")).toBe("loss: 49 entries, PyTorch has 50");
  expect(difference({ a: [1] }, { a: [1.5] }, 0.1, "x")).toMatch(/^x\.a\[0\]: 1, PyTorch has 1\.5/);
  expect(difference(undefined, [1], 0.1, "x")).toMatch(/^x: /);
});
