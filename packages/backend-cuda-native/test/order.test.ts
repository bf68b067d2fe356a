// Results do not depend on which thread comes first, nor on how many a block has; and memory that is rounded up hides no fault.
import { isDeepStrictEqual } from "node:util";
import { cudaEmulated, emulation } from "@flambeau/backend-cuda-native/emulated";
import { registerBackend } from "flambeau";
import { describe, expect, test } from "vitest";
import { missingFor } from "./support/missing.ts";
import { apart, rounded } from "./support/rounded.ts";
import { tour } from "./support/tour.ts";

const missing = missingFor("orders of threads");

describe.skipIf(missing !== null)("every primitive gives the cpu's results", () => {
  const expected = missing === null ? tour("cpu") : {};
  test.each([
    ["as it is", 1, 256],
    ["in another order of threads", 2, 256],
    ["in a third one, and smaller blocks", 3, 64],
    ["in blocks of 32", 4, 32],
  ])("%s", async (_, seed, blockSize) => {
    emulation.set("seed", seed);
    // memory as long as what is in it: the guards lie right behind
    const round = (byteLength: number) => byteLength;
    const backend = registerBackend(await cudaEmulated({}, { blockSize, round }));
    try {
      const found = tour("cuda");
      const different = Object.keys(expected).filter((what) => !isDeepStrictEqual(found[what], expected[what]));
      expect(different).toEqual([]);
    } finally {
      backend.dispose();
      emulation.set("seed", 1);
    }
  });
});

test.skipIf(missing !== null)(
  "fused kernels that round give the same bits in any order of threads, near the cpu's",
  async () => {
    const found: ReturnType<typeof rounded>[] = [];
    for (const seed of [1, 2]) {
      emulation.set("seed", seed);
      const backend = registerBackend(await cudaEmulated());
      found.push(rounded("cuda"));
      backend.dispose();
    }
    emulation.set("seed", 1);
    expect(found[1]).toEqual(found[0]);
    expect(apart(found[0], rounded("cpu"))).toEqual([]);
  },
);
