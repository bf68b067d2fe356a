/** What a program without types, or a figure that went wrong, puts where an integer belongs. */
export const wrong: readonly unknown[] = [Number.NaN, 0.5, -0.5, undefined, null, "1", 2 ** 53, 1e300];

/** An argument that holds an integer or a list of them. */
export class Place {
  /** A value that goes. */
  readonly valid: unknown;
  /** Which of the wrong values count as left away, by the argument's documentation: to the value that they then stand for. */
  readonly defaults: ReadonlyMap<unknown, unknown>;
  /** Which wrong values are not tried: those that are right for an argument that need not be whole. */
  readonly right: readonly unknown[];
  constructor(valid: unknown, defaults: readonly (readonly [unknown, unknown])[], right: readonly unknown[] = []) {
    this.valid = valid;
    this.defaults = new Map(defaults);
    this.right = right;
  }
}
/** An argument without a default. */
export const int = (valid: unknown): Place => new Place(valid, []);
/** An argument that may be left out; `value` is its default, or undefined where no value says the same. */
export const opt = (valid: unknown, value?: unknown): Place => new Place(valid, [[undefined, value]]);
/** An argument for which null, too, means its default. */
export const nul = (valid: unknown, value?: unknown): Place =>
  new Place(valid, [
    [undefined, value],
    [null, value],
  ]);
/** A number that sizes follow from but that may have a fraction. */
export const real = (valid: number, defaults: readonly (readonly [unknown, unknown])[] = []): Place =>
  new Place(valid, defaults, [0.5, -0.5]);

/** A call's arguments by name, in their order: tensors, places, other values, and objects of options that hold places. */
export type Args = { readonly [name: string]: unknown };
type Path = readonly (string | number)[];

/** A value in the stead of one integer, or of one list, of a call. */
export interface Case {
  /** The argument's name, or the option's; with the position in a list behind it. */
  readonly argument: string;
  readonly path: Path;
  readonly value: unknown;
  /** Whether the argument's documentation gives the value a meaning, and which. */
  readonly means: Meaning | null;
}
/** What a value that is no integer stands for: another value of the argument, or another call on the same arguments. */
export type Meaning = { readonly value: unknown } | { readonly call: (...args: never[]) => unknown };

export const isPlain = (x: unknown): x is { [key: string]: unknown } =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

/** The places of a call, with the ways to them. */
export function placesOf(args: Args): { readonly path: Path; readonly place: Place }[] {
  const found: { path: Path; place: Place }[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (value instanceof Place) found.push({ path, place: value });
    else if (Array.isArray(value)) value.forEach((v, i) => void visit(v, [...path, i]));
    else if (isPlain(value)) for (const key of Object.keys(value)) visit(value[key], [...path, key]);
  };
  visit(args, []);
  return found;
}

/** The last name on a path, and positions behind it: "padding[1]". */
export function argumentName(path: Path): string {
  const from = path.findLastIndex((key) => typeof key === "string");
  return `${path[from]}${path
    .slice(from + 1)
    .map((i) => `[${i}]`)
    .join("")}`;
}

/** Every place of a call with every wrong value in it, and so every entry of its lists. */
export function casesOf(args: Args): Case[] {
  return placesOf(args).flatMap(({ path, place }) =>
    waysInto(place.valid, path).flatMap((at) =>
      wrong
        .filter((value) => !place.right.includes(value))
        .map((value) => {
          const known = at === path && place.defaults.has(value);
          return {
            argument: argumentName(at),
            path: at,
            value,
            means: known ? { value: place.defaults.get(value) } : null,
          };
        }),
    ),
  );
}
const waysInto = (valid: unknown, path: Path): Path[] => [
  path,
  ...(Array.isArray(valid) ? valid.flatMap((entry, i) => waysInto(entry, [...path, i])) : []),
];

/** The arguments in order: each place by its valid value, but `value` at `path`. */
export function listed(args: Args, path: Path | null = null, value?: unknown): unknown[] {
  const filled = (x: unknown, way: Path | null): unknown => {
    if (way !== null && way.length === 0) return value;
    const next = (key: string | number) => (way !== null && way[0] === key ? way.slice(1) : null);
    const inside = x instanceof Place ? x.valid : x;
    if (Array.isArray(inside)) return inside.map((v, i) => filled(v, next(i)));
    if (!isPlain(inside)) return inside;
    return Object.fromEntries(Object.keys(inside).map((key) => [key, filled(inside[key], next(key))]));
  };
  return Object.values(filled(args, path) as Args); // it fills an object in by an object
}
