import "./backend.ts";
import { FormatError } from "@flambeau/tensor/functional";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../test/support/long.ts";
import {
  encodeCheckpoint,
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  parseCheckpoint,
  parseNpy,
  parseNpz,
  parseSafetensors,
} from "../src/index.ts";
import { elements } from "../src/tensor-data.ts";
import { npyFile, safetensorsFile, stateText, zipFile } from "./structures.ts";

// 2,500 files here, 100,000 in the long form
const settings = { numRuns: runs(2500), seed: 1, endOnFailure: true } as const;

/** How many files were read whole and how many refused: both must happen, or a test says little. */
class Tally {
  whole = 0;
  refused = 0;
  refuse(error: unknown) {
    expect(error).toBeInstanceOf(FormatError);
    expect(Number.isInteger((error as FormatError).offset)).toBe(true);
    this.refused++;
  }
  check() {
    expect(Math.min(this.whole, this.refused)).toBeGreaterThan(settings.numRuns / 20);
  }
}

describe("files built part by part are refused with a FormatError, or read as a whole that is written alike", () => {
  it("safetensors", () => {
    const tally = new Tally();
    fc.assert(
      fc.property(safetensorsFile, (bytes) => {
        let whole: ReturnType<typeof parseSafetensors>;
        try {
          whole = parseSafetensors(bytes);
        } catch (error) {
          return tally.refuse(error);
        }
        tally.whole++;
        for (const data of whole.tensors.values()) elements(data);
        const again = parseSafetensors(encodeSafetensors(whole.tensors, whole.metadata));
        expect([again.tensors, again.metadata]).toEqual([whole.tensors, whole.metadata]);
      }),
      settings,
    );
    tally.check();
  });

  it("npy", () => {
    const tally = new Tally();
    fc.assert(
      fc.property(npyFile, (bytes) => {
        let array: ReturnType<typeof parseNpy>;
        try {
          array = parseNpy(bytes);
        } catch (error) {
          return tally.refuse(error);
        }
        tally.whole++;
        expect(parseNpy(encodeNpy(array))).toEqual(array);
      }),
      settings,
    );
    tally.check();
  });

  it("npz", async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(zipFile, async (bytes) => {
        let whole: Awaited<ReturnType<typeof parseNpz>>;
        try {
          whole = await parseNpz(bytes);
        } catch (error) {
          return tally.refuse(error);
        }
        tally.whole++;
        expect((await parseNpz(encodeNpz(whole.arrays))).arrays).toEqual(whole.arrays);
      }),
      settings,
    );
    tally.check();
  });

  it("checkpoints", async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(stateText, fc.boolean(), async (state, missing) => {
        // each leaf gets a name and a tensor of its own
        let leaves = 0;
        const json = state.replaceAll('"#"', () => `"leaf${leaves++}"`);
        const bytes = encodeSafetensors(
          Array.from({ length: Math.max(0, leaves - (missing && leaves % 3 === 1 ? 1 : 0)) }, (_, i) => [
            `leaf${i}`,
            { dtype: "uint8", shape: [1], bytes: new Uint8Array([i]) } as const,
          ]),
          [
            ["flambeau.checkpoint", "1"],
            ["flambeau.checkpoint.state", json],
          ],
        );
        let tree: ReturnType<typeof parseCheckpoint>;
        try {
          tree = parseCheckpoint(bytes);
        } catch (error) {
          return tally.refuse(error);
        }
        tally.whole++;
        const once = await encodeCheckpoint(tree);
        expect(await encodeCheckpoint(parseCheckpoint(once))).toEqual(once);
      }),
      settings,
    );
    tally.check();
  });
});
