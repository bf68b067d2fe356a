import { context } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import type { Encoded } from "../src/conformance/encoded.ts";
import { bundledFixtures, type FixtureFile } from "../src/conformance/files.ts";
import { knownGaps } from "../src/conformance/gaps.ts";
import type { OptimFile } from "../src/conformance/optims.ts";
import { type FileReport, inFull } from "../src/conformance/outcome.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { passing } from "./passing.ts";
import { adapterMissing } from "./webgpu-adapter.ts";

const missing = await adapterMissing("PyTorch's figures on WebGPU");

/** The first steps of an optimizer's trajectories: each of LBFGS reads hundreds of times from the device. */
const inPart = ({ read, ...file }: FixtureFile): FixtureFile => ({
  ...file,
  read: () => {
    const content = read() as unknown as OptimFile;
    const cases = content.cases.map(({ loss_last: _, traj, ...c }) => ({ ...c, traj: traj.slice(0, 3) }));
    return { ...content, cases } as unknown as Encoded; // the same form, less of it
  },
});

/** Files that pass on the cpu and are known not to here. */
const gaps = knownGaps("webgpu");

describe.skipIf(missing !== null)("PyTorch's figures on WebGPU", async () => {
  const subject = missing === null ? await loadSubject("webgpu") : null;
  const fixtures = new Map(bundledFixtures().map((f) => [`${f.folder}/${f.name}`, f]));
  const reports = new Map<string, FileReport>();
  afterAll(() => context.backends.get("webgpu")?.dispose());

  // float64 is not a dtype of the device; int64 figures are replayed as int32
  const files = passing.filter((name) => !name.startsWith("ops_float64/"));
  test.each(files)("%s", (name) => {
    const file = fixtures.get(name);
    if (!file || !subject) throw new Error(`${name} is not among the bundled fixtures`);
    const report = runFile(name === "optims/LBFGS" && !long ? inPart(file) : file, subject);
    reports.set(name, report);
    if (Object.hasOwn(gaps, name)) expect(report.failed, gaps[name]).toBeGreaterThan(0);
    else expect(report.failed === 0 ? "" : report.first).toBe("");
  });

  test("all but a hundredth of the files that the device's dtypes allow pass in full", () => {
    const able = [...reports].filter(([, r]) => r.passed + r.failed > 0);
    expect(able.length).toBeGreaterThan(1380);
    expect(able.filter(([, r]) => inFull(r)).length).toBeGreaterThanOrEqual(able.length * 0.99);
  });
});
