import { describe, expect, test } from "vitest";
import { faults } from "./integers/faults.ts";
import { calls } from "./integers/index.ts";
import { Maker } from "./integers/maker.ts";
import type { Subject } from "./subject.ts";

/** Every integer argument of every function, with what is none in it. */
export function integerTests({ backend }: Subject): void {
  describe("what is no integer is refused, or counts as documented", () => {
    for (const [name, given] of Object.entries(calls))
      test(name, async () => {
        const make = new Maker(backend.name);
        const found: string[] = [];
        for (const call of typeof given === "function" ? [given] : given)
          found.push(...(await faults(name, call, make)));
        expect(found).toEqual([]);
      });
  });
}
