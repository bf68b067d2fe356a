import {
  clone,
  copy_,
  detach,
  getRngState,
  keep,
  noGrad,
  setRngState,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import type { Module } from "../module.ts";
import { SummaryRow } from "./row.ts";

/** A place at which a module stands in the tree. */
interface Place {
  readonly name: string;
  readonly depth: number;
  readonly parent: SummaryRow | null;
}
/** A module and all places at which it stands: a shared one has several. */
type Places = Map<Module, Place[]>;

/** All modules of the tree in its order, one that is shared at each of its places. */
function* places(
  module: Module,
  name: string,
  depth: number,
  parent: SummaryRow | null,
  above: readonly Module[],
): Generator<SummaryRow> {
  if (above.includes(module)) return;
  const row = new SummaryRow(module, name, depth, parent);
  yield row;
  for (const [key, child] of module.namedChildren()) yield* places(child, key, depth + 1, row, [...above, module]);
}

/** The rows of a model that is not called. */
export function treeOf(model: Module): SummaryRow[] {
  const seen = new Set<Module>();
  const rows = [...places(model, model.constructor.name, 0, null, [])];
  for (const row of rows) {
    row.count();
    row.recursive = seen.has(row.module);
    seen.add(row.module);
  }
  return finished(rows);
}

/** The rows of a model in the order in which a call goes through its modules. The call leaves nothing behind in it. */
export function callsOf(model: Module, inputs: readonly unknown[]): SummaryRow[] {
  const known: Places = new Map();
  for (const { module, name, depth, parent } of places(model, model.constructor.name, 0, null, [])) {
    const list = known.get(module) ?? [];
    list.push({ name, depth, parent });
    known.set(module, list);
  }
  const rows: SummaryRow[] = [];
  const open: SummaryRow[] = [];
  const seen = new Set<Module>();
  const removals = [...known].flatMap(([module, list]) => [
    module.registerForwardPreHook(() => {
      const { name, depth, parent } = placeOf(list, open);
      const row = new SummaryRow(module, name, depth, parent);
      row.count();
      row.recursive = seen.has(module);
      seen.add(module);
      rows.push(row);
      open.push(row);
    }),
    module.registerForwardHook((_, given, output) => {
      const row = open.pop();
      row?.called(given, output);
      if (row?.params === 0) row.count(); // a lazy module has parameters now
    }),
  ]);
  try {
    untouched(model, () => void model.forward(...inputs));
  } finally {
    for (const remove of removals) remove();
  }
  return finished(withContainers(rows, seen));
}
/** Of a module's places that below the module whose call is under way. */
function placeOf(list: readonly Place[], open: readonly SummaryRow[]): Place {
  const running = open.at(-1);
  const under = (place: Place): boolean => {
    let parent = place.parent;
    // lists are not called themselves
    while (parent !== null && !open.some((row) => row.module === parent?.module)) parent = parent.parent;
    return parent !== null && parent.module === running?.module;
  };
  return list.find(under) ?? list[0];
}

/** Runs `fn` unrecorded, and puts back what it changes in buffers and in the generator. */
function untouched(model: Module, fn: () => void): void {
  const random = getRngState();
  const before: [Tensor, Tensor][] = noGrad(() => [...model.buffers()].map((b) => [b, keep(clone(detach(b)))]));
  try {
    noGrad(() => tidy(fn));
  } finally {
    noGrad(() => {
      for (const [buffer, value] of before) {
        copy_(buffer, value);
        value.dispose();
      }
    });
    setRngState(random);
  }
}

/** Puts the lists of modules, which are not called, before the first of what they hold. */
function withContainers(rows: readonly SummaryRow[], seen: Set<Module>): SummaryRow[] {
  const out: SummaryRow[] = [];
  /** By depth, the row that the next one of a deeper depth stands below. */
  let path: SummaryRow[] = [];
  for (const row of rows) {
    const above: SummaryRow[] = [];
    for (let parent = row.parent; parent !== null && parent.depth > 0; parent = parent.parent)
      above[parent.depth] = parent;
    for (let depth = 1; depth < row.depth; depth++) {
      const container = above[depth];
      if (path[depth]?.module === container.module) continue;
      container.count();
      container.recursive = seen.has(container.module);
      seen.add(container.module);
      out.push(container);
      path = [...path.slice(0, depth), container];
    }
    out.push(row);
    path = path.slice(0, row.depth);
    path[row.depth] = row;
  }
  return out;
}

/** Numbers the rows of each depth, and tells each what is below it; rows whose parameters all were there before are recursive. */
function finished(rows: SummaryRow[]): SummaryRow[] {
  const counts: number[] = [];
  const counted = new Set<Tensor>();
  for (const [i, row] of rows.entries()) {
    counts[row.depth] = (counts[row.depth] ?? 0) + 1;
    row.index = counts[row.depth];
    const end = rows.findIndex((other, j) => j > i && other.depth <= row.depth);
    row.below = rows.slice(i + 1, end < 0 ? rows.length : end);
    const own = [...row.module.parameters({ recurse: false })];
    if (own.length > 0 && own.every((p) => counted.has(p))) row.recursive = true;
    for (const p of own) counted.add(p);
  }
  return rows;
}
