import { expect, test } from "vitest";
import type { Series } from "../src/against/compare.ts";
import { failures, heading, judge, tables } from "../src/against/report.ts";
import type { Row } from "../src/against/rows.ts";

const op: Row = { name: "add_us", kind: "op", unit: "us", title: "an op" };
const step: Row = { name: "mlp_ms", kind: "step", unit: "ms", title: "a step" };
const heap: Row = { name: "add_bytes", kind: "heap", unit: "bytes", title: "an object" };

const slower: Series = {
  row: op,
  threads: 1,
  figures: { old: [0.0005, 0.0004], new: [0.0005, 0.0009], again: [0.0005, 0.0007] },
};
const noisy: Series = { row: step, threads: 2, figures: { old: [20, 20], new: [22, 22], again: [25, 25] } };
const smaller: Series = { row: heap, threads: 1, figures: { old: [400, 400], new: [300, 300], again: [300, 300] } };
const absent: Series = { row: step, threads: 1, side: "old", unsupported: "no nn.LSTM yet" };
const broken: Series = { row: heap, threads: 1, side: "again", unsupported: "is not a function" };

test("an op by its minimum, a step by its median", () => {
  expect(judge(slower)).toEqual({
    name: "add_us",
    threads: 1,
    unit: "us",
    verdict: "over",
    old: 0.0004,
    new: 0.0005,
    ratio: 1.25,
    again: 1,
    spread: 0,
    limit: 1.05,
  });
  // swapped or not, one of the two medians is 25 or both are 23.5
  const judged = judge(noisy);
  expect(judged).toMatchObject({ verdict: "ok", old: 20, new: 22, ratio: 1.1 });
  expect(judged).toHaveProperty("limit", expect.closeTo(25 / 22, 12));
  expect(judged).toHaveProperty("again", expect.closeTo(25 / 22, 12));
});

test("the table says which rows are over, with their limits", () => {
  const text = tables([slower, smaller, absent, noisy].map(judge));
  const lines = text.split("\n").map((line) => line.trim().replace(/ {2,}/g, "|"));
  expect(lines).toContain("1 thread|old|new|new ÷ old|A ÷ A|spread|limit");
  expect(lines).toContain("add_us|0.400|0.500|1.250|1.000|±0.0 %|1.050|over");
  expect(lines).toContain("add_bytes|400|300|0.750|1.000|±0.0 %|1.010|ok");
  expect(lines).toContain("mlp_ms|–|–|–|–|–|–|absent");
  expect(lines).toContain("2 threads|old|new|new ÷ old|A ÷ A|spread|limit");
  expect(lines).toContain("mlp_ms|20.0|22.0|1.100|1.136|±13.6 %|1.136|ok");
  expect(lines).toContain("· mlp_ms (1 thread): not in old: no nn.LSTM yet");
  expect(lines).toContain("· limit widened by the spread: mlp_ms (2 threads)");
});

test("the command fails on a row over its limit and on one that the working tree cannot run, not on one that is new", () => {
  expect(failures([slower, smaller, absent, broken, noisy].map(judge))).toEqual([
    "add_us (1 thread) is over its limit: 1.250 > 1.050",
    "add_bytes (1 thread) does not run in the working tree: is not a function",
  ]);
  expect(failures([smaller, absent].map(judge))).toEqual([]);
  expect(failures([absent].map(judge))).toEqual(["no row could be compared"]);
});

test("the heading names both commits, changes and the number of turns", () => {
  const old = { sha: "a".repeat(40), subject: "Before" };
  const current = { sha: "b".repeat(40), subject: "After", changed: true };
  expect(heading({ old, new: current, pairs: 15 }).split("\n")).toEqual([
    "new: the working tree, bbbbbbbbbbbb After, with changes",
    "old: aaaaaaaaaaaa Before",
    "15 turns of each, a process each, in turn",
  ]);
});
