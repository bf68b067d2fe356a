import type { Cell, Link } from "./layers.ts";

// Where cells stand across a layered drawing: chains of them go straight down (Brandes & Köpf 2002). Four times each cell is put in line with a neighbour, from above or
// from below, from the left or from the right; the result is the mean of the two middle places.

type Layers = readonly (readonly Cell[])[];

/** One way of putting cells in line: what to add to the place of the first of the line. */
interface Lines {
  readonly root: Map<Cell, Cell>;
  readonly shift: Map<Cell, number>;
}

/** Gives the cells their places, `gap` apart in their layers. */
export function placeAcross(layers: Layers, gap: number): void {
  const crossed = conflicts(layers);
  const found: { readonly places: ReadonlyMap<Cell, number>; readonly right: boolean }[] = [];
  for (const below of [false, true])
    for (const right of [false, true]) {
      // from below is from above upside down, from the right is from the left in a mirror
      let seen: Layers = below ? [...layers].reverse() : layers;
      if (right) seen = seen.map((layer) => [...layer].reverse());
      const lines = inLine(seen, below, right ? -1 : 1, crossed);
      found.push({ places: compact(seen, lines, gap, right ? -1 : 1), right });
    }
  const cells = layers.flat();
  if (cells.length === 0) return;
  const ends = found.map(({ places }) => ({
    low: Math.min(...cells.map((c) => at(places, c) - c.width / 2)),
    high: Math.max(...cells.map((c) => at(places, c) + c.width / 2)),
  }));
  const narrow = ends.reduce((best, e) => (e.high - e.low < best.high - best.low ? e : best));
  for (const c of cells) {
    const four = found
      .map(({ places, right }, i) => at(places, c) + (right ? narrow.high - ends[i].high : narrow.low - ends[i].low))
      .sort((a, b) => a - b);
    c.x = (four[1] + four[2]) / 2;
  }
}
const at = <T>(map: ReadonlyMap<Cell, T>, c: Cell): T => map.get(c) as T; // each cell has a place

/** Links that cross one between two bends, which is to be straight. */
function conflicts(layers: Layers): Set<Link> {
  const found = new Set<Link>();
  for (let l = 1; l < layers.length; l++) {
    const place = new Map(layers[l - 1].map((c, i) => [c, i]));
    const links = layers[l].flatMap((c, i) => c.up.map((link) => ({ link, from: at(place, link.from), to: i })));
    const inner = links.filter(({ link }) => link.from.bend && link.to.bend);
    for (const { link, from, to } of links)
      if (!(link.from.bend && link.to.bend) && inner.some((o) => (o.from - from) * (o.to - to) < 0)) found.add(link);
  }
  return found;
}

/** Puts each cell in line with the middle one of its neighbours in the layer before, unless lines would cross. */
function inLine(layers: Layers, below: boolean, side: 1 | -1, crossed: ReadonlySet<Link>): Lines {
  const root = new Map<Cell, Cell>();
  const shift = new Map<Cell, number>();
  for (const c of layers.flat()) {
    root.set(c, c);
    shift.set(c, 0);
  }
  const continued = new Set<Cell>();
  for (let l = 1; l < layers.length; l++) {
    const place = new Map(layers[l - 1].map((c, i) => [c, i]));
    let last = -1;
    for (const c of layers[l]) {
      const links = [...(below ? c.down : c.up)];
      const other = (link: Link): Cell => (below ? link.to : link.from);
      const ends = (link: Link): number => side * (below ? link.toAt - link.fromAt : link.fromAt - link.toAt);
      links.sort((a, b) => at(place, other(a)) - at(place, other(b)) || ends(a) - ends(b));
      const middle = (links.length - 1) / 2;
      for (const m of new Set([Math.floor(middle), Math.ceil(middle)])) {
        const link = links[m];
        if (link === undefined || crossed.has(link) || at(root, c) !== c) continue;
        const to = other(link);
        const where = at(place, to);
        if (where <= last || continued.has(to)) continue;
        root.set(c, at(root, to));
        shift.set(c, at(shift, to) + ends(link));
        continued.add(to);
        last = where;
      }
    }
  }
  return { root, shift };
}

/** The lines as near to the left as they can stand, and then as near to those on their right. */
function compact(layers: Layers, { root, shift }: Lines, gap: number, side: 1 | -1): ReadonlyMap<Cell, number> {
  const before = new Map<Cell, Map<Cell, number>>(); // by line, the lines on its left and how far off they are at least
  const after = new Map<Cell, Map<Cell, number>>();
  const roots = new Set(root.values());
  for (const r of roots) {
    before.set(r, new Map());
    after.set(r, new Map());
  }
  for (const layer of layers)
    for (let i = 1; i < layer.length; i++) {
      const [a, b] = [layer[i - 1], layer[i]];
      const [ra, rb] = [at(root, a), at(root, b)];
      const apart = (a.width + b.width) / 2 + gap + at(shift, a) - at(shift, b);
      const least = Math.max(at(before, rb).get(ra) ?? Number.NEGATIVE_INFINITY, apart);
      at(before, rb).set(ra, least);
      at(after, ra).set(rb, least);
    }
  const x = new Map<Cell, number>();
  const order: Cell[] = [];
  const visit = (r: Cell): number => {
    const known = x.get(r);
    if (known !== undefined) return known;
    let most = 0;
    for (const [other, apart] of at(before, r)) most = Math.max(most, visit(other) + apart);
    x.set(r, most);
    order.push(r);
    return most;
  };
  for (const r of roots) visit(r);
  for (const r of order.reverse()) {
    const room = Math.min(...[...at(after, r)].map(([other, apart]) => at(x, other) - apart));
    if (Number.isFinite(room)) x.set(r, Math.max(at(x, r), room));
  }
  return new Map(layers.flat().map((c) => [c, side * (at(x, at(root, c)) + at(shift, c))]));
}
