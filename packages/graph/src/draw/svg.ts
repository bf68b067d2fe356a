import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { checkGraph, type Graph } from "../graph.ts";
import { type Group, type Leaf, type Line, layOut, type Rect } from "./layout.ts";
import { type Box, type Frame, type GraphDrawOptions, type Look, sceneOf } from "./scene.ts";

export const drawKinds: Kinds<GraphDrawOptions> = { depth: option.number };

const titleSize = 13;
const lineSize = 10.5;
const lineHeight = 14;
const colors: { readonly [L in Look]: readonly [fill: string, stroke: string] } = {
  input: ["#e7f6ec", "#3f9c62"],
  output: ["#e7f6ec", "#3f9c62"],
  weights: ["#e8f0fe", "#4a78c9"],
  module: ["#e8f0fe", "#4a78c9"],
  view: ["#fafafa", "#b5bac2"],
  draw: ["#fdeef6", "#c2559a"],
  op: ["#fff6e0", "#d19a2a"],
};

/** About how wide a text is in a font like Helvetica. */
function textWidth(text: string, size: number): number {
  let width = 0;
  for (const c of text)
    width += /[ijl.,:;'|![\]() ]/.test(c) ? 0.3 : /[mwMW…]/.test(c) ? 0.88 : /[A-Z]/.test(c) ? 0.68 : 0.56;
  return width * size;
}
const sizeOf = ({ title, lines }: Box): { readonly width: number; readonly height: number } => ({
  width: Math.max(textWidth(title, titleSize) * 1.06, ...lines.map((line) => textWidth(line, lineSize))) + 22,
  height: 12 + 17 + lines.length * lineHeight,
});
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] as string);
const n = (x: number): string => String(Math.round(x * 10) / 10);

/**
 * A drawing of a graph as SVG text: a box for each call, in frames by module, and a line for each tensor on its way. Parameters stand in the boxes that read them.
 *
 * Shapes: of the result, in each box.
 *
 * @param options.depth how deep modules are opened; deeper ones are one box.
 * @throws ArgumentError for another option.
 * @see https://doi.org/10.1109/TSMC.1981.4308636
 * @example
 * const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU());
 * const graph = capture((x) => model.forward(x), [ones([2, 3])], { model });
 * const svg = toSvg(graph); // write it into a file, or into a page
 * svg.startsWith("<svg "); // true
 */
export function toSvg(graph: Graph, options: GraphDrawOptions = {}): string {
  checkOptions("toSvg", drawKinds, options);
  checkGraph("toSvg", graph);
  const { root, edges } = sceneOf(graph, (op) => graph.record(op), options);
  const boxes = new Map<string, Box>();
  const frames = new Map<string, Frame>();
  const place = (frame: Frame): Group => ({
    id: frame.id,
    width: textWidth(frame.title, lineSize) + 30,
    members: frame.members.map((m): Leaf | Group => {
      if ("members" in m) {
        frames.set(m.id, m);
        return place(m);
      }
      boxes.set(m.id, m);
      return { id: m.id, ...sizeOf(m) };
    }),
  });
  const drawing = layOut(place(root), edges);
  const [width, height] = [Math.ceil(drawing.width), Math.ceil(drawing.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" text-anchor="middle">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8 L8 4 L0 7.2 z" fill="#6b7280"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...drawing.groups.map((r) => frameSvg(r, frames.get(r.id) as Frame)), // each was placed
    '<g fill="none" stroke="#6b7280" stroke-width="1.2">',
    ...drawing.lines.map(lineSvg),
    "</g>",
    ...drawing.groups.map((r) => titleSvg(r, frames.get(r.id) as Frame)),
    ...drawing.leaves.map((r) => boxSvg(r, boxes.get(r.id) as Box)),
    "</svg>",
  ].join("\n");
}

const frameSvg = ({ x, y, width, height }: Rect, _: Frame): string =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="9" fill="#475569" fill-opacity="0.05" stroke="#94a3b8" stroke-dasharray="4 3"/>`;
/** Above the lines, which it interrupts where they meet. */
const titleSvg = ({ x, y }: Rect, { title }: Frame): string =>
  `<text x="${n(x + 10)}" y="${n(y + 15)}" font-size="${lineSize}" fill="#475569" text-anchor="start" stroke="#f6f7f9" stroke-width="4" paint-order="stroke">${escape(title)}</text>`;

function boxSvg({ x, y, width, height }: Rect, { look, title, lines, about }: Box): string {
  const [fill, stroke] = colors[look];
  const round = look === "input" || look === "output" ? height / 2 : 6;
  const middle = n(x + width / 2);
  return [
    `<g><title>${escape(about)}</title>`,
    `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(Math.min(round, 18))}" fill="${fill}" stroke="${stroke}"/>`,
    `<text x="${middle}" y="${n(y + 20)}" font-size="${titleSize}" font-weight="600" fill="#1f2937">${escape(title)}</text>`,
    ...lines.map(
      (line, i) =>
        `<text x="${middle}" y="${n(y + 20 + (i + 1) * lineHeight)}" font-size="${lineSize}" fill="#4b5563">${escape(line)}</text>`,
    ),
    "</g>",
  ].join("");
}

/** A line that leaves downwards and arrives from above. */
function lineSvg({ points, arrow }: Line): string {
  const [first, ...rest] = points;
  let path = `M${n(first[0])} ${n(first[1])}`;
  let [fx, fy] = first;
  for (const [x, y] of rest) {
    if (x === fx) path += ` L${n(x)} ${n(y)}`;
    else path += ` C${n(fx)} ${n((fy + y) / 2)} ${n(x)} ${n((fy + y) / 2)} ${n(x)} ${n(y)}`;
    [fx, fy] = [x, y];
  }
  return `<path d="${path}"${arrow ? ' marker-end="url(#arrow)"' : ""}/>`;
}
