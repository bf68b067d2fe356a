import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../scripts/setup/paths.mjs";
import { torchNamesPage, torchNamesText } from "../scripts/torch-names.ts";

test(`${torchNamesPage} is what the packages export (npm run tables writes it)`, () => {
  const text = torchNamesText();
  for (const row of [
    "| `torch.adaptive_avg_pool1d` | `adaptiveAvgPool1d` |",
    "| `torch.nn.functional.cross_entropy` | `losses.crossEntropy` |",
    "| `torch.Tensor.size` | `Tensor.sizeAt` |",
    "| `torch.nn.init.kaiming_uniform_` | `nn.init.kaimingUniform_` |",
  ])
    expect(text).toContain(row);
  expect(text).not.toMatch(/\| `\w*[a-z]_[a-z]\w*` \|\n/); // no snake case of ours
  expect(readFileSync(join(root, torchNamesPage), "utf8")).toBe(text);
});
