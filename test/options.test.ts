// Every function and class of the packages reads its options strictly, before anything else: here each is called with wrong ones, and with
// nothing in its other arguments.
import { ArgumentError } from "@flambeau/tensor";
import { expect, test } from "vitest";
import { declaredOptions, type Place, packages, type Values } from "./support/declared-options.ts";

/** What is not held to this, and why. */
const exceptions: { readonly [name: string]: string } = {};

const declared = declaredOptions();
const entries = new Map<string, unknown>();
for (const [name, specifier] of Object.entries(packages)) entries.set(name, await import(specifier));
const called = ({ package: from, path, method }: Place): string =>
  [from, ...path, ...(method ? [method] : [])].join(".");

/** Wrong options for a place, and what the message must say. */
function* wrong({ options, other }: Place): Generator<readonly [given: unknown, ...says: string[]]> {
  yield [{ noSuchOption: 1 }, '"noSuchOption"'];
  for (const [name, values] of options) {
    const misspelt = [snake(name), `${name}s`, `${name}_`].find((each) => !options.has(each)) ?? `${name}__`;
    yield [{ [misspelt]: 1 }, `"${misspelt}"`, "did you mean "];
    for (const value of refused(values)) yield [{ [name]: value }, `the option ${name} is `];
    // what the type takes is taken: the next option is the wrong one
    for (const value of taken(values)) yield [{ [name]: value, noSuchOption: 1 }, '"noSuchOption"'];
    yield [{ [name]: undefined, noSuchOption: 1 }, '"noSuchOption"'];
  }
  for (const value of refused(other)) yield [value];
}
const snake = (name: string): string => {
  const words = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return words === name ? `${name}s` : words;
};
const refused = ({ any, boolean, number, string, null: none }: Values): unknown[] => [
  ...(any ? [] : [Symbol("a symbol")]),
  ...(any || boolean ? [] : [true]),
  ...(any || number ? [] : [3, 0]),
  ...(any || string === true ? [] : ["no such value"]),
  ...(any || none ? [] : [null]),
];
const taken = ({ boolean, number, string, null: none }: Values): unknown[] => [
  ...(boolean ? [true, false] : []),
  ...(number ? [3, 0.5] : []),
  ...(string === true ? ["some value"] : string === false ? [] : string),
  ...(none ? [null] : []),
];

/** What stands at a place, as something that takes its arguments. */
function callOf({ package: from, path, kind, method }: Place): (...args: unknown[]) => unknown {
  const at = path.reduce<unknown>((module, name) => (module as Names)[name], entries.get(from)); // its types say so
  if (kind === "function") return at as (...args: unknown[]) => unknown;
  const made = at as new (...args: unknown[]) => object;
  // a method looks at its options before it looks at its object
  return method === null
    ? (...args) => new made(...args)
    : (...args) =>
        (made.prototype as Names<(...args: unknown[]) => unknown>)[method].apply(Object.create(made.prototype), args);
}
interface Names<T = unknown> {
  readonly [name: string]: T;
}
/** What is amiss when a function is called with wrong options: nothing, if it is refused as it should be. */
async function amiss(place: Place, given: unknown, says: readonly string[]): Promise<string[]> {
  const shown =
    typeof given === "object" && given !== null
      ? Object.entries(given).map(([name, v]) => `${name}: ${String(v)}`)
      : String(given);
  try {
    await callOf(place)(...new Array<undefined>(place.index).fill(undefined), given);
    return [`${shown} is taken`];
  } catch (error) {
    return error instanceof ArgumentError && says.every((words) => error.message.includes(words))
      ? []
      : [`${shown}: ${error}`];
  }
}

test.each(declared.map((place) => [`${called(place)}, argument ${place.index + 1}`, place] as const))(
  "%s",
  async (_, place) => {
    const found = place.exact.map((name) => `${name} does not take undefined by name`);
    for (const [given, ...says] of wrong(place)) found.push(...(await amiss(place, given, says)));
    if (called(place) in exceptions) expect(found, "it needs no exception any more").not.toEqual([]);
    else expect(found).toEqual([]);
  },
);

test("functions, classes, methods and namespaces are among them", () => {
  const names = declared.map(called);
  expect(names.length).toBeGreaterThan(350);
  for (const name of Object.keys(packages))
    expect(
      names.some((each) => each.startsWith(`${name}.`)),
      name,
    ).toBe(true);
  for (const name of [
    "tensor.softmax",
    "tensor.Tensor.backward",
    "nn.init.kaimingUniform_",
    "optim.lrScheduler.StepLR",
  ])
    expect(names).toContain(name);
  for (const name of Object.keys(exceptions)) expect(names, "an exception of nothing").toContain(name);
});
