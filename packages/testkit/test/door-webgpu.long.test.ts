import { registerBackend } from "@flambeau/tensor";
import { context, withInterpreter } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { bundledFixtures } from "../src/conformance/files.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { FailEach, Failing } from "../src/door/failing.ts";
import { MetaTwin } from "../src/door/meta-twin.ts";
import { Watch } from "../src/door/watched.ts";
import { adapterMissing } from "./webgpu-adapter.ts";

// The laws of the door on a device that works on its own and has other fast paths. A sample: what they are about lies above backends.
const missing = await adapterMissing("the laws of the door on WebGPU");

describe.skipIf(missing !== null)("on WebGPU", async () => {
  const subject = missing === null ? await loadSubject("webgpu") : null;
  const own = context.backends.get("webgpu");
  afterAll(() => own?.dispose());
  const sample = bundledFixtures(["ops", "modules", "optims"]).filter((_, i) => i % 5 === 0);
  const files = sample.map((f) => [`${f.folder}/${f.name}`, f] as const);

  describe("nothing is asked of the backend outside of an op", () => {
    const watch = new Watch();
    test.each(files)("%s", (_, file) => {
      if (!subject || !own) throw new Error("there is no adapter");
      registerBackend(watch.backend(own));
      watch.bypasses.length = 0;
      withInterpreter(watch, () => runFile(file, subject));
      registerBackend(own);
      expect(watch.bypasses.map((b) => `${b.what}${b.stack}`).slice(0, 1)).toEqual([]);
    });
  });

  describe("meta gives the shapes, dtypes and strides that the device gives", () => {
    /** Results that only the gradient sees: what a fast path keeps for it. By op, how many. */
    const kept = { crossEntropy: 1, maskedAttention: 1, scaledDotProductAttention: 1 };
    const compared = new Set<string>();
    test.each(files)("%s", (_, file) => {
      if (!subject) throw new Error("there is no adapter");
      const twin = new MetaTwin(kept);
      withInterpreter(twin, () => runFile(file, subject));
      for (const name of twin.compared) compared.add(name);
      expect([...twin.problems]).toEqual([]);
    });
    test("for a hundred ops", () => expect(compared.size).toBeGreaterThan(100));
  });

  describe("a kernel that throws leaves no buffer and no undeclared change behind", () => {
    const failing = new Failing();
    const each = new FailEach(failing);
    test.each(files)("%s", (_, file) => {
      if (!subject || !own) throw new Error("there is no adapter");
      registerBackend(failing.backend(own));
      each.problems.clear();
      withInterpreter(each, () => runFile(file, subject));
      registerBackend(own);
      expect([...each.problems]).toEqual([]);
    });
    test("a hundred ops were tried", () => expect(each.tried.size).toBeGreaterThan(100));
  });
});
