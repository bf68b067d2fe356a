import { type Chart, htmlPage, lineChart, type Series, smoothed } from "@flambeau/app-job";
import type { Confusion } from "../confusion.ts";
import type { EpochRecord, StepRecord, Summary } from "../run/records.ts";
import { confusionMatrix, percent } from "./matrix.ts";

export interface Report {
  readonly summary: Summary;
  readonly steps: readonly StepRecord[];
  readonly epochs: readonly EpochRecord[];
  /** Absent while no epoch has been tested. */
  readonly confusion: Confusion | undefined;
}

/** The report of a run as one HTML page that needs nothing else: SVG for the charts, light or dark as the reader has it. */
export function reportPage({ summary, steps, epochs, confusion }: Report): string {
  const facts: [string, string][] = [
    ["Test accuracy", summary.testAccuracy === null ? "–" : percent(summary.testAccuracy)],
    [
      "Data",
      `${summary.trainImages.toLocaleString("en")} training and ${summary.testImages.toLocaleString("en")} test images`,
    ],
    ["Epochs", summary.interrupted ? `${summary.epochsDone} of ${summary.epochs} (interrupted)` : `${summary.epochs}`],
    ["Batch size", `${summary.batchSize}`],
    ["Peak learning rate", `${summary.lr}`],
    ["Seed", `${summary.seed}`],
    ["Parameters", summary.parameters.toLocaleString("en")],
    ["Time", `${summary.seconds.toFixed(1)} s`],
    ["Device", `${summary.device}, ${summary.threads} ${summary.threads === 1 ? "thread" : "threads"}`],
  ];
  return htmlPage({
    title: `${summary.dataset}, seed ${summary.seed}`,
    note:
      summary.source === "bundled" && summary.dataset === "digits"
        ? `Trained on the bundled 8x8 digits: ${summary.reason}`
        : undefined,
    facts,
    charts: charts(steps, epochs).map(lineChart),
    rest: confusion ? [confusionMatrix(confusion)] : [],
  });
}

/** The curves of a run, for the report and for the terminal; none before the first step. */
export const charts = (steps: readonly StepRecord[], epochs: readonly EpochRecord[]): Chart[] =>
  steps.length > 0 ? [lossChart(steps, epochs), accuracyChart(steps, epochs)] : [];

const lossChart = (steps: readonly StepRecord[], epochs: readonly EpochRecord[]): Chart => ({
  title: "Loss",
  xLabel: "step",
  yLabel: "cross-entropy",
  yMin: 0,
  series: curves(
    steps,
    epochs,
    (step) => step.loss,
    (epoch) => epoch.testLoss,
  ),
});

const accuracyChart = (steps: readonly StepRecord[], epochs: readonly EpochRecord[]): Chart => ({
  title: "Accuracy",
  xLabel: "step",
  yLabel: "share of images",
  yMax: 1,
  series: curves(
    steps,
    epochs,
    (step) => step.accuracy,
    (epoch) => epoch.testAccuracy,
  ),
});

function curves(
  steps: readonly StepRecord[],
  epochs: readonly EpochRecord[],
  ofStep: (record: StepRecord) => number,
  ofEpoch: (record: EpochRecord) => number,
): Series[] {
  const raw = steps.map((record): [number, number] => [record.step, ofStep(record)]);
  return [
    { label: "each batch", style: "faint", color: 1, points: raw },
    { label: "training, smoothed", style: "line", color: 1, points: smoothed(raw) },
    {
      label: "test, after each epoch",
      style: "dots",
      color: 2,
      points: epochs.map((epoch) => [epoch.step, ofEpoch(epoch)]),
    },
  ];
}
