import { registerBackend } from "@flambeau/tensor";
import { context, withInterpreter } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { FailEach, Failing } from "../src/door/failing.ts";

// one dtype in the short form: what differs by dtype is below the door
const fixtures = bundledFixtures(long ? undefined : ["ops", "modules", "optims"]);
const subject = await loadSubject("cpu", { threads: 1 });

describe("a kernel that throws leaves no buffer and no undeclared change behind", () => {
  const own = context.backends.get("cpu");
  if (!own) throw new Error("the cpu is not registered");
  const failing = new Failing();
  registerBackend(failing.backend(own));
  afterAll(() => void registerBackend(own));

  const each = new FailEach(failing); // each op once over all files
  test.each(fixtures.map((f) => [`${f.folder}/${f.name}`, f] as const))("%s", (_, file) => {
    each.problems.clear();
    withInterpreter(each, () => runFile(file, subject));
    expect([...each.problems]).toEqual([]);
  });
  test("hundreds of ops were tried", () => {
    expect(each.tried.size).toBeGreaterThan(300);
  });
});
