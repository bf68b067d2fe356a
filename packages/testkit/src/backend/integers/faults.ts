import * as tensors from "@flambeau/tensor";
import { clone, data, FlambeauError, keep, MemoryError, Tensor, tidy, UnavailableError } from "@flambeau/tensor";
import * as authors from "@flambeau/tensor/plugin";
import type { Call, Maker } from "./maker.ts";
import { type Args, type Case, casesOf, isPlain, listed, type Meaning } from "./places.ts";
import { reviewed } from "./reviewed.ts";

type AnyFunction = (...args: readonly unknown[]) => unknown;
const functions = { ...tensors, ...authors } as unknown as { readonly [name: string]: AnyFunction };

/** What a value looks like in a message. */
const shown = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value));

function meaningOf(name: string, { argument, value, means }: Case): Meaning | null {
  const covers = (r: (typeof reviewed)[number]) =>
    r.calls.includes(name) && r.arguments.includes(argument) && r.values.includes(value);
  return means ?? reviewed.find(covers)?.means ?? null;
}

/** Visits the tensors in arguments or a result. */
function eachTensor(x: unknown, visit: (t: Tensor) => void): void {
  if (x instanceof Tensor) visit(x);
  else if (Array.isArray(x) || isPlain(x)) for (const inside of Object.values(x)) eachTensor(inside, visit);
}
/** A result as plain values; its tensors are freed. */
async function plain(x: unknown): Promise<unknown> {
  if (x instanceof Tensor) {
    const { dtype, shape } = x;
    const values = authors.decode(await data(x), dtype).map(String);
    x.dispose();
    return { dtype, shape, values };
  }
  if (typeof x !== "object" || x === null) return x;
  const entries = Object.entries(x).map(async ([key, inside]) => [key, await plain(inside)]);
  return Object.fromEntries(await Promise.all(entries));
}

/** What came of a call: its result, or its error. */
type Outcome = { readonly out: unknown } | { readonly error: unknown };
/** Calls a function; what its arguments and itself make is freed, but for the result. */
function run(f: AnyFunction, args: () => readonly unknown[]): Outcome {
  try {
    const out = tidy(() => {
      const result = f(...args());
      eachTensor(result, keep);
      return result;
    });
    return { out };
  } catch (error) {
    return { error };
  }
}
const said = async (o: Outcome): Promise<string> =>
  "error" in o ? `the error ${String(o.error)}` : JSON.stringify(await plain(o.out));

/** What is wrong with how a function takes what is no integer; empty when nothing is. */
export async function faults(name: string, call: Call, make: Maker): Promise<string[]> {
  const f = functions[name];
  const sound = run(f, () => listed(call(make)));
  // what needs the values does not run where they cannot be read at once
  const unavailable = "error" in sound && sound.error instanceof UnavailableError;
  if ("error" in sound && !unavailable) return [`the call itself fails: ${String(sound.error)}`];
  await said(sound);
  const args = call(make); // of the calls that are refused, and so leave them alone
  const before = await said({ out: copies(args) });
  const found: string[] = [];
  for (const c of casesOf(args)) {
    const means = meaningOf(name, c);
    const where = `${c.argument}: ${shown(c.value)}`;
    const outcome = run(f, () => listed(means ? call(make) : args, c.path, c.value));
    if ("error" in outcome && !(outcome.error instanceof FlambeauError)) {
      found.push(`${where} throws ${String(outcome.error)}`);
    } else if (means) {
      const other =
        "value" in means
          ? run(f, () => listed(call(make), c.path, means.value))
          : run(means.call as AnyFunction, () => listed(call(make), c.path, c.value));
      const [got, wanted] = [await said(outcome), await said(other)];
      if (got !== wanted) found.push(`${where} is not what it stands for: ${got}\nand not ${wanted}`);
    } else if ("out" in outcome) {
      found.push(`${where} gives ${await said(outcome)}`);
      return found; // the arguments may be written, or gone
    } else if (!names(outcome.error as Error, c.value)) found.push(`${where} is not named: ${String(outcome.error)}`);
  }
  if ((await said({ out: copies(args) })) !== before) found.push("a call that is refused has written to its arguments");
  eachTensor(args, (t) => t.dispose());
  return found;
}
/** The tensors of a call's arguments, copied. */
function copies(args: Args): Tensor[] {
  const found: Tensor[] = [];
  eachTensor(args, (t) => found.push(clone(t)));
  return found;
}
/** Whether an error says what was wrong. What is missing need not be named, and an error about memory names the size. */
const names = (error: Error, value: unknown): boolean =>
  value === undefined || value === null || error instanceof MemoryError || error.message.includes(shown(value));
