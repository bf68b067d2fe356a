import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { type Block, blockOf } from "../engine/memory.ts";
import { RowText } from "../fused/rows.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";

/** Invocations that a device should have for sums over rows, and rows of one at least. */
const enough = 8192;
const fewestRows = 64;
/** Into how many parts the rows are split whose values are added up column by column. */
export const partsOf = (rows: number, columns: number): number =>
  Math.min(Math.ceil(enough / columns), Math.ceil(rows / fewestRows));

/** Parameter words: rows, columns, parts, offsets of the output and the input. */
const [rowsWord, columnsWord, partsWord, outWord, inWord] = [1, 2, 3, 4, 5];

/** Sums over the rows of a row-major matrix [rows, columns]: of parts of the rows, whose sums are added up in their order. */
export class ColumnSums {
  readonly #engine: Engine;
  #kernel: Kernel | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(from: Block, offset: number, rows: number, columns: number, out: Block, outOffset: number): void {
    const parts = partsOf(rows, columns);
    if (parts <= 1) {
      this.#sum(from, offset, rows, columns, 1, out, outOffset);
      return;
    }
    const memory = this.#engine.alloc(parts * columns * 4);
    const partial = blockOf(memory);
    this.#sum(from, offset, rows, columns, parts, partial, 0);
    this.#sum(partial, 0, parts, columns, 1, out, outOffset);
    this.#engine.free(memory);
  }

  #sum(from: Block, offset: number, rows: number, columns: number, parts: number, out: Block, outOffset: number): void {
    const engine = this.#engine;
    const kernel = (this.#kernel ??= engine.kernel(source()));
    const at = engine.begin(6);
    const { u32, blocks } = engine;
    blocks[0] = out;
    blocks[1] = from;
    u32[at + rowsWord] = rows;
    u32[at + columnsWord] = columns;
    u32[at + partsWord] = parts;
    u32[at + outWord] = outOffset;
    u32[at + inWord] = offset;
    engine.dispatchLine(kernel, at, 6, Math.ceil((parts * columns) / workgroup));
  }
}

function source() {
  const text = new RowText(false);
  return shader({
    label: "sums of columns",
    writes: ["f32"],
    reads: ["f32"],
    body: `
  let columns = ${word(columnsWord)};
  let parts = ${word(partsWord)};${text.start("columns * parts")}
  let start = ${word(inWord)} + row % columns;
  let part = row / columns;
  let n = (${word(rowsWord)} - part + parts - 1u) / parts;${text.sums({ sum: "r0[start + (part + k * parts) * columns]" }, "")}
  w0[${word(outWord)} + row] = sum;`,
  });
}
