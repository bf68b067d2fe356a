// What a call leaves behind, of the functions that the conformance files do not call: in-place forms, aliases, random draws and all else
// that an example of the documentation calls.
import { backendOf, Tensor } from "@flambeau/tensor";
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

/** A dtype for one operand or an option, and one for all others. */
const mixtures = [
  ["int64", null],
  ["int32", null],
  ["float16", null],
  ["float64", null],
  ["int64", "int32"],
  ["uint8", "uint8"],
] as const;
const isOptions = (x: unknown): x is object =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

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

test("nor does one whose operands have other dtypes than each other, or than what is asked for", async () => {
  const leftovers = new Leftovers(failing);
  for (const { name, make } of calls.filter(({ name }) => /^([a-z]\w*|losses\.[a-z]\w*)$/.test(name)).filter(isPlain))
    for (const at of make().args.keys())
      for (const [dtype, others] of mixtures) {
        const { run, args } = make();
        if (others !== null) for (const [i, arg] of args.entries()) if (arg instanceof Tensor) args[i] = arg.to(others);
        const given = args[at];
        if (given instanceof Tensor) args[at] = given.to(dtype);
        else if (isOptions(given)) args[at] = { ...given, dtype };
        else continue;
        const { [name]: watched } = leftovers.functions({ [name]: (...given: unknown[]) => run(given) });
        try {
          await watched(...args);
        } catch {} // many mixtures are refused
      }
  expect([...leftovers.problems].map((problem) => problem.join(" "))).toEqual([]);
  expect(leftovers.tried.size).toBeGreaterThan(400);
}, 240_000);
