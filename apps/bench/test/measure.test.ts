import { expect, test } from "vitest";
import { measure } from "../src/measure.ts";
import type { Answer, Request } from "../src/protocol.ts";
import type { Workload } from "../src/workloads.ts";

const workload: Workload = { name: "add_us", unit: "us", title: "add" };
const effort = { rounds: 4, batch: 100, limit: 10_000 };

/** A rival whose batches take what `cost` says; `log` keeps who was asked. */
function rival(name: string, log: string[], cost: (request: Request, nth: number) => Answer) {
  let nth = 0;
  const ask = async (request: Request) => {
    log.push(`${name}×${request.iterations}`);
    return cost(request, nth++);
  };
  return { name, child: { ask } };
}

test("runners take turns, and the turn moves on by one each round", async () => {
  const log: string[] = [];
  const runners = ["a", "b", "c"].map((name) => rival(name, log, ({ iterations }) => ({ ms: 50 * iterations })));
  await measure(workload, runners, effort);
  const measured = log.slice(-12).map((entry) => entry[0]);
  expect(measured.join("")).toBe("abc" + "bca" + "cab" + "abc");
  expect(new Set(log.slice(-12).map((entry) => entry.slice(1)))).toEqual(new Set(["×2"]));
});

test("the figure is the median of the rounds, by call, and the warm-up does not count", async () => {
  const perCall = [900, 50, 50, 20, 10, 30, 12];
  const slow = rival("a", [], ({ iterations }, nth) => ({ ms: perCall[nth] * iterations, note: "n", loss: nth }));
  const figures = await measure(workload, [slow], effort);
  // the last warm-up call took 50 ms: two calls fill the batch of 100 ms
  expect(figures.get("a")).toMatchObject({ ms: 16, rounds: [20, 10, 30, 12], iterations: 2, note: "n", loss: 6 });
});

test("who cannot run the workload is reported and not asked again, and the others go on", async () => {
  const log: string[] = [];
  const runners = [
    rival("a", log, () => ({ unsupported: "no kernel" })),
    rival("b", log, ({ iterations }, nth) => (nth < 4 ? { ms: 60 * iterations } : { unsupported: "out of memory" })),
    rival("c", log, ({ iterations }) => ({ ms: 60 * iterations })),
  ];
  const figures = await measure(workload, runners, effort);
  expect(figures.get("a")).toEqual({ unsupported: "no kernel" });
  expect(figures.get("b")).toEqual({ unsupported: "out of memory" });
  expect(figures.get("c")).toMatchObject({ ms: 60, rounds: [60, 60, 60, 60] });
  expect(log.filter((entry) => entry.startsWith("a"))).toEqual(["a×1"]);
  expect(log.filter((entry) => entry.startsWith("b"))).toHaveLength(5);
});

test("a very slow rival gets two rounds of one call", async () => {
  const log: string[] = [];
  const figures = await measure(workload, [rival("a", log, ({ iterations }) => ({ ms: 8000 * iterations }))], effort);
  expect(figures.get("a")).toMatchObject({ ms: 8000, rounds: [8000, 8000], iterations: 1 });
  expect(log).toHaveLength(4);
});
