import { showShape } from "@flambeau/tensor/plugin";
import type { Ending } from "./instruction.ts";
import type { Plan } from "./plan.ts";
import type { Replay } from "./replay.ts";
import type { Node } from "./tree.ts";
import type { Work } from "./uses.ts";

/** A segment of the last call: where its tape ended, and why. */
export interface Ended {
  readonly end: Node;
  readonly why: string;
  /** How it was run; null for one by one, as recorded. */
  readonly plan: Plan | null;
}
/** What became of calls without the program; null where they were not asked for. */
export type Replayed = Pick<Replay, "calls" | "obstacle" | "failure"> | null;

/** What calls of a compiled function came to. */
export interface CompileStats {
  /** Calls so far, those that threw included. */
  readonly calls: number;
  /** Of them, those that were made without running the function. */
  readonly replays: number;
  /** Of the last call that ran the function: the kernels that the function asked for, and those that were run for it. */
  readonly kernels: { readonly asked: number; readonly run: number };
  /** Of the last call: bytes that the function asked for, and that were held for it. */
  readonly bytes: { readonly asked: number; readonly held: number };
  /** Parts in which the last call ran: a new one begins where the program reads a value. */
  readonly parts: number;
  /** Tapes that are known, and those that were forgotten for others. */
  readonly tapes: number;
  readonly evicted: number;
}

const countOf = (last: readonly Ended[], count: (ended: Ended) => number): number =>
  last.reduce((total, ended) => total + count(ended), 0);
const kernelsRun = ({ end, plan }: Ended): number => (plan ?? end).kernels;
const bytesHeld = ({ end, plan }: Ended): number => (plan ?? end).bytes;

export const statsOf = (
  calls: number,
  last: readonly Ended[],
  tapes: number,
  evicted: number,
  replay: Replayed,
): CompileStats => ({
  calls,
  replays: replay?.calls ?? 0,
  kernels: { asked: countOf(last, ({ end }) => end.kernels), run: countOf(last, kernelsRun) },
  bytes: { asked: countOf(last, ({ end }) => end.bytes), held: countOf(last, bytesHeld) },
  parts: last.length,
  tapes,
  evicted,
});

/** The last call in words: its parts, and the kernels of each. */
export function explainCalls(last: readonly Ended[], replay: Replayed): string {
  if (last.length === 0) return "not called yet, or a call asked for nothing";
  return [...last.map((ended, i) => explainPart(ended, i)), ...explainReplay(replay)].join("\n");
}
function explainReplay(replay: Replayed): string[] {
  if (replay === null) return [];
  if (replay.failure !== null) return [`replay: given up, for the function did something else: ${replay.failure}`];
  return [replay.obstacle === null ? "replay: ready" : `replay: not yet, ${replay.obstacle}`];
}

function explainPart(ended: Ended, i: number): string {
  const { end, why, plan } = ended;
  const head =
    `part ${i + 1}, up to ${why}: ${kernelsRun(ended)} kernels for ${end.kernels}, ` +
    `${bytesHeld(ended)} bytes for ${end.bytes}`;
  if (plan === null) return `${head}\n  as recorded: a tape is planned when it comes again`;
  return [head, ...plan.steps.map(({ work }) => `  ${explainWork(work)}`)].join("\n");
}

function explainWork({ instruction, calls }: Work): string {
  const { kind, how, what, reads, writes } = instruction;
  const op = kind === "fused" || kind === "epilogue" ? how : how === "" ? kind : `${kind} ${how}`;
  const formula =
    kind === "map" || kind === "reduce"
      ? ` of ${operations(what as Programmed)}`
      : kind === "epilogue"
        ? `, then ${operations((what as Ending).program)}`
        : "";
  const shapes = `${reads.map(({ shape }) => showShape(shape)).join(", ")} -> ${writes.map(({ shape }) => showShape(shape)).join(", ")}`;
  return `${op}${formula}: ${shapes}${calls > 1 ? ` (${calls} calls)` : ""}`;
}

interface Programmed {
  readonly nodes: readonly { readonly op: string; readonly args: readonly number[] }[];
}
/** The operations of a program, in their order. */
function operations({ nodes }: Programmed): string {
  const ops = nodes.filter(({ args }) => args.length > 0).map(({ op }) => op);
  return ops.length === 0 ? "copy" : ops.join(" ");
}
