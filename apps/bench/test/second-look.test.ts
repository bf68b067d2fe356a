import { expect, test } from "vitest";
import type { Part, Series } from "../src/against/compare.ts";
import { failures, judge, tables } from "../src/against/report.ts";
import type { Row } from "../src/against/rows.ts";
import { secondLook } from "../src/against/second-look.ts";

const row = (name: string, kind: Row["kind"]): Row => ({ name, kind, unit: "ms", title: name });
const [add, sum, view, mlp, cnn] = [
  row("add", "op"),
  row("sum", "op"),
  row("view", "op"),
  row("mlp", "step"),
  row("cnn", "step"),
];
const measured = (row: Row, threads: number, ratio: number): Series => ({
  row,
  threads,
  figures: { old: [1, 1], new: [ratio, ratio], again: [ratio, ratio] },
});
const absent: Series = { row: view, threads: 1, side: "old", unsupported: "no views" };

test("nothing over its limit, nothing measured again", async () => {
  const series = [measured(add, 1, 1.05), measured(mlp, 1, 1.03), absent];
  expect(await secondLook(series, () => expect.fail("measured again"))).toEqual(series);
});

test("an op is measured again among the ops, a step alone, and the second figures decide on what was over", async () => {
  const first = [
    measured(add, 1, 1.08),
    measured(sum, 1, 1.01),
    absent,
    measured(mlp, 1, 1.01),
    measured(mlp, 2, 1.2),
    measured(cnn, 2, 0.9),
  ];
  let asked: Part[] = [];
  const series = await secondLook(first, async (parts) => {
    asked = parts;
    return [measured(add, 1, 1.02), measured(sum, 1, 1.5), measured(mlp, 2, 1.1)];
  });
  expect(asked).toEqual([
    { threads: 1, rows: [add, sum] },
    { threads: 2, rows: [mlp] },
  ]);
  const judged = series.map(judge);
  expect(judged.map(({ verdict }) => verdict)).toEqual(["ok", "ok", "absent", "ok", "over", "ok"]);
  expect(judged[0]).toMatchObject({ ratio: 1.02, first: 1.08 });
  expect(judged[1]).toMatchObject({ ratio: 1.01 });
  expect(judged[4]).toMatchObject({ ratio: 1.1, first: 1.2 });
  expect(failures(judged)).toEqual(["mlp (2 threads) is over its limit: 1.100 > 1.030"]);
  expect(tables(judged)).toContain("add (1 thread): measured twice, 1.080 before");
});

test("a row that fails the second time is a failure", async () => {
  const broken: Series = { row: add, threads: 1, side: "new", unsupported: "out of memory" };
  const series = await secondLook([measured(add, 1, 2)], async () => [broken]);
  expect(judge(series[0])).toMatchObject({ verdict: "broken", reason: "out of memory" });
});
