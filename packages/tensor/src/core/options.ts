import { type DType, dtypes } from "./dtype.ts";
import { ArgumentError, show } from "./errors.ts";
import { Tensor } from "./tensor.ts";

// Options by name, read strictly: a name that is none, a value of another type and anything that is no object are refused, with what was
// probably meant. A missing option and one that is `undefined` are the same.

/** What an option may be. */
export interface Kind<T = unknown> {
  /** As messages say it: "a boolean". */
  readonly means: string;
  takes(value: unknown): value is T;
}
/** The kind of each option, in the order of PyTorch's arguments: none may be missing. */
export type Kinds<O extends object> = { readonly [K in keyof O]-?: Kind };
/** Some of the options, as users give them. */
export type Given<O extends object> = { readonly [K in keyof O]?: O[K] | undefined };

const kind = <T>(means: string, takes: (value: unknown) => value is T): Kind<T> => ({ means, takes });

export const boolean = kind("a boolean", (x) => typeof x === "boolean");
/** What is switched off where it is false, and named where it is on. */
export const off = kind("false", (x) => x === false);
/** Any number; ops say themselves which they take. */
export const number = kind("a number", (x) => typeof x === "number");
/** A number, or a bigint where int64 holds more than numbers do. */
export const numeral = kind("a number", (x) => typeof x === "number" || typeof x === "bigint");
export const string = kind("a string", (x) => typeof x === "string");
export const dtype: Kind<DType> = kind(`a dtype (${dtypes.join(", ")})`, (x): x is DType =>
  dtypes.includes(x as DType),
);
/** One number, or a list of them. */
export const numbers = kind(
  "a number or a list of numbers",
  (x): x is number | readonly number[] =>
    typeof x === "number" || (Array.isArray(x) && x.every((n) => typeof n === "number")),
);
/** A tensor, of this copy of the package or another. */
export const tensor = kind("a tensor", (x): x is object => x instanceof Tensor);
/** A source of random numbers, of this copy of the package or another. */
// by its methods: the class, and with it the engine, would come into every bundle
export const generator = kind(
  "a Generator",
  (x): x is object => typeof x === "object" && x !== null && "random32" in x && "manualSeed" in x,
);
export const callback = kind("a function", (x) => typeof x === "function");
export const object = kind("an object", (x): x is object => typeof x === "object" && x !== null);
export const iterable = kind(
  "an iterable",
  (x): x is Iterable<unknown> => typeof x === "object" && x !== null && Symbol.iterator in x,
);
/** Anything: the value is checked where it is used. */
export const anything = kind("anything", (_): _ is unknown => true);
/** One of a few strings. */
export const oneOf = <const T extends string>(...values: readonly T[]): Kind<T> =>
  kind(values.map((value) => show(value)).join(" or "), (x): x is T => values.includes(x as T));
/** Either of two kinds. */
export const either = <A, B>(a: Kind<A>, b: Kind<B>): Kind<A | B> =>
  kind(`${a.means} or ${b.means}`, (x): x is A | B => a.takes(x) || b.takes(x));
/** A list of values of one kind ("a number"), of any length or of the given one. */
export const listOf = <T>(a: Kind<T>, length?: number): Kind<readonly T[]> =>
  kind(
    `a list of ${length === undefined ? "" : `${length} `}${a.means.replace(/^an? /, "")}s`,
    (x): x is readonly T[] =>
      Array.isArray(x) && (length === undefined || x.length === length) && x.every((v) => a.takes(v)),
  );
export const orNull = <T>(a: Kind<T>): Kind<T | null> =>
  kind(`${a.means} or null`, (x): x is T | null => x === null || a.takes(x));

/** The kinds of all options but one. */
export function without<O extends object, K extends keyof O>(kinds: Kinds<O>, name: K): Kinds<Omit<O, K>> {
  const { [name]: _, ...rest } = kinds;
  return rest as Kinds<Omit<O, K>>; // TypeScript does not work out a mapped type's rest
}

/** No options: what functions have by default, so that the usual call makes no object and looks at none. */
export const none: Readonly<Record<never, never>> = Object.freeze({});

/**
 * Holds an options argument to its kinds. Called first in every function and constructor with options.
 *
 * @throws ArgumentError for what is no object, an option of another name, or a value of another type.
 */
export function checkOptions<O extends object>(op: string, kinds: Kinds<O>, options: O): void {
  if (options === none) return;
  const given: unknown = options; // nobody has looked yet
  if (
    typeof given !== "object" ||
    given === null ||
    // a glance is enough for the usual object
    (Object.getPrototypeOf(given) !== Object.prototype &&
      (Array.isArray(given) || tensor.takes(given) || generator.takes(given)))
  )
    throw noOptions(op, kinds, given);
  for (const name in options) {
    if (!Object.hasOwn(kinds, name)) throw unknownOption(op, kinds, name);
    const value = options[name];
    const { takes, means } = kinds[name];
    if (value !== undefined && !takes(value))
      throw new ArgumentError(op, `the option ${name} is ${means}, got ${show(value)}`);
  }
}

/** `defaults` with the options that are given. @throws ArgumentError as {@link checkOptions}. */
export function withDefaults<O extends object>(op: string, kinds: Kinds<O>, defaults: O, options: Given<O>): O {
  checkOptions<Given<O>>(op, kinds, options);
  const settled: O = { ...defaults };
  for (const name in options) {
    const value = options[name];
    if (value !== undefined) settled[name] = value;
  }
  return settled;
}

function noOptions<O extends object>(op: string, kinds: Kinds<O>, given: unknown): ArgumentError {
  const names = Object.keys(kinds) as (keyof O & string)[];
  const meant = names.find((name) => kinds[name].takes(given));
  const hint = meant ? `write { ${meant}: ${show(given)} }` : `there are: ${names.join(", ")}`;
  return new ArgumentError(op, `options are given by name, got ${show(given)}`, hint);
}
function unknownOption<O extends object>(op: string, kinds: Kinds<O>, given: string): ArgumentError {
  const names = Object.keys(kinds);
  const meant = names.find((name) => plain(name) === plain(given)) ?? names.find((name) => near(name, given));
  return new ArgumentError(
    op,
    `there is no option ${show(given)}`,
    meant ? `did you mean ${meant}?` : `there are: ${names.join(", ")}`,
  );
}
const plain = (name: string): string => name.replaceAll("_", "").toLowerCase();
/** Whether one name becomes the other by leaving out, adding or changing one letter. */
function near(a: string, b: string): boolean {
  const longest = Math.max(a.length, b.length);
  let head = 0;
  while (head < longest && a[head] === b[head]) head++;
  const [x, y] = [a.slice(head), b.slice(head)];
  return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1);
}
