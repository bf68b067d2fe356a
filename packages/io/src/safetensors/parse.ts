import { checkOptions, option } from "@flambeau/tensor/plugin";
import { readPieces } from "../files/pieces.ts";
import type { Source } from "../files/source.ts";
import { Members } from "../members.ts";
import { bytesOnly, type TensorData } from "../tensor-data.ts";
import { widen } from "../widen.ts";
import { isFloat8, widenFloat8 } from "./float8.ts";
import { elementsStart, type Header, type Place, prefixBytes, readHeader } from "./header.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of the header; `bytes` are views of the parsed file. */
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** The file's notes, by key. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Why tensors were left out that Flambeau cannot hold, by name. */
  readonly skipped: ReadonlyMap<string, string>;
}

/**
 * Parse a safetensors file. Everything is validated before anything is handed out. Nothing is copied, but for unsigned integers and
 * floats of 8 bits: U16 comes as int32, U32 and U64 as int64, F8_E4M3 and its like as float32.
 *
 * Layout: a little-endian u64 N, N bytes of JSON `{ name: { dtype, shape, data_offsets } }`, the elements.
 *
 * @param options.file named in error messages.
 * @param options.only names of the tensors to read. Default: all, without those of a dtype that Flambeau does not have.
 * @throws FormatError naming file and offset: a bad header, a doubled name, a size that does not fit its offsets, overlaps, holes, missing or extra bytes; a tensor of `only` that Flambeau cannot hold. ArgumentError when `only` names one that is not there.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const labels = { dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) } as const;
 * const { tensors } = parseSafetensors(encodeSafetensors([["labels", labels]]));
 * tensors.get("labels"); // { dtype: "uint8", shape: [3], bytes: [1, 2, 3] }
 */
export function parseSafetensors(
  bytes: Uint8Array,
  options: { file?: string | undefined; only?: readonly string[] | undefined } = {},
): Safetensors {
  checkOptions("parseSafetensors", { file: option.string, only: option.listOf(option.string) }, options);
  bytesOnly("parseSafetensors", bytes);
  const { file = "safetensors" } = options;
  const start = elementsStart(bytes.subarray(0, prefixBytes), bytes.length, file);
  const { places, metadata } = readHeader(bytes.subarray(prefixBytes, start), bytes.length - start, file);
  const members = new Members<TensorData>(file, options.only);
  for (const place of members.choose(places))
    members.add(place.name, dataOf(place, bytes.subarray(start + place.begin, start + place.end)), prefixBytes);
  return { tensors: members.read, metadata, skipped: members.skipped };
}

/** {@link parseSafetensors} of a file, of which no more is read than is asked for. */
export const readSafetensors = async (source: Source, only?: readonly string[]): Promise<Safetensors> =>
  readMembers(source, await readPlaces(source), only);

/** The tensors of a file whose header has been read. */
export async function readMembers(
  source: Source,
  { places, metadata, start }: Header & { readonly start: number },
  only?: readonly string[],
): Promise<Safetensors> {
  const members = new Members<TensorData>(source.file, only);
  const chosen = members.choose(places);
  const pieces = await readPieces(
    source,
    chosen.map((place) => (isRead(place) ? [start + place.begin, start + place.end] : undefined)),
  );
  for (const [i, place] of chosen.entries())
    members.add(place.name, dataOf(place, pieces[i] ?? new Uint8Array()), prefixBytes);
  return { tensors: members.read, metadata, skipped: members.skipped };
}

/** The header of a file, and where its elements start. */
export async function readPlaces(source: Source): Promise<Header & { start: number }> {
  const { file, size } = source;
  const start = elementsStart(await source.read(0, Math.min(prefixBytes, size)), size, file);
  return { ...readHeader(await source.read(prefixBytes, start), size - start, file), start };
}

/** Whether the elements are of use. */
export const isRead = ({ holds, dtypeName }: Place): boolean => holds !== undefined || isFloat8(dtypeName);

/** The tensor's elements, or why Flambeau cannot hold them. */
export function dataOf({ holds, dtypeName, shape }: Place, bytes: Uint8Array): TensorData | string {
  if (isFloat8(dtypeName)) return widenFloat8(dtypeName, bytes, shape);
  if (holds === undefined) return `Flambeau has no dtype ${dtypeName}`;
  if (typeof holds === "string") return { dtype: holds, shape, bytes };
  return widen(bytes, holds, shape) ?? `it is of dtype ${dtypeName} and holds numbers beyond int64`;
}
