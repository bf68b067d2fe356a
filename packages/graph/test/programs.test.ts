import { noGrad, type Tensor } from "@flambeau/tensor";
import { expect, test } from "vitest";
import { loadSubject } from "../../testkit/src/conformance/subject.ts";
import { callOp } from "../../testkit/test/programs/calls.ts";
import { type Program, programs } from "../../testkit/test/programs/fixture.ts";
import { argumentOf, made } from "../../testkit/test/programs/replay.ts";
import { judge } from "./law.ts";

const subject = await loadSubject("cpu", { threads: 1 });

/** The tensors that a program has in the end. */
function run({ steps }: Program, leaves: readonly Tensor[]): readonly Tensor[] {
  const pool = [...leaves];
  for (const [op, given, results] of steps) {
    if (!results || /quantile$/.test(op)) continue; // PyTorch refuses it; quantiles as tensors are arranged elsewhere
    const args = given.map((a) => argumentOf(a, pool, [], subject));
    const out = callOp(subject.functions, op, args) as readonly Tensor[];
    if (!op.startsWith("i.")) pool.push(...out.slice(0, results.length));
  }
  return pool;
}

test("random programs of views and writes in place are captured as programs without writes, and run to the same bits", () => {
  const counts = { same: 0, refused: 0, skipped: 0, wrong: 0 };
  const wrong: string[] = [];
  for (const program of programs("sample")) {
    const leaves = program.leaves.map((leaf) => made(leaf, subject));
    const finding = noGrad(() => judge((...given) => run(program, given as Tensor[]), leaves));
    counts[finding.kind]++;
    if (finding.kind === "wrong")
      wrong.push(`${program.id} (${program.steps.map(([op]) => op).join(" ")}): ${finding.what}`);
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(counts.same).toBeGreaterThan(2000);
});
