import type { DType, Tensor } from "@flambeau/tensor/functional";
import { bytesOf, checkOptions } from "@flambeau/tensor/plugin";
import { readPieces } from "../files/pieces.ts";
import { type FilePlace, fromFile, openPlace, type ReadOptions, readKinds, type Source } from "../files/source.ts";
import { Members } from "../members.ts";
import { type ReadableEntry, type TensorFile, tensorFile } from "../opened.ts";
import type { TensorData } from "../tensor-data.ts";
import { type LoadSomeOptions, loadSomeKinds, named } from "../tensor-files.ts";
import { swapBytes } from "../widen.ts";
import { dequantize } from "./dequantize.ts";
import { type GgufHeader, type GgufPlace, type GgufValue, readGgufHeader } from "./header.ts";

/**
 * Open a GGUF file (versions 2 and 3, either byte order), as llama.cpp reads it, to read one tensor at a time. Only the header is read now, and
 * validated; of an address each tensor is a request of its own. Close the file in the end, or open it with `await using`.
 *
 * Quantized tensors (Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K) come as float32, `(scale q - min)` of each block; F32, F16, BF16, F64 and integers as
 * they are. Others are listed, and their bytes can be had.
 *
 * Shapes: rows first, so that a weight `[out, in]` is one here, too.
 *
 * @param options as of {@link load}.
 * @throws FormatError naming file and offset when the header is corrupt, of another version, or claims more than the file holds; else as
 * {@link load}.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @example
 * const empty = Uint8Array.from([71, 71, 85, 70, 3, ...Array<number>(19).fill(0)]); // of version 3, with nothing in it
 * await using model = await openGguf(new Blob([empty]));
 * [...model.entries.keys()]; // []
 */
export async function openGguf(
  place: FilePlace,
  options: ReadOptions = {},
): Promise<TensorFile<{ readonly [key: string]: GgufValue }>> {
  checkOptions("openGguf", readKinds, options);
  const source = await openPlace("openGguf", place, options);
  try {
    const header = await readGgufHeader(source);
    const entries = new Map(header.places.map((each) => [each.name, entryOf(each, header, source)]));
    const notes = Object.fromEntries(header.metadata);
    return tensorFile("openGguf", source.file, notes, entries, () => source.close());
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * Read the tensors of a GGUF file by name; quantized ones become float32, as {@link openGguf} says, and take that much memory.
 *
 * Shapes: rows first.
 *
 * @param options.only names of the tensors to read.
 * @param options.skipped is told of tensors that cannot be read.
 * @throws FormatError naming file and offset when the header is corrupt, of another version, or claims more than the file holds; else as
 * {@link load}.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @example
 * const empty = Uint8Array.from([71, 71, 85, 70, 3, ...Array<number>(19).fill(0)]); // of version 3, with nothing in it
 * await loadGguf(new Blob([empty])); // {}
 */
export async function loadGguf(place: FilePlace, options: LoadSomeOptions = {}): Promise<{ [name: string]: Tensor }> {
  checkOptions("loadGguf", loadSomeKinds, options);
  const read = async (source: Source) => {
    const { tensors, skipped } = await readGguf(source, options.only);
    return named(tensors, skipped, source.file, options);
  };
  return fromFile("loadGguf", place, read, options);
}

/** All tensors of a file that can be read, or those that are named. */
export async function readGguf(source: Source, only?: readonly string[]) {
  const header = await readGgufHeader(source);
  const members = new Members<TensorData>(source.file, only);
  const chosen = members.choose(header.places);
  const pieces = await readPieces(
    source,
    chosen.map(({ type, from, to }) => (type.holds === undefined ? undefined : [from, to])),
  );
  for (const [i, place] of chosen.entries())
    members.add(place.name, dataOf(place, pieces[i] ?? new Uint8Array(), header), place.from);
  return { tensors: members.read, metadata: header.metadata, skipped: members.skipped };
}

/** The most elements that a tensor can have. */
const mostElements = 2 ** 31 - 1;

function entryOf(place: GgufPlace, header: GgufHeader, source: Source): ReadableEntry {
  const { type, shape, from, to } = place;
  const dtype: DType | undefined = typeof type.holds === "function" ? "float32" : type.holds;
  return {
    dtype,
    format: type.name,
    shape,
    byteLength: to - from,
    raw: () => source.read(from, to),
    read: async () => dataOf(place, dtype === undefined ? new Uint8Array() : await source.read(from, to), header),
  };
}

/** The tensor's elements, or why Flambeau cannot hold them. */
function dataOf({ type, shape }: GgufPlace, bytes: Uint8Array, { bigEndian }: GgufHeader): TensorData | string {
  const { holds, block, name } = type;
  if (holds === undefined || block === undefined) return `Flambeau does not read ${name}`;
  const [elements, size] = block;
  const count = (bytes.length / size) * elements;
  if (count > mostElements) return `it has ${count} elements, a tensor has ${mostElements} at most`;
  if (typeof holds === "string")
    return { dtype: holds, shape, bytes: bigEndian ? swapBytes(bytes, bytesOf(holds)) : bytes };
  const values = dequantize(holds, block, bytes, bigEndian);
  return { dtype: "float32", shape, bytes: new Uint8Array(values.buffer) };
}
