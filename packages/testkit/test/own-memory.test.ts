import { describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { rowOf } from "../src/conformance/map/index.ts";
import type { OpFile } from "../src/conformance/ops.ts";
import { either, reading, sameNameOnly, views, writers } from "../src/conformance/ownership/aliases.ts";
import { opsIn, sweepOp, type Tally } from "../src/conformance/ownership/sweep.ts";
import { loadSubject } from "../src/conformance/subject.ts";

const subject = await loadSubject("cpu", { threads: 1 });

const ops = opsIn(bundledFixtures(["ops", "ops_float64", "ops_int64", "ops_bool"])).filter(({ files }) => {
  const file = [...files.values()][0].read() as unknown as OpFile; // the folders hold op files
  return rowOf(file.op, file.variant) !== undefined;
});
const tallies = new Map<string, Tally>();

// a few of each op's cases, layouts, dtypes and writes; all of them in the long form
describe("results own their memory: a copy is a copy, and a change in place has its gradient or is refused", () => {
  test.each(ops.map((op) => [op.name, op] as const))("%s", (name, op) => {
    const tally = sweepOp(op, { ...subject, whole: long });
    tallies.set(name, tally);
    expect(tally.problems).toEqual([]);
  });
});

describe("the laws are not empty", () => {
  const opsWith = (of: (t: Tally) => number): number => [...tallies.values()].filter((t) => of(t) > 0).length;

  test("results are held apart, changes are compared, slopes are measured for hundreds of ops", () => {
    expect(opsWith((t) => t.copies)).toBeGreaterThan(590);
    expect(opsWith((t) => t.holds)).toBeGreaterThan(430);
    expect(opsWith((t) => t.twins)).toBeGreaterThan(120);
    expect(opsWith((t) => t.slopes)).toBeGreaterThan(long ? 380 : 100);
  });

  test("the reviewed lists name ops that there are", () => {
    const names = new Set(ops.map(({ name }) => name));
    for (const list of [views, either, writers, sameNameOnly, reading])
      for (const name of list) expect(names, name).toContain(name);
  });

  if (long)
    test("ops that may give a view do", () => {
      for (const name of either) expect(tallies.get(name)?.shown, name).toBeGreaterThan(0);
    });

  if (long)
    test("ops that read their result refuse to have it changed", () => {
      expect([...reading].filter((name) => tallies.get(name)?.refusesResult !== true)).toEqual([]);
    });
});
