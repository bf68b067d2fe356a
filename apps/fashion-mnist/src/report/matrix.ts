import { escapeXml, px } from "@flambeau/app-job";
import { type Confusion, perClass } from "../confusion.ts";

const cell = 46;
const labels = { left: 118, top: 96 };

/** A confusion matrix as an SVG element: a row for each true class, a column for each predicted one, darker where more images are. */
export function confusionMatrix(confusion: Confusion): string {
  const { classes, counts } = confusion;
  const side = classes.length * cell;
  const recall = perClass(confusion);
  const cells = counts.flatMap((row, truth) =>
    row.map((count, prediction) => {
      const share = count / Math.max(1, recall[truth].total);
      const [x, y] = [labels.left + prediction * cell, labels.top + truth * cell];
      const kind = truth === prediction ? "right" : "wrong";
      // the square root lets rare confusions be seen beside the diagonal
      const strength = count === 0 ? 0 : 0.12 + 0.88 * Math.sqrt(share);
      const title = `${classes[truth]} taken for ${classes[prediction]}: ${count} of ${recall[truth].total}`;
      return [
        `<g><title>${escapeXml(title)}</title>`,
        `<rect class="cell" x="${x}" y="${y}" width="${cell - 2}" height="${cell - 2}" rx="3"/>`,
        `<rect class="${kind}" x="${x}" y="${y}" width="${cell - 2}" height="${cell - 2}" rx="3" opacity="${px(strength)}"/>`,
        `<text class="count${strength > 0.6 ? " on" : ""}" x="${x + cell / 2 - 1}" y="${y + cell / 2 + 4}" text-anchor="middle">${count}</text></g>`,
      ].join("");
    }),
  );
  const names = classes.flatMap((name, i) => {
    const middle = i * cell + cell / 2;
    return [
      `<text class="tick" x="${labels.left - 8}" y="${labels.top + middle + 4}" text-anchor="end">${escapeXml(name)}</text>`,
      `<text class="tick" transform="translate(${labels.left + middle - 4} ${labels.top - 8}) rotate(-40)">${escapeXml(name)}</text>`,
      `<text class="tick" x="${labels.left + side + 6}" y="${labels.top + middle + 4}">${percent(recall[i].accuracy)}</text>`,
    ];
  });
  const [width, height] = [labels.left + side + 60, labels.top + side + 28];
  return [
    "<figure><figcaption>Confusion matrix of the test images</figcaption>",
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Confusion matrix: rows are true classes, columns predictions">`,
    ...cells,
    ...names,
    `<text class="label" x="${labels.left + side / 2}" y="${height - 6}" text-anchor="middle">prediction (columns)</text>`,
    `<text class="label" transform="translate(12 ${labels.top + side / 2}) rotate(-90)" text-anchor="middle">truth (rows)</text>`,
    "</svg></figure>",
  ].join("\n");
}

/** A share as a percentage with one decimal, a dash where there is none. */
export const percent = (share: number): string => (Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : "–");
