import { registerBackend } from "@flambeau/tensor";
import { context } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { Failing } from "../src/door/failing.ts";
import { Leftovers } from "../src/door/leftovers.ts";

// one dtype in the short form: the others differ in what is converted
const fixtures = bundledFixtures(long ? undefined : ["ops", "modules"]).filter(
  // the first call of a lazy layer makes a layer, and no constructor can give back what it had when a kernel threw in it
  ({ name }) => !name.startsWith("nn.Lazy"),
);
const subject = await loadSubject("cpu", { threads: 1 });

describe("a call leaves its results and what the graph needs, and nothing else", () => {
  const own = context.backends.get("cpu");
  if (!own) throw new Error("the cpu is not registered");
  const failing = new Failing();
  registerBackend(failing.backend(own));
  afterAll(() => void registerBackend(own));

  const leftovers = new Leftovers(failing);
  const watched = {
    ...subject,
    functions: leftovers.functions(subject.functions),
    modules: leftovers.classes(subject.modules),
  };
  test.each(fixtures.map((f) => [`${f.folder}/${f.name}`, f] as const))("%s", (_, file) => {
    leftovers.problems.clear();
    runFile(file, watched);
    expect([...leftovers.problems].map((problem) => problem.join(" ")).join("; ")).toBe("");
  });
  test("hundreds of functions were tried, most of them with kernels that throw", () => {
    if (process.env.SHOW) {
      console.log(
        Object.keys(subject.functions)
          .filter((n) => /^[a-z]/.test(n) && !leftovers.tried.has(n))
          .join(" "),
      );
      console.log([...leftovers.tried].filter((n) => !leftovers.failed.has(n)).join(" "));
    }
    expect(leftovers.tried.size).toBeGreaterThan(400);
    expect(leftovers.failed.size).toBeGreaterThan(350);
  });
});
