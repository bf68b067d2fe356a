import { type Chart, htmlPage, htmlTable, lineChart, smoothed } from "@flambeau/app-job";
import type { EpochRecord, StepRecord, Summary } from "./run/records.ts";
import { legend, sampleLines } from "./samples.ts";

export interface Report {
  readonly summary: Summary;
  readonly steps: readonly StepRecord[];
  readonly epochs: readonly EpochRecord[];
}

/** The report of a run as one HTML page that needs nothing else: SVG for the chart, light or dark as the reader has it. */
export function reportPage({ summary, steps, epochs }: Report): string {
  const { validationLoss, threads } = summary;
  return htmlPage({
    title: `First names, ${summary.cell.toUpperCase()}, seed ${summary.seed}`,
    facts: [
      ["Validation loss", validationLoss === null ? "–" : `${validationLoss.toFixed(4)} nats a letter`],
      ["Perplexity", validationLoss === null ? "–" : `${Math.exp(validationLoss).toFixed(2)} of 28`],
      ["Data", `${count(summary.trainNames)} training and ${count(summary.validationNames)} validation names`],
      [
        "Epochs",
        summary.interrupted ? `${summary.epochsDone} of ${summary.epochs} (interrupted)` : `${summary.epochs}`,
      ],
      ["Network", `two layers of ${summary.hidden}, ${summary.cell.toUpperCase()}`],
      ["Parameters", count(summary.parameters)],
      ["Batch size", `${summary.batchSize}`],
      ["Peak learning rate", `${summary.lr}`],
      ["Time", `${summary.seconds.toFixed(1)} s`],
      ["Device", `${summary.device}, ${threads} ${threads === 1 ? "thread" : "threads"}`],
    ],
    charts: steps.length > 0 ? [lineChart(lossChart({ steps, epochs }))] : [],
    rest: [
      ...(summary.samples.length > 0
        ? [
            htmlTable(
              `What it makes up (${legend})`,
              ["names"],
              sampleLines(summary.samples).map((line) => [line]),
            ),
          ]
        : []),
      ...(epochs.length > 0
        ? [
            htmlTable(
              "While it learned",
              ["epoch", "names"],
              epochs.map(({ epoch, samples }) => [`${epoch}`, sampleLines(samples).join("\n")]),
            ),
          ]
        : []),
    ],
  });
}

/** The curve of a run, for the report and for the terminal. */
export const lossChart = ({ steps, epochs }: Pick<Report, "steps" | "epochs">): Chart => {
  const raw = steps.map(({ step, loss }): [number, number] => [step, loss]);
  return {
    title: "Loss",
    xLabel: "step",
    yLabel: "nats a letter",
    series: [
      { label: "each batch", style: "faint", color: 1, points: raw },
      { label: "training, smoothed", style: "line", color: 1, points: smoothed(raw) },
      {
        label: "validation, after each epoch",
        style: "dots",
        color: 2,
        points: epochs.map(({ step, validationLoss }) => [step, validationLoss]),
      },
    ],
  };
};

export const count = (n: number): string => n.toLocaleString("en");
