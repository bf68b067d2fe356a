import "@flambeau/autograd";
import { describe, expect, test } from "vitest";
import { readBundle } from "../src/conformance/bundle.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { difference } from "./curves/compare.ts";
import { judge, replay, toleranceOf } from "./curves/judge.ts";
import { programs } from "./curves/programs.ts";
import type { Curve } from "./curves/run.ts";

// Fifty losses each of 37 training runs of PyTorch's: the same programs, from the same seed.

await loadSubject("cpu", { threads: 1 });
const curves = new Map(
  readBundle(new URL("./curves/curves.br", import.meta.url)).map(({ name, read }) => [
    name,
    read() as unknown as Curve,
  ]), // the bundle's own
);

test("there is a program for each curve", () => {
  expect(Object.keys(programs).sort()).toEqual([...curves.keys()].sort());
  expect(curves.size).toBe(37);
});

describe.each([...curves.keys()])("%s", (name) => {
  const curve = curves.get(name) as Curve; // one of them
  test("has PyTorch's start, losses and end", async () => {
    expect(await judge(curve, "float32")).toEqual([]);
  });
  test("has PyTorch's losses in float64", async () => {
    expect(await judge(curve, "float64")).toEqual([]);
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
