import { type Chart, ranges, type Series, ticks } from "./chart.ts";
import { escapeXml, px } from "./svg.ts";

const size = { width: 640, height: 360 };
const margin = { left: 64, right: 16, top: 16, bottom: 52 };
const plot = { width: size.width - margin.left - margin.right, height: size.height - margin.top - margin.bottom };

/** A line chart with axes, grid and legend as an SVG element. Its colours are CSS classes of the page. */
export function lineChart(chart: Chart): string {
  const {
    x: [xMin, xMax],
    y: [yMin, yMax],
  } = ranges(chart);
  const x = (value: number) => margin.left + ((value - xMin) / (xMax - xMin)) * plot.width;
  const y = (value: number) => margin.top + (1 - (value - yMin) / (yMax - yMin)) * plot.height;
  const bottom = margin.top + plot.height;
  const right = margin.left + plot.width;

  const grid = [
    ...ticks(yMin, yMax, 6).map(
      (v) =>
        `<line class="grid" x1="${margin.left}" x2="${right}" y1="${px(y(v))}" y2="${px(y(v))}"/>` +
        `<text class="tick" x="${margin.left - 8}" y="${px(y(v) + 4)}" text-anchor="end">${v}</text>`,
    ),
    ...ticks(xMin, xMax, 8).map(
      (v) =>
        `<line class="axis" x1="${px(x(v))}" x2="${px(x(v))}" y1="${bottom}" y2="${bottom + 5}"/>` +
        `<text class="tick" x="${px(x(v))}" y="${bottom + 20}" text-anchor="middle">${v}</text>`,
    ),
    `<path class="axis" d="M${margin.left} ${margin.top}V${bottom}H${right}"/>`,
    `<text class="label" x="${px(margin.left + plot.width / 2)}" y="${size.height - 8}" text-anchor="middle">${escapeXml(chart.xLabel)}</text>`,
    `<text class="label" transform="translate(14 ${px(margin.top + plot.height / 2)}) rotate(-90)" text-anchor="middle">${escapeXml(chart.yLabel)}</text>`,
  ];
  const drawn = chart.series.map(({ points, style, color }) => {
    const path = pathOf(points, x, y);
    const dots = points
      .filter(([, v]) => Number.isFinite(v))
      .map(([px_, v]) => `<circle class="dot c${color}" cx="${px(x(px_))}" cy="${px(y(v))}" r="4"/>`);
    return `<path class="${style === "faint" ? "faint" : "line"} c${color}" d="${path}"/>${style === "dots" ? dots.join("") : ""}`;
  });
  const named = chart.series.filter(({ style, points }) => style !== "faint" && points.length > 0);
  const id = chart.title.toLowerCase().replace(/\W+/g, "-");
  return [
    `<figure><figcaption>${escapeXml(chart.title)}${legend(named)}</figcaption>`,
    `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escapeXml(`${chart.title}: ${chart.yLabel} by ${chart.xLabel}`)}">`,
    `<clipPath id="clip-${id}"><rect x="${margin.left}" y="${margin.top - 4}" width="${plot.width + 4}" height="${plot.height + 8}"/></clipPath>`,
    ...grid,
    `<g clip-path="url(#clip-${id})">${drawn.join("")}</g>`,
    "</svg></figure>",
  ].join("\n");
}

const legend = (series: readonly Series[]): string =>
  `<span class="legend">${series.map(({ label, color }) => `<span><i class="key c${color}"></i>${escapeXml(label)}</span>`).join("")}</span>`;

/** The points joined; a point that is not finite breaks the line. */
function pathOf(points: Series["points"], x: (v: number) => number, y: (v: number) => number): string {
  let path = "";
  let open = false;
  for (const [px_, value] of points) {
    if (Number.isFinite(value)) path += `${open ? "L" : "M"}${px(x(px_))} ${px(y(value))}`;
    open = Number.isFinite(value);
  }
  return path;
}
