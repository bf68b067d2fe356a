import { expect, test } from "vitest";
import { loadSubject } from "../src/conformance/subject.ts";
import { programs, type Result } from "./programs/fixture.ts";
import { known } from "./programs/known.ts";
import { replay } from "./programs/replay.ts";
import { expectSame } from "./programs/replay-all.ts";

const subject = await loadSubject("cpu", { threads: 1 });
const sample = programs("sample");

test("2,500 random programs go as in PyTorch, step by step, with their gradients", () => {
  expect(sample.length).toBe(2500);
  expectSame(sample, subject);
});

test("the replay sees a wrong value, a wrong shape, a lost gradient and a refusal", () => {
  const whole = sample.filter((p) => p.gradients && p.gradients !== "refused" && replay(p, subject).kind === "same");
  expect(whole.length).toBeGreaterThan(500);
  let seen = 0;
  for (const p of whole.slice(0, 50)) {
    const last = p.steps.findLastIndex(([op, , results]) => results?.[0]?.[2].length && !op.startsWith("i."));
    const [op, args, results] = p.steps[last] ?? [];
    const first = results?.[0];
    if (!op || !args || !first) continue;
    const instead = (figure: typeof first) => ({
      ...p,
      steps: p.steps.map((step, i) =>
        i === last ? ([op, args, [figure, ...(results?.slice(1) ?? [])]] as const) : step,
      ),
    });
    const [dtype, shape, values] = first;
    for (const wrong of [
      instead([dtype, shape, values.map((v) => (v === 0 ? 1 : 0))]),
      instead([dtype, [...shape, 1], values]),
      instead([dtype === "float32" ? "float64" : "float32", shape, values]),
      { ...p, requiresGrad: [...p.requiresGrad].map((d) => String(1 - Number(d))).join("") },
      { ...p, gradients: [...(p.gradients as readonly Result[]).slice(0, -1), null] },
      { ...p, steps: p.steps.map((step, i) => (i === last ? ([`u.no${op.slice(2)}`, args, results] as const) : step)) },
    ])
      if (JSON.stringify(wrong) !== JSON.stringify(p)) {
        expect(replay(wrong, subject).kind, `${p.id}: ${op}`).toBe("differs");
        seen++;
      }
  }
  expect(seen).toBeGreaterThan(200);
});

test("each known program is named once, and they are no more than 0.3% of the set", () => {
  const ids = known.flatMap(([, list]) => list);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeLessThanOrEqual(0.003 * 8735);
});
