// The first steps of a layered drawing of a graph without cycles (Sugiyama, Tagawa & Toda 1981): layers, and in each an order with few
// crossings. Where the cells stand across is across.ts's.

/** What stands in a layer: a box, a port on the border, or a bend of a link that passes. */
export interface Cell {
  readonly width: number;
  /** Of a bend: that of its layer, which its link passes straight. */
  height: number;
  readonly bend: boolean;
  /** Ports stand in the first layer, or in the last. */
  readonly edge: "top" | "bottom" | null;
  layer: number;
  /** Its middle. */
  x: number;
  /** Its upper end. */
  y: number;
  readonly up: Link[];
  readonly down: Link[];
}
/** A line from one layer to the next; where it begins and ends is counted from the cells' middles. */
export interface Link {
  readonly from: Cell;
  readonly to: Cell;
  readonly fromAt: number;
  readonly toAt: number;
}

export const cell = (width: number, height: number, edge: Cell["edge"] = null, bend = false): Cell => ({
  width,
  height,
  bend,
  edge,
  layer: 0,
  x: 0,
  y: 0,
  up: [],
  down: [],
});
export function connect(from: Cell, to: Cell, fromAt: number, toAt: number): Link {
  const link = { from, to, fromAt, toAt };
  from.down.push(link);
  to.up.push(link);
  return link;
}

/** Gives each cell its layer: below all that it depends on, and what depends on nothing just above its first use. `cells` come in an order of dependence. */
export function assignLayers(cells: readonly Cell[]): number {
  const first = cells.some((c) => c.edge === "top") ? 1 : 0;
  for (const c of cells)
    c.layer = c.edge === "top" ? 0 : c.up.reduce((below, { from }) => Math.max(below, from.layer + 1), first);
  for (const c of [...cells].reverse()) {
    if (c.edge !== null || c.up.length > 0) continue;
    const uses = c.down.filter(({ to }) => to.edge === null).map(({ to }) => to.layer - 1);
    if (uses.length > 0) c.layer = Math.max(c.layer, Math.min(...uses));
  }
  const bottom = cells.some((c) => c.edge === "bottom");
  const last =
    cells.reduce((most, c) => (c.edge === "bottom" ? most : Math.max(most, c.layer)), first) + (bottom ? 1 : 0);
  for (const c of cells) if (c.edge === "bottom") c.layer = last;
  return last + 1;
}

/** Puts a bend into each layer that a link passes; the parts of each link, from above. */
export function splitLinks(cells: Cell[], bendWidth: number): Map<Link, readonly Link[]> {
  const parts = new Map<Link, readonly Link[]>();
  for (const c of [...cells]) {
    for (const link of [...c.down]) {
      const { from, to, fromAt, toAt } = link;
      if (to.layer - from.layer <= 1) {
        parts.set(link, [link]);
        continue;
      }
      from.down.splice(from.down.indexOf(link), 1);
      to.up.splice(to.up.indexOf(link), 1);
      const chain: Link[] = [];
      let at = from;
      for (let layer = from.layer + 1; layer < to.layer; layer++) {
        const bend = cell(bendWidth, 0, null, true);
        bend.layer = layer;
        cells.push(bend);
        chain.push(connect(at, bend, at === from ? fromAt : 0, 0));
        at = bend;
      }
      chain.push(connect(at, to, 0, toAt));
      parts.set(link, chain);
    }
  }
  return parts;
}

/** The cells of each layer, in an order that makes few links cross. */
export function orderLayers(cells: readonly Cell[], count: number): Cell[][] {
  const layers: Cell[][] = Array.from({ length: count }, () => []);
  for (const c of cells) layers[c.layer].push(c);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < 12 && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (let i = 1; i < count; i++) {
      const l = down ? i : count - 1 - i;
      const places = new Map(layers[down ? l - 1 : l + 1].map((c, k) => [c, k]));
      const mean = (c: Cell, own: number): number => {
        const others = down ? c.up.map((link) => link.from) : c.down.map((link) => link.to);
        return others.length === 0 ? own : others.reduce((sum, o) => sum + (places.get(o) ?? 0), 0) / others.length;
      };
      const keys = new Map(layers[l].map((c, k) => [c, mean(c, k)]));
      layers[l].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
    }
    const now = crossings(layers);
    if (now < fewest) {
      fewest = now;
      best = layers.map((layer) => [...layer]);
    }
  }
  return best;
}
function crossings(layers: readonly (readonly Cell[])[]): number {
  let count = 0;
  for (let l = 1; l < layers.length; l++) {
    const places = new Map(layers[l].map((c, k) => [c, k]));
    const ends = layers[l - 1].flatMap((c) =>
      [...c.down].sort((a, b) => a.fromAt - b.fromAt).map(({ to, toAt }) => (places.get(to) ?? 0) + toAt / 1e6),
    );
    for (let i = 0; i < ends.length; i++) for (let j = i + 1; j < ends.length; j++) if (ends[i] > ends[j]) count++;
  }
  return count;
}

/** Gives the cells their heights on the page; the height of all. */
export function placeDown(layers: readonly (readonly Cell[])[], gap: number): number {
  let y = 0;
  layers.forEach((layer, l) => {
    const height = Math.max(0, ...layer.map((c) => c.height));
    for (const c of layer) {
      if (c.bend) c.height = height;
      c.y = y + (height - c.height) / 2;
    }
    y += height + (l === layers.length - 1 ? 0 : gap);
  });
  return y;
}
