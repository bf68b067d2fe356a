import { tree } from "../kernels/tree.ts";
import { workgroup } from "../wgsl/shader.ts";

/** Rows of up to this length are one invocation's work on any device, as are longer ones on software devices unless they are few. */
const short = 64;
const few = 16;

/** Whether a workgroup takes a row of `n` neighbours, rather than an invocation. */
export const byWorkgroup = (software: boolean, rows: number, n: number): boolean =>
  n > short && (!software || rows < few);

/** Runs statements for `k` and every `hop`-th after it below `end`, four to a turn: loops cost more than most bodies. */
const fourfold = (end: string, hop: number, statements: string): string => {
  const one = `{ ${statements} }\n      k += ${hop}u;\n      `;
  return `while (k + ${3 * hop}u < ${end}) {
      ${one.repeat(4)}}
    while (k < ${end}) {
      ${one}}`;
};

/** Elements added up before their sum is added to the others: so the error of a long sum stays small. */
const block = 64;

/**
 * Text of kernels that walk along rows, more than once: an invocation a row, or a workgroup a row. The text declares `row` and
 * the row's elements are `k` of 0..n-1.
 */
export class RowText {
  readonly group: boolean;
  declarations = "";
  #used = 0;

  constructor(group: boolean) {
    this.group = group;
  }

  /** Declares `row`; invocations without one leave. `rows` is a WGSL expression. */
  start(rows: string): string {
    return this.group
      ? `
  let row = group;
  if (row >= ${rows}) { return; }`
      : `
  let row = group * ${workgroup}u + local;
  if (row >= ${rows}) { return; }`;
  }
  /** How far `count` rows reach as workgroups. */
  static groups(group: boolean, rows: number): number {
    return group ? rows : Math.ceil(rows / workgroup);
  }

  /** Runs statements for every element. */
  each(statements: string): string {
    const [first, hop] = this.group ? ["local", workgroup] : ["0u", 1];
    return `
  {
    var k = ${first};
    ${fourfold("n", hop, statements)}
  }`;
  }

  /** Declares the sums of values over the row: names by the value's expression, which may use what `statements` declare. */
  sums(values: { readonly [name: string]: string }, statements: string): string {
    const names = Object.keys(values);
    const [first, hop] = this.group ? ["local", workgroup] : ["0u", 1];
    const lines = (line: (name: string) => string) => names.map(line).join("\n    ");
    const serial = `
  ${lines((name) => `var ${name} = 0f;`)}
  for (var chunk = ${first}; chunk < n; chunk += ${hop * block}u) {
    ${lines((name) => `var part_${name} = 0f;`)}
    let end = min(n, chunk + ${hop * block}u);
    var k = chunk;
    ${fourfold("end", hop, `${statements}\n      ${lines((name) => `part_${name} += ${values[name]};`)}`)}
    ${lines((name) => `${name} += part_${name};`)}
  }`;
    if (!this.group) return serial;
    return serial + names.map((name) => this.#join(name, (a, b) => `(${a} + ${b})`)).join("");
  }

  /** Declares the row's maximum; NaN where there is one. Uses f_max and f_inf. */
  maximum(name: string, value: string): string {
    return `
  var ${name} = -f_inf();${this.each(`${name} = f_max(${name}, ${value});`)}${
    this.group ? this.#join(name, (a, b) => `f_max(${a}, ${b})`) : ""
  }`;
  }

  #join(name: string, join: (a: string, b: string) => string): string {
    const joined = tree(`cells${this.#used++}`, "f32", workgroup, name, join, true);
    this.declarations += `${joined.declarations}\n`;
    return `
  ${joined.statements}
  ${name} = ${joined.result};`;
  }
}
