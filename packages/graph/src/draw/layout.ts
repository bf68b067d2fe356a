import { placeAcross } from "./across.ts";
import { assignLayers, type Cell, cell, connect, type Link, orderLayers, placeDown, splitLinks } from "./layers.ts";

// Where everything stands in a drawing of boxes inside of groups: each group is laid out by itself, and is a box for the group around it. Lines enter and leave it at
// ports on its upper and lower border.

export interface Leaf {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}
export interface Group {
  readonly id: string;
  /** Least width, for its title. */
  readonly width: number;
  readonly members: readonly (Leaf | Group)[];
}
/** A line between leaves: that which `from` gives goes into `to`. */
export type Edge = readonly [from: string, to: string];

type Point = readonly [x: number, y: number];
export interface Rect {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Line {
  readonly points: readonly Point[];
  /** Whether it ends at a leaf, and not at a border. */
  readonly arrow: boolean;
}
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly leaves: readonly Rect[];
  /** Those around others come first. */
  readonly groups: readonly Rect[];
  readonly lines: readonly Line[];
}

const gapAcross = 24;
const gapDown = 30;
const padding = 16;
const titleHeight = 22;
const bendWidth = 4;

const isGroup = (m: Leaf | Group): m is Group => "members" in m;

/** A member as its group sees it, and what is inside. */
interface Block {
  readonly width: number;
  readonly height: number;
  readonly drawing: Drawing;
  /** Where lines cross its border, from its left side, by the leaf that they come from. */
  readonly entries: ReadonlyMap<string, number>;
  readonly exits: ReadonlyMap<string, number>;
}

/** Lays out the members of `root`. Leaves come in an order in which lines go forward. */
export function layOut(root: Group, edges: readonly Edge[]): Drawing {
  const { drawing } = blockOf(root, edges, null);
  return drawing;
}

function leavesOf(m: Leaf | Group, into: Set<string> = new Set()): Set<string> {
  if (isGroup(m)) for (const part of m.members) leavesOf(part, into);
  else into.add(m.id);
  return into;
}

function blockOf(group: Group, edges: readonly Edge[], inside: ReadonlySet<string> | null): Block {
  const cells: Cell[] = [];
  const tops = new Map<string, Cell>();
  const bottoms = new Map<string, Cell>();
  if (inside)
    for (const [from, to] of edges)
      if (!inside.has(from) && inside.has(to) && !tops.has(from)) {
        const port = cell(bendWidth, 0, "top");
        tops.set(from, port);
        cells.push(port);
      }
  const members = group.members.map((member) => {
    const leaves = leavesOf(member);
    const block = isGroup(member) ? blockOf(member, edges, leaves) : null;
    const { width, height } = block ?? (member as Leaf); // what is no group is a leaf
    const own = cell(width, height);
    cells.push(own);
    return { member, leaves, block, own };
  });
  const homes = new Map<string, (typeof members)[number]>();
  for (const each of members) for (const leaf of each.leaves) homes.set(leaf, each);
  const links = new Map<Link, boolean>();
  const seen = new Set<string>();
  for (const [from, to] of edges) {
    const [source, target] = [homes.get(from), homes.get(to)];
    if (!(source || (target && tops.has(from))) || source === target) continue;
    let [below, toAt, arrow]: [Cell | undefined, number, boolean] = [undefined, 0, false];
    if (target) [below, toAt, arrow] = [target.own, at(target.block?.entries, from, target.own), target.block === null];
    else if (inside) {
      below = bottoms.get(from) ?? cell(bendWidth, 0, "bottom");
      if (!bottoms.has(from)) cells.push(below);
      bottoms.set(from, below);
    }
    const above = source?.own ?? tops.get(from);
    const key = `${from}\n${target ? members.indexOf(target) : "out"}`;
    if (!above || !below || seen.has(key)) continue;
    seen.add(key);
    links.set(connect(above, below, source ? at(source.block?.exits, from, source.own) : 0, toAt), arrow);
  }
  const count = assignLayers(cells);
  const parts = splitLinks(cells, bendWidth);
  const layers = orderLayers(cells, count);
  placeAcross(layers, gapAcross);
  const inner = placeDown(layers, gapDown);

  const left = Math.min(...cells.map((c) => c.x - c.width / 2), Infinity);
  const right = Math.max(...cells.map((c) => c.x + c.width / 2), left);
  const content = cells.length === 0 ? 0 : right - left;
  const width = Math.max(content + 2 * padding, group.width);
  const shift = (width - content) / 2 - (cells.length === 0 ? 0 : left);
  // in a group the ports' layers lie on the borders
  const top = inside ? (tops.size > 0 ? 0 : padding) + titleHeight : padding;
  const height = top + inner + (bottoms.size > 0 ? 0 : padding);
  const yOf = (c: Cell, y: number): number => (c.edge === "top" ? 0 : c.edge === "bottom" ? height : top + y);
  const drawing = {
    width,
    height,
    leaves: [] as Rect[],
    groups: [] as Rect[],
    lines: [] as Line[],
  };
  for (const { member, block, own } of members) {
    const [x, y] = [own.x - own.width / 2 + shift, yOf(own, own.y)];
    const rect: Rect = { id: member.id, x, y, width: own.width, height: own.height };
    if (block === null) drawing.leaves.push(rect);
    else {
      drawing.groups.push(rect, ...block.drawing.groups.map((r) => moved(r, x, y)));
      drawing.leaves.push(...block.drawing.leaves.map((r) => moved(r, x, y)));
      for (const line of block.drawing.lines)
        drawing.lines.push({ ...line, points: line.points.map(([px, py]) => [px + x, py + y]) });
    }
  }
  for (const [link, arrow] of links) {
    const points: Point[] = [];
    for (const { from, to, fromAt, toAt } of parts.get(link) ?? [link]) {
      points.push([from.x + fromAt + shift, yOf(from, from.y + from.height)]);
      points.push([to.x + toAt + shift, yOf(to, to.y)]);
    }
    drawing.lines.push({ points, arrow });
  }
  const places = (ports: ReadonlyMap<string, Cell>) => new Map([...ports].map(([name, c]) => [name, c.x + shift]));
  return { width, height, drawing, entries: places(tops), exits: places(bottoms) };
}
const at = (ports: ReadonlyMap<string, number> | undefined, name: string, own: Cell): number =>
  ports === undefined ? 0 : (ports.get(name) ?? own.width / 2) - own.width / 2;
const moved = (r: Rect, x: number, y: number): Rect => ({ ...r, x: r.x + x, y: r.y + y });
