import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../scripts/setup/paths.mjs";
import { toolchains } from "../scripts/toolchains/table.ts";
import { toolchainsPage, toolchainsText, writtenSizes } from "../scripts/toolchains-page.ts";

test(`${toolchainsPage} is what the tables and the bundles say (npm run tables writes it)`, async () => {
  const text = readFileSync(join(root, toolchainsPage), "utf8");
  expect(text).toBe(await toolchainsText());
  expect(writtenSizes(text).get("flambeau")).toBeGreaterThan(100);
});

test("each row has its test in test/packaging", () => {
  const folder = join(root, "test/packaging");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  const sources = files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const ids = [...sources.matchAll(/\btested\("([\w-]+)"/g)].map(([, id]) => id);
  expect([...new Set(ids)].sort()).toEqual(Object.keys(toolchains).sort());
});
