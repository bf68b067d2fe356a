// What docs/versioning.md says of names holds: those that went are gone, and those to write in their place are there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as flambeau from "flambeau";
import { expect, test } from "vitest";
import { root } from "../scripts/setup/paths.mjs";

const text = readFileSync(join(root, "docs/versioning.md"), "utf8");
const [, table = ""] = text.split("| before ");
const rows = table
  .split("\n")
  .slice(2)
  .filter((line) => line.startsWith("|"));
const all = flambeau as Readonly<Record<string, unknown>>;
const types = new Set(["SampleStream"]);

/** The functions and classes of the umbrella that a cell names, as `optim.swaAverage`. */
const named = (cell = ""): string[] => [
  ...new Set(
    [...cell.matchAll(/`(?:await )?((?:optim|io|data|losses)\.\w+|[a-zA-Z]+(?=\(\)))/g)].map(([, name = ""]) => name),
  ),
];
const there = (path: string): boolean =>
  path.split(".").reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name], all) !==
  undefined;

test("the names that went are gone", () => {
  const gone = ["relieveMemoryPressure", "resetPressure", "optim.swaAverage", "optim.emaAverage"];
  const before = rows.flatMap((row) => named(row.split("|")[1]));
  expect(before).toEqual(expect.arrayContaining(gone));
  expect(gone.filter(there)).toEqual([]);
});

test("the names to write are there", () => {
  const now = rows.flatMap((row) => named(row.split("|")[2])).filter((name) => name !== "step");
  expect(now).toEqual(
    expect.arrayContaining(["nextStep", "optim.getEmaMultiAvgFn", "io.parseNpz", "data.SampleStream"]),
  );
  expect(now.filter((name) => !types.has(name.split(".").at(-1) ?? "") && !there(name))).toEqual([]);
});

test("the contract of backends is the one that it names", () => {
  const [, said] = /`contract` of a backend is a number of its own, (\d+) today/.exec(text) ?? [];
  expect(Number(said)).toBe(flambeau.tensor([1]).backend.contract);
});
