import { emulationMissing } from "@flambeau/backend-cuda-native/emulated";
import { context } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { inFull } from "../src/conformance/outcome.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { passing } from "./passing.ts";

const missing = emulationMissing();
if (missing !== null) console.warn(`SKIPPED: PyTorch's figures on the emulated CUDA device: ${missing}`);

// a sample; all of them by `npm run conformance -- --device cuda-emulated`
const files = long ? passing : passing.filter((_, i) => i % 12 === 0);

describe.skipIf(missing !== null)("PyTorch's figures on the emulated CUDA device", async () => {
  const subject = missing === null ? await loadSubject("cuda-emulated") : null;
  const fixtures = new Map(bundledFixtures().map((f) => [`${f.folder}/${f.name}`, f]));
  afterAll(() => context.backends.get("cuda")?.dispose());

  test.each(files)("%s", (name) => {
    const file = fixtures.get(name);
    if (!file || !subject) throw new Error(`${name} is not among the bundled fixtures`);
    const report = runFile(file, subject);
    expect(inFull(report) ? "" : report.first).toBe("");
    expect(report.passed).toBeGreaterThan(0);
  });
});
