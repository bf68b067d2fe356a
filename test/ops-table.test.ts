import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { opsPage, page } from "../scripts/ops-table.ts";
import { root } from "../scripts/setup/paths.mjs";

test(`${page} is what the sources say (npm run tables writes it)`, () => {
  const text = opsPage();
  expect(text).toContain("| `matmul(");
  expect(readFileSync(join(root, page), "utf8")).toBe(text);
});
