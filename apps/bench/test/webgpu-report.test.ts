import { expect, test } from "vitest";
import { replaceSection } from "../src/page.ts";
import { markdown, text } from "../src/report.ts";
import { callCells, callRemarks, violations, type WebGPUReport, webgpuMarkdown } from "../src/webgpu/report.ts";
import { chunkOf, countedWorkload, webgpuWorkloads } from "../src/webgpu/workloads.ts";

const workload = (name: string) => webgpuWorkloads.find((w) => w.name === name) ?? expect.fail(`no workload ${name}`);
const figure = (ms: number) => ({ ms, spread: 0, rounds: [ms], iterations: 1 });
const counted = (encodeMs: number, submits: number, buffers: number, pipelines: number, dispatches: number) => {
  const perStep = { submits, buffers, pipelines, bindGroups: 3, dispatches, writes: 1200, maps: 1 };
  return { counted: { perStep, encodeMs } };
};

function report({
  ours = counted(0.2, 2, 0, 0, 40),
  oursMs = 20,
} = {}): Exclude<WebGPUReport, { unavailable: string }> {
  return {
    adapter: "Test adapter, a software adapter",
    rivals: [
      { name: "flambeau", version: "1.0" },
      { name: "tfjs", version: "4.22" },
      { name: "jax-js", version: "0.1" },
    ],
    rows: [
      {
        workload: workload("matmul_256_us"),
        figures: { flambeau: figure(2), tfjs: figure(1), "jax-js": figure(1.5) },
      },
      {
        workload: workload("mlp_ms"),
        figures: { flambeau: figure(oursMs), tfjs: figure(80), "jax-js": figure(25) },
      },
      {
        workload: workload("cnn_ms"),
        figures: { flambeau: figure(9), tfjs: figure(10), "jax-js": { unsupported: "no such kernel" } },
      },
    ],
    counts: { flambeau: ours, tfjs: counted(12.7, 9, 41.5, 0, 127), "jax-js": { unsupported: "ended with code 1" } },
    steps: { warmUp: 20, steps: 50 },
  };
}

test("the table of calls: times, ratios, calls of a step, and encoding by dispatch", () => {
  const [heading, ...lines] = callCells(report());
  expect(heading).toHaveLength(11);
  expect(lines).toEqual([
    ["flambeau", "20.0", "–", "2", "0", "0", "3", "1,200", "40", "0.200", "5.00"],
    ["tfjs", "80.0", "0.25", "9", "41.50", "0", "3", "1,200", "127", "12.7", "100"],
    ["jax-js", "25.0", "0.80", "–", "–", "–", "–", "–", "–", "–", "–"],
  ]);
});

test("who could not run or be counted is named", () => {
  expect(callRemarks(report())).toEqual([
    "jax-js, cnn_ms: no such kernel",
    "jax-js, calls of mlp_ms: ended with code 1",
  ]);
});

test("nothing to complain about when we keep to every bound; ops have no bound", () => {
  expect(violations(report())).toEqual([]);
});

test("each bound that we break is named with what it is", () => {
  expect(violations(report({ ours: counted(0.44, 3, 0.02, 1, 40), oursMs: 26 }))).toEqual([
    "0.02 buffers are created in a step, expected none",
    "1 pipelines are compiled in a step, expected none",
    "3 submits in a step, expected at most 2",
    "encoding takes 11.0 µs for each dispatch, expected at most 10",
    "mlp_ms takes 1.04 times as long as jax-js's",
  ]);
});

test("what was not counted or not run at all is no pass", () => {
  const { counts, ...rest } = report();
  const { flambeau: _, ...others } = counts;
  expect(violations({ ...rest, counts: others })).toEqual(["flambeau was not counted"]);
  expect(violations({ ...rest, counts: { flambeau: { unsupported: "no backend" } } })).toEqual([
    "flambeau was not counted: no backend",
  ]);
  expect(violations({ unavailable: "no adapter" })).toEqual(["nothing could be checked: no adapter"]);
  const idle = counted(0.2, 1, 0, 0, 0);
  expect(violations(report({ ours: idle }))).toEqual([expect.stringContaining("encoding takes")]);
});

const machine = { cpu: "Test CPU", cores: 2, memoryGB: 8, system: "linux x64", node: "v24", load: 0 };
const whole = { date: "2026-01-31", machine, rounds: 7, runs: [] };

test("both forms name the adapter, the versions, the counts and the remarks", () => {
  for (const page of [text({ ...whole, webgpu: report() }), markdown({ ...whole, webgpu: report() })]) {
    expect(page).toContain("WebGPU (Test adapter, a software adapter): flambeau 1.0, tfjs 4.22, jax-js 0.1");
    expect(page).toContain("new pipelines");
    expect(page).toContain("jax-js, cnn_ms: no such kernel");
  }
  expect(markdown({ ...whole, webgpu: report() })).toContain("| mlp_ms | 20.0 | 80.0 | 0.25 | 25.0 | 0.80 |");
});

test("without an adapter both forms say so and hold no table", () => {
  const webgpu = { unavailable: "Dawn finds no WebGPU adapter" };
  expect(text({ ...whole, webgpu })).toContain("WebGPU: not measured: Dawn finds no WebGPU adapter");
  expect(webgpuMarkdown(webgpu, "here")).toBe("## WebGPU\n\nhere\n\nNot measured: Dawn finds no WebGPU adapter.\n");
});

test("the section replaces its predecessor, and stands ahead of the workloads where there is none", () => {
  const page = "# Benchmarks\n\n## 1 thread\n\nx\n\n## The workloads\n\n- a\n";
  const once = replaceSection(page, "## WebGPU (a)\n\nold\n");
  expect(once).toBe("# Benchmarks\n\n## 1 thread\n\nx\n\n## WebGPU (a)\n\nold\n\n## The workloads\n\n- a\n");
  expect(replaceSection(once, "## WebGPU (b)\n\nnew\n")).toBe(once.replace("(a)", "(b)").replace("old", "new"));
});

test("the workloads are the CPU's, at their sizes, the counted one among them", () => {
  expect(webgpuWorkloads.map(({ name }) => name)).toEqual([
    "add_8x8_us",
    "add_1e6_us",
    "softmax_512x1024_us",
    "matmul_256_us",
    "matmul_512_us",
    "mlp_ms",
    "cnn_ms",
    "gpt_d64_ms",
  ]);
  expect(webgpuWorkloads.map(({ name }) => name)).toContain(countedWorkload);
  for (const { name } of webgpuWorkloads) expect(chunkOf(name)).toBeGreaterThan(1);
});
