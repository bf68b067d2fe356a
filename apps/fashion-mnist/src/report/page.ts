import type { Confusion } from "../confusion.ts";
import type { EpochRecord, StepRecord, Summary } from "../run/records.ts";
import { lineChart, type Series } from "./chart.ts";
import { confusionMatrix, percent } from "./matrix.ts";
import { escapeXml } from "./svg.ts";

export interface Report {
  readonly summary: Summary;
  readonly steps: readonly StepRecord[];
  readonly epochs: readonly EpochRecord[];
  /** Absent while no epoch has been tested. */
  readonly confusion: Confusion | undefined;
}

/** The report of a run as one HTML page that needs nothing else: SVG for the charts, light or dark as the reader has it. */
export function reportPage({ summary, steps, epochs, confusion }: Report): string {
  const title = `${summary.dataset}, seed ${summary.seed}`;
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
  const charts = steps.length > 0 ? [lossChart(steps, epochs), accuracyChart(steps, epochs)] : [];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${summary.source === "bundled" && summary.dataset === "digits" ? `<p class="note">${escapeXml(`Trained on the bundled 8x8 digits: ${summary.reason}`)}</p>` : ""}
<dl>${facts.map(([name, value]) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`).join("")}</dl>
<div class="charts">
${charts.join("\n")}
</div>
${confusion ? confusionMatrix(confusion) : ""}
</main>
</body>
</html>
`;
}

const lossChart = (steps: readonly StepRecord[], epochs: readonly EpochRecord[]): string =>
  lineChart({
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

const accuracyChart = (steps: readonly StepRecord[], epochs: readonly EpochRecord[]): string =>
  lineChart({
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

/** An exponential average over some hundredth of the curve, without the pull towards 0 at its start. */
function smoothed(points: readonly (readonly [number, number])[]): [number, number][] {
  const keep = 1 - 1 / Math.max(1, points.length / 100);
  let sum = 0;
  let weight = 0;
  return points.map(([x, y]) => {
    sum = keep * sum + y;
    weight = keep * weight + 1;
    return [x, sum / weight];
  });
}

const style = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1c1e21; --soft: #5d636b; --grid: #e4e6ea; --cell: #f2f3f5; --c1: #1f6feb; --c2: #c2410c; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #14161a; --fg: #e6e8eb; --soft: #9aa1ab; --grid: #2b2f36; --cell: #1d2025; --c1: #6ea8fe; --c2: #fb923c; }
}
body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 48px; }
h1 { font-size: 24px; margin: 0 0 12px; }
.note { border-left: 4px solid var(--c2); padding: 4px 12px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 12px 24px; margin: 0 0 24px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 24px; }
figure { margin: 0 0 24px; }
figcaption { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; font-weight: 600; margin-bottom: 8px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-weight: 400; font-size: 13px; color: var(--soft); }
.key { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; background: currentColor; }
svg { display: block; width: 100%; height: auto; max-width: 720px; font: 12px system-ui, sans-serif; }
.grid { stroke: var(--grid); }
.axis { stroke: var(--soft); fill: none; }
.tick { fill: var(--soft); }
.label { fill: var(--fg); }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
.faint { fill: none; stroke: currentColor; opacity: 0.22; }
.dot { fill: currentColor; stroke: var(--bg); stroke-width: 1.5; }
.c1 { color: var(--c1); }
.c2 { color: var(--c2); }
.cell { fill: var(--cell); }
.right { fill: var(--c1); }
.wrong { fill: var(--c2); }
.count { fill: var(--fg); }
.count.on { fill: var(--bg); }
`;
