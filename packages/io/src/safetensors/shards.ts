import { ArgumentError, FormatError } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import {
  addressOf,
  blobName,
  type FilePlace,
  fromFile,
  isBlob,
  type OpenSource,
  openPlace,
  type ShardReadOptions,
  type Source,
} from "../files/source.ts";
import type { TensorData } from "../tensor-data.ts";
import { type Header, maxHeaderBytes } from "./header.ts";
import { readMembers, readPlaces, type Safetensors } from "./parse.ts";

/** Which file holds which tensor, as `model.safetensors.index.json` says it. */
export interface ShardIndex {
  readonly file: string;
  /** The files' names by the tensors', in the order of the index. */
  readonly files: ReadonlyMap<string, string>;
  /** The notes that are text. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Whether a place is that of an index, by its ending. */
export function isIndex(place: FilePlace): boolean {
  const name = place instanceof URL ? place.href : isBlob(place) ? blobName(place) : place;
  return typeof name === "string" && /\.json$/i.test((addressOf(place) ?? name).split(/[?#]/, 1)[0]);
}

/** @throws FormatError for what is no index, or names files that are not beside it. */
export function parseIndex(bytes: Uint8Array, file: string): ShardIndex {
  const fail = (problem: string, hint?: string): never => {
    throw new FormatError(file, 0, problem, hint);
  };
  let whole: unknown;
  try {
    whole = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    fail(`the index is not JSON: ${(error as Error).message}`); // of either kind
  }
  if (!isRecord(whole) || !isRecord(whole.weight_map))
    return fail('the index has no "weight_map"', "is this a model.safetensors.index.json?");
  const files = new Map<string, string>();
  for (const [name, shard] of Object.entries(whole.weight_map)) {
    if (typeof shard !== "string") return fail(`the file of "${name}" must be text, got ${show(shard)}`);
    // a name alone: what leads elsewhere could be anything that this program may read
    if (shard === "." || shard === ".." || !/^[^/\\:\0]+$/.test(shard) || !shard.isWellFormed())
      fail(`the file of "${name}" must lie beside the index, got ${show(shard)}`);
    if (!/\.safetensors$/i.test(shard))
      fail(
        `the file of "${name}" is ${show(shard)}, and no safetensors`,
        "of indices of other formats, read each file on its own",
      );
    files.set(name, shard);
  }
  const notes = isRecord(whole.metadata) ? Object.entries(whole.metadata) : [];
  return {
    file,
    files,
    metadata: new Map(notes.filter((note): note is [string, string] => typeof note[1] === "string")),
  };
}

const isRecord = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function readIndex(source: Source): Promise<ShardIndex> {
  const { file, size } = source;
  if (size > maxHeaderBytes)
    throw new FormatError(file, 0, `the index has ${size} bytes, the most is ${maxHeaderBytes}`);
  return parseIndex(await source.read(0, size), file);
}

/** Where the file `name` is that lies beside `place`. */
function beside(op: string, place: FilePlace, name: string): FilePlace {
  const address = addressOf(place);
  if (address !== undefined) return new URL(encodeURIComponent(name), address);
  if (place instanceof URL) return new URL(encodeURIComponent(name), place.href);
  if (typeof place !== "string")
    throw new ArgumentError(op, "a page cannot find the files beside one that it was given", "load each of them");
  const end = Math.max(place.lastIndexOf("/"), globalThis.process?.platform === "win32" ? place.lastIndexOf("\\") : -1);
  return place.slice(0, end + 1) + name;
}

/** A file of several, open, with what its header says. */
export interface Shard {
  readonly name: string;
  readonly source: OpenSource;
  readonly header: Header & { readonly start: number };
  /** The tensors that the index has in it. */
  readonly names: readonly string[];
}

/** Opens the file of this name that an index names. */
export type OpenShard = (name: string) => Promise<OpenSource>;

/** How the files beside an index are opened. */
export const shardsBeside =
  (op: string, place: FilePlace, options: ShardReadOptions): OpenShard =>
  (name) =>
    openPlace(op, beside(op, place, name), { ...options, integrity: digestOf(op, options, name) });

/**
 * Open the files of an index, of `only` those that hold them, and hold their headers to the index.
 *
 * @throws FormatError when a file does not hold what the index says of it; what `open` throws.
 */
export async function openShards(index: ShardIndex, open: OpenShard, only?: readonly string[]): Promise<Shard[]> {
  const shards: Shard[] = [];
  try {
    for (const [name, names] of chosen(index, only)) {
      const source = await open(name);
      try {
        shards.push({ name, source, names, header: await readPlaces(source) });
      } catch (error) {
        await source.close();
        throw error;
      }
    }
    checkShards(index, shards);
    return shards;
  } catch (error) {
    await closeAll(shards);
    throw error;
  }
}

export const closeAll = async (shards: readonly Shard[]): Promise<void> => {
  for (const { source } of shards) await source.close();
};

/** The tensors that an index leads to. Of `only` those, and nothing is read of files that hold none of them. */
export async function readShards(
  index: ShardIndex,
  open: OpenShard,
  only?: readonly string[],
): Promise<Safetensors & { file: string }> {
  const shards = await openShards(index, open, only);
  try {
    const tensors = new Map<string, TensorData>();
    const skipped = new Map<string, string>();
    for (const { name, names, source, header } of shards) {
      const listed = new Set(names);
      const whole = await readMembers(
        source,
        { ...header, places: header.places.filter((p) => listed.has(p.name)) },
        only && names,
      );
      for (const [key, data] of whole.tensors) tensors.set(key, data);
      for (const [key, reason] of whole.skipped) skipped.set(key, reason);
      if (!only)
        for (const { name: key } of header.places)
          if (!index.files.has(key)) skipped.set(key, `it is in ${name}, and not in the index`);
    }
    return { tensors, metadata: index.metadata, skipped, file: index.file };
  } finally {
    await closeAll(shards);
  }
}

export async function indexAt(op: string, place: FilePlace, options: ShardReadOptions): Promise<ShardIndex> {
  const text = typeof place === "string" ? place : place instanceof URL ? place.href : "";
  const name = text.split(/[?#]/, 1)[0].split(/[/\\]/).at(-1) ?? "";
  return fromFile(op, place, readIndex, { ...options, integrity: digestOf(op, options, name) });
}

/** The digest of one file of several. @throws ArgumentError for a single digest, or where that of a file is missing. */
function digestOf(op: string, { integrity }: ShardReadOptions, file: string): string | undefined {
  if (integrity === undefined) return undefined;
  const digest = typeof integrity === "object" && Object.hasOwn(integrity, file) ? integrity[file] : undefined;
  if (digest !== undefined) return digest;
  throw new ArgumentError(
    op,
    `the option integrity has no digest of ${file}`,
    'of an index and its files: { integrity: { "model.safetensors.index.json": "sha256-...", ... } }',
  );
}

/** @throws FormatError when a file does not hold what the index says of it. */
function checkShards({ file, files }: ShardIndex, shards: readonly Shard[]): void {
  const held = shards.map(({ header }) => new Set(header.places.map(({ name }) => name)));
  for (const [i, { name, names }] of shards.entries()) {
    const missing = names.find((key) => !held[i].has(key));
    if (missing === undefined) continue;
    const elsewhere = shards.find((_, k) => held[k].has(missing))?.name;
    const all = new Set(files.values()).size === shards.length;
    throw new FormatError(
      file,
      0,
      `the index says that "${missing}" is in ${name}, it is ${elsewhere === undefined ? (all ? "in none of its files" : "not there") : `in ${elsewhere}`}`,
      "index and files are not of one save: save or fetch all of them again",
    );
  }
}

/** The names of the tensors by file. @throws ArgumentError when one is wanted that the index does not have. */
function chosen({ file, files }: ShardIndex, only?: readonly string[]): Map<string, string[]> {
  const absent = only?.find((name) => !files.has(name));
  if (absent !== undefined)
    throw new ArgumentError("only", `${file} has no ${JSON.stringify(absent)}`, `it has ${files.size} tensors`);
  const wanted = only && new Set(only);
  const byFile = new Map<string, string[]>();
  for (const [name, shard] of files) {
    if (wanted && !wanted.has(name)) continue;
    const names = byFile.get(shard);
    if (names) names.push(name);
    else byFile.set(shard, [name]);
  }
  return byFile;
}
