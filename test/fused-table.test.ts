import { readFileSync } from "node:fs";
import { join } from "node:path";
import { opNamed, ops } from "@flambeau/tensor/ops";
import { expect, test } from "vitest";
import { lossOps } from "../packages/losses/src/ops.ts";
import { nnOps } from "../packages/nn/src/ops.ts";
import { optimOps } from "../packages/optim/src/ops.ts";
import { fastPaths, guide, guideText } from "../scripts/fused-table.ts";
import { root } from "../scripts/setup/paths.mjs";

test(`the fast paths in ${guide} are what the sources say (npm run tables writes them)`, () => {
  expect(readFileSync(join(root, guide), "utf8")).toBe(guideText());
});

test("a fast path has the name of an op", () => {
  const all = { ...ops, ...lossOps, ...nnOps, ...optimOps };
  const names = fastPaths().map(({ name }) => name);
  expect(names).toContain("softmax");
  expect(names.filter((name) => opNamed(name, all)?.name !== name)).toEqual([]);
});
