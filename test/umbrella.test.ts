// The names of `flambeau` are a promise to its users: they stand in a file that is reviewed line by line.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as authors from "@flambeau/tensor/plugin";
import * as flambeau from "flambeau";
import * as onGpu from "flambeau/webgpu";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "../scripts/setup/paths.mjs";

const file = "test/umbrella-names.txt";

/** What the umbrella exports, values and types. */
function names(): string[] {
  const entry = join(root, "packages/flambeau/src/index.ts");
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const program = ts.createProgram([entry], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const source = program.getSourceFile(entry);
  const symbol = source && program.getTypeChecker().getSymbolAtLocation(source);
  if (!symbol) throw new Error(`${entry} has no exports`);
  return program
    .getTypeChecker()
    .getExportsOfModule(symbol)
    .map(({ name }) => name)
    .sort();
}

test(`the umbrella exports the names of ${file}, and no author's`, () => {
  expect(names()).toEqual(readFileSync(join(root, file), "utf8").trim().split("\n"));
  const values = Object.keys(flambeau);
  expect(values.filter((name) => Object.hasOwn(authors, name))).toEqual([]);
  expect(Object.keys(onGpu).sort()).toEqual(values.filter((name) => name !== "cpuWasm").sort());
});
