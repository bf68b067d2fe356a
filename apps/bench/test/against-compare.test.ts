import { expect, test } from "vitest";
import { compare, type Side, sides } from "../src/against/compare.ts";
import type { Row } from "../src/against/rows.ts";
import type { Answer } from "../src/protocol.ts";

const op: Row = { name: "add_us", kind: "op", unit: "us", title: "an op" };
const step: Row = { name: "mlp_ms", kind: "step", unit: "ms", title: "a step" };
const heap: Row = { name: "add_bytes", kind: "heap", unit: "bytes", title: "an object", calls: 100 };

/** What a call of a row costs in the `turn`th process of a side, of which the trial is the first; or why there is no figure. */
type Cost = (side: Side, row: string, turn: number) => number | string;

/** Checkouts with made-up costs, and who was asked for what, in order. */
function checkouts(cost: Cost) {
  const log: { side: Side; row: string; iterations: number; turn: number }[] = [];
  const started: Record<Side, number> = { old: 0, new: 0, again: 0 };
  const counts = { open: 0, most: 0 };
  const open = async (side: Side) => {
    const turn = started[side]++;
    counts.most = Math.max(counts.most, ++counts.open);
    return {
      ask: async ({ run: row, iterations }: { run: string; iterations: number }): Promise<Answer> => {
        log.push({ side, row, iterations, turn });
        const found = cost(side, row, turn);
        return typeof found === "string" ? { unsupported: found } : { ms: found * iterations };
      },
      close: async () => {
        counts.open--;
      },
    };
  };
  const measured = () => log.filter(({ turn }) => turn > 0);
  return { open, log, measured, started, counts };
}
const run = ({ open }: Pick<ReturnType<typeof checkouts>, "open">, rows: Row[], pairs: number) =>
  compare(open, [{ threads: 1, rows }], { pairs, progress: () => {} });

test("each turn is a fresh process of each side, and all are closed", async () => {
  const fake = checkouts(() => 1);
  await run(fake, [op, step], 3);
  expect(fake.started).toEqual({ old: 4, new: 4, again: 4 });
  expect(fake.counts).toEqual({ open: 0, most: 3 });
});

test("the sides take turns batch by batch, and who begins moves on by one", async () => {
  const fake = checkouts(() => 1);
  await run(fake, [step], 2);
  const order = (turn: number) => {
    const asked = fake.measured().filter((entry) => entry.turn === turn);
    return asked.map(({ side }) => side[0]).join("");
  };
  // all warm up, then four batches
  expect(order(1)).toBe("ona" + "ona" + "nao" + "aon" + "ona");
  expect(order(2)).toBe("ona" + "nao" + "aon" + "ona" + "nao");
});

test("all sides make the same calls, by what the slowest one needs, and a fixed count stays", async () => {
  const fake = checkouts((side) => (side === "old" ? 5 : 1));
  await run(fake, [step, heap], 1);
  for (const side of sides) {
    const asked = (row: string) => fake.measured().filter((entry) => entry.side === side && entry.row === row);
    // 5 ms a call: 150 ms of warm-up, batches of 20 ms
    expect(asked("mlp_ms").map(({ iterations }) => iterations)).toEqual([30, 4, 4, 4, 4]);
    expect(asked("add_bytes").map(({ iterations }) => iterations)).toEqual([100]);
  }
});

test("a turn's figure is the minimum of its batches for an op and the median for a step, the warm-up left out", async () => {
  const nth = new Map<string, number>();
  const fake = checkouts((side, row, turn) => {
    if (turn === 0) return 10;
    const key = `${side} ${row} ${turn}`;
    const batch = nth.get(key) ?? 0;
    nth.set(key, batch + 1);
    return [0.1, 9, 4 + turn, 7, 20][batch] ?? 9;
  });
  const [first, second] = await run(fake, [op, step], 2);
  expect(first).toMatchObject({ figures: { old: [5, 6], new: [5, 6], again: [5, 6] } });
  expect(second).toMatchObject({ figures: { old: [8, 8], new: [8, 8], again: [8, 8] } });
});

test("who cannot run a row is named with the reason, the row is asked no more, and the others go on", async () => {
  const fake = checkouts((side, row) => (side === "old" && row === "add_us" ? "no such op" : 1));
  const [first, second] = await run(fake, [op, step], 2);
  expect(first).toEqual({ row: op, threads: 1, side: "old", unsupported: "no such op" });
  expect(second).toMatchObject({ figures: { old: [1, 1] } });
  expect(new Set(fake.measured().map(({ row }) => row))).toEqual(new Set(["mlp_ms"]));
});

test("a row that neither commit can run is the working tree's failure", async () => {
  const fake = checkouts((side) => (side === "again" ? 1 : `not in ${side}`));
  expect(await run(fake, [op], 1)).toEqual([{ row: op, threads: 1, side: "new", unsupported: "not in new" }]);
});

test("a row that fails later has no verdict, and no process is started for no row", async () => {
  const fake = checkouts((side, _, turn) => (side === "again" && turn === 2 ? "out of memory" : 1));
  const [row] = await run(fake, [op], 4);
  expect(row).toEqual({ row: op, threads: 1, side: "again", unsupported: "out of memory" });
  expect(fake.started).toEqual({ old: 3, new: 3, again: 3 });
});
