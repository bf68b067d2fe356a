import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { opCoveragePage, opCoverageText } from "../scripts/op-coverage.ts";
import { root } from "../scripts/setup/paths.mjs";

test(`${opCoveragePage} is what PyTorch's figures say (npm run tables writes it)`, () => {
  const text = opCoverageText();
  expect(text).toContain("| `matmul` |");
  expect(readFileSync(join(root, opCoveragePage), "utf8")).toBe(text);
});
