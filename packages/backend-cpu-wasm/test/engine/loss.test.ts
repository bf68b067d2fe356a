import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { crossEntropyBackward, crossEntropyForward, type Reduction } from "../../src/engine/loss.ts";
import { describeBuilds } from "./builds.ts";
import { error, get, numbers, numericGradient, put, putInt, random } from "./reference.ts";

let engine: Engine;
const use = (made: Engine) => {
  engine = made;
};

function reference(x: ArrayLike<number>, targets: number[], classes: number, reduction: Reduction): number[] {
  const losses = targets.map((target, row) => {
    if (target === -100) return 0;
    let sum = 0;
    for (let i = 0; i < classes; i++) sum += Math.exp(x[row * classes + i]);
    return Math.log(sum) - x[row * classes + target];
  });
  if (reduction === "none") return losses;
  const total = losses.reduce((a, b) => a + b, 0);
  return [reduction === "sum" ? total : total / targets.filter((t) => t !== -100).length];
}

function place(rows: number, classes: number, targets: number[], x: ArrayLike<number>, reduction: Reduction) {
  return {
    rows,
    classes,
    logits: put(engine, x),
    targets: putInt(engine, targets),
    ignoreIndex: -100,
    reduction,
    output: engine.alloc(rows * 4),
    saved: engine.alloc((2 * rows + 1) * 4),
  };
}

describeBuilds("cross entropy", { threads: 2 }, use, () => {
  it.each([
    ["none", 7, 5],
    ["sum", 40, 10],
    ["mean", 33, 70],
  ] as const)("%s over %i rows of %i classes, one row ignored: loss and gradient", (reduction, rows, classes) => {
    const next = numbers(rows);
    const x = random(rows * classes, () => 5 * next());
    const targets = Array.from({ length: rows }, () => Math.floor(((next() + 1) / 2) * classes));
    targets[3] = -100;
    const args = place(rows, classes, targets, x, reduction);
    const count = reduction === "none" ? rows : 1;
    expect(crossEntropyForward(engine, args)).toBe(true);
    const f = (v: ArrayLike<number>) => reference(v, targets, classes, reduction);
    expect(error(get(engine, args.output, count), f(x))).toBeLessThan(1e-6);
    const g = random(count, next);
    const out = engine.alloc(rows * classes * 4);
    crossEntropyBackward(engine, args, put(engine, g), out);
    expect(error(get(engine, out, rows * classes), numericGradient(f, x, g))).toBeLessThan(2e-6);
  });

  it("keeps precision when the logits are large", () => {
    const args = place(1, 3, [0], [30000, 30001, 29990], "mean");
    crossEntropyForward(engine, args);
    const exact = 1 + Math.log(1 + Math.exp(-1) + Math.exp(-11));
    expect(error(get(engine, args.output, 1), [exact])).toBeLessThan(1e-7);
  });

  it.each([[10], [-1]])("says so when a target is %i of 10 classes", (bad) => {
    const args = place(4, 10, [0, 9, bad, 3], random(40, numbers(1)), "mean");
    expect(crossEntropyForward(engine, args)).toBe(false);
  });
});
