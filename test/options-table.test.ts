import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { optionsPage, page } from "../scripts/options-table.ts";
import { root } from "../scripts/setup/paths.mjs";

test(`${page} is what the sources say (npm run tables writes it)`, () => {
  const text = optionsPage();
  for (const name of ["new Conv2d(", "new CrossEntropyLoss(", "new Adam(", "new DataLoader("])
    expect(text).toContain(name);
  expect(readFileSync(join(root, page), "utf8")).toBe(text);
});
