import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tensor } from "@flambeau/tensor";
import { expect, test } from "vitest";
import { methodsFile, methodsText } from "../scripts/methods-interface.ts";
import { root } from "../scripts/setup/paths.mjs";

test(`${methodsFile} is what the functions say (npm run tables writes it)`, () => {
  const text = methodsText();
  expect(readFileSync(join(root, methodsFile), "utf8")).toBe(text);
  // each stands below a docstring or another form of itself, and is installed
  const lines = text.slice(text.indexOf("export interface TensorMethods")).split("\n");
  const names = new Set<string>();
  for (const [i, line] of lines.entries()) {
    const [, name] = /^ {2}(\w+)[(<]/.exec(line) ?? [];
    if (!name) continue;
    names.add(name);
    expect(lines[i - 1], `${name} has no docstring`).toMatch(/\*\/$/);
    expect(typeof Tensor.prototype[name as keyof Tensor], name).toBe("function");
  }
  expect(names.size).toBeGreaterThan(500);
});
