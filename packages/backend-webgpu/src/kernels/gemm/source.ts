import type { KernelSource } from "../../engine/kernel.ts";
import { floatWord, shader, word } from "../../wgsl/shader.ts";
import { type Finishing, finishing } from "./finish.ts";
import { BIAS_OF_COLUMNS, BIAS_OF_ROWS, NO_BIAS, type Product, SPREAD, WINDOW } from "./product.ts";

/** What a kernel's source depends on. */
export interface Form {
  readonly columnRank: 1 | 3;
  readonly depthRank: 1 | 3;
  readonly window: Product["window"];
  readonly bias: Product["biasKind"];
  readonly planes: boolean;
  /** A program that is applied to the sums. */
  readonly finish: Finishing | null;
}

/** Parameter words. */
export const at = {
  rows: 1,
  columns: 2,
  depth: 3,
  columnTiles: 4,
  tiles: 5,
  batches: 6,
  /** The sum may be cut into parts: their depth, the first one and the number of this dispatch. */
  partDepth: 7,
  firstPart: 8,
  parts: 9,
  out: 10,
  outBatch: 11,
  outPart: 12,
  outRow: 13,
  plane: 14,
  planeStep: 15,
  bias: 16,
  biasBatch: 17,
  left: 18, // offset, batch, outer, three of inner
  right: 24, // offset, batch, three of outer, three of inner
  columnSizes: 32,
  depthSizes: 34,
  height: 36,
  width: 37,
  firstY: 38,
  firstX: 39,
  columnSteps: 40,
  depthSteps: 42,
  strides: 44,
  inverses: 46, // of strides, as floats
  words: 48,
} as const;

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const each = (n: number, f: (i: number) => string, between = "\n  "): string => range(n).map(f).join(between);

/** Statements at the start of a kernel: which tile of which batch and part this workgroup has, and the range of its sum. */
export const opening = `
  let rows = ${word(at.rows)};
  let columns = ${word(at.columns)};
  let tile = group % ${word(at.tiles)};
  let batch = (group / ${word(at.tiles)}) % ${word(at.batches)};
  let part = group / ${word(at.tiles)} / ${word(at.batches)};
  // the fold of a long line may leave workgroups over
  if (part >= ${word(at.parts)}) { return; }
  let begin = (${word(at.firstPart)} + part) * ${word(at.partDepth)};
  let end = min(begin + ${word(at.partDepth)}, ${word(at.depth)});
  let leftBase = ${word(at.left)} + batch * ${word(at.left + 1)};
  let rightBase = ${word(at.right)} + batch * ${word(at.right + 1)};
  let outBase = ${word(at.out)} + batch * ${word(at.outBatch)} + part * ${word(at.outPart)};`;

/** The place of a row in the left factor. */
export const rowPlace = (row: string): string => `leftBase + min(${row}, rows - 1u) * ${word(at.left + 2)}`;

/** Declares the place of a column in the right factor as `c<name>`, and where its window lies as `cy<name>`, `cx<name>`. */
export function columnPlace({ columnRank, window }: Form, name: string, column: string): string {
  const step = (d: number) => word(at.right + 2 + d);
  if (columnRank === 1) return `let c${name} = rightBase + min(${column}, columns - 1u) * ${step(0)};`;
  const lines = [
    `let o${name} = min(${column}, columns - 1u);`,
    `let oq${name} = o${name} / ${word(at.columnSizes + 1)};`,
    `let o2${name} = o${name} - oq${name} * ${word(at.columnSizes + 1)};`,
    `let o0${name} = oq${name} / ${word(at.columnSizes)};`,
    `let o1${name} = oq${name} - o0${name} * ${word(at.columnSizes)};`,
    `let c${name} = rightBase + o0${name} * ${step(0)} + o1${name} * ${step(1)} + o2${name} * ${step(2)};`,
  ];
  if (window)
    lines.push(
      `let cy${name} = ${word(at.firstY)} + o1${name} * ${word(at.columnSteps)};`,
      `let cx${name} = ${word(at.firstX)} + o2${name} * ${word(at.columnSteps + 1)};`,
    );
  return lines.join(" ");
}

/** Declares the counters of the summed dimensions at `k`. */
export const depthStart = ({ depthRank }: Form, k: string): string =>
  depthRank === 1
    ? ""
    : `let kq = ${k} / ${word(at.depthSizes + 1)};
  var k2 = ${k} - kq * ${word(at.depthSizes + 1)};
  var k0 = kq / ${word(at.depthSizes)};
  var k1 = kq - k0 * ${word(at.depthSizes)};`;

/** Declares the places of the summed index: `ka` in the left factor, `kb` (and `ky`, `kx`) in the right one. */
export function depthPlace({ depthRank, window }: Form, k: string): string {
  const [a, b] = [at.left + 3, at.right + 5];
  if (depthRank === 1) return `let ka = (${k}) * ${word(a)}; let kb = (${k}) * ${word(b)};`;
  const place = (first: number) => `k0 * ${word(first)} + k1 * ${word(first + 1)} + k2 * ${word(first + 2)}`;
  return `let ka = ${place(a)}; let kb = ${place(b)};${
    window ? ` let ky = k1 * ${word(at.depthSteps)}; let kx = k2 * ${word(at.depthSteps + 1)};` : ""
  }`;
}
/** Steps the counters to the next k. */
export const depthStep = ({ depthRank }: Form): string =>
  depthRank === 1
    ? ""
    : `k2++;
    if (k2 == ${word(at.depthSizes + 1)}) { k2 = 0u; k1++; if (k1 == ${word(at.depthSizes)}) { k1 = 0u; k0++; } }`;

/** The right factor's element at column `name` and the k whose place was declared. */
export function rightElement({ window }: Form, name: string): string {
  const place = `c${name} + kb`;
  if (!window) return `r1[${place}]`;
  return window === WINDOW
    ? `seen(${place}, cy${name} + ky, cx${name} + kx)`
    : `spread(${place}, cy${name} + ky, cx${name} + kx)`;
}
// y and x wrap below zero and are then too large. Quotients by floats are exact for images of less than 2^21 a side.
// `&` and not `&&`, whose branches, one after the other, take SwiftShader's compiler time exponential in their number
export const windowFunctions = ({ window }: Form): string =>
  window === WINDOW
    ? `fn seen(place: u32, y: u32, x: u32) -> f32 {
  return select(0f, r1[place], (y < ${word(at.height)}) & (x < ${word(at.width)}));
}`
    : window === SPREAD
      ? `fn spread(place: u32, y: u32, x: u32) -> f32 {
  let row = u32((f32(y) + 0.5f) * ${floatWord(at.inverses)});
  let column = u32((f32(x) + 0.5f) * ${floatWord(at.inverses + 1)});
  let seen = (row < ${word(at.height)}) & (column < ${word(at.width)}) & (row * ${word(at.strides)} == y) & (column * ${word(at.strides + 1)} == x);
  return select(0f, r1[place + row * ${word(at.width)} + column], seen);
}`
      : "";

/** Statements that store `high` x `wide` sums `s<i * wide + j>`, of those rows and columns that exist. */
export function storeSums(
  { planes, bias, finish }: Form,
  high: number,
  wide: number,
  row: (i: number) => string,
  column: (j: number) => string,
): string {
  const biasAt = (index: string) => `r2[${word(at.bias)} + batch * ${word(at.biasBatch)} + ${index}]`;
  const columnPart = (j: number): string => `let j${j} = ${column(j)};
  let to${j} = ${planes ? `(j${j} / ${word(at.plane)}) * ${word(at.planeStep)} + j${j} % ${word(at.plane)}` : `j${j}`};
  ${bias === BIAS_OF_COLUMNS ? `let bias${j} = ${biasAt(`min(j${j}, columns - 1u)`)};` : ""}`;
  const added = (j: number): string => (bias === NO_BIAS ? "" : bias === BIAS_OF_ROWS ? " + bias" : ` + bias${j}`);
  const stored = (i: number, j: number): string => {
    const sum = `s${i * wide + j}${added(j)}`;
    return finish === null ? sum : `finish(batch, i, j${j}, ${sum})`;
  };
  return `${each(wide, columnPart)}
  ${each(
    high,
    (i) => `{
    let i = ${row(i)};
    if (i < rows) {
      let to = outBase + i * ${word(at.outRow)};
      ${bias === BIAS_OF_ROWS ? `let bias = ${biasAt("i")};` : ""}
      ${each(wide, (j) => `if (j${j} < columns) { w0[to + to${j}] = ${stored(i, j)}; }`)}
    }
  }`,
  )}`;
}

export const gemmShader = (
  form: Form,
  label: string,
  workgroup: number,
  declarations: string,
  body: string,
): KernelSource => {
  const reads = form.bias === NO_BIAS ? ["f32", "f32"] : ["f32", "f32", "f32"];
  const finish = form.finish === null ? null : finishing(form.finish, reads.length, at.words);
  return shader({
    label: finish === null ? label : `${label}, ${finish.label}`,
    writes: ["f32"],
    reads: finish === null ? reads : [...reads, ...finish.reads],
    workgroup,
    uses: finish?.uses,
    declarations: `${windowFunctions(form)}\n${finish?.declarations ?? ""}\n${declarations}`,
    body: `${opening}\n${body}`,
  });
};
