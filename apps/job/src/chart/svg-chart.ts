import { curves, escapeXml } from "flambeau/plot";
import type { Chart } from "./chart.ts";

/** A line chart as a figure of a report, in the page's colours. */
export function lineChart({ title, xLabel: x, yLabel: y, yMin, yMax, series }: Chart): string {
  const drawn = series.map(({ label, points, style, color }) => ({
    ...(points.length > 0 && { name: label }),
    x: points.map(([at]) => at),
    y: points.map(([, value]) => value),
    look: style === "dots" ? ("both" as const) : style,
    colour: color - 1,
  }));
  const { svg } = curves(drawn, { title: `${title}: ${y} by ${x}`, x, y, yMin, yMax });
  return figure(title, svg);
}

/** A picture with its caption. */
export const figure = (caption: string, svg: string): string =>
  `<figure><figcaption>${escapeXml(caption)}</figcaption>\n${svg}</figure>`;
