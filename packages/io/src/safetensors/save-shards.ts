import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { type Staged, stage, writeWhole } from "../files/atomic-write.ts";
import { type FilePath, nodeFiles } from "../files/node.ts";
import { type NamedTensors, namesAndTensors, type TensorData, toData } from "../tensor-data.ts";
import { type SaveOptions, saveKinds } from "../tensor-files.ts";
import { encodeSafetensors } from "./encode.ts";
import { parseIndex } from "./shards.ts";

export interface SaveShardsOptions extends SaveOptions {
  /** The most bytes of tensors in a file; a tensor that is larger gets one of its own. Default: 5 GB, as the Hugging Face hub has it. */
  maxShardBytes?: number | undefined;
}
const kinds: Kinds<SaveShardsOptions> = { ...saveKinds, maxShardBytes: option.number };

/**
 * Write tensors to several safetensors files and an index of them: `model.safetensors` becomes `model-00001-of-00002.safetensors`...
 * and `model.safetensors.index.json`, which {@link load} reads. All files are written before the first gets its name; those of an earlier save
 * that the new index does not name are removed.
 *
 * @returns the index's path.
 * @throws as {@link save}; ArgumentError for a path that does not end with `.safetensors`.
 * @see https://huggingface.co/docs/safetensors/metadata_parsing
 * @example
 * const model = new nn.Sequential(new nn.Linear(8, 8), new nn.Linear(8, 8));
 * const index = await saveShards(model.stateDict(), "model.safetensors", { maxShardBytes: 300 });
 * index; // "model.safetensors.index.json"
 * (await load(index))["1.bias"].shape; // [8]
 */
export async function saveShards(
  tensors: NamedTensors,
  path: FilePath,
  options: SaveShardsOptions = {},
): Promise<string> {
  const op = "saveShards";
  checkOptions(op, kinds, options);
  const { maxShardBytes = 5e9, metadata = {} } = options;
  if (!Number.isSafeInteger(maxShardBytes) || maxShardBytes < 1)
    throw new ArgumentError(op, `maxShardBytes must be a positive integer, got ${maxShardBytes}`);
  const { fs, path: paths, name } = nodeFiles(op, path);
  const [, stem] = /^(.*)\.safetensors$/s.exec(name) ?? [];
  if (stem === undefined)
    throw new ArgumentError(op, `the path must end with .safetensors, got ${JSON.stringify(name)}`);
  const shards = split(await toData(namesAndTensors(op, tensors) satisfies [string, Tensor][]), maxShardBytes);
  const number = (n: number) => String(n).padStart(5, "0");
  const nameOf = (i: number) => `${stem}-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
  const index = `${name}.index.json`;
  const before = await namedBefore(fs, index);
  const staged: Staged[] = [];
  try {
    for (const [i, shard] of shards.entries())
      staged.push(await stage(op, nameOf(i), encodeSafetensors(shard, Object.entries(metadata))));
    for (const file of staged) await file.commit();
  } catch (error) {
    for (const file of staged) await file.abandon();
    throw error;
  }
  const total = shards.flat().reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
  const map = shards.flatMap((shard, i) => shard.map(([key]) => [key, paths.basename(nameOf(i))] as const));
  const text = JSON.stringify(
    { metadata: { ...metadata, total_size: total }, weight_map: Object.fromEntries(map) },
    null,
    2,
  );
  await writeWhole(op, index, new TextEncoder().encode(`${text}\n`));
  const named = new Set(map.map(([, shard]) => shard));
  const start = paths.basename(stem);
  const own = (shard: string) =>
    shard.startsWith(start) && /^-\d{5}-of-\d{5}\.safetensors$/.test(shard.slice(start.length));
  for (const shard of before)
    if (own(shard) && !named.has(shard))
      await fs.rm(paths.join(paths.dirname(index), shard), { force: true }).catch(() => {});
  return index;
}

/** The tensors in files of at most `most` bytes, in their order; one file at least. */
function split(all: readonly [name: string, data: TensorData][], most: number): [name: string, data: TensorData][][] {
  const shards: [string, TensorData][][] = [[]];
  let bytes = 0;
  for (const each of all) {
    const size = each[1].bytes.length;
    const last = shards[shards.length - 1];
    if (bytes + size > most && last.length > 0) {
      shards.push([each]);
      bytes = size;
    } else {
      last.push(each);
      bytes += size;
    }
  }
  return shards;
}

/** The files that an index names which the new one takes the place of. */
async function namedBefore(fs: typeof import("node:fs/promises"), index: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(parseIndex(await fs.readFile(index), index).files.values());
  } catch {
    return new Set(); // there is none, or one that is no index
  }
}
