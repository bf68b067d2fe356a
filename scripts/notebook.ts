// Runs a notebook's cells in Deno, one after the other, as Deno's kernel does: a cell's last expression is asked to show itself.
// `node --conditions=source scripts/notebook.ts FILE` records what comes out in the notebook; a test holds the notebook to it.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { quietly } from "./setup/exec.mjs";
import { root } from "./setup/paths.mjs";

/** A cell's outputs in the notebook's format, as far as they do not depend on the moment. */
export type Output =
  | { readonly output_type: "stream"; readonly name: "stdout"; readonly text: readonly string[] }
  | {
      readonly output_type: "execute_result";
      readonly execution_count: number;
      readonly data: Readonly<Record<string, readonly string[]>>;
      readonly metadata: object;
    };
interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: readonly string[];
  execution_count?: number | null;
  outputs?: readonly Output[];
}
export interface Notebook {
  readonly cells: readonly Cell[];
}

export const readNotebook = (path: string): Notebook => JSON.parse(readFileSync(path, "utf8")); // in Jupyter's format

/** What stands before the cells: `show` keeps what a kernel would send. Deno's kernel gives a running cell `Deno.jupyter`, too. */
const prelude = `
const display = Symbol.for("Jupyter.display");
const cells = [], sent = [];
let lines = [];
console.log = (...given) => lines.push(given.map((each) => (typeof each === "string" ? each : Deno.inspect(each))).join(" "));
Deno.jupyter = { broadcast: async (type, content) => { sent.push([type, content]); } };
const isObject = (value) => typeof value === "object" && value !== null;
const show = async (value) => {
  const data = isObject(value) && display in value ? await value[display]() : value === undefined ? null : { "text/plain": Deno.inspect(value) };
  cells.push({ lines, data });
  lines = [];
};
`;

/** The outputs of a notebook's code cells, and what they sent on the way. */
export async function runNotebook({ cells }: Notebook): Promise<{ outputs: Output[][]; sent: [string, object][] }> {
  const codes = cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => shown(source.join("")));
  const program = join(root, "packages/flambeau", `.notebook-${process.pid}.ts`); // where its imports are found
  const result = `${program}.json`;
  const last = `await Deno.writeTextFile(${JSON.stringify(result)}, JSON.stringify({ cells, sent }));\n`;
  writeFileSync(program, `${prelude}${codes.join("\n")}\n${last}`);
  try {
    const deno = join(root, "node_modules/deno/bin.cjs");
    const flags = [
      "--allow-all",
      "--no-check",
      "--no-lock",
      "--node-modules-dir=manual",
      "--conditions=source",
      "--quiet",
    ];
    await quietly("the notebook in Deno", process.execPath, [deno, "run", ...flags, program]);
    const said = JSON.parse(readFileSync(result, "utf8")); // the prelude's
    return { outputs: said.cells.map(outputsOf), sent: said.sent };
  } finally {
    for (const each of [program, result]) rmSync(each, { force: true });
  }
}

/** A cell that shows its last expression. */
function shown(code: string): string {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true);
  const last = file.statements.at(-1);
  if (!last || !ts.isExpressionStatement(last)) return `${code}\nawait show(undefined);`;
  return `${code.slice(0, last.getStart())}await show(${last.expression.getText()});`;
}

function outputsOf({ lines, data }: { lines: string[]; data: Record<string, string> | null }, i: number): Output[] {
  const split = (text: string) => text.split(/(?<=\n)/);
  return [
    ...(lines.length > 0
      ? [{ output_type: "stream", name: "stdout", text: lines.map((line) => `${line}\n`) } as const]
      : []),
    ...(data
      ? [
          {
            output_type: "execute_result",
            execution_count: i + 1,
            data: Object.fromEntries(Object.entries(data).map(([type, text]) => [type, split(text)])),
            metadata: {},
          } as const,
        ]
      : []),
  ];
}

if (import.meta.main) {
  const path = resolve(process.argv[2] ?? "");
  const notebook = readNotebook(path);
  const { outputs } = await runNotebook(notebook);
  const codes = notebook.cells.filter(({ cell_type }) => cell_type === "code");
  for (const [i, cell] of codes.entries()) Object.assign(cell, { execution_count: i + 1, outputs: outputs[i] });
  writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}
