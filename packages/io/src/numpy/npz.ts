import { checkOptions, option } from "@flambeau/tensor/plugin";
import { bytesSource, joined, type Source } from "../files/bytes.ts";
import { Members } from "../members.ts";
import { bytesOnly, pairs, type TensorData } from "../tensor-data.ts";
import { encodeNpyMember, isNpy, parseNpyMember } from "./npy.ts";
import type { TextArray } from "./text.ts";
import { contentOf, readDirectory } from "./zip.ts";
import { deflate, type ZipMember, zip } from "./zip-write.ts";

/** What an npz file holds. */
export interface Npz {
  /** The arrays of numbers, by name, in the order of the archive. */
  readonly arrays: ReadonlyMap<string, TensorData>;
  /** The arrays of strings. */
  readonly strings: ReadonlyMap<string, TextArray>;
  /** Why members were left out that Flambeau cannot hold, by name. */
  readonly skipped: ReadonlyMap<string, string>;
}

/**
 * Parse the arrays of an npz file (`numpy.savez`, `numpy.savez_compressed`, `scipy.sparse.save_npz`) by name. All of it is checked before any
 * is handed out. Unsigned integers are widened as {@link parseNpy} does it.
 *
 * @param options.file named in error messages.
 * @param options.only names of the arrays to unpack. Default: all, without those that Flambeau cannot hold.
 * @throws FormatError naming file and offset when the archive or an array in it is truncated or corrupt, members overlap, or one of `only`
 * cannot be read. ArgumentError when `only` names one that is not there.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 * @example
 * const labels = { dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) } as const;
 * const { arrays } = await parseNpz(encodeNpz([["labels", labels]]));
 * arrays.get("labels"); // { dtype: "uint8", shape: [3] }
 */
export async function parseNpz(
  bytes: Uint8Array,
  options: { file?: string | undefined; only?: readonly string[] | undefined } = {},
): Promise<Npz> {
  checkOptions("parseNpz", { file: option.string, only: option.listOf(option.string) }, options);
  bytesOnly("parseNpz", bytes);
  return readNpz(bytesSource(bytes, options.file ?? "npz"), options.only);
}

const ending = ".npy";

/** {@link parseNpz} of a file, of which no more is read than is asked for. */
export async function readNpz(source: Source, only?: readonly string[]): Promise<Npz> {
  const { file } = source;
  const all = (await readDirectory(source)).map((entry) => ({
    entry,
    // as NumPy does it: the ending is left out where it is there
    name: entry.name.endsWith(ending) ? entry.name.slice(0, -ending.length) : entry.name,
  }));
  const members = new Members<TensorData | TextArray>(file, only);
  for (const { entry, name } of members.choose(all)) {
    const content = await contentOf(entry, source);
    const array = isNpy(content) ? parseNpyMember(content, `${file}/${entry.name}`) : "it is not an npy file";
    members.add(name, array, entry.local);
  }
  const [arrays, strings] = [new Map<string, TensorData>(), new Map<string, TextArray>()];
  for (const [name, array] of members.read) {
    if (array.dtype === "string") strings.set(name, array);
    else arrays.set(name, array);
  }
  return { arrays, strings, skipped: members.skipped };
}

/** Arrays of numbers or of text, by name. */
export type NpzArrays = Iterable<readonly [name: string, data: TensorData | TextArray]>;

/**
 * The bytes of an npz file, uncompressed as `numpy.savez` writes it; beyond 4 GiB, or 65,534 arrays, as zip64.
 *
 * @throws DTypeError for bfloat16, which NumPy does not have; ArgumentError for names that are not text or stand twice, and as {@link encodeNpy}.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 * @example
 * const labels = { dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) } as const;
 * const names = { dtype: "string", shape: [2], values: ["cat", "dog"] } as const;
 * encodeNpz([["labels", labels], ["names", names]]).subarray(0, 2); // [80, 75]
 */
export const encodeNpz = (arrays: NpzArrays): Uint8Array => joined(npzParts("encodeNpz", arrays), "encodeNpz");

/**
 * The bytes of an npz file, deflated as `numpy.savez_compressed` does it.
 *
 * @throws as {@link encodeNpz}.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez_compressed.html
 * @example
 * const zeros = { dtype: "uint8", shape: [1000], bytes: new Uint8Array(1000) } as const;
 * (await encodeNpzCompressed([["zeros", zeros]])).length < 300; // true
 */
export const encodeNpzCompressed = async (arrays: NpzArrays): Promise<Uint8Array> =>
  joined(await npzPartsCompressed("encodeNpzCompressed", arrays), "encodeNpzCompressed");

const members = (op: string, arrays: NpzArrays): ZipMember[] =>
  pairs(op, "the arrays", arrays).map(([name, data]) => ({ name: `${name}${ending}`, content: encodeNpyMember(data) }));

/** An npz file in parts that follow each other. */
export const npzParts = (op: string, arrays: NpzArrays): Uint8Array[] => zip(members(op, arrays));

export async function npzPartsCompressed(op: string, arrays: NpzArrays): Promise<Uint8Array[]> {
  const packed: ZipMember[] = [];
  for (const each of members(op, arrays)) packed.push({ ...each, packed: await deflate(each.content) });
  return zip(packed);
}
