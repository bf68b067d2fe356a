import type { Source } from "./bytes.ts";

/** Bytes between two pieces that are rather read than asked for apart. */
const nearBytes = 1 << 16;
/** Bytes of pieces that are read in one go; a larger piece goes on its own. */
const goBytes = 1 << 25;

/** Pieces of a file, those that lie near each other in one go: a request takes longer than some kilobytes. In the order of the list. */
export async function readPieces(
  source: Source,
  places: readonly (readonly [from: number, to: number] | undefined)[],
): Promise<(Uint8Array | undefined)[]> {
  const pieces = new Array<Uint8Array | undefined>(places.length).fill(undefined);
  const order = places
    .flatMap((place, i) => (place ? [{ i, from: place[0], to: place[1] }] : []))
    .sort((a, b) => a.from - b.from);
  for (let first = 0; first < order.length; ) {
    const { from } = order[first];
    let { to } = order[first];
    let next = first + 1;
    for (; next < order.length; next++) {
      const { from: begin, to: end } = order[next];
      if (begin > to + nearBytes || Math.max(to, end) - from > goBytes) break;
      to = Math.max(to, end);
    }
    const bytes = await source.read(from, to);
    for (const { i, from: begin, to: end } of order.slice(first, next))
      pieces[i] = bytes.subarray(begin - from, end - from);
    first = next;
  }
  return pieces;
}
