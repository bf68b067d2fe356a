import { describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bundledFixtures } from "../../testkit/src/conformance/files.ts";
import { runFile } from "../../testkit/src/conformance/run.ts";
import { loadSubject } from "../../testkit/src/conformance/subject.ts";
import { Judge } from "./law.ts";

const subject = await loadSubject("cpu", { threads: 1 });
const fixtures = bundledFixtures(long ? undefined : ["ops", "modules"]);

describe("what is captured runs to the same bits", () => {
  const judge = new Judge(long ? Number.POSITIVE_INFINITY : 3);
  const watched = {
    ...subject,
    functions: judge.functions(subject.functions),
    modules: judge.classes(subject.modules),
  };
  test.each(fixtures.map((f) => [`${f.folder}/${f.name}`, f] as const))("%s", (_, file) => {
    judge.problems.clear();
    runFile(file, watched);
    expect([...judge.problems].map((problem) => problem.join(": ")).join("\n")).toBe("");
  });
  test("hundreds of functions were", () => {
    const same = [...judge.counts].filter(([, counts]) => counts.has("same")).map(([name]) => name);
    expect(same.length).toBeGreaterThan(400);
  });
});
