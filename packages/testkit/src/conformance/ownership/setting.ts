import type { Tensor } from "@flambeau/tensor";
import { defaultGenerator } from "@flambeau/tensor/functional";
import type { Functions } from "../call.ts";
import { seedOf } from "../map/random.ts";
import { type OpCase, type OpFile, prepareWith } from "../ops.ts";
import { beside } from "./aliases.ts";
import { LaidOut } from "./laid-out.ts";
import type { LayoutName } from "./layouts.ts";
import { overlap, recorded, repeats, tensorsIn } from "./results.ts";

/** One call of an op: on what, in which layout. */
export interface Setting {
  /** The fixture file's. */
  readonly name: string;
  readonly file: OpFile;
  readonly c: OpCase;
  readonly layout: LayoutName;
  readonly device: string;
  readonly functions: Functions;
}

export interface Run {
  readonly decoder: LaidOut;
  readonly results: readonly Tensor[];
}
/** Runs the call on fresh tensors; on the leaves of an earlier run where those are given. */
export function call({ file, c, layout, device, functions }: Setting, leaves: readonly Tensor[] | null = null): Run {
  const decoder = new LaidOut(device, layout, leaves);
  const { run } = prepareWith(decoder, file, c, functions);
  defaultGenerator.manualSeed(seedOf(file.op));
  return { decoder, results: tensorsIn(run()) };
}

/** What a program may change: the results that are in the graph, then the inputs that are. */
export const changeable = ({ decoder, results }: Run): Tensor[] => [
  ...new Set([...recorded(results), ...recorded(decoder.inputs)]),
];

/** A tensor that is to be changed, by its place among the {@link changeable} ones. */
export interface Target {
  readonly index: number;
  readonly of: "result" | "input";
  /** Whether a part of it can be changed alone. */
  readonly parts: boolean;
  /** Places of the tensors that do not change with it. */
  readonly intact: readonly number[];
}

/** What can be changed of a call; nothing where it shows memory beside its inputs, which the laws do not follow. */
export function targetsOf({ name }: Setting, run: Run): Target[] {
  const { memories, inputs } = run.decoder;
  if (beside.has(name) && memories.some((m, i) => m.size > inputs[i].size)) return [];
  const all = changeable(run);
  const results = recorded(run.results);
  return all.map((t, index) => ({
    index,
    of: results.includes(t) ? "result" : "input",
    parts: t.ndim > 0 && t.size > 0 && !repeats(t),
    intact: all.flatMap((other, i) => (i === index || overlap(t, other) ? [] : [i])),
  }));
}
