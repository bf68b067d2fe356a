import { lossOps } from "@flambeau/losses/ops";
import { nnOps } from "@flambeau/nn/ops";
import { optimOps } from "@flambeau/optim/ops";
import { registerBackend } from "@flambeau/tensor";
import { opNamed, ops } from "@flambeau/tensor/ops";
import { context, withInterpreter } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { Replay } from "../src/door/replay.ts";
import { Watch } from "../src/door/watched.ts";

const subject = await loadSubject("cpu", { threads: 1 });
// one dtype in the short form: what differs by dtype is below the door
const fixtures = bundledFixtures(long ? undefined : ["ops", "modules", "optims"]).filter(
  // the first call of a lazy layer makes parameters, as constructors do, which are no program's
  ({ name }) => !name.startsWith("nn.Lazy"),
);
const lists = [ops, lossOps, nnOps, optimOps];
const all = Object.assign({}, ...lists) as typeof ops; // and those of the packages above

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
    const replay = new Replay((name) => opNamed(name, all));
    withInterpreter(replay, () => runFile(file, subject));
    for (const name of replay.names) names.add(name);
    expect([...replay.problems]).toEqual([]);
  });
  test("each op stands in one list, under its own name", () => {
    const entries = lists.flatMap((list) => Object.entries(list));
    for (const [name, op] of entries) expect(op.name).toBe(name);
    expect(new Set(entries.map(([name]) => name)).size).toBe(entries.length);
  });
  test("hundreds of ops did", () => {
    expect(names.size).toBeGreaterThan(300);
  });
});
