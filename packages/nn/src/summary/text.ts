import type { SummaryRow } from "./row.ts";
import type { ModelSummary, SummaryColumn } from "./summary.ts";

const titles: Readonly<Record<SummaryColumn, string>> = {
  kernelSize: "Kernel Shape",
  groups: "Groups",
  inputSize: "Input Shape",
  outputSize: "Output Shape",
  numParams: "Param #",
  paramsPercent: "Param %",
  multAdds: "Mult-Adds",
  trainable: "Trainable",
};
const grouped = (n: number): string => n.toLocaleString("en-US");
const list = (sizes: number | readonly number[] | null): string =>
  sizes === null || (typeof sizes !== "number" && sizes.length === 0)
    ? "--"
    : typeof sizes === "number"
      ? String(sizes)
      : `[${sizes.join(", ")}]`;

/** A line of the table: what it is about, and a cell for each column. */
interface Line {
  readonly depth: number;
  readonly name: string;
  readonly cells: readonly string[];
}

function paramsOf(row: SummaryRow, deepest: boolean): string {
  if (row.params === 0) return "--";
  if (row.recursive) return "(recursive)";
  if (!deepest && !row.isLeaf) return row.ownParams > 0 ? grouped(row.ownParams) : "--";
  return row.trainableParams > 0 ? grouped(row.params) : `(${grouped(row.params)})`;
}
function shareOf(row: SummaryRow, deepest: boolean, total: number): string {
  if (row.recursive && total > 0) return "(recursive)";
  const own = deepest || row.isLeaf ? row.params : row.ownParams;
  return total === 0 || own === 0 ? "     --" : `${((own / total) * 100).toFixed(2)}%`.padStart(7);
}
function multAddsOf(row: SummaryRow, deepest: boolean): string {
  if (row.multAdds <= 0 || (!row.isLeaf && !deepest)) return "--";
  if (row.isLeaf) return grouped(row.multAdds);
  return grouped(row.below.reduce((sum, each) => sum + (each.isLeaf ? each.multAdds : 0), 0));
}
function cell(column: SummaryColumn, row: SummaryRow, deepest: boolean, total: number): string {
  switch (column) {
    case "kernelSize":
      return list(row.kernelShape);
    case "groups":
      return list(row.groups);
    case "inputSize":
      return list(row.inputShape);
    case "outputSize":
      return list(row.outputShape);
    case "numParams":
      return paramsOf(row, deepest);
    case "paramsPercent":
      return shareOf(row, deepest, total);
    case "multAdds":
      return multAddsOf(row, deepest);
    case "trainable":
      return row.trainable;
  }
}
const titleOf = (row: SummaryRow, names: boolean): string =>
  `${row.className}${names ? ` (${row.name})` : ""}${row.depth > 0 ? `: ${row.depth}-${row.index}` : ""}`;

function linesOf({ rows, depth, columns, names, weights, totalParams }: ModelSummary): Line[] {
  return rows
    .filter((row) => row.depth <= depth)
    .flatMap((row) => {
      const cells = columns.map((column) => cell(column, row, row.depth === depth, totalParams));
      const parameters = (weights ? row.parameters : []).map(({ name, shape, count }, i, all) => ({
        depth: row.depth + 1,
        name,
        cells: columns.map((column) =>
          column === "kernelSize"
            ? `[${shape.join(", ")}]`
            : column === "numParams"
              ? `${i === all.length - 1 ? "└─" : "├─"}${grouped(count)}`
              : "",
        ),
      }));
      return [{ depth: row.depth, name: titleOf(row, names), cells }, ...parameters];
    });
}

/** What stands below the table: titles and values. */
function totalsOf(summary: ModelSummary): readonly (readonly [title: string, value: string])[][] {
  const { totalParams, trainableParams, totalMultAdds, inputBytes, outputBytes, paramBytes } = summary;
  const params = [
    ["Total params", grouped(totalParams)],
    ["Trainable params", grouped(trainableParams)],
    ["Non-trainable params", grouped(totalParams - trainableParams)],
  ] as const;
  if (!summary.called) return [[...params]];
  const [unit, size] =
    totalMultAdds >= 1e12
      ? (["T", 1e12] as const)
      : totalMultAdds >= 1e9
        ? (["G", 1e9] as const)
        : (["M", 1e6] as const);
  const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const megabytes = (bytes: number): string => (bytes / 1e6).toLocaleString("en-US", two);
  return [
    [...params, [`Total mult-adds (${unit})`, (totalMultAdds / size).toLocaleString("en-US", two)]],
    [
      ["Input size (MB)", megabytes(inputBytes)],
      ["Forward/backward pass size (MB)", megabytes(outputBytes)],
      ["Params size (MB)", megabytes(paramBytes)],
      ["Estimated Total Size (MB)", megabytes(inputBytes + outputBytes + paramBytes)],
    ],
  ];
}
const heading = (names: boolean): string => `Layer (type${names ? " (var_name)" : ""}:depth-idx)`;

/** The table as text, for a font whose letters are of one width. */
export function textOf(summary: ModelSummary): string {
  const { rows, columns, columnWidth, names } = summary;
  const longest = Math.max(0, ...rows.map((row) => titleOf(row, names).length + row.depth * 5 + 1));
  const width = longest >= 40 ? Math.ceil(longest / 5) * 5 : 40;
  const rule = "=".repeat(columns.length * columnWidth + width);
  const line = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((text) => text.padEnd(columnWidth))].join(" ").trimEnd();
  const start = (depth: number): string => (depth === 0 ? "" : depth === 1 ? "├─" : `${"│    ".repeat(depth - 1)}└─`);
  return [
    rule,
    line(
      heading(names),
      columns.map((column) => titles[column]),
    ),
    rule,
    ...linesOf(summary).map(({ depth, name, cells }) => line(start(depth) + name, cells)),
    rule,
    ...totalsOf(summary).flatMap((part) => [...part.map(([title, value]) => `${title}: ${value}`), rule]),
  ].join("\n");
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** Text in HTML: names of classes and fields are the program's, and may hold anything. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => escapes[letter]);

/** The table as HTML: two tables, without scripts and styles of its own but for widths. */
export function htmlOf(summary: ModelSummary): string {
  const cellOf = (text: string): string => `<td style="text-align:left">${escaped(text.trim())}</td>`;
  const head = [heading(summary.names), ...summary.columns.map((column) => titles[column])]
    .map((title) => `<th style="text-align:left">${escaped(title)}</th>`)
    .join("");
  const body = linesOf(summary)
    .map(({ depth, name, cells }) => {
      const first = `<td style="text-align:left;padding-left:${depth * 1.5 + 0.5}em">${escaped(name)}</td>`;
      return `<tr>${first}${cells.map(cellOf).join("")}</tr>`;
    })
    .join("\n");
  const totals = totalsOf(summary)
    .flat()
    .map(([title, value]) => `<tr><th style="text-align:left">${escaped(title)}</th>${cellOf(value)}</tr>`)
    .join("\n");
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>\n<table>\n<tbody>\n${totals}\n</tbody>\n</table>`;
}
