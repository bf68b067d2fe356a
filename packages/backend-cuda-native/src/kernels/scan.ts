import { bytesOf, dtypeCode, type ScanKind, type View } from "@flambeau/tensor/plugin";
import { heldIn, kindOf, typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { type Loops, loopsOver, writeLoops } from "../engine/loops.ts";
import { addressOf, writeView } from "../engine/views.ts";
import { linesOf } from "./lines.ts";

/** Shorter lines, and lines of which there are more, are a thread's each. */
const long = 1024;
const many = 1024;
/** Fewer lines than these leave a card idle: they go in pieces, of at least so many elements. */
const few = 64;
const fewest = 4096;
const mostPieces = 256;
const mostBlocks = 65_535;

/** Into how many pieces a line goes, none of them empty: by the sizes alone, so that results are the same on every card. */
function piecesOf(lines: number, length: number): number {
  const wanted = lines >= few ? 1 : Math.max(1, Math.min(mostPieces, Math.floor(length / fewest)));
  return Math.ceil(length / Math.ceil(length / wanted));
}

/** Running values of each line, and for extremes the position of the last one so far. */
export function scan(engine: Engine, kind: ScanKind, input: View, output: View, dim: number, indices?: View): void {
  const positions = indices ?? output;
  const { loops, lines, length } = linesOf(input.shape, dim, [input, output, positions]);
  if (lines * length === 0) return;
  if (length >= long && lines < many) {
    scanLong(engine, kind, { loops, lines, length }, input, output, dim, indices);
    return;
  }
  const words = engine.words().int(kindOf(kind)).int(lines).int(length);
  writeLoops(words, loops);
  writeView(words, input, loops.steps[0]).int(input.strides[dim]);
  writeView(words, output, loops.steps[1])
    .int(output.strides[dim])
    .int(indices ? 1 : 0);
  writeView(words, positions, loops.steps[2]).int(positions.strides[dim]);
  engine.forEach(typed("scan", output.dtype), lines);
}

interface Lines {
  readonly loops: Loops;
  readonly lines: number;
  readonly length: number;
}
/** Values along lines, and positions beside them: an address (0 where there are none), its dtype, steps along the lines' loops and along a line. */
interface Elements {
  readonly values: number;
  readonly dtype: View["dtype"];
  readonly steps: readonly number[];
  readonly step: number;
}
const elementsOf = (view: View, steps: readonly number[], dim: number): Elements => ({
  values: addressOf(view),
  dtype: view.dtype,
  steps,
  step: view.strides[dim],
});

/** A block for each line, or for each piece of one (native/kernels/scan.cuh). */
function scanLong(
  engine: Engine,
  kind: ScanKind,
  all: Lines,
  input: View,
  output: View,
  dim: number,
  indices: View | undefined,
): void {
  const held = heldIn(output.dtype);
  const launch = (
    { loops, lines, length }: Lines,
    pieces: number,
    [from, to, positions]: readonly [Elements, Elements, Elements],
    [own, before, totals]: readonly [own: number, before: readonly number[], totals: readonly number[]],
  ): void => {
    const words = engine.words().int(kindOf(kind)).int(lines).int(length);
    writeLoops(words, loops);
    const write = ({ values, dtype, steps, step }: Elements) =>
      words.int(values).int(dtypeCode(dtype)).ints(steps).int(step);
    write(from);
    words.int(pieces);
    write(to);
    write(positions);
    words.int(own).ints(before).ints(totals);
    engine.launch(typed("scan_long", output.dtype), Math.min(lines * pieces, mostBlocks));
  };
  const { loops, lines, length } = all;
  const from = elementsOf(input, loops.steps[0], dim);
  const to = elementsOf(output, loops.steps[1], dim);
  const positions = indices ? elementsOf(indices, loops.steps[2], dim) : { ...to, values: 0 };
  const none = [0, 0];
  const pieces = piecesOf(lines, length);
  if (pieces === 1) return launch(all, 1, [from, to, positions], [0, none, none]);
  const buffer = engine.alloc(lines * pieces * (bytesOf(held) + 4));
  try {
    const values = buffer.pointer;
    const places = indices ? values + lines * pieces * bytesOf(held) : 0;
    launch(all, pieces, [from, { ...to, values: 0 }, { ...positions, values: 0 }], [0, none, [values, places]]);
    const row = loopsOver([lines], [[pieces]]);
    const sums: Lines = { loops: row, lines, length: pieces };
    const inPlace: Elements = { values, dtype: held, steps: row.steps[0], step: 1 };
    launch(sums, 1, [inPlace, inPlace, { ...inPlace, values: places, dtype: "int32" }], [places, none, none]);
    launch(all, pieces, [from, to, positions], [0, [values, places], none]);
  } finally {
    engine.free(buffer);
  }
}
