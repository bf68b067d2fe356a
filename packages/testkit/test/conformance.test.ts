import { describe, expect, test } from "vitest";
import { bundledFixtures } from "../src/conformance/files.ts";
import { knownGaps } from "../src/conformance/gaps.ts";
import { type FileReport, inFull } from "../src/conformance/outcome.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { passing } from "./passing.ts";

const subject = await loadSubject("cpu", { threads: 1 });
const gaps = knownGaps("cpu");
const reports = new Map<string, FileReport>();
const fixtures = new Map(bundledFixtures().map((f) => [`${f.folder}/${f.name}`, f]));

describe("PyTorch's figures: files known to pass in full", () => {
  test.each(passing)("%s", (name) => {
    const file = fixtures.get(name);
    if (!file) throw new Error(`${name} is not among the bundled fixtures`);
    const report = runFile(file, subject);
    reports.set(name, report);
    expect(inFull(report) ? "" : report.first).toBe("");
    expect(report.passed).toBeGreaterThan(0);
  });
});

test("no other file fails but the known gaps", () => {
  const others = [...fixtures]
    .filter(([name]) => !passing.includes(name))
    .map(([name, file]) => [name, runFile(file, subject)] as const);
  const failing = others.filter(([, r]) => r.failed > 0);
  expect(failing.filter(([name]) => !Object.hasOwn(gaps, name)).map(([name, r]) => `${name}: ${r.first}`)).toEqual([]);
  // a gap that has closed is a gap no more
  expect(Object.keys(gaps).filter((name) => !failing.some(([n]) => n === name))).toEqual([]);
});

test("at least 280 of the op files pass in full", () => {
  expect([...reports].filter(([name, r]) => name.startsWith("ops/") && inFull(r)).length).toBeGreaterThanOrEqual(280);
});
