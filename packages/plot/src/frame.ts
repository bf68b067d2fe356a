import { type Scale, scale, ticks, written } from "./scale.ts";
import { element, words } from "./svg.ts";

/** Room for what is written along the upright axis. */
export const left = 64;

/** The ground of a chart: where its axes lie, and what is drawn of them. */
export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
  /** Room for a key above. */
  readonly above: number;
}

/** A frame whose ends are those of the ranges. */
export function frameOf(
  x: readonly [number, number],
  y: readonly [number, number],
  { width, height, above }: Size,
): Frame {
  const [right, top, bottom] = [width - 16, 16 + above, height - 52];
  return { x: scale(x, left, right), y: scale(y, bottom, top), right, top, bottom };
}

/** Lines, ticks and names of the axes. */
export function axes({ x, y, right, top, bottom }: Frame, across: string, along: string): string[] {
  const thin = { stroke: "currentColor", "stroke-opacity": 0.15 };
  const [centre, middle] = [(left + right) / 2, (top + bottom) / 2];
  return [
    ...ticks(y.from, y.to, 6).flatMap((tick) => [
      element("line", { class: "grid", x1: left, x2: right, y1: y.at(tick), y2: y.at(tick), ...thin }),
      words(written(tick), { class: "tick", x: left - 8, y: y.at(tick) + 4, "text-anchor": "end" }),
    ]),
    ...ticks(x.from, x.to, Math.max(2, Math.round((right - left) / 70))).flatMap((tick) => [
      element("line", {
        class: "axis",
        x1: x.at(tick),
        x2: x.at(tick),
        y1: bottom,
        y2: bottom + 5,
        stroke: "currentColor",
      }),
      words(written(tick), { class: "tick", x: x.at(tick), y: bottom + 20, "text-anchor": "middle" }),
    ]),
    element("path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}`, fill: "none", stroke: "currentColor" }),
    ...(across ? [words(across, { class: "label", x: centre, y: bottom + 44, "text-anchor": "middle" })] : []),
    ...(along
      ? [words(along, { class: "label", transform: `translate(14 ${middle}) rotate(-90)`, "text-anchor": "middle" })]
      : []),
  ];
}

/** What is drawn within a frame; what leaves it by more than a dot's half is cut off. */
export function within({ right, top, bottom }: Frame, ...drawn: readonly string[]): string {
  const [x, y, width, height] = [left - 5, top - 5, right - left + 10, bottom - top + 10];
  return element("svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}`, overflow: "hidden" }, ...drawn);
}
