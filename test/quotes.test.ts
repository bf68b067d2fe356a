import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contractPage, contractText } from "../scripts/contract-page.ts";
import { partsOf, quoted, quotesOf, quotingPages } from "../scripts/quotes.ts";
import { root } from "../scripts/setup/paths.mjs";

const read = (path: string) => readFileSync(join(root, path), "utf8");

test("a file's parts, put together again, are the file", () => {
  const text = "a\n\n// part: one\nb\n\n  // part: two\n  c\n}\n";
  const parts = partsOf(text);
  expect([...parts]).toEqual([
    ["", "a\n"],
    ["one", "b\n"],
    ["two", "  c\n}\n"],
  ]);
  expect([...parts.values()].join("\n")).toBe(text.replace(/^ *\/\/ part.*\n/gm, ""));
});

test(`${contractPage} is what the docstrings say (npm run tables writes it)`, () => {
  expect(read(contractPage)).toBe(contractText());
  expect(contractText()).toContain("### checkIndices");
});

describe("quotes", () => {
  test.each(quotingPages())("%s quotes its files as they are (npm run tables writes them)", (page) => {
    expect(read(page)).toBe(quoted(page));
  });

  test("the tutorial's files stand in its pages whole, and in order", () => {
    const order = ["plain", "fused", "asynchronous", "publish"].map((name) => `docs/write-a-backend/${name}.md`);
    const quotes = order.flatMap((page) => quotesOf(read(page)));
    const files = globSync("examples/write-a-backend/{src,test}/*.ts", { cwd: root });
    // what is the template's in a folder of one's own
    const own = files.filter((file) => !/\/(elements|kernels)\.ts$/.test(file));
    expect(new Set(quotes.map(({ file }) => file))).toEqual(new Set(own));
    for (const file of own)
      expect(
        quotes.filter((quote) => quote.file === file).map(({ part }) => part),
        file,
      ).toEqual([...partsOf(read(file)).keys()]);
  });
});
