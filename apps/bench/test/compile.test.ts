import { expect, test } from "vitest";
import { type DispatchFigure, dispatchCells, overDispatchLimit } from "../src/compile/dispatches.ts";
import { aligned, compileCells, overLimit } from "../src/compile/report.ts";
import { compileRows } from "../src/compile/rows.ts";
import { type CompileFigure, runCompile } from "../src/compile/run.ts";

const figure = (compiled: number, replayed: number): CompileFigure => ({
  row: { ...compileRows[2], title: "a step", limit: 0.9, replayLimit: 0.5 },
  ms: { eager: 10, compiled: 10 * compiled, replayed: 10 * replayed },
  ratio: { compiled, replayed },
  kernels: { asked: 20, run: 12 },
  bytes: { asked: 2 ** 21, held: 2 ** 20 },
});

test("a row of the table of compiled functions", () => {
  expect(compileCells([figure(0.8, 0.4)])[1]).toEqual([
    "a step",
    "10.00",
    "8.00",
    "0.80",
    "0.9",
    "4.00",
    "0.40",
    "0.5",
    "20 → 12",
    "2.00 → 1.00",
  ]);
  expect(aligned(compileCells([figure(0.8, 0.4)])).split("\n")).toHaveLength(3);
});
test("limits", () => {
  expect(overLimit([figure(0.8, 0.4)])).toEqual([]);
  expect(overLimit([figure(0.95, 0.6)])).toEqual([
    "mlp: compiled takes 0.95 of eager, limit 0.9",
    "mlp: replayed takes 0.60 of eager, limit 0.5",
  ]);
  expect(overLimit([figure(Number.NaN, 0.4)])).toHaveLength(1);
});
test("dispatches on WebGPU", () => {
  const counts: DispatchFigure[] = [
    { name: "mlp", eager: 20, compiled: 16 },
    { name: "lstm", eager: 10, compiled: 10 },
  ];
  expect(dispatchCells(counts, compileRows).slice(1)).toEqual([
    ["MLP step", "20 → 16", "0.80", "0.8"],
    ["LSTM step, the layer", "10 → 10", "1.00", "–"],
  ]);
  expect(overDispatchLimit(counts, compileRows)).toEqual([]);
  expect(overDispatchLimit([{ name: "mlp", eager: 20, compiled: 17 }], compileRows)).toEqual([
    "mlp: compiled takes 0.85 of the dispatches on WebGPU, limit 0.8",
  ]);
});
test("every row runs, and what is compiled takes no more kernels and less memory", () => {
  for (const { kernels, bytes, ms } of runCompile(compileRows, { threads: 1, rounds: 1 }, () => {})) {
    expect(kernels.run).toBeLessThanOrEqual(kernels.asked);
    expect(bytes.held).toBeLessThan(bytes.asked);
    expect(Math.min(ms.eager, ms.compiled, ms.replayed)).toBeGreaterThan(0);
  }
});
