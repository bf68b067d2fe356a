import { lossOps } from "@flambeau/losses/ops";
import { nnOps } from "@flambeau/nn/ops";
import { optimOps } from "@flambeau/optim/ops";
import { type AnyOp, ops } from "@flambeau/tensor/ops";
import { Pointwise, withInterpreter } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { long } from "../../../../test/support/long.ts";
import { bundledFixtures } from "../../src/conformance/files.ts";
import { runFile } from "../../src/conformance/run.ts";
import { loadSubject } from "../../src/conformance/subject.ts";
import { Collector } from "./calls.ts";
import { further } from "./further.ts";
import { holdToLaw, type Law } from "./law.ts";

const subject = await loadSubject("cpu", { threads: 1 });
// the short form makes one call of each op, in one dtype; what differs by dtype is below the door
const collector = new Collector(long ? 6 : 1, 4096);
for (const file of bundledFixtures(long ? undefined : ["ops"]))
  withInterpreter(collector, () => runFile(file, subject));
withInterpreter(collector, further);

/** Gradient kernels that read what was kept for them: numbers of another sample are none that can have been kept. */
const ofTheDevice = [
  "attentionBackward",
  "maskedAttentionBackward",
  "crossEntropyBackward",
  "gruLayerBackward",
  "lstmLayerBackward",
  "rnnLayerBackward",
];
/** Results beyond these are what is kept for the gradient. */
const compared: { readonly [op: string]: number } = {
  crossEntropy: 1,
  gruLayer: 2,
  lstmLayer: 3,
  rnnLayer: 2,
  maskedAttention: 1,
  scaledDotProductAttention: 1,
};
/** Ops that show memory as it lies: they are told apart by the order of dimensions there. */
const asItLies = ["asStrided", "memory"];
/** What an empty batch has no values for. */
const dependent = ["flatNonzero", "fractionalPositionsAt", "nonzero", "nonzeroPlaces"];

/** Ops that are made for one sample after the other. The list must not grow. */
const sampleBySample = ["flatNonzero", "fractionalPositionsAt", "histc", "isin", "nonzero", "nonzeroPlaces"];

const law: Law = {
  // elements of others are sums, in whichever order is fast
  exact: (op) => op instanceof Pointwise,
  slack: () => 1,
  ordered: (op) => op.name === "searchsorted",
  compared: (op) => compared[op.name] ?? Number.POSITIVE_INFINITY,
  asItLies: (op) => asItLies.includes(op.name),
  dataDependent: (op) => dependent.includes(op.name),
};

describe("vmap of a call is the call for each sample: values and gradients, each input a batch or not", () => {
  const looped = new Set<string>();
  const names = [...collector.calls.keys()].filter((name) => !ofTheDevice.includes(name)).sort();
  test.each(names)("%s", (name) => {
    const problems: string[] = [];
    for (const kept of collector.calls.get(name) ?? []) {
      const own = holdToLaw(kept, law);
      if (own.looped) looped.add(name);
      const shapes = kept.inputs.map((t) => `[${t.shape}]`).join(" ");
      for (const { what, error } of own.problems) problems.push(`${shapes} ${what}: ${error}`);
    }
    expect(problems).toEqual([]);
  });

  test("hundreds of ops, of which few are made sample by sample", () => {
    expect(names.length).toBeGreaterThan(450);
    expect([...looped].sort()).toEqual(sampleBySample);
  });
  test("each op with inputs is among them, but for a reviewed list", () => {
    const all: { readonly [name: string]: AnyOp } = { ...ops, ...lossOps, ...nnOps, ...optimOps };
    const left = Object.values(all).filter(
      (op) => !op.draws && !collector.calls.has(op.name) && !(op instanceof Pointwise),
    );
    expect(left.map((op) => op.name).sort()).toEqual(unseen);
  });
});

/** Ops without inputs, and those that stand for themselves in no test. */
const unseen = ["arange", "constant", "empty", "eye", "full", "linspace", "logspace", "toDevice"];
