import { ArgumentError, stack, type Tensor, tensor } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";

/** What a batch of samples becomes: tensors are stacked, numbers become a tensor, arrays and objects are collated inside. */
export type Collated<Sample> = Sample extends Tensor | number | bigint | boolean
  ? Tensor
  : Sample extends string
    ? string[]
    : Sample extends readonly unknown[] | { readonly [key: string]: unknown }
      ? { -readonly [K in keyof Sample]: Collated<Sample[K]> }
      : Sample[];

/**
 * Put samples together to a batch, with a new first dimension: tensors by `stack`, numbers, bigints and booleans as by `tensor`
 * (float32, int64, bool), strings in an array, arrays and plain objects entry by entry, anything else in an array.
 *
 * Shapes: samples of shape [d...] give a tensor [N, d...], numbers one [N].
 *
 * @throws ArgumentError when there are no samples, or they have different types, lengths or entries. ShapeError when tensors have different
 * shapes.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 * @example
 * defaultCollate([[1, "a"], [2, "b"]])[1]; // ["a", "b"]
 * defaultCollate([{ x: zeros([3]) }, { x: zeros([3]) }]).x.shape; // [2, 3]
 */
export function defaultCollate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  if (!Array.isArray(samples)) throw new ArgumentError("collate", `the samples must be an array, got ${show(samples)}`);
  return collate(samples, "") as Collated<Sample>; // the type above says case by case what the function below does
}

function collate(samples: readonly unknown[], path: string): unknown {
  const first = samples[0];
  if (samples.length === 0) throw new ArgumentError("collate", "a batch needs at least one sample");
  if (isTensor(first)) return stack(samples as readonly Tensor[], 0); // stack checks each
  const same = (type: string) => samples.every((sample) => typeof sample === type);
  if (typeof first === "number" || typeof first === "bigint" || typeof first === "boolean") {
    if (!same(typeof first)) throw new ArgumentError("collate", `samples${path} are of different types`);
    return tensor(samples as readonly number[]); // or all bigint, or all boolean, by the check above
  }
  if (Array.isArray(first)) {
    const rows = samples as readonly (readonly unknown[])[]; // checked next
    if (rows.some((row) => !Array.isArray(row) || row.length !== first.length)) {
      throw new ArgumentError(
        "collate",
        `samples${path} are of different lengths`,
        "pad them in a collate function of your own",
      );
    }
    return first.map((_, i) =>
      collate(
        rows.map((row) => row[i]),
        `${path}[${i}]`,
      ),
    );
  }
  if (isRecord(first)) {
    const keys = Object.keys(first);
    return Object.fromEntries(
      keys.map((key) => {
        const entries = samples.map((sample) => {
          if (!isRecord(sample) || !(key in sample) || Object.keys(sample).length !== keys.length) {
            throw new ArgumentError("collate", `samples${path} have different keys`);
          }
          return sample[key];
        });
        return [key, collate(entries, `${path}.${key}`)];
      }),
    );
  }
  return [...samples];
}

const isRecord = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Not `instanceof`: a program may have two copies of the tensor package loaded. */
const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "storage" in value && "strides" in value && "dtype" in value;
