import { describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { kernelsPtx } from "../src/ptx.ts";
import { assembled, hasPtxas } from "./support/ptxas.ts";

const capabilities = long ? [75, 80, 86, 89, 90, 100, 120] : [90];

/** Bytes of shared memory that every card has for a block without being asked. */
const mostShared = 48 << 10;
/** A few words around calls of programs and in kernels of float64, on the newest cards of attention too; none in the loops of products. */
const mostSpilled = 160;
const mostThatSpill = 24;

if (!hasPtxas) console.warn("SKIPPED: registers, spills and shared memory of the kernels: ptxas is not there");
describe.skipIf(!hasPtxas).each(capabilities)("on cards of compute capability %i", (capability) => {
  const modules = kernelsPtx().filter((module) => module.capability <= capability);
  test.each(modules.map((module, i) => [i, module.kernels.length, module] as const))(
    "module %i, of %i kernels, keeps to its budget",
    (_, count, { ptx }) => {
      const found = assembled(ptx, capability);
      expect(found).toHaveLength(count);
      // none is missing, and every launch of 256 threads fits a card's registers
      expect(found.filter(({ registers }) => registers === 0 || registers > 255)).toEqual([]);
      expect(found.filter(({ shared }) => shared > mostShared)).toEqual([]);
      expect(found.filter(({ spilled }) => spilled > mostSpilled)).toEqual([]);
      const spilling = found.filter(({ spilled }) => spilled > 0).map(({ kernel }) => kernel);
      expect(spilling.length, spilling.join()).toBeLessThanOrEqual(mostThatSpill);
      const products = /^(matmul|conv)/;
      expect(spilling.filter((kernel) => products.test(kernel))).toEqual([]);
    },
    240_000,
  );
});
