import { context } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { bundledFixtures } from "../src/conformance/files.ts";
import { opsIn, sweepOp } from "../src/conformance/ownership/sweep.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { adapterMissing } from "./webgpu-adapter.ts";

// The laws are about what lies above backends; that kernels write where they should is what a sample on another device adds.
const missing = await adapterMissing("memory of results on WebGPU");

describe.skipIf(missing !== null)("results own their memory on WebGPU", async () => {
  const subject = missing === null ? await loadSubject("webgpu") : null;
  const ops = opsIn(bundledFixtures(["ops", "ops_int64", "ops_bool"])).filter(({ number }) => number % 3 === 0);
  let holds = 0;
  afterAll(() => context.backends.get("webgpu")?.dispose());

  test.each(ops.map((op) => [op.name, op] as const))("%s", (_, op) => {
    if (!subject) throw new Error("there is no adapter");
    const tally = sweepOp(op, { ...subject, whole: false });
    holds += tally.holds;
    expect(tally.problems).toEqual([]);
  });

  test("the laws are not empty", () => expect(holds).toBeGreaterThan(1000));
});
