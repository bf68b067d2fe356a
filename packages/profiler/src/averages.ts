import { type ProfilerEvent, within } from "./event.ts";

/** What events are put together by. */
export type GroupBy = "op" | "module" | "kernel" | "range" | "site";

/** Events of one name put together. Times are in milliseconds. */
export interface Average {
  readonly name: string;
  /** Shapes of the inputs, where events were told apart by them. */
  readonly shapes: string | null;
  readonly calls: number;
  /** Time without that of other ops, modules or parts inside. */
  readonly selfTime: number;
  readonly totalTime: number;
  /** Of modules: time of walks backward through what they recorded, with that of modules inside. */
  readonly backwardTime: number;
  /** Bytes allocated, with the option `memory`. */
  readonly allocated: number;
  /** Of kernels: bytes read and written. */
  readonly traffic: number;
}
type Row = { -readonly [K in keyof Average]: Average[K] };

export type SortBy = "selfTime" | "totalTime" | "backwardTime" | "calls" | "allocated" | "traffic" | "name";

/** The name of what no op was running for. */
export const outside = "(outside of ops)";

/** Rows of events put together, the one with the most time of its own first. */
export function averagesOf(roots: readonly ProfilerEvent[], by: GroupBy, byShape: boolean): Average[] {
  const rows = new Map<string, Row>();
  const rowOf = (name: string, shapes: string | null): Row => {
    const key = shapes === null ? name : `${name} ${shapes}`;
    let row = rows.get(key);
    if (row === undefined)
      rows.set(
        key,
        (row = { name, shapes, calls: 0, selfTime: 0, totalTime: 0, backwardTime: 0, allocated: 0, traffic: 0 }),
      );
    return row;
  };
  const kind = by === "site" ? "op" : by;
  for (const root of roots)
    for (const event of within(root)) {
      if (by === "module" && event.backward) {
        addBackward(event, rowOf);
        continue;
      }
      if (event.kind !== kind) continue;
      const shapes = byShape && event.shapes ? event.shapes.map((s) => `[${s}]`).join(" ") : null;
      const row = rowOf(by === "site" ? (event.site ?? "unknown") : event.name, shapes);
      row.calls++;
      row.selfTime += event.duration - innerTime(event, kind);
      if (!inside(event, by)) row.totalTime += event.duration;
      row.allocated += event.allocated;
      row.traffic += event.traffic;
    }
  if (by === "op") {
    const row = rowOf(outside, null);
    for (const root of roots)
      row.selfTime += root.duration - (root.kind === "op" ? root.duration : innerTime(root, "op"));
    row.totalTime = row.selfTime;
    row.calls = roots.length;
  }
  return [...rows.values()].sort((a, b) => b.selfTime + b.backwardTime - a.selfTime - a.backwardTime);
}

/** A step backward counts for its module and those around that. */
function addBackward(event: ProfilerEvent, rowOf: (name: string, shapes: null) => Row): void {
  // the steps of the walk alone: what is inside of one is part of it
  if (event.kind !== "range" || event.parent?.kind !== "range" || event.parent.parent?.backward === true) return;
  for (const name of event.modules) rowOf(name, null).backwardTime += event.duration;
}

/** Time of the nearest events of a kind inside. */
function innerTime(event: ProfilerEvent, kind: string): number {
  let time = 0;
  for (const child of event.children) time += child.kind === kind ? child.duration : innerTime(child, kind);
  return time;
}
/** Whether an event of the same group is around this one, which then has its time already. */
function inside(event: ProfilerEvent, by: GroupBy): boolean {
  for (let at = event.parent; at !== null; at = at.parent)
    if (by === "site" ? at.kind === "op" && at.site === event.site : at.kind === event.kind && at.name === event.name)
      return true;
  return false;
}

export interface TableOptions {
  /** Default "selfTime". */
  readonly sortBy?: SortBy | undefined;
  /** Rows at most. Default 20. */
  readonly rowLimit?: number | undefined;
}

const columns: readonly {
  readonly title: string;
  readonly key: Exclude<SortBy, "name">;
  readonly show: (x: number) => string;
}[] = [
  { title: "Calls", key: "calls", show: String },
  { title: "Self", key: "selfTime", show: (x) => time(x) },
  { title: "Total", key: "totalTime", show: (x) => time(x) },
  { title: "Backward", key: "backwardTime", show: (x) => time(x) },
  { title: "Allocated", key: "allocated", show: (x) => bytes(x) },
  { title: "Traffic", key: "traffic", show: (x) => bytes(x) },
];

/** The rows as text, a column for what any of them has. */
export function tableOf(
  rows: readonly Average[],
  wall: number,
  by: GroupBy,
  { sortBy = "selfTime", rowLimit = 20 }: TableOptions,
): string {
  const sorted = [...rows].sort((a, b) =>
    sortBy === "name" ? a.name.localeCompare(b.name) : Number(b[sortBy]) - Number(a[sortBy]),
  );
  const shown = columns.filter(({ key }) => key === "calls" || rows.some((row) => row[key] !== 0));
  const head = [by[0].toUpperCase() + by.slice(1), ...shown.map(({ title }) => title)];
  const percent = head.indexOf("Self") + 1;
  head.splice(percent, 0, "Self %");
  const lines = sorted.slice(0, rowLimit).map((row) => {
    const cells = [
      row.shapes === null ? row.name : `${row.name} ${row.shapes}`,
      ...shown.map(({ key, show }) => show(row[key])),
    ];
    cells.splice(percent, 0, `${((100 * row.selfTime) / Math.max(wall, 1e-9)).toFixed(1)}%`);
    return cells;
  });
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd();
  const left = sorted.length - lines.length;
  return [
    line(head),
    widths.map((w) => "-".repeat(w)).join("  "),
    ...lines.map(line),
    ...(left > 0 ? [`and ${left} more`] : []),
    `Wall time: ${time(wall)}`,
  ].join("\n");
}

const time = (ms: number): string =>
  ms >= 1000 ? `${(ms / 1000).toFixed(3)} s` : ms >= 1 ? `${ms.toFixed(3)} ms` : `${(ms * 1000).toFixed(1)} us`;
function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  let size = n;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
