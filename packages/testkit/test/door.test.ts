import { context, registerBackend, withInterpreter } from "@flambeau/tensor";
import { opNamed } from "@flambeau/tensor/ops";
import { afterAll, describe, expect, test } from "vitest";
import { bundledFixtures } from "../src/conformance/files.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { Replay } from "../src/door/replay.ts";
import { Watch } from "../src/door/watched.ts";

const subject = await loadSubject("cpu", { threads: 1 });
const fixtures = bundledFixtures();

describe("everything goes through the door", () => {
  const watch = new Watch();
  const own = context.backends.get("cpu");
  if (!own) throw new Error("the cpu is not registered");
  registerBackend(watch.backend(own));
  afterAll(() => void registerBackend(own));

  test.each(fixtures.map((f) => [`${f.folder}/${f.name}`, f] as const))("%s", (_, file) => {
    watch.bypasses.length = 0;
    withInterpreter(watch, () => runFile(file, subject));
    expect(watch.bypasses.map((b) => `${b.what}${b.stack}`).slice(0, 1)).toEqual([]);
  });
});

describe("what goes through the door can be replayed by name, from JSON, to the same bits", () => {
  const names = new Set<string>();
  test.each(fixtures.map((f) => [`${f.folder}/${f.name}`, f] as const))("%s", (_, file) => {
    const replay = new Replay(opNamed);
    withInterpreter(replay, () => runFile(file, subject));
    for (const name of replay.names) names.add(name);
    expect([...replay.problems]).toEqual([]);
  });
  test("hundreds of ops did", () => {
    expect(names.size).toBeGreaterThan(300);
  });
});
