import type { KernelSource } from "../../engine/kernel.ts";
import { floatWord, shader, word } from "../../wgsl/shader.ts";

/** What the source of an attention kernel depends on. */
export interface Form {
  /** Numbers in a query or key, and in a value. */
  readonly dim: number;
  readonly dimV: number;
  readonly causal: boolean;
  /** Rows that an invocation works on at a time. */
  readonly rows: number;
  /** Rows of the other side that are worked on together: they share a maximum and a rescaling. */
  readonly together: number;
  /** Both results lie in one buffer, which a dispatch binds once. */
  readonly joint: boolean;
  /** Invocations in a workgroup. */
  readonly threads: number;
  /** Rows that are held in workgroup memory at a time; 0: they are read where they lie. */
  readonly tile: number;
}

/** Parameter words. Tensors have four: offset, and steps of batch, head and row. */
export const at = {
  heads: 1,
  blocks: 2,
  own: 3,
  others: 4,
  scale: 5,
  items: 6,
  tensors: 8,
} as const;
export const scale = floatWord(at.scale);

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const each = (n: number, f: (i: number) => string, between = "\n"): string => range(n).map(f).join(between);
export const quads = (dim: number): number => Math.ceil(dim / 4);

/** Four numbers of a row from `4 * quad` on, zeros behind its end. */
const four = (slot: string, base: string, quad: number, dim: number): string =>
  `vec4<f32>(${range(4)
    .map((c) => (4 * quad + c < dim ? `${slot}[${base} + ${4 * quad + c}u]` : "0f"))
    .join(", ")})`;

/** Where the head's rows of the t-th tensor begin. */
const base = (t: number): string => {
  const first = at.tensors + 4 * t;
  return `(${word(first)} + batch * ${word(first + 1)} + head * ${word(first + 2)})`;
};
/** Where a row of the t-th tensor begins. */
export const rowAt = (t: number, row: string): string => `base${t} + (${row}) * ${word(at.tensors + 4 * t + 3)}`;

/** Declares the vectors `<name><r>_<d>` of an invocation's own rows. */
export const ownRows = (form: Form, name: string, slot: string, t: number, dim: number): string =>
  each(
    form.rows,
    (r) =>
      `let ${name}at${r} = ${rowAt(t, `row${r}`)}; ${each(quads(dim), (d) => `let ${name}${r}_${d} = ${four(slot, `${name}at${r}`, d, dim)};`, " ")}`,
  );
/** Stores vectors as the invocation's rows. */
export const storeRows = (
  form: Form,
  slot: string,
  t: number,
  dim: number,
  value: (r: number, d: number) => string,
): string =>
  each(
    form.rows,
    (r) =>
      `if (first + ${r}u < own) { let to = ${rowAt(t, `row${r}`)}; ${each(
        quads(dim),
        (d) =>
          `{ let x = ${value(r, d)}; ${each(Math.min(4, dim - 4 * d), (c) => `${slot}[to + ${4 * d + c}u] = x[${c}];`, " ")} }`,
        " ",
      )} }`,
  );
export const zeros = (form: Form, name: string, dim: number): string =>
  each(form.rows, (r) => each(quads(dim), (d) => `var ${name}${r}_${d} = vec4<f32>();`, " "));
export const dot = (a: string, b: string, dim: number): string =>
  range(quads(dim))
    .map((d) => `dot(${a}_${d}, ${b}_${d})`)
    .join(" + ");

export interface Sweep {
  readonly label: string;
  readonly writes: number;
  readonly reads: number;
  readonly tensors: number;
  /** The rows that are swept: slot and tensor of those of `dim` numbers, and of those of `dimV`. */
  readonly swept: readonly [string, number, string, number];
  /** Causal: an invocation's rows see the swept rows up to themselves, or from themselves on. */
  readonly sees: "before" | "after";
  readonly uses: readonly string[];
  readonly before: string;
  /** Statements for `together` swept rows `other<i>` (existing if < others): vectors `a<i>_<d>` and `b<i>_<d>`; `seen(r, i)` says whether row r sees them. */
  readonly step: (count: number, seen: (r: number, i: number) => string) => string;
  readonly after: string;
}

/** A kernel whose invocations each hold a few rows of one side and go through all rows of the other side that these see. */
export function sweepSource(form: Form, sweep: Sweep): KernelSource {
  const { rows, together, threads, tile, dim, dimV, causal } = form;
  const [slotA, tensorA, slotB, tensorB] = sweep.swept;
  const [qa, qb] = [quads(dim), quads(dimV)];
  const scope = tile > 0 ? threads * rows : rows;
  const start = causal && sweep.sees === "after" ? `(scope / ${tile || together}u) * ${tile || together}u` : "0u";
  const end = causal && sweep.sees === "before" ? `min(others, scope + ${scope}u)` : "others";
  const seen = (r: number, i: number): string =>
    causal
      ? `((other${i} < others) & (other${i} ${sweep.sees === "before" ? "<=" : ">="} row${r}))`
      : `(other${i} < others)`;
  const step = sweep.step(together, seen);
  const direct = `
  for (var from0 = ${start}; from0 < ${end}; from0 += ${together}u) {
    ${each(together, (i) => `let other${i} = from0 + ${i}u; let ra${i} = ${rowAt(tensorA, `min(other${i}, others - 1u)`)}; let rb${i} = ${rowAt(tensorB, `min(other${i}, others - 1u)`)};`)}
    ${each(together, (i) => `${each(qa, (d) => `let a${i}_${d} = ${four(slotA, `ra${i}`, d, dim)};`)} ${each(qb, (d) => `let b${i}_${d} = ${four(slotB, `rb${i}`, d, dimV)};`)}`)}
    ${step}
  }`;
  const load = (name: string, slot: string, t: number, width: number): string => `
    for (var i = local; i < ${tile * quads(width)}u; i += ${threads}u) {
      let d = (i % ${quads(width)}u) * 4u;
      let place = ${rowAt(t, `min(tile0 + i / ${quads(width)}u, others - 1u)`)} + d;
      ${name}[i] = vec4<f32>(${range(4)
        .map((c) =>
          width % 4 === 0 ? `${slot}[place + ${c}u]` : `select(0f, ${slot}[place + ${c}u], d + ${c}u < ${width}u)`,
        )
        .join(", ")});
    }`;
  const tiled = `
  for (var tile0 = ${start}; tile0 < ${end}; tile0 += ${tile}u) {
    workgroupBarrier();
    ${load("tileA", slotA, tensorA, dim)}
    ${load("tileB", slotB, tensorB, dimV)}
    workgroupBarrier();
    for (var inner = 0u; inner < ${tile}u; inner += ${together}u) {
      ${each(together, (i) => `let other${i} = tile0 + inner + ${i}u;`)}
      ${each(together, (i) => `${each(qa, (d) => `let a${i}_${d} = tileA[(inner + ${i}u) * ${qa}u + ${d}u];`)} ${each(qb, (d) => `let b${i}_${d} = tileB[(inner + ${i}u) * ${qb}u + ${d}u];`)}`)}
      ${step}
    }
  }`;
  const body = `
  if (group >= ${word(at.items)}) { return; }
  let heads = ${word(at.heads)};
  let own = ${word(at.own)};
  let others = ${word(at.others)};
  let line = group / ${word(at.blocks)};
  let batch = line / heads;
  let head = line % heads;
  ${each(sweep.tensors, (t) => `let base${t} = ${base(t)};`)}
  let groupFirst = (group % ${word(at.blocks)}) * ${threads * rows}u;
  let first = groupFirst + local * ${rows}u;
  let scope = ${tile > 0 ? "groupFirst" : "first"};
  ${each(rows, (r) => `let row${r} = min(first + ${r}u, own - 1u);`)}
  ${sweep.before}
  ${tile > 0 ? tiled : `if (first >= own) { return; }\n${direct}`}
  ${sweep.after}`;
  return shader({
    label: sweep.label,
    writes: range(sweep.writes).map(() => "f32"),
    reads: range(sweep.reads).map(() => "f32"),
    uses: sweep.uses,
    workgroup: threads,
    declarations:
      tile > 0
        ? `var<workgroup> tileA: array<vec4<f32>, ${tile * qa}>;\nvar<workgroup> tileB: array<vec4<f32>, ${tile * qb}>;`
        : "",
    body,
  });
}
