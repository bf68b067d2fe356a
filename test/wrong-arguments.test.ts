// What a function says of an argument that is none: each exported function, constructor and method that an example of the documentation, or
// of more-examples.ts, calls is called as there, with one argument after the other replaced by something else. It gives a result (the places where that is right stand
// in wrong-arguments-taken.txt, which is reviewed) or a typed error in a few words; never a raw TypeError, and it ends.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FlambeauError, tensor } from "flambeau";
import { beforeAll, expect, test } from "vitest";
import { root } from "../scripts/setup/paths.mjs";
import { type RightCall, rightCalls } from "./support/right-calls.ts";

const gone = tensor([1, 2]);
gone.dispose();
const wrong: readonly (readonly [name: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ['"x"', "x"],
  ["{}", {}],
  ["[]", []],
  ["NaN", Number.NaN],
  ["a function", () => {}],
  ["a proxy", new Proxy({}, {})],
  ["a disposed tensor", gone],
];
/** These are taken where the argument may be left out, is the options, a list of any length or a number: the compiler says where. */
const harmless = new Set(["undefined", "null", "{}", "[]", "NaN", "a proxy"]);

/** What may be there instead of something else, and why. */
const taken = new Set(
  readFileSync(join(root, "test/wrong-arguments-taken.txt"), "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#")),
);

let calls: readonly RightCall[] = [];
beforeAll(async () => {
  calls = await rightCalls();
}, 120_000);

/** How a call ends: with a result, a typed error, or as it should not. */
async function outcome({ make }: RightCall, i: number, value: unknown): Promise<"taken" | "refused" | string> {
  const { run, args } = make();
  args[i] = value;
  try {
    const result = run(args);
    const late = () => new Promise((_, no) => setTimeout(no, 5000, new Error("it does not end")));
    if (result instanceof Promise) await Promise.race([result, late()]);
    return "taken";
  } catch (error) {
    if (!(error instanceof FlambeauError)) return String(error);
    return error.message.length < 1000 ? "refused" : `a message of ${error.message.length} characters`;
  }
}

test("an argument of the wrong kind gives a typed error, or is one that is taken", async () => {
  const raw: string[] = [];
  const unlisted: string[] = [];
  const seen = new Set<string>();
  for (const call of calls)
    for (let i = 0; i < call.make().args.length; i++)
      for (const [name, value] of wrong) {
        const found = await outcome(call, i, value);
        const place = `${call.name}, argument ${i + 1}: ${name}`;
        if (found === "taken") {
          seen.add(place);
          if (!harmless.has(name) && !taken.has(place)) unlisted.push(place);
        } else if (found !== "refused") raw.push(`${place}: ${found}`);
      }
  expect(raw).toEqual([]);
  expect([...new Set(unlisted)]).toEqual([]);
  // a line that nothing needs would hide what comes back
  expect(
    [...taken].filter((place) => !seen.has(place)),
    "they are refused by now: take the lines out",
  ).toEqual([]);
}, 120_000);

test("functions, methods, modules, optimizers and schedulers are among them", () => {
  const names = new Set(calls.map(({ name }) => name));
  expect(names.size).toBeGreaterThan(1050);
  for (const name of [
    "add",
    "add_",
    "softmax",
    "reshape",
    "nn.Linear",
    "nn.LSTM.forward",
    "optim.Adam",
    "losses.mse",
    "losses.MSELoss.forward",
    "nn.Module.loadStateDict",
    "data.DataLoader",
    "io.save",
    "optim.Optimizer.loadStateDict",
  ])
    expect([...names], name).toContain(name);
});
