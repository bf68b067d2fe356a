import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../scripts/setup/paths.mjs";
import { missing, torch7Page, torch7Text } from "../scripts/torch7-names.ts";

test(`${torch7Page} is what the packages export (npm run tables writes it)`, () => {
  const text = torch7Text();
  for (const row of [
    "| `ConcatTable` | `torch7.ConcatTable` |  |",
    "| `SpatialConvolution` | `nn.Conv2d` |  |",
    "| `gModule` | `torch7.gModule` |  |",
    "| `lbfgs` | `optim.LBFGS` |  |",
    "| `zeroGradParameters` | `Module.zeroGrad` |  |",
  ])
    expect(text).toContain(row);
  expect(readFileSync(join(root, torch7Page), "utf8")).toBe(text);
});

test("every name of Torch7's own nn, optim and nngraph stands somewhere, or has a reason", () => {
  expect(missing().filter((name) => !/^(rnn|dpnn)\./.test(name))).toEqual([]);
});
