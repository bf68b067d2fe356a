import { expect, test } from "vitest";
import { bundledFixtures } from "../src/conformance/files.ts";
import { inFull } from "../src/conformance/outcome.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { passing } from "./passing.ts";

// what pages and machines without native kernels run; conformance.test.ts runs with those, where there are any
const subject = await loadSubject("cpu-wasm", { threads: 1 });

test("PyTorch's figures on WebAssembly alone: what passes in full does so here", () => {
  const known = new Set(passing);
  const files = bundledFixtures().filter((f) => known.has(`${f.folder}/${f.name}`));
  expect(files.length).toBe(passing.length);
  const failing = files.flatMap((f) => {
    const report = runFile(f, subject);
    return inFull(report) && report.passed > 0 ? [] : [`${f.folder}/${f.name}: ${report.first}`];
  });
  expect(failing).toEqual([]);
});
