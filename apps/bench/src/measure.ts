import type { Child } from "./child.ts";
import { iterationsFor, median, roundsFor, spread } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

/** A rival that answered hello. */
export type Runner = { readonly name: string; readonly child: Pick<Child, "ask"> };
/** What one rival took for one workload, or why it has no figure. */
export type Figure =
  | { ms: number; spread: number; rounds: number[]; iterations: number; note?: string; loss?: number }
  | { unsupported: string };

/** How long to measure: rounds wanted, milliseconds a batch aims at, and milliseconds one rival may spend on one workload. */
export type Effort = { rounds: number; batch: number; limit: number };

/**
 * Time one workload on every runner, round by round: each round gives each runner one batch, in turning order, so that a
 * machine that slows down for a while slows all of them.
 */
export async function measure(
  workload: Workload,
  runners: readonly Runner[],
  effort: Effort,
): Promise<Map<string, Figure>> {
  const figures = new Map<string, Figure>();
  const turns: { runner: Runner; iterations: number; rounds: number; times: number[]; note?: string; loss?: number }[] =
    [];
  for (const runner of runners) {
    const calibrated = await calibrate(workload, runner, effort);
    if ("unsupported" in calibrated) figures.set(runner.name, calibrated);
    else turns.push({ runner, times: [], ...calibrated });
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (let i = 0; i < turns.length; i++) {
      const turn = turns[(i + round) % turns.length];
      if (turn.times.length >= turn.rounds || figures.has(turn.runner.name)) continue;
      const answer = await turn.runner.child.ask({ run: workload.name, iterations: turn.iterations });
      if ("unsupported" in answer) {
        figures.set(turn.runner.name, answer);
        continue;
      }
      turn.times.push(answer.ms / turn.iterations);
      turn.loss = answer.loss;
      turn.note = answer.note;
    }
  }
  for (const { runner, times, iterations, note, loss } of turns) {
    if (figures.has(runner.name)) continue;
    const figure = { ms: median(times), spread: spread(times), rounds: times, iterations };
    figures.set(runner.name, { ...figure, ...(note && { note }), ...(loss !== undefined && { loss }) });
  }
  return figures;
}

/** Warm up (the first call compiles) and find how many calls fill a batch. */
async function calibrate(
  workload: Workload,
  { child }: Runner,
  { rounds, batch, limit }: Effort,
): Promise<{ iterations: number; rounds: number } | { unsupported: string }> {
  let iterations = 1;
  let perCall = 0;
  // growing batches: a tiered compiler is still warming up in the first ones, and needs some hundred milliseconds for its last tier
  for (let spent = 0, calls = 0; spent < 4 * batch || calls < 3; calls++) {
    const answer = await child.ask({ run: workload.name, iterations });
    if ("unsupported" in answer) return answer;
    perCall = answer.ms / iterations;
    spent += answer.ms;
    iterations = Math.min(iterationsFor(perCall, batch), iterations * 16);
    if (spent > limit || (spent > limit / 2 && calls > 0)) break;
  }
  iterations = iterationsFor(perCall, batch);
  return { iterations, rounds: roundsFor(perCall * iterations, rounds, limit) };
}
