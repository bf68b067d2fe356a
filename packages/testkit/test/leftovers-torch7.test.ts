// What a call of Torch7's layers and criterions leaves behind, outside of scopes.
import { backendOf } from "@flambeau/tensor";
import { type nn, registerBackend } from "flambeau";
import { afterAll, expect, test } from "vitest";
import { cases } from "../../nn/test/torch7/cases.ts";
import { Failing } from "../src/door/failing.ts";
import { Leftovers } from "../src/door/leftovers.ts";

const own = backendOf("cpu");
const failing = new Failing();
registerBackend(failing.backend(own));
afterAll(() => void registerBackend(own));
const leftovers = new Leftovers(failing);
const failed = new Set<string>();

/** What their modules give belongs to those, as in nn.Sequential. */
const plain = ["Sequential", "ConcatTable", "ParallelTable", "MapTable"];
test.each(cases.filter(({ name }) => !plain.includes(name)))(
  "a call of $name leaves its results and what the graph needs, and nothing else",
  ({ name, make, inputs }) => {
    leftovers.problems.clear();
    for (const training of [true, false]) {
      const { Watched } = leftovers.classes({
        // its constructor gives another object: the module, whose forward is watched then
        Watched: class {
          constructor() {
            // biome-ignore lint/correctness/noConstructorReturn: that is the purpose
            return make().train(training).requiresGrad_(training);
          }
        },
      });
      (new Watched() as nn.Module).forward(...inputs());
    }
    expect(leftovers.problems.get("Watched.forward")).toBe(undefined);
    expect(leftovers.tried.delete("Watched.forward")).toBe(true);
    if (leftovers.failed.delete("Watched.forward")) failed.add(name);
  },
);
test("most of them were tried with kernels that throw", () => {
  expect(failed.size).toBeGreaterThan(70);
});
