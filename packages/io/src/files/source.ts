import { ArgumentError } from "@flambeau/tensor/functional";
import { type Kinds, option, type Platform, show } from "@flambeau/tensor/plugin";
import { bytesSource, type OpenSource, type Source } from "./bytes.ts";
import { type FileProgress, openAddress } from "./http/open.ts";
import { checkIntegrity, readIntegrity } from "./integrity.ts";
import { blobSource, openFile } from "./local.ts";
import type { FilePath } from "./node.ts";

export { allocate, type OpenSource, type Source } from "./bytes.ts";

/** A file of a page, as an input element gives it, or a part of one: of a `Blob`, what is used here. */
export type BlobLike = Platform<
  "Blob",
  { readonly size: number; slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> } }
>;
/** Where a file is: a path, an address (`https:`, `http:`, `blob:`, `data:`; in a page, any), or the file itself as a page has it. */
export type FilePlace = FilePath | BlobLike;
/** A file by its path, URL or address, a page's file, or bytes in memory. */
export type AnyFile = FilePlace | Uint8Array;

export interface ReadOptions {
  /** Ends the reading: the promise rejects with its reason, and nothing half-done stays. */
  signal?: Platform<"AbortSignal", { readonly aborted: boolean }> | undefined;
  /** Told how far the reading is, after each piece. */
  onProgress?: ((progress: FileProgress) => void) | undefined;
  /**
   * Keep a copy of what is behind an address, in this folder (in a page: of its private file system), or with `true` where the user's
   * other programs keep theirs. The copy is used while the server has the same version, or cannot be reached. Default: false.
   */
  cache?: string | boolean | undefined;
  /** A digest that the content must have, as pages write it: `sha256-` (`sha384-`, `sha512-`) and base64. Nothing is given out before. */
  integrity?: string | undefined;
}
/** Of files that are several. */
export interface ShardReadOptions extends Omit<ReadOptions, "integrity"> {
  /**
   * A digest that the content must have, as pages write it: `sha256-` (`sha384-`, `sha512-`) and base64. Nothing is given out before. Of an
   * index and its files an object, by their names.
   */
  integrity?: string | { readonly [file: string]: string } | undefined;
}
export const readKinds: Kinds<ReadOptions> = {
  signal: {
    means: "an AbortSignal",
    takes: (x): x is object => option.object.takes(x) && "aborted" in x && "addEventListener" in x,
  },
  onProgress: option.callback,
  cache: option.either(option.string, option.boolean),
  integrity: option.string,
};

export const shardReadKinds: Kinds<ShardReadOptions> = {
  ...readKinds,
  integrity: {
    means: "a string, or an object of strings by file",
    takes: (x): x is string | object =>
      typeof x === "string" ||
      (option.object.takes(x) && Object.values(x).every((digest) => typeof digest === "string")),
  },
};

/** What `use` makes of a file. @throws ReadError or FetchError when it cannot be read; what `use` throws. */
export async function fromFile<T>(
  op: string,
  place: FilePlace,
  use: (source: Source) => Promise<T>,
  options: ReadOptions = {},
  named?: string,
): Promise<T> {
  const source = await openPlace(op, place, options, named);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** What `use` makes of a file wherever it is. `named` is what messages call it where it has no path. @throws what `use` throws; as {@link openPlace}. */
export async function fromAny<T>(
  op: string,
  given: AnyFile,
  named: string,
  use: (source: Source) => Promise<T>,
  options: ReadOptions = {},
): Promise<T> {
  if (given instanceof Uint8Array) return fromBytes(op, bytesSource(given, named), use, options);
  const place = given;
  if (typeof place !== "string" && !(place instanceof URL) && !isBlob(place))
    throw new ArgumentError(
      op,
      `reads a path, a file: URL, a Blob or a Uint8Array, got ${show(given)}`,
      (given as unknown) instanceof ArrayBuffer ? "write new Uint8Array(buffer)" : undefined,
    );
  return fromFile(op, place, use, options, named);
}

async function fromBytes<T>(
  op: string,
  source: OpenSource,
  use: (source: Source) => Promise<T>,
  { integrity, signal, onProgress, cache }: ReadOptions,
): Promise<T> {
  if (cache) throw new ArgumentError(op, "the option cache is for addresses, got bytes");
  if (integrity !== undefined) await checkIntegrity(source, readIntegrity(op, integrity));
  return use(watched(source, signal as AbortSignal | undefined, onProgress)); // by its kind
}

/** A file, wherever it is. @throws ReadError or FetchError when it cannot be read; ArgumentError for what is no place. */
export async function openPlace(
  op: string,
  place: FilePlace,
  options: ReadOptions,
  named?: string,
): Promise<OpenSource> {
  const integrity = options.integrity === undefined ? undefined : readIntegrity(op, options.integrity);
  const signal = options.signal as AbortSignal | undefined; // by its kind; programs without the DOM's types have another
  const address = addressOf(place);
  if (address !== undefined)
    return watched(await openAddress(op, address, { ...options, signal }, integrity), signal, undefined);
  if (options.cache) throw new ArgumentError(op, `the option cache is for addresses, got ${show(place)}`);
  signal?.throwIfAborted();
  const file = isBlob(place) ? blobSource(place, named ?? blobName(place)) : await openFile(op, place as FilePath); // no Blob
  const source = watched(file, signal, options.onProgress);
  try {
    if (integrity) await checkIntegrity(file, integrity);
  } catch (error) {
    await source.close();
    throw error;
  }
  return source;
}

export const isBlob = (place: unknown): place is Blob => typeof Blob !== "undefined" && place instanceof Blob;
/** What messages call it: a file of a page has a name. */
export const blobName = (blob: Blob): string =>
  "name" in blob && typeof blob.name === "string" && blob.name !== "" ? blob.name : "blob";

/** The address that a place is; undefined for files. */
export function addressOf(place: FilePlace): string | undefined {
  if (place instanceof URL) return place.protocol === "file:" ? undefined : place.href;
  if (typeof place !== "string") return undefined;
  if (/^(https?|blob|data):/i.test(place)) return place;
  // a page has no files by path: there, it is an address beside the page
  const base = typeof globalThis.process?.getBuiltinModule === "function" ? undefined : globalThis.location?.href;
  return base !== undefined && place !== "" ? new URL(place, base).href : undefined;
}

function watched(
  source: OpenSource,
  signal: AbortSignal | undefined,
  onProgress: ReadOptions["onProgress"],
): OpenSource {
  if (!signal && !onProgress) return source;
  const { file, size } = source;
  let loaded = 0;
  return {
    ...source,
    async read(from, to) {
      signal?.throwIfAborted();
      const bytes = await source.read(from, to);
      signal?.throwIfAborted();
      loaded += bytes.length;
      onProgress?.({ file, loaded, total: size });
      return bytes;
    },
  };
}
