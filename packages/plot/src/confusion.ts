import { ArgumentError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { colours } from "./chart.ts";
import { type Rows, rowsOf } from "./numbers.ts";
import { Plot } from "./plot.ts";
import { element, escapeXml, picture, words } from "./svg.ts";

export interface ConfusionOptions {
  /** What it shows: told to those who do not see it. */
  readonly title?: string | undefined;
  /** The classes' names. Default: their numbers. */
  readonly labels?: readonly string[] | undefined;
}
const confusionKinds: Kinds<ConfusionOptions> = { title: option.string, labels: option.listOf(option.string) };

const cell = 46;
const labelled = { left: 118, top: 96 };

/**
 * How often each class was taken for each: a row for each true class, a column for each predicted one, darker where a larger share of
 * the row is, and the share that was right behind each row.
 *
 * Shape: [classes, classes], `counts[truth][prediction]`.
 *
 * @throws ArgumentError for counts that are no square of whole numbers, and as many labels as there are no classes.
 * @throws UnavailableError for a tensor on a device that cannot be read at once.
 * @example
 * confusionMatrix([[5, 1], [0, 4]], { labels: ["cat", "dog"] }).svg.includes("cat taken for dog: 1 of 6"); // true
 */
export function confusionMatrix(counts: Rows, options: ConfusionOptions = {}): Plot {
  checkOptions("confusionMatrix", confusionKinds, options);
  const rows = rowsOf("confusionMatrix", "counts", counts);
  const fail = (problem: string): never => {
    throw new ArgumentError("confusionMatrix", problem);
  };
  const size = rows.length;
  if (rows[0].length !== size) fail(`counts are a square, got ${size} rows of ${rows[0].length}`);
  const odd = rows.flat().find((count) => !Number.isInteger(count) || count < 0);
  if (odd !== undefined) fail(`counts are whole numbers from 0 on, got ${odd}`);
  const labels = options.labels ?? rows.map((_, i) => `${i}`);
  if (labels.length !== size) fail(`there are ${size} classes and ${labels.length} labels`);
  const totals = rows.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = rows.flatMap((row, truth) => row.map((count, i) => field(count, truth, i, totals[truth], labels)));
  const side = size * cell;
  const [width, height] = [labelled.left + side + 60, labelled.top + side + 28];
  const names = labels.flatMap((name, i) => beside(name, i, side, percent(rows[i][i] / totals[i])));
  const axes = [
    words("prediction (columns)", {
      class: "label",
      x: labelled.left + side / 2,
      y: height - 6,
      "text-anchor": "middle",
    }),
    words("truth (rows)", {
      class: "label",
      transform: `translate(12 ${labelled.top + side / 2}) rotate(-90)`,
      "text-anchor": "middle",
    }),
  ];
  const title = options.title ?? "Confusion matrix: rows are true classes, columns predictions";
  return new Plot(title, picture(title, width, height, ...cells, ...names, ...axes));
}

function field(count: number, truth: number, guess: number, total: number, labels: readonly string[]): string {
  const [x, y] = [labelled.left + guess * cell, labelled.top + truth * cell];
  const colour = truth === guess ? 0 : 1;
  // the square root lets rare confusions be seen beside the diagonal
  const strength = count === 0 ? 0 : 0.12 + 0.88 * Math.sqrt(count / total);
  const box = { x, y, width: cell - 2, height: cell - 2, rx: 3 };
  const dark = strength > 0.6;
  return element(
    "g",
    {},
    element("title", {}, escapeXml(`${labels[truth]} taken for ${labels[guess]}: ${count} of ${total}`)),
    element("rect", { class: "cell", ...box, fill: "currentColor", "fill-opacity": 0.06 }),
    element("rect", { class: `share colour-${colour}`, ...box, fill: colours[colour], opacity: strength }),
    words(`${count}`, {
      class: dark ? "count on" : "count",
      x: x + cell / 2 - 1,
      y: y + cell / 2 + 4,
      "text-anchor": "middle",
      ...(dark && { fill: "#fff" }),
    }),
  );
}

function beside(name: string, i: number, side: number, share: string): string[] {
  const middle = i * cell + cell / 2;
  const { left, top } = labelled;
  return [
    words(name, { class: "tick", x: left - 8, y: top + middle + 4, "text-anchor": "end" }),
    words(name, { class: "tick", transform: `translate(${left + middle - 4} ${top - 8}) rotate(-40)` }),
    words(share, { class: "tick", x: left + side + 6, y: top + middle + 4 }),
  ];
}

/** A share as a percentage with one decimal, a dash where there is none. */
const percent = (share: number): string => (Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : "–");
