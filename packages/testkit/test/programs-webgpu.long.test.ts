import { context } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { loadSubject } from "../src/conformance/subject.ts";
import { programs } from "./programs/fixture.ts";
import { known } from "./programs/known.ts";
import { replay, runsOn } from "./programs/replay.ts";
import { adapterMissing } from "./webgpu-adapter.ts";

const missing = await adapterMissing("random programs on WebGPU");

describe.skipIf(missing !== null)("random programs on WebGPU", async () => {
  const subject = missing === null ? await loadSubject("webgpu") : null;
  afterAll(() => context.backends.get("webgpu")?.dispose());

  test("1,000 of them go as in PyTorch, but a hundredth", () => {
    if (!subject) throw new Error("there is no adapter");
    const excused = new Set(known.flatMap(([, ids]) => ids));
    const able = [...programs("sample"), ...programs("further")]
      .filter((p) => runsOn(p, subject.dtypes) && !excused.has(p.id))
      .slice(0, 1000);
    expect(able.length).toBe(1000);
    const differing = able.flatMap((p) => {
      const outcome = replay(p, subject);
      return outcome.kind === "differs" ? [`${p.id}: ${outcome.what}`] : [];
    });
    // WGSL leaves accuracy near poles, subnormals, infinities and NaN open
    expect(differing.length, differing.join("\n")).toBeLessThanOrEqual(10);
  });
});
