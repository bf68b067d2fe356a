// Every fault that one wrong line of the template can be is found, and the template itself passes.
import { expect, test } from "vitest";
import { mutants } from "./mutants.ts";
import { killersOf } from "./run.ts";

// some hundred runs of up to a minute each
const timeout = 3_600_000;

test("the template passes", { timeout }, async () => {
  expect(await killersOf([null])).toEqual([null]);
});
test.each([...new Set(mutants.map(({ file }) => file))])(
  "each mutant of %s fails a test",
  { timeout },
  async (file) => {
    const own = mutants.filter((each) => each.file === file);
    const killers = await killersOf(own);
    expect(own.filter((_, i) => killers[i] === null).map(({ why }) => why)).toEqual([]);
  },
);
