import { expect, test } from "vitest";
import { markdown, type Report, text } from "../src/report.ts";
import { cells, remarks, shown } from "../src/table.ts";
import { workloads } from "../src/workloads.ts";

const workload = (name: string) => workloads.find((w) => w.name === name) ?? expect.fail(`no workload ${name}`);
const figure = (ms: number, note?: string) => ({ ms, spread: 0, rounds: [ms], iterations: 1, ...(note && { note }) });

const report: Report = {
  date: "2026-01-31",
  machine: { cpu: "Test CPU", cores: 2, memoryGB: 8, system: "linux x64", node: "v24", load: 0.4 },
  rounds: 7,
  runs: [
    {
      threads: 2,
      rivals: [
        { name: "flambeau", version: "1.0" },
        { name: "torch", version: "2.13" },
        { name: "tfjs", version: "4.22" },
        { name: "jax-js", unavailable: "not installed" },
      ],
      rows: [
        {
          workload: workload("add_8x8_us"),
          figures: { flambeau: figure(0.0005), torch: figure(0.001), tfjs: figure(0.002) },
        },
        { workload: workload("add_8x8_tidy_us"), figures: { flambeau: figure(0.00025) } },
        {
          workload: workload("matmul_1024_us"),
          figures: { flambeau: figure(21.474_836_48), torch: figure(10.737_418_24), tfjs: figure(500) },
        },
        {
          workload: workload("cnn_ms"),
          figures: { flambeau: figure(40), torch: figure(32), tfjs: figure(4000, "as conv3d") },
        },
        {
          workload: workload("lstm_ms"),
          figures: {
            flambeau: { unsupported: "no nn.LSTM yet" },
            torch: figure(5),
            tfjs: { unsupported: "no kernel" },
          },
        },
      ],
    },
  ],
};
const [run] = report.runs;

test("times in the workload's unit, rates for matmul, ratios below 1 where we are faster", () => {
  expect(cells(run)).toEqual([
    ["workload", "flambeau", "torch", "ours ÷", "tfjs", "ours ÷"],
    ["add_8x8_us", "0.500", "1.00", "0.50", "2.00", "0.25"],
    ["add_8x8_tidy_us", "0.250", "1.00", "0.25", "2.00", "0.13"],
    ["matmul_1024_us", "21,475 (100)", "10,737 (200)", "2.00", "500,000 (4.3)", "0.04"],
    ["cnn_ms", "40.0", "32.0", "1.25", "4,000", "0.01"],
    ["lstm_ms", "–", "5.00", "–", "–", "–"],
  ]);
});
test("what a faster way of doing the same is worth", () => {
  const rows = [
    { workload: workload("mlp_per_sample_ms"), figures: { flambeau: figure(2), torch: figure(4) } },
    {
      workload: workload("mlp_per_sample_loop_ms"),
      figures: { flambeau: figure(30), torch: { unsupported: "no loop" } },
    },
  ];
  expect(remarks({ rivals: [], rows })).toEqual([
    "torch, mlp_per_sample_loop_ms: no loop",
    "flambeau: mlp_per_sample_loop_ms takes 15.00 times as long as mlp_per_sample_ms",
  ]);
  expect(remarks({ rivals: [], rows: rows.slice(1) })).toEqual(["torch, mlp_per_sample_loop_ms: no loop"]);
});
test("nothing that is missing is dropped in silence", () => {
  expect(remarks(run)).toEqual([
    "jax-js is not here: not installed",
    "tfjs, cnn_ms: as conv3d",
    "flambeau, lstm_ms: no nn.LSTM yet",
    "tfjs, lstm_ms: no kernel",
  ]);
});
test("both forms name the machine, the threads, the versions and every remark", () => {
  for (const page of [text(report), markdown(report)]) {
    expect(page).toContain("2026-01-31, Test CPU, 2 cores, 8 GB, linux x64, Node v24.");
    expect(page).toContain("2 threads: flambeau 1.0, torch 2.13, tfjs 4.22");
    for (const remark of remarks(run)) expect(page).toContain(remark);
  }
  expect(markdown(report)).toContain("| cnn_ms | 40.0 | 32.0 | 1.25 | 4,000 | 0.01 |");
});
test("a busy machine is named, an idle one not", () => {
  const busy = { ...report, machine: { ...report.machine, load: 3.21 } };
  expect(text(busy)).toContain("busy with other work (load 3.2 at the start)");
  expect(text(report)).not.toContain("busy");
});
test("without us there are no ratios, and the rivals' times stay", () => {
  const alone = {
    ...run,
    rivals: run.rivals.map((r) => (r.name === "flambeau" ? { name: r.name, unavailable: "broken" } : r)),
  };
  const row = { workload: workload("cnn_ms"), figures: { torch: figure(32), tfjs: figure(1) } };
  expect(cells({ ...alone, rows: [row] })[1]).toEqual(["cnn_ms", "–", "32.0", "–", "1.00", "–"]);
});
test("three significant digits", () => {
  expect([0.001234, 0.5, 12.345, 123.45, 1234.5, 1_234_567].map(shown)).toEqual([
    "0.00123",
    "0.500",
    "12.3",
    "123",
    "1,235",
    "1,234,567",
  ]);
});
