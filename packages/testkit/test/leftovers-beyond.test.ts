// What a call leaves behind, of the functions that the conformance files do not call: in-place forms, aliases, random draws and all else
// that an example of the documentation calls.
import { backendOf } from "@flambeau/tensor";
import { registerBackend } from "flambeau";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RightCall, rightCalls } from "../../../test/support/right-calls.ts";
import { Failing } from "../src/door/failing.ts";
import { Leftovers } from "../src/door/leftovers.ts";

const own = backendOf("cpu");
const failing = new Failing();
let calls: readonly RightCall[] = [];
beforeAll(async () => {
  registerBackend(failing.backend(own)); // for the tensors of the calls, too
  calls = await rightCalls(["registerBackend", "unregisterBackend"]);
}, 120_000);
afterAll(() => void registerBackend(own));

/** Callbacks are the example's, and so is what they leave; asynchronous functions hold what they wait for. */
const isPlain = ({ name, make }: RightCall): boolean =>
  !name.endsWith("Async") && !make().args.some((arg) => typeof arg === "function");

test("a call leaves its results and what the graph needs, and nothing else", async () => {
  const leftovers = new Leftovers(failing);
  for (const { name, make } of calls.filter(({ name }) => /^([a-z]\w*|losses\.[a-z]\w*)$/.test(name)).filter(isPlain)) {
    const { run, args } = make();
    const { [name]: watched } = leftovers.functions({ [name]: (...given: unknown[]) => run(given) });
    try {
      await watched(...args);
    } catch {} // some examples show what is refused
  }
  expect([...leftovers.problems].map((problem) => problem.join(" "))).toEqual([]);
  expect(leftovers.tried.size).toBeGreaterThan(650);
  expect(leftovers.failed.size).toBeGreaterThan(550);
  for (const name of ["add_", "absolute", "variance", "oneHot", "gumbelSoftmax", "bincount", "col2im"])
    expect([...leftovers.tried], name).toContain(name);
}, 120_000);
