import type { KernelSource } from "../../engine/kernel.ts";
import { shader, word, workgroup } from "../../wgsl/shader.ts";

export type Kind = "lstm" | "gru" | "rnn";
export const gatesOf = { lstm: 4, gru: 3, rnn: 1 } as const;

/** Sequences that an invocation takes: what it reads of the weights serves all of them. */
export const high = 4;
/** The longest sum of one chain: rounding errors of longer ones would pile up. */
const longest = 256;

/** Parameter words of a step forward: sizes, and where what belongs to the step lies. */
export const forwardWords = {
  count: 1,
  hidden: 2,
  sums: 3,
  shift: 4,
  output: 5,
  before: 6,
  kept: 7,
  cell: 8,
  end: 9,
} as const;
/** Of a step back. `after` is where the gradients of the sums of the step taken before it lie. */
export const backwardWords = {
  count: 1,
  hidden: 2,
  sums: 3,
  after: 4,
  input: 5,
  carry: 6,
  g: 7,
  gates: 8,
  kept: 9,
  before: 10,
  weight: 11,
  last: 12,
  lastCell: 13,
  end: 14,
} as const;

const floats = (n: number): string[] => new Array<string>(n).fill("f32");
const each = (n: number, line: (i: number) => string, joined = "\n  "): string =>
  Array.from({ length: n }, (_, i) => line(i)).join(joined);

/** Declares the sums over `depth` of `left(i, "k")` times `right(j, "k")`, as the array `s` [high * wide]. */
const products = (depth: string, wide: number, left: (i: number) => string, right: (j: number) => string): string => {
  const all = high * wide;
  return `
  ${each(all, (s) => `var s${s} = 0f;`, " ")}
  for (var chunk = 0u; chunk < ${depth}; chunk += ${longest}u) {
    ${each(all, (s) => `var part${s} = 0f;`, " ")}
    let end = min(${depth}, chunk + ${longest}u);
    for (var k = chunk; k < end; k++) {
      ${each(wide, (j) => `let y${j} = ${right(j)};`)}
      ${each(high, (i) => `{ let x = ${left(i)}; ${each(wide, (j) => `part${i * wide + j} += x * y${j};`, " ")} }`)}
    }
    ${each(all, (s) => `s${s} += part${s};`, " ")}
  }
  var s = array<f32, ${all}>(${each(all, (k) => `s${k}`, ", ")});`;
};
/** Of the step at hand which sequences and which unit are the invocation's. */
const place = (w: { readonly count: number; readonly hidden: number }, wide = 1): string => `
  let count = ${word(w.count)};
  let hidden = ${word(w.hidden)};
  let units = (hidden + ${wide - 1}u) / ${wide}u;
  let place = group * ${workgroup}u + local;
  let first = place / units * ${high}u;
  if (first >= count) { return; }
  let unit = place % units;
  ${each(high, (i) => `let n${i} = min(first + ${i}u, count - 1u);`)}`;

/** out[k, r] = in[r, k]: words are the rows and columns of `in`, and its offset. */
export const turnedSource = (): KernelSource =>
  shader({
    label: "a recurrent layer's weights, turned",
    writes: ["f32"],
    reads: ["f32"],
    body: `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)} * ${word(2)}) { return; }
  w0[i] = r0[${word(3)} + i % ${word(1)} * ${word(2)} + i / ${word(1)}];`,
  });

/** What a step does with the sums `a0`, `a1`... of a unit of a sequence, which is at `n`, `to` in the step's states. */
const forwardBodies: { readonly [kind in Kind]: (beginning: string) => string } = {
  lstm: (cell) => `
    let sum0 = w0[at] + a0; let sum1 = w0[at + hidden] + a1; let sum2 = w0[at + 2u * hidden] + a2; let sum3 = w0[at + 3u * hidden] + a3;
    w0[at] = sum0; w0[at + hidden] = sum1; w0[at + 2u * hidden] = sum2; w0[at + 3u * hidden] = sum3;
    let c = f_sigmoid(sum1) * ${cell}[${word(forwardWords.cell)} + to] + f_sigmoid(sum0) * f_tanh(sum2);
    w2[${word(forwardWords.kept)} + to] = c;
    w1[${word(forwardWords.output)} + to] = f_sigmoid(sum3) * f_tanh(c);`,
  gru: (before) => `
    let sum0 = w0[at] + a0; let sum1 = w0[at + hidden] + a1;
    w0[at] = sum0; w0[at + hidden] = sum1;
    w2[${word(forwardWords.kept)} + to] = a2;
    let fresh = f_tanh(w0[at + 2u * hidden] + f_sigmoid(sum0) * a2);
    w1[${word(forwardWords.output)} + to] = fresh + f_sigmoid(sum1) * (${before}[${word(forwardWords.before)} + to] - fresh);`,
  rnn: () => "",
};

/**
 * A step: the sums of the gates, of which the input's shares are there, and the states after it. With `beginning` the states before it are the
 * layer's own; else those of the step before, in the outputs.
 */
export function forwardSource(kind: Kind, bias: boolean, beginning: boolean, relu: boolean): KernelSource {
  const w = forwardWords;
  const gates = gatesOf[kind];
  const output = kind === "rnn" ? "w0" : "w1";
  const firstState = `r${bias ? 2 : 1}`;
  const before = beginning ? firstState : output;
  const cell = beginning ? `r${bias ? 3 : 2}` : "w2";
  const states = beginning ? (kind === "lstm" ? 2 : 1) : 0;
  const body =
    kind === "rnn"
      ? `
    let sum = w0[${word(w.output)} + to] + a0;
    w0[${word(w.output)} + to] = ${relu ? "f_max(sum, 0f)" : "f_tanh(sum)"};`
      : forwardBodies[kind](kind === "lstm" ? cell : before);
  return shader({
    label: `${kind}Layer step`,
    writes: floats(kind === "rnn" ? 1 : 3),
    reads: floats(1 + (bias ? 1 : 0) + states),
    uses: ["f_sigmoid", "f_tanh", "f_max"],
    body: `${place(w)}
  ${each(high, (i) => `let h${i} = ${word(w.before)} + n${i} * hidden;`)}
  ${products(
    "hidden",
    gates,
    (i) => `${before}[h${i} + k]`,
    (g) => `r0[(k * ${gates}u + ${g}u) * hidden + unit]`,
  )}
  let behind = min(count - first, ${high}u);
  for (var i = 0u; i < behind; i++) {
    let to = (first + i) * hidden + unit;
    let at = ${word(w.sums)} + (first + i) * ${gates}u * hidden + unit;
    ${each(gates, (g) => `let a${g} = s[i * ${gates}u + ${g}u]${bias ? ` + r1[${word(w.shift)} + ${g}u * hidden + unit]` : ""};`)}${body}
  }`,
  });
}

/** What a step back makes of `dh`, the gradient of the output of a unit of a sequence. Written are w0, the gradients of the sums, and what else is named. */
const backwardBodies = (w: typeof backwardWords) => ({
  lstm: (beginning: boolean, cell: string, last: string) => `
    let si = f_sigmoid(r1[at]); let sf = f_sigmoid(r1[at + hidden]); let tg = f_tanh(r1[at + 2u * hidden]); let so = f_sigmoid(r1[at + 3u * hidden]);
    let tc = f_tanh(r2[${word(w.kept)} + own]);
    let dc = ${beginning ? `${last}[${word(w.lastCell)} + own]` : `w1[${word(w.carry)} + own]`} + dh * so * (1f - tc * tc);
    w0[to] = dc * tg * si * (1f - si);
    w0[to + hidden] = dc * ${cell}[${word(w.before)} + own] * sf * (1f - sf);
    w0[to + 2u * hidden] = dc * si * (1f - tg * tg);
    w0[to + 3u * hidden] = dh * tc * so * (1f - so);
    w1[${word(w.carry)} + own] = dc * sf;`,
  gru: () => `
    let r = f_sigmoid(r1[at]); let z = f_sigmoid(r1[at + hidden]);
    let share = r2[${word(w.kept)} + own];
    let fresh = f_tanh(r1[at + 2u * hidden] + r * share);
    let dn = dh * (1f - z) * (1f - fresh * fresh);
    let dr = dn * share * r * (1f - r);
    let dz = dh * (r3[${word(w.before)} + own] - fresh) * z * (1f - z);
    w0[to] = dr; w0[to + hidden] = dz; w0[to + 2u * hidden] = dn * r;
    let into = to - ${word(w.sums)} + ${word(w.input)};
    w1[into] = dr; w1[into + hidden] = dz; w1[into + 2u * hidden] = dn;
    w2[${word(w.carry)} + own] = dh * z;`,
  rnn: (relu: boolean) => `
    let y = r1[at];
    w0[to] = ${relu ? "select(0f, dh, y > 0f)" : "dh * (1f - y * y)"};`,
});

/**
 * A step back: the gradients of the sums of the gates, from that of the output and, but at the `beginning`, which has the gradients of the last
 * states, from what the step after it sends through the weights. At the `end` an LSTM's cell before it is the layer's own.
 */
export function backwardSource(
  kind: Kind,
  wide: number,
  beginning: boolean,
  end: boolean,
  relu: boolean,
): KernelSource {
  const w = backwardWords;
  const gates = gatesOf[kind];
  const bodies = backwardBodies(w);
  const reads = { lstm: 3, gru: 4, rnn: 2 }[kind]; // the gradient, the gates or outputs, what was kept, the state before
  const last = `r${reads}`;
  const more = beginning ? (kind === "lstm" ? 2 : 1) : 1;
  const cell = end ? `r${reads + more}` : "r2";
  const body =
    kind === "lstm" ? bodies.lstm(beginning, cell, `r${reads + 1}`) : kind === "gru" ? bodies.gru() : bodies.rnn(relu);
  const through = throughWeights(kind, wide, "w0", last, w);
  const carried = kind === "gru" && !beginning ? ` + w2[${word(w.carry)} + own]` : "";
  return shader({
    label: `${kind}LayerBackward step`,
    writes: floats({ lstm: 2, gru: 3, rnn: 1 }[kind]),
    reads: floats(reads + more + (kind === "lstm" && end ? 1 : 0)),
    uses: ["f_sigmoid", "f_tanh"],
    body: `${place(w, wide)}${beginning ? "" : through}
  let behind = min(count - first, ${high}u) * ${wide}u;
  for (var i = 0u; i < behind; i++) {
    let n = first + i / ${wide}u;
    let j = unit + i % ${wide}u * units;
    if (j >= hidden) { continue; }
    let own = n * hidden + j;
    let at = ${word(w.gates)} + n * ${gates}u * hidden + j;
    let to = ${word(w.sums)} + n * ${gates}u * hidden + j;
    let dh = r0[${word(w.g)} + own] + ${beginning ? `${last}[${word(w.last)} + own]` : "s[i]"}${carried};${body}
  }`,
  });
}

/** What goes back through the weights, for `wide` units that lie `units` apart. */
const throughWeights = (kind: Kind, wide: number, sums: string, weight: string, w: typeof backwardWords): string => {
  const gates = gatesOf[kind];
  return `
  ${each(high, (i) => `let from${i} = ${word(w.after)} + n${i} * ${gates}u * hidden;`)}
  ${each(wide, (j) => `let column${j} = ${word(w.weight)} + min(unit + ${j}u * units, hidden - 1u);`)}
  let depth = ${gates}u * hidden;
  ${products(
    "depth",
    wide,
    (i) => `${sums}[from${i} + k]`,
    (j) => `${weight}[column${j} + k * hidden]`,
  )}`;
};

/** The gradient of the first state: what the first step sends through the weights, and for gated units what they carry. */
export function firstStateSource(kind: Kind, wide: number): KernelSource {
  const w = backwardWords;
  return shader({
    label: `${kind}LayerBackward, the first state`,
    writes: ["f32"],
    reads: floats(kind === "gru" ? 3 : 2),
    body: `${place(w, wide)}${throughWeights(kind, wide, "r0", "r1", w)}
  let behind = min(count - first, ${high}u) * ${wide}u;
  for (var i = 0u; i < behind; i++) {
    let j = unit + i % ${wide}u * units;
    if (j >= hidden) { continue; }
    let own = (first + i / ${wide}u) * hidden + j;
    w0[${word(w.last)} + own] = s[i]${kind === "gru" ? ` + r2[${word(w.carry)} + own]` : ""};
  }`,
  });
}
