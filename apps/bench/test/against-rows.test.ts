import { expect, test } from "vitest";
import { callsFor, kinds, rows, rowsFor, selectRows } from "../src/against/rows.ts";

const names = (chosen: readonly { name: string }[]) => chosen.map(({ name }) => name);

test("a name ends with its unit, and is there once", () => {
  expect(new Set(names(rows)).size).toBe(rows.length);
  for (const { name, unit } of rows) expect(name.endsWith(`_${unit}`)).toBe(true);
});
test("a slow row takes part when a filter names it", () => {
  expect(names(selectRows(""))).not.toContain("gpt_d128_ms");
  expect(selectRows("")).toHaveLength(rows.length - 1);
  expect(names(selectRows("gpt,lstm"))).toEqual(["gpt_d64_ms", "gpt_d128_ms", "lstm_ms"]);
  expect(selectRows("nothing")).toEqual([]);
});
test("only steps are measured again with more threads", () => {
  const chosen = selectRows("add_8x8_tidy,heap,mlp");
  expect(names(rowsFor(2, [2, 1], chosen))).toEqual(["mlp_ms"]);
  expect(names(rowsFor(1, [2, 1], chosen))).toEqual(names(chosen));
  expect(names(rowsFor(4, [4], chosen))).toEqual(names(chosen));
});
test("the limits, and what decides", () => {
  expect([kinds.op.limit, kinds.step.limit, kinds.heap.limit]).toEqual([1.05, 1.03, 1.01]);
  expect([kinds.op, kinds.step, kinds.heap].map(({ ratio }) => ratio([6, 3, 9], [2, 4, 4]))).toEqual([1.5, 2.25, 2.25]);
});
test("calls fill the warm-up and the batch, and are never none", () => {
  const row = (name: string) => rows.find((row) => row.name === name) ?? expect.fail(`no row ${name}`);
  // 150 ms of warm-up and four batches of 20 ms for a step, 200 ms and thirty of 2 ms for an op
  expect(callsFor(row("mlp_ms"), 0.5)).toEqual({ warm: 300, batch: 40, batches: 4 });
  expect(callsFor(row("cnn_ms"), 400)).toEqual({ warm: 2, batch: 1, batches: 4 });
  expect(callsFor(row("add_8x8_tidy_us"), 0.001)).toEqual({ warm: 200_000, batch: 2000, batches: 30 });
  expect(callsFor(row("add_8x8_heap_bytes"), 0)).toEqual({ warm: 0, batch: 20_000, batches: 1 });
});
