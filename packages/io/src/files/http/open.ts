import type { OpenSource } from "../bytes.ts";
import { checkIntegrity, fits, type Integrity } from "../integrity.ts";
import { ask, type Version } from "./answer.ts";
import { type Cache, openCache } from "./cache.ts";
import { FetchError, shortened } from "./fetch-error.ts";
import { memory, openRanges, receiveWhole, type Wanted } from "./receive.ts";
import { tries } from "./tries.ts";

export interface AddressOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FileProgress) => void) | undefined;
  readonly cache?: string | boolean | undefined;
}

/** How far the reading of a file is. */
export interface FileProgress {
  /** The file's path or address. */
  readonly file: string;
  /** Bytes that were read; where some came in vain and come again, these do not count. */
  readonly loaded: number;
  /** Bytes of the file, all of which need not be read; undefined where a server does not say. */
  readonly total: number | undefined;
}

/** A file at an address. @throws FetchError, FormatError where it does not have its digest; the signal's reason. */
export async function openAddress(
  op: string,
  url: string,
  { signal, onProgress, cache }: AddressOptions,
  integrity: Integrity | undefined,
): Promise<OpenSource> {
  let loaded = 0;
  const wanted: Wanted = {
    url: url.replace(/#.*/s, ""),
    signal,
    came(bytes, total) {
      loaded += bytes;
      onProgress?.({ file: url, loaded, total });
    },
    again: () => {
      loaded = 0;
    },
  };
  signal?.throwIfAborted();
  const source = await (cache
    ? openCached(await openCache(op, cache), wanted, integrity)
    : integrity
      ? checked(await memory(wanted), integrity)
      : openRanges(wanted));
  return { ...source, file: shortened(url) };
}

async function checked(source: OpenSource, integrity: Integrity): Promise<OpenSource> {
  await checkIntegrity(source, integrity);
  return source;
}

/** The copy in the cache, where it still is what the server has; else a new one, which takes the place of the old ones. */
async function openCached(cache: Cache, wanted: Wanted, integrity: Integrity | undefined): Promise<OpenSource> {
  const address = `${await nameFrom(wanted.url)}-`;
  const copies = await cache.names(address);
  if (integrity) {
    // the digest says which version is wanted: nobody need be asked
    for (const name of copies) {
      const copy = await cache.open(name, wanted.url);
      if (await fits(copy, integrity)) return copy;
      await copy.close();
    }
  } else if (copies.length > 0) {
    const name = await currentName(address, wanted);
    // without an answer any copy is better than none
    const found = name === undefined ? copies[0] : copies.find((copy) => copy === name);
    if (found !== undefined) {
      const copy = await cache.open(found, wanted.url);
      // the name says how long it is: a copy that somebody cut is none
      if (found.endsWith(`-${copy.size}`)) return copy;
      await copy.close();
      if (name === undefined) await cache.remove(found);
    }
  }
  const draft = await cache.draft(wanted.url);
  let kept: { name: string; source: OpenSource };
  try {
    const version = await receiveWhole(wanted, draft);
    wanted.signal?.throwIfAborted();
    const whole = await draft.read();
    if (integrity) await checkIntegrity(whole, integrity);
    const name = address + (await versionName(version, whole.size));
    kept = { name, source: await draft.keep(name) };
  } catch (error) {
    await draft.abandon();
    throw error;
  }
  for (const name of copies) if (name !== kept.name) await cache.remove(name);
  return kept.source;
}

/** The name that the copy of the server's version has; undefined where the server cannot be reached. */
async function currentName(address: string, wanted: Wanted): Promise<string | undefined> {
  const { url, signal } = wanted;
  try {
    return await tries(
      async () => {
        const answer = (await ask(url, { from: 0, to: 1 }, signal)) ?? (await ask(url, undefined, signal));
        await answer?.body.cancel().catch(() => {});
        return address + (await versionName(answer?.version, answer?.size));
      },
      () => 0,
      signal,
    );
  } catch (error) {
    if (error instanceof FetchError && (error.status === undefined || error.status >= 500)) return undefined;
    throw error;
  }
}

/** A server that names no version gives one of its own to each answer. */
const versionName = async (version: Version | undefined, size: number | undefined): Promise<string> =>
  `${await nameFrom(version?.etag ?? version?.modified ?? crypto.randomUUID())}-${size}`;

/** 128 bits, for which no two texts are known to have the same. */
async function nameFrom(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
