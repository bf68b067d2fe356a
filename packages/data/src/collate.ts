import { ArgumentError, isTensor, ShapeError, stack, type Tensor, tensor } from "@flambeau/tensor/functional";
import { sameShape, scoped, show, showShape } from "@flambeau/tensor/plugin";

type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray;

/** What a batch of samples becomes: tensors are stacked, numbers and typed arrays become a tensor, arrays, objects and maps are collated inside. */
export type Collated<Sample> = Sample extends Tensor | TypedArray | number | bigint | boolean
  ? Tensor
  : Sample extends string
    ? string[]
    : Sample extends ReadonlyMap<infer Key, infer Value>
      ? Map<Key, Collated<Value>>
      : Sample extends readonly unknown[] | { readonly [key: string]: unknown }
        ? { -readonly [K in keyof Sample]: Collated<Sample[K]> }
        : Sample[];

/**
 * Put samples together to a batch, with a new first dimension: tensors by `stack`, typed arrays as the tensors that they make, numbers, bigints and booleans
 * as by `tensor` (float32, int64, bool), strings in an array; arrays, plain objects and maps entry by entry. What else there is needs a function of its
 * own: {@link collateWith}.
 *
 * Shapes: samples of shape [d...] give a tensor [N, d...], numbers one [N].
 *
 * @throws ArgumentError when there are no samples, or they have different types, lengths or entries, or one is something else; it says where in the samples.
 * ShapeError when tensors have different shapes ({@link padCollate} pads them).
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 * @example
 * defaultCollate([[1, "a"], [2, "b"]])[1]; // ["a", "b"]
 * defaultCollate([{ x: zeros([3]) }, { x: zeros([3]) }]).x.shape; // [2, 3]
 * defaultCollate([new Uint8Array([1, 2]), new Uint8Array([3, 4])]).dtype; // "uint8"
 */
export function defaultCollate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  return collate(checkSamples(samples), "", plain) as Collated<Sample>; // the type above says case by case what the function below does
}

/** Makes a batch of samples of one kind; `collate` is for what is inside of them. */
export type Collator = (samples: never[], collate: (samples: readonly unknown[]) => unknown) => unknown;

/**
 * A function that collates as {@link defaultCollate} does, but for samples of some types, at any depth: for each type (its constructor; `Number`, `String`,
 * `Boolean`, `BigInt` for values of these, `Tensor` for tensors) a function makes their part of the batch. The first type that fits is taken, the very class before those that it extends.
 *
 * PyTorch's `collate` with a `collate_fn_map`; to be given to a `DataLoader` as its `collate`.
 *
 * @throws ArgumentError when the entries are no pairs of a constructor and a function; from the function it gives, what `defaultCollate` throws.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 * @example
 * const collate = collateWith([[Date, (dates: Date[]) => tensor(dates.map((date) => date.getTime() / 1000))]]);
 * const batch = collate([{ at: new Date(0), n: 1 }, { at: new Date(2000), n: 2 }]) as { at: Tensor };
 * batch.at; // tensor([0., 2.])
 */
export function collateWith(
  entries: Iterable<readonly [type: abstract new (...args: never) => unknown, collate: Collator]>,
): (samples: readonly unknown[]) => unknown {
  const op = "collateWith";
  if (typeof entries !== "object" || entries === null || !(Symbol.iterator in entries))
    throw new ArgumentError(op, `needs pairs of a type and a function, got ${show(entries)}`);
  const table: Entry[] = Array.from(entries as Iterable<unknown>, (entry) => {
    if (!Array.isArray(entry) || typeof entry[0] !== "function" || typeof entry[1] !== "function")
      throw new ArgumentError(op, `needs pairs of a type and a function, got ${show(entry)}`);
    return [entry[0], entry[1]] as Entry; // by the check before
  });
  return (samples) => collate(checkSamples(samples), "", { table, join: stacked });
}

/**
 * A sample with its typed arrays as tensors, inside arrays, plain objects and maps, too; all else as it is.
 *
 * Shapes: a typed array of n elements makes a tensor [n] of its dtype.
 *
 * @throws DTypeError for a typed array whose dtype tensors do not have.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_convert
 * @example
 * defaultConvert(new Float32Array([1, 2])); // tensor([1., 2.])
 * const { x, name } = defaultConvert({ x: new Int32Array([3]), name: "three" });
 * x.dtype; // "int32"
 * name; // "three"
 */
export function defaultConvert<Sample>(sample: Sample): Converted<Sample> {
  return convert(sample) as Converted<Sample>; // case by case what the type says
}

/** What {@link defaultConvert} makes of a sample. */
export type Converted<Sample> = Sample extends TypedArray
  ? Tensor
  : Sample extends Tensor
    ? Sample
    : Sample extends ReadonlyMap<infer Key, infer Value>
      ? Map<Key, Converted<Value>>
      : Sample extends readonly unknown[] | { readonly [key: string]: unknown }
        ? { -readonly [K in keyof Sample]: Converted<Sample[K]> }
        : Sample;

function convert(sample: unknown): unknown {
  if (isTypedArray(sample)) return tensor(sample);
  if (Array.isArray(sample)) return sample.map(convert);
  if (sample instanceof Map) return new Map([...sample].map(([key, value]) => [key, convert(value)]));
  if (!isTensor(sample) && isRecord(sample))
    return Object.fromEntries(Object.entries(sample).map(([key, value]) => [key, convert(value)]));
  return sample;
}

type Entry = readonly [type: abstract new () => unknown, collate: (samples: unknown[], inside: Inside) => unknown];
type Inside = (samples: readonly unknown[]) => unknown;

/** How a batch is made: by types' own functions, and tensors by `join`, whose errors say where (`path`) they stand in the samples. */
export interface Rules {
  readonly table: readonly Entry[];
  readonly join: (tensors: readonly Tensor[], path: string) => unknown;
}
const plain: Rules = { table: [], join: stacked };

/** The entry for a value: that of its very class, else the first that it is an instance of. */
function entryFor(value: unknown, table: readonly Entry[]): Entry | undefined {
  if (table.length === 0 || value === undefined || value === null) return undefined;
  const boxed = Object(value); // of a primitive the object that is an instance of its type
  return (
    table.find(([type]) => Object.getPrototypeOf(boxed) === type.prototype) ??
    table.find(([type]) => boxed instanceof type)
  );
}

export function checkSamples(samples: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(samples)) throw new ArgumentError("collate", `the samples must be an array, got ${show(samples)}`);
  if (samples.length === 0) throw new ArgumentError("collate", "a batch needs at least one sample");
  return samples;
}

/** What {@link defaultCollate} does, by other rules. */
export function collate(samples: readonly unknown[], path: string, rules: Rules): unknown {
  const first = samples[0];
  const entry = entryFor(first, rules.table);
  if (entry) return entry[1]([...samples], (inside) => collate(checkSamples(inside), path, rules));
  const each = (test: (sample: unknown) => boolean, what: string): void => {
    const other = samples.findIndex((sample) => !test(sample));
    if (other >= 0)
      throw new ArgumentError(
        "collate",
        `samples${path} are of different types: the first is ${what}, number ${other} is ${show(samples[other])}`,
      );
  };
  if (isTensor(first)) {
    each(isTensor, "a tensor");
    return rules.join(samples as readonly Tensor[], path); // checked before
  }
  if (isTypedArray(first)) {
    each(isTypedArray, "a typed array");
    return scoped(() =>
      rules.join(
        (samples as (typeof first)[]).map((sample) => tensor(sample)), // checked before
        path,
      ),
    );
  }
  if (typeof first === "number" || typeof first === "bigint" || typeof first === "boolean") {
    each((sample) => typeof sample === typeof first, `a ${typeof first}`);
    return tensor(samples as readonly number[]); // or all bigint, or all boolean, by the check above
  }
  if (typeof first === "string") {
    each((sample) => typeof sample === "string", "a string");
    return [...samples];
  }
  if (Array.isArray(first)) {
    each(Array.isArray, "an array");
    const rows = samples as readonly (readonly unknown[])[]; // checked before
    const other = rows.find((row) => row.length !== first.length);
    if (other)
      throw new ArgumentError(
        "collate",
        `samples${path} are of different lengths, ${first.length} and ${other.length}`,
        "padCollate() pads tensors and typed arrays; make them such, or pad them in a collate function of your own",
      );
    return first.map((_, i) =>
      collate(
        rows.map((row) => row[i]),
        `${path}[${i}]`,
        rules,
      ),
    );
  }
  if (first instanceof Map) {
    each((sample) => sample instanceof Map, "a Map");
    const maps = samples as readonly ReadonlyMap<unknown, unknown>[]; // checked before
    return new Map(
      [...first.keys()].map((key) => {
        if (maps.some((map) => map.size !== first.size || !map.has(key))) throw differentKeys(path);
        return [
          key,
          collate(
            maps.map((map) => map.get(key)),
            `${path}.get(${show(key)})`,
            rules,
          ),
        ];
      }),
    );
  }
  if (isRecord(first)) {
    each(isRecord, "a plain object");
    const records = samples as readonly { [key: string]: unknown }[]; // checked before
    const keys = Object.keys(first);
    return Object.fromEntries(
      keys.map((key) => {
        if (records.some((record) => !Object.hasOwn(record, key) || Object.keys(record).length !== keys.length))
          throw differentKeys(path);
        return [
          key,
          collate(
            records.map((record) => record[key]),
            `${path}.${key}`,
            rules,
          ),
        ];
      }),
    );
  }
  throw new ArgumentError(
    "collate",
    `samples${path} must be tensors, typed arrays, numbers, booleans, bigints, strings, arrays, plain objects or maps, got ${show(first)}`,
    "collateWith([[Type, collate]]) says how others are put together",
  );
}

const differentKeys = (path: string) => new ArgumentError("collate", `samples${path} have different keys`);

function stacked(tensors: readonly Tensor[], path: string): Tensor {
  const other = tensors.find(({ shape }) => !sameShape(shape, tensors[0].shape));
  if (other)
    throw new ShapeError(
      "collate",
      `samples${path} are of different shapes, ${showShape(tensors[0].shape)} and ${showShape(other.shape)}`,
      [tensors[0].shape, other.shape],
      "padCollate() pads the shorter ones",
    );
  return stack(tensors, 0);
}

/** Views of numbers in memory; a DataView has no elements. */
const isTypedArray = (value: unknown): value is TypedArray => ArrayBuffer.isView(value) && !(value instanceof DataView);

const isRecord = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
