import { expect, test } from "vitest";
import { documented, orphans } from "../scripts/docstrings.ts";
import { filesBelow } from "./support/examples.ts";

test("every public op, layer, loss, optimizer and scheduler has formula, shapes, errors, source and an example", () => {
  const all = documented();
  expect(all.length).toBeGreaterThan(880);
  const lacking = all.filter(({ missing }) => missing.length);
  expect(lacking.map(({ file, line, name, missing }) => `${file}:${line} ${name}: ${missing}`)).toEqual([]);
});

test("every docstring stands above a declaration", () => {
  const files = filesBelow("packages", (path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path));
  expect(files.length).toBeGreaterThan(300);
  expect(orphans(files)).toEqual([]);
});
