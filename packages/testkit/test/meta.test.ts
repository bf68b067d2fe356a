import { withInterpreter } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { MetaTwin } from "../src/door/meta-twin.ts";

// one dtype in the short form: what differs by dtype is below the door
const fixtures = bundledFixtures(long ? undefined : ["ops", "modules", "optims"]);
const subject = await loadSubject("cpu", { threads: 1 });

/** Ops whose results' shapes are a matter of values. */
const dependent = ["flatNonzero", "fractionalPositionsAt", "nonzero", "nonzeroPlaces", "permutationMatrix"];

/** Results that only the gradient sees: what the device's fast path keeps for it, nothing where there is none. By op. */
const kept = { crossEntropy: 1, maskedAttention: 1, scaledDotProductAttention: 1 };

describe("meta gives the shapes, dtypes and strides that the device gives", () => {
  const said = new Set<string>();
  const compared = new Set<string>();
  test.each(fixtures.map((f) => [`${f.folder}/${f.name}`, f] as const))("%s", (_, file) => {
    const twin = new MetaTwin(kept);
    withInterpreter(twin, () => runFile(file, subject));
    for (const name of twin.dependent) said.add(name);
    for (const name of twin.compared) compared.add(name);
    expect([...twin.problems]).toEqual([]);
  });
  test("for hundreds of ops; the others are a reviewed list", () => {
    expect(compared.size).toBeGreaterThan(300);
    expect([...said].sort()).toEqual(dependent);
  });
});
