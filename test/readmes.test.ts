// Each package's README starts with an example, which test/docs.test.ts runs, and says what the package needs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packages } from "../scripts/workspace.ts";
import { pageExamples } from "./support/examples.ts";

describe.each(packages())("the README of $name", ({ name, folder, path }) => {
  const text = readFileSync(join(path, "README.md"), "utf8");
  const command = folder === "create-flambeau"; // whose first example is typed into a shell

  test("has its name, a sentence, and then an example", () => {
    const [, title, , language] = /^# (\S+)\n\n((?:(?![-#|`]{1,3} ).+\n)+)\n```(\w+)\n/.exec(text) ?? [];
    expect([title, language]).toEqual([name, command ? "sh" : "ts"]);
  });
  test("whose example imports the package, and runs", () => {
    const [first] = pageExamples(`packages/${folder}/README.md`);
    expect(first?.code).toContain(`from "${name}"`);
    if (folder !== "testkit") expect(first?.skip).toBeUndefined();
  });
  test("says what it needs, on what it depends, and its licence", () => {
    expect(text).toMatch(/^Needs .*(Node 22|WebGPU)/m);
    expect(text).toMatch(/^Dependencies: /m);
    expect(text).toMatch(/Licence: MIT\.$/m);
  });
});
