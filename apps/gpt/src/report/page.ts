import { type Chart, htmlPage, htmlTable, lineChart, smoothed } from "@flambeau/app-job";
import type { StepRecord, Summary, TestRecord } from "../run/records.ts";

export interface Report {
  readonly summary: Summary;
  readonly steps: readonly StepRecord[];
  readonly tests: readonly TestRecord[];
}

/** The report of a run as one HTML page: what it was, the curves, and what the model wrote on the way. */
export function reportPage({ summary, steps, tests }: Report): string {
  const { validationLoss, stepsDone, interrupted } = summary;
  const count = (n: number) => n.toLocaleString("en");
  const facts: [string, string][] = [
    ["Validation loss", validationLoss === null ? "–" : `${validationLoss.toFixed(4)} nats a character`],
    ["Bits a character", validationLoss === null ? "–" : (validationLoss / Math.LN2).toFixed(3)],
    [
      "Text",
      `${count(summary.trainCharacters)} training and ${count(summary.validationCharacters)} validation characters, ${summary.vocabulary} different ones`,
    ],
    ["Steps", interrupted ? `${stepsDone} of ${summary.steps} (interrupted)` : `${summary.steps}`],
    ["Batch", `${summary.batchSize} pieces of ${summary.block} characters`],
    ["Model", `${summary.layers} layers, ${summary.heads} heads, width ${summary.width}`],
    ["Parameters", count(summary.parameters)],
    ["Peak learning rate", `${summary.lr}`],
    ["Seed", `${summary.seed}`],
    ["Time", `${summary.seconds.toFixed(1)} s`],
    ["Device", `${summary.device}, ${summary.threads} ${summary.threads === 1 ? "thread" : "threads"}`],
  ];
  const samples = tests.map(({ step, validationLoss, sample }) => [
    `${step}`,
    validationLoss.toFixed(4),
    sample.trim(),
  ]);
  return htmlPage({
    title: `GPT on ${summary.dataset}, seed ${summary.seed}`,
    note:
      summary.dataset === "moby-dick-excerpt" ? `Trained on the bundled first chapters: ${summary.reason}` : undefined,
    facts,
    charts: steps.length > 0 ? [lossChart(steps, tests), rateChart(steps)].map(lineChart) : [],
    rest: [
      ...(summary.text === null ? [] : [htmlTable("What the best weights write", ["text"], [[summary.text.trim()]])]),
      ...(samples.length > 0 ? [htmlTable("While it learned", ["step", "validation loss", "text"], samples)] : []),
    ],
    style: "td { font-family: ui-monospace, monospace; font-size: 13px; }",
  });
}

/** The losses of a run, for the report and for the terminal. */
export function lossChart(steps: readonly StepRecord[], tests: readonly TestRecord[]): Chart {
  const raw = steps.map(({ step, loss }): [number, number] => [step, loss]);
  return {
    title: "Loss",
    xLabel: "step",
    yLabel: "nats a character",
    series: [
      { label: "each batch", style: "faint", color: 1, points: raw },
      { label: "training, smoothed", style: "line", color: 1, points: smoothed(raw) },
      {
        label: "validation",
        style: "dots",
        color: 2,
        points: tests.map(({ step, validationLoss }) => [step, validationLoss]),
      },
    ],
  };
}

const rateChart = (steps: readonly StepRecord[]): Chart => ({
  title: "Learning rate",
  xLabel: "step",
  yLabel: "learning rate",
  yMin: 0,
  series: [{ label: "learning rate", style: "line", color: 1, points: steps.map(({ step, lr }) => [step, lr]) }],
});
