import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coveragePage, coverageText, stale, stateOf, unknown } from "../scripts/coverage.ts";
import { root } from "../scripts/setup/paths.mjs";

test(`${coveragePage} is what the packages export (npm run tables writes it)`, () => {
  const text = coverageText();
  for (const row of [
    "| `Linear` | `nn.Linear` |",
    "| `CrossEntropyLoss` | `losses.CrossEntropyLoss` |",
    "| `cross_entropy` | `losses.crossEntropy` |",
    "| `get_ema_multi_avg_fn` | `optim.getEmaMultiAvgFn` |",
    "| `StepLR` | `optim.lrScheduler.StepLR` |",
    "| `clip_grad_norm_` | `optim.clipGradNorm_` |",
    "| `Optimizer.register_step_pre_hook` | `optim.Optimizer.registerStepPreHook` |",
    "| `Sampler` | `data.Sampler` |",
    "| `random_split` | `data.randomSplit` |",
    "| `SparseAdam` | not planned: no sparse tensors |",
  ])
    expect(text).toContain(`${row}\n`);
  expect(text).toMatch(/^- .*`nn\.isModule`/m); // ours besides
  expect(readFileSync(join(root, coveragePage), "utf8")).toBe(text);
});

test("nothing is said not to be planned that is there, or that PyTorch has not", () => {
  expect(stale()).toEqual([]);
  expect(unknown()).toEqual([]);
});

test("a name is looked up, and not taken for granted", () => {
  expect(stateOf("torch.nn", "NoSuchLayer")).toEqual({});
  expect(stateOf("torch.optim", "Optimizer.no_such_hook")).toEqual({});
  expect(stateOf("torch.optim", "NoSuchOptimizer")).toEqual({});
});
