import { gradcheck, gradgradcheck } from "@flambeau/autograd";
import { defaultGenerator, tidy } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { cannotReplay, eachTensor, elementsOf } from "../src/conformance/encoded.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { seedOf } from "../src/conformance/map/random.ts";
import { notRecorded, type OpCase, type OpFile, prepare, runOps } from "../src/conformance/ops.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { noDerivative, noSecondDerivative } from "./gradcheck-exceptions.ts";

const subject = await loadSubject("cpu", { threads: 1 });

interface Candidate {
  readonly op: string;
  readonly file: OpFile;
  readonly cases: readonly OpCase[];
}

/** Elements of the results times those of the inputs that require gradients: what a whole Jacobian costs. */
function cost(c: OpCase): number {
  let inputs = 0;
  let outputs = 0;
  eachTensor([c.input, c.args, c.kwargs], (t) => {
    if (t.rg) inputs += elementsOf(t).length;
  });
  for (const t of c.ct ?? []) outputs += elementsOf(t).length;
  return inputs * outputs;
}

/** Whether each tensor that requires gradients is float64: finite differences drown in the rounding of anything less. */
function precise(c: OpCase): boolean {
  let all = true;
  eachTensor([c.input, c.args, c.kwargs], (t) => {
    if (t.rg && t.$t !== "float64") all = false;
  });
  return all;
}

/** Whether results and gradients are finite: nothing has a slope at infinity. */
function finite(c: OpCase): boolean {
  let all = true;
  eachTensor([c.out, c.grads], (t) => {
    all &&= elementsOf(t).every((v: number | bigint) => Number.isFinite(Number(v)));
  });
  return all;
}

/** Each op with float64 cases that have gradients, and the cheapest three of those cases. */
const candidates: Candidate[] = bundledFixtures(["ops_float64"]).flatMap(({ name, read }) => {
  const file = read() as unknown as OpFile; // the folder holds op files
  const usable = file.cases.filter(
    (c) =>
      c.ct &&
      c.grads?.some((g) => g !== null) &&
      cannotReplay(c) === null &&
      notRecorded(file, c) === null &&
      cost(c) > 0 &&
      precise(c) &&
      finite(c),
  );
  const cases = usable.sort((a, b) => cost(a) - cost(b)).slice(0, 3);
  if (cases.length === 0) return [];
  const mapped = runOps({ ...file, cases }, subject.device, subject.functions).every((o) => o.state !== "unmapped");
  return mapped ? [{ op: name, file, cases }] : [];
});

/** The cases whose gradient is not zero everywhere: those of floor and its like are no function of anything. */
const curved = ({ cases, ...rest }: Candidate): Candidate => ({
  ...rest,
  cases: cases.filter((c) => c.grads?.some((g) => g !== null && elementsOf(g).some((v) => Number(v) !== 0))),
});

const small = 3000;
function check(how: typeof gradcheck | typeof gradgradcheck, { file, cases }: Candidate): void {
  for (const c of cases)
    tidy(() => {
      const call = prepare(file, c, subject.device, subject.functions);
      const run = () => {
        defaultGenerator.manualSeed(seedOf(file.op));
        return call.run();
      };
      expect(how(run, call.leaves, { fastMode: cost(c) > small })).toBe(true);
    });
}

test("hundreds of ops are covered", () => expect(candidates.length).toBeGreaterThan(400));

describe("gradients are the slopes of the values", () => {
  test.each(candidates.filter(({ op }) => !Object.hasOwn(noDerivative, op)).map((c) => [c.op, c] as const))(
    "%s",
    (_, c) => check(gradcheck, c),
  );
});
describe("second derivatives are the slopes of the gradients", () => {
  test.each(
    candidates
      .filter(({ op }) => !Object.hasOwn(noDerivative, op) && !Object.hasOwn(noSecondDerivative, op))
      .map(curved)
      .flatMap((c) => (c.cases.length > 0 ? [[c.op, c] as const] : [])),
  )("%s", (_, c) => check(gradgradcheck, c));
});

test("the exceptions are still needed", () => {
  const known = new Map(candidates.map((c) => [c.op, c]));
  for (const [exceptions, how] of [
    [noDerivative, gradcheck],
    [noSecondDerivative, gradgradcheck],
  ] as const)
    for (const op of Object.keys(exceptions)) {
      const candidate = known.get(op);
      expect(candidate, op).toBeDefined();
      expect(() => check(how, candidate as Candidate), op).toThrow(); // the line above
    }
});
