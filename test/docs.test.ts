// Runs every example of the documentation: the ts blocks of the pages and the @example blocks of the public docstrings.
// A value written behind a statement (`x.sum(); // tensor(10.)`) is a promise and is compared.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cache, root } from "../scripts/setup/paths.mjs";
import { moduleOf, options } from "./support/doctest.ts";
import { docstringExamples, filesBelow, pageExamples } from "./support/examples.ts";
import { expectValue } from "./support/expect-value.ts";

const modules = join(cache, "doctest");
const support = join(root, "test/support");
const pages = ["README.md", "CONTRIBUTING.md", "docs", "packages", "apps"].flatMap((folder) =>
  filesBelow(folder, (path) => path.endsWith(".md") && !path.endsWith("CHANGELOG.md")),
);
const sources = filesBelow("packages", (path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path));

const examples = [
  ...pages.flatMap((file) => pageExamples(file).map((example) => ({ ...example, file }))),
  ...sources.flatMap((file) => docstringExamples(file).map((example) => ({ ...example, file }))),
].map((example, i) => ({ ...example, module: join(modules, `example-${i}.ts`) }));

const scratch = mkdtempSync(join(tmpdir(), "flambeau-docs-"));
const home = process.cwd();

beforeAll(() => {
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules, { recursive: true });
  for (const each of examples) writeFileSync(each.module, moduleOf(each, each.file, support));
  process.chdir(scratch); // an example that saves a file saves it there
});
afterAll(() => {
  process.chdir(home);
  rmSync(scratch, { recursive: true, force: true });
});

describe("the comparison with a written value", () => {
  test.each([
    [[1, 2.5], "[1, 2.5]"],
    [new Float32Array([0.4963, 0.7682]), "[0.4963, 0.7682]"],
    [{ shape: [2], more: 1 }, "{ shape: [2] }"],
    [-0.00012, "-1.2e-4"],
    [null, "null"],
    ["a", '"a"'],
    ["0.6931", "0.6931"],
    [1000.6931, "1000.693..."],
    [5n, "5n"],
  ])("accepts %o as %s", (value, written) => expect(() => expectValue(value, written)).not.toThrow());
  test.each([
    [[1, 2], "[1, 2, 3]"],
    [[0.4964], "[0.4963]"],
    [3, "2"],
    [1000.7, "1000.693..."],
    [{ shape: [2] }, "{ size: 2 }"],
    ["b", '"a"'],
    [undefined, "null"],
  ])("refuses %o as %s", (value, written) => expect(() => expectValue(value, written)).toThrow(/promises/));
});

describe("examples", () => {
  for (const { where, skip, module } of examples) {
    if (skip) continue; // it is type-checked below
    test(where, async () => {
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      try {
        await import(module);
      } finally {
        log.mockRestore();
      }
    });
  }

  test("type-check", () => {
    const files = examples.map(({ module }) => module);
    const program = ts.createProgram(files, {
      ...options(),
      noUnusedLocals: false,
      noUnusedParameters: false,
      verbatimModuleSyntax: false, // the imports that an example leaves out are added without a word on types
    });
    const wrong = files.flatMap((file, i) => {
      const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
      const where = examples.find(({ module }) => module === files[i])?.where;
      return found.map(({ messageText }) => `${where}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
    });
    expect(wrong).toEqual([]);
  });
});
