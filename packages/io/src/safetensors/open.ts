import type { DType } from "@flambeau/tensor/functional";
import { checkOptions } from "@flambeau/tensor/plugin";
import { type FilePlace, openPlace, type ShardReadOptions, type Source, shardReadKinds } from "../files/source.ts";
import { type ReadableEntry, type TensorFile, tensorFile } from "../opened.ts";
import { oneDigest } from "../tensor-files.ts";
import { isFloat8 } from "./float8.ts";
import type { Place } from "./header.ts";
import { dataOf, isRead, readPlaces } from "./parse.ts";
import { closeAll, indexAt, isIndex, openShards, shardsBeside } from "./shards.ts";

/**
 * Open a safetensors file, or the index of several, to read one tensor at a time. Only the header is read now, and validated; of an address each
 * tensor is a request of its own. Close the file in the end, or open it with `await using`.
 *
 * Shapes: those of the file.
 *
 * @param options as of {@link load}.
 * @throws as {@link load}.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * await save({ weight: tensor([[1, 2]]), bias: tensor([3]) }, "linear.safetensors");
 * await using file = await openSafetensors("linear.safetensors");
 * file.entries.get("weight"); // { dtype: "float32", format: "F32", shape: [1, 2], byteLength: 8 }
 * (await file.tensor("bias")).tolist(); // [3]
 */
export async function openSafetensors(
  place: FilePlace,
  options: ShardReadOptions = {},
): Promise<TensorFile<{ readonly [key: string]: string }>> {
  const op = "openSafetensors";
  checkOptions(op, shardReadKinds, options);
  if (isIndex(place)) {
    const index = await indexAt(op, place, options);
    const shards = await openShards(index, shardsBeside(op, place, options));
    const entries = new Map<string, ReadableEntry>();
    for (const { source, header, names } of shards) {
      const listed = new Set(names);
      for (const each of header.places)
        if (listed.has(each.name)) entries.set(each.name, entryOf(each, header.start, source));
    }
    return tensorFile(op, index.file, Object.fromEntries(index.metadata), entries, () => closeAll(shards));
  }
  const source = await openPlace(op, place, { ...options, integrity: oneDigest(op, options.integrity) });
  try {
    const { places, metadata, start } = await readPlaces(source);
    const entries = new Map(places.map((each) => [each.name, entryOf(each, start, source)]));
    return tensorFile(op, source.file, Object.fromEntries(metadata), entries, () => source.close());
  } catch (error) {
    await source.close();
    throw error;
  }
}

function entryOf(place: Place, start: number, source: Source): ReadableEntry {
  const { holds, dtypeName: format, shape, begin, end } = place;
  const raw = () => source.read(start + begin, start + end);
  const wide: DType | undefined = holds === 2 ? "int32" : holds === 4 || holds === 8 ? "int64" : holds;
  return {
    dtype: isFloat8(format) ? "float32" : wide,
    format,
    shape,
    byteLength: end - begin,
    raw,
    read: async () => dataOf(place, isRead(place) ? await raw() : new Uint8Array()),
  };
}
