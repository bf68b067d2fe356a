import { fileURLToPath } from "node:url";
import { cpuWasm, memoryScope, registerBackend } from "flambeau";
import { afterEach, expect, test } from "vitest";
import { Child } from "../src/child.ts";
import { parse } from "../src/options.ts";
import { sectionOf } from "../src/page.ts";
import type { ScalingReport } from "../src/scaling/found.ts";
import { floorOf, misses as missing, simdLimit } from "../src/scaling/judge.ts";
import { limits, rateOf } from "../src/scaling/limits.ts";
import { scalingCells, scalingMarkdown, scalingText } from "../src/scaling/report.ts";
import type { ScalingRow } from "../src/scaling/row.ts";
import { scalingRows } from "../src/scaling/rows.ts";

const misses = (of: ScalingReport) => missing(of).map(({ text }) => text);
const made = { run: () => 1 };
const row = (name: string, more: Partial<ScalingRow> = {}): ScalingRow => ({
  ...{ name, unit: "us" as const, title: name, make: () => made },
  ...more,
});
const timed = (ms: number) => ({ ms, spread: 0, rounds: [ms], iterations: 1 });

/** A report of two threads on which wasm's multiply-adds reach 100 GFLOP/s. */
function report(rows: [ScalingRow, Record<string, number | string>][], native = false): ScalingReport {
  const [simd] = limits;
  const here = { name: "native", ...(native ? { version: "1" } : { unavailable: "none in this build" }) };
  return {
    threads: 2,
    rivals: [{ name: "torch", version: "2" }, { name: "wasm", version: "1" }, here],
    limits: [{ limit: simd, figure: timed((2 * simd.amount) / 100 / 1e6) }],
    explained: [],
    rows: rows.map(([row, figures]) => ({
      row,
      figures: Object.fromEntries(
        Object.entries(figures).map(([name, ms]) => [name, typeof ms === "string" ? { unsupported: ms } : timed(ms)]),
      ),
    })),
  };
}

test("names are unique, and a row is compared with a row that there is", () => {
  const names = new Set(scalingRows.map(({ name }) => name));
  expect(names.size).toBe(scalingRows.length);
  for (const { within } of scalingRows) if (within) expect(names).toContain(within.row);
});
test("the smallest row of each kind runs", async () => {
  registerBackend(cpuWasm({ threads: 1 }));
  const kinds = new Set<string>();
  for (const { name, make } of scalingRows) {
    const kind = name.replace(/_?\d.*$/, "");
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    const scope = memoryScope();
    const prepared = make();
    expect(await prepared.run(1), name).toBeGreaterThan(0);
    const loss = await prepared.loss?.();
    if (loss !== undefined) expect(loss, name).toBeLessThan(100);
    scope.end();
  }
  expect(kinds.size).toBeGreaterThan(100);
});

let child: Child | undefined;
afterEach(() => child?.close());
const start = (kernels: string) => {
  const program = fileURLToPath(new URL("../src/scaling/ours.ts", import.meta.url));
  const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", program, "2", kernels];
  child = new Child({ file: process.execPath, args });
  return child;
};

test("Flambeau's side times rows one after the other, and the limits", async () => {
  const ours = start("wasm");
  expect(await ours.hello()).toMatchObject({ ready: { threads: 2 } });
  for (const run of ["matmul_16", "mlp", "matmul_16"])
    expect(await ours.ask({ run, iterations: 2 }), run).toMatchObject({ ms: expect.any(Number) });
  const explained = await ours.explain({ explain: "mlp", iterations: 3 });
  const parts = "parts" in explained ? explained.parts : [];
  expect(parts.map(({ name }) => name)).toContain("JavaScript");
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  for (const limit of limits) {
    const answer = await ours.ask({ run: limit.name, iterations: 2 });
    // between what a core of twenty years ago did and what none will do soon
    const rate = rateOf(limit, "ms" in answer ? answer.ms / 2 : Number.NaN, 2);
    expect(rate, limit.name).toBeGreaterThan(0.1);
    expect(rate, limit.name).toBeLessThan(10_000);
  }
});
test("kernels that are not here say so", async () => {
  process.env.FLAMBEAU_NATIVE = "off";
  try {
    const { unavailable } = (await start("native").hello()) as { unavailable?: string }; // or what is ready
    expect(unavailable).toContain("no native kernels (FLAMBEAU_NATIVE is off)");
  } finally {
    delete process.env.FLAMBEAU_NATIVE;
  }
});

test("a row that misses its target has its profile and its floor", () => {
  // 100 GFLOP/s are the limit of wasm; the best native rate of the run is 200
  const step = row("step", { target: { wasm: 1, native: 1 }, flops: 1e9 });
  const rows: Parameters<typeof report>[0] = [
    [step, { torch: 8, wasm: 20, native: 10 }],
    [row("best", { flops: 1e9 }), { torch: 10, wasm: 10, native: 5 }],
  ];
  const parts = [
    { name: "map", share: 0.1 },
    { name: "matmul", share: 0.604 },
  ];
  const found = { ...report(rows, true), explained: [{ row: "step", kernels: "wasm" as const, parts }] };
  expect(floorOf(found, "step", "wasm")).toBeCloseTo(10 / 8);
  expect(floorOf(found, "step", "native")).toBeCloseTo(5 / 8);
  const text = scalingText([found]);
  expect(text).toContain(
    "step, wasm: 2.50 × PyTorch's time, target 1; its multiply-adds alone 1.25; matmul 60%, map 10%\n",
  );
  expect(text).toContain("step, native: 1.25 × PyTorch's time, target 1; its multiply-adds alone 0.63\n");
  // half a billion cycles of 16 floating-point operations
  const counted = report([[row("map", { target: { wasm: 1, native: 1 }, cycles: 5e8 }), { torch: 20, wasm: 200 }]]);
  expect(scalingText([counted])).toContain(
    "map, wasm: 10.00 × PyTorch's time, target 1; its vector operations alone 4.00",
  );
});
test("what misses its target", () => {
  const asked = row("a", { target: { wasm: 2, native: 0.9 } });
  expect(misses(report([[asked, { torch: 1, wasm: 2 }]]))).toEqual([]);
  expect(misses(report([[asked, { torch: 1, wasm: 2.1 }]]))).toEqual(["a, wasm: 2.10 × PyTorch's time, target 2"]);
  expect(misses(report([[asked, { torch: 1, wasm: 2, native: 1 }]], true))).toEqual([
    "a, native: 1.00 × PyTorch's time, target 0.9",
  ]);
  expect(misses(report([[asked, { torch: 1, wasm: "out of memory" }]]))).toEqual(["a, wasm: out of memory"]);
  // without PyTorch there is nothing to miss
  expect(misses(report([[asked, { torch: "no torch", wasm: 9 }]]))).toEqual([]);
});
test("rows without a target: none over 5, ten over 3", () => {
  const over = (count: number): [ScalingRow, Record<string, number>][] =>
    Array.from({ length: count }, (_, i) => [row(`r${i}`), { torch: 1, wasm: 4 }]);
  expect(misses(report(over(10)))).toEqual([]);
  expect(misses(report(over(11)))).toEqual([
    expect.stringMatching(/^wasm: 11 rows over 3, target 10: r0 4.00, r1 4.00/),
  ]);
  expect(misses(report([[row("r"), { torch: 1, wasm: 5.1 }]]))).toEqual(["r, wasm: 5.10 × PyTorch's time, target 5"]);
});
test("rows against other rows, and against the SIMD limit", () => {
  const dense: [ScalingRow, Record<string, number>] = [row("dense"), { torch: 1, wasm: 1 }];
  const causal = row("causal", { within: { row: "dense", times: 1.3 } });
  expect(misses(report([dense, [causal, { torch: 1, wasm: 1.3 }]]))).toEqual([]);
  expect(misses(report([dense, [causal, { torch: 1, wasm: 1.4 }]]))).toEqual([
    "causal, wasm: 1.40 × the time of dense, target 1.3",
  ]);
  expect(simdLimit(report([]))).toBeCloseTo(100);
  const product = (ms: number) => report([[row("p", { flops: 1e9, share: 0.85 }), { torch: ms, wasm: ms }]]);
  expect(misses(product(11))).toEqual([]);
  expect(misses(product(12.5))).toEqual(["p, wasm: 0.80 of the SIMD limit, target 0.85"]);
});
test("a row of the table, the limits and the verdict below it", () => {
  const product = row("p", { flops: 1e9, share: 0.85, target: { wasm: 3, native: 1 } });
  const figures = report([
    [product, { torch: 4, wasm: 12.5 }],
    [row("q"), { torch: 4, wasm: 0.5 }],
  ]);
  expect(scalingCells(figures).slice(1)).toEqual([
    ["p", "4,000 µs (250)", "12.5 ms (80.0)", "3.13 ✗", "3", "–", "–", "1"],
    ["q", "4,000 µs", "500 µs", "0.13", "", "–", "–", ""],
  ]);
  const text = scalingText([figures]);
  expect(text).toContain("multiply-adds in wasm's relaxed SIMD, from registers: 100 GFLOP/s");
  expect(text).toContain("native is not here: none in this build");
  expect(text).toContain("p, wasm: 0.80 of the SIMD limit");
  expect(text).toContain("Below their targets, 2:");
  const section = scalingMarkdown([figures], "a machine");
  expect(section).toContain("| q | 4,000 µs | 500 µs | 0.13 |  | – | – |  |");
  expect(sectionOf(`# Benchmarks\n\n${section}\n## The workloads\n`, "Scaling")?.trim()).toBe(section.trim());
});
test("the option", () => {
  expect(parse(["--scaling", "--threads", "1", "--python", "/py", "--check"])).toMatchObject({
    ...{ scaling: true, threads: [1], python: "/py", check: true },
  });
  expect(parse(["--scaling"]).threads).toHaveLength(1);
  expect(parse([]).threads[0]).toBe(1);
  for (const other of ["--webgpu", "--compile", "--generate", "--loader", "--rivals=torch"])
    expect(() => parse(["--scaling", other])).toThrow(
      `--scaling: compares Flambeau with PyTorch on the CPU and does not go with ${other.split("=")[0]}`,
    );
});
