import { expect } from "vitest";
import type { Subject } from "../../src/conformance/run.ts";
import type { Program } from "./fixture.ts";
import { known } from "./known.ts";
import { replay } from "./replay.ts";

/** Replays programs on the cpu: none goes otherwise than in PyTorch but the known ones, and those do. */
export function expectSame(programs: readonly Program[], subject: Subject): void {
  const excused = new Set(known.flatMap(([, ids]) => ids));
  const surprises: string[] = [];
  const mended: number[] = [];
  for (const program of programs) {
    const outcome = replay(program, subject);
    if (outcome.kind === "differs" && !excused.has(program.id))
      surprises.push(`${program.id} (${program.steps.map(([op]) => op).join(" ")}): ${outcome.what}`);
    if (outcome.kind !== "differs" && excused.has(program.id)) mended.push(program.id);
  }
  expect(surprises).toEqual([]);
  // what is known no more has to go from the list
  expect(mended).toEqual([]);
}
