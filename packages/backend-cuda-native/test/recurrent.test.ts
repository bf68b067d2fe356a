// Recurrent layers in float64 against the cpu's, which has no kernels for them; beyond the ends of its sequences nothing is looked at.
import { cudaEmulated } from "@flambeau/backend-cuda-native/emulated";
import { manualSeed, randn, registerBackend, tidy } from "flambeau";
import { expect, test } from "vitest";
import { missingFor } from "./support/missing.ts";
import { recurrents, runRecurrent, titleOf } from "./support/recurrent.ts";

const missing = missingFor("recurrent layers");

test.skipIf(missing !== null).each(recurrents.map((layer) => [titleOf(layer), layer] as const))(
  "%s",
  async (_, layer) => {
    const backend = registerBackend(await cudaEmulated({}, { round: (byteLength) => byteLength }));
    const run = (device: string): number[][] =>
      tidy(() => {
        manualSeed(11);
        const make = (shape: readonly number[]) => randn(shape, { dtype: "float64" }).to(device);
        return runRecurrent(layer, make, device, layer.attrs.lengths).map((t) => Array.from(t.dataSync(), Number));
      });
    try {
      const [found, wanted] = [run("cuda"), run("cpu")];
      expect(found.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
      found.forEach((values, k) => {
        const far = values.filter(
          (value, i) => !(Math.abs(value - wanted[k][i]) <= 1e-12 * Math.max(1, Math.abs(wanted[k][i]))),
        );
        expect(far, `result ${k}`).toEqual([]);
      });
    } finally {
      backend.dispose();
    }
  },
);
