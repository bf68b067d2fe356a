import { ArgumentError, FormatError, UnavailableError } from "@flambeau/tensor/functional";
import { type Platform, show } from "@flambeau/tensor/plugin";

/** Where text comes from: a path or an address, a URL, a Blob, or a stream of bytes or text. In a page a string is an address beside it. */
export type TextSource =
  | string
  | Platform<"URL", { readonly protocol: string; readonly href: string }>
  | Platform<"Blob", { readonly size: number; stream(): object }>
  | Platform<"ReadableStream">
  | AsyncIterable<Uint8Array | string>;

const isBlob = (source: unknown): source is Blob => typeof Blob !== "undefined" && source instanceof Blob;
const isStream = (source: unknown): source is ReadableStream<Uint8Array | string> =>
  typeof ReadableStream !== "undefined" && source instanceof ReadableStream;

/** @throws ArgumentError for what is none of these. */
export function checkTextSource(op: string, source: TextSource): void {
  const given: unknown = source;
  if ((typeof given === "string" && given !== "") || given instanceof URL || isBlob(given) || isStream(given)) return;
  if (typeof given === "object" && given !== null && Symbol.asyncIterator in given) return;
  throw new ArgumentError(op, `the source must be a path, an address, a Blob or a stream, got ${show(given)}`);
}

/** What messages call it. */
export function nameOf(source: TextSource): string {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.href;
  return "name" in source && typeof source.name === "string" ? source.name : isBlob(source) ? "blob" : "stream";
}

/**
 * The text of a source, in the pieces that it comes in.
 * @throws UnavailableError when it cannot be opened or read; FormatError for bytes that are not of the encoding; ArgumentError for an encoding that is not known.
 */
export async function* textOf(op: string, source: TextSource, encoding = "utf-8"): AsyncGenerator<string> {
  const name = nameOf(source);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  } catch {
    throw new ArgumentError(op, `there is no encoding ${show(encoding)}`);
  }
  let offset = 0;
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new FormatError(
        name,
        offset,
        `${op}: bytes that are no ${encoding}`,
        'say another encoding: { encoding: "windows-1252" }',
      );
    }
  };
  for await (const chunk of chunksOf(op, name, source)) {
    if (typeof chunk === "string") {
      yield chunk;
      continue;
    }
    if (!(chunk instanceof Uint8Array))
      throw new ArgumentError(op, `a stream gives bytes or strings, ${name} gave ${show(chunk)}`);
    const text = decode(chunk);
    offset += chunk.length;
    if (text !== "") yield text;
  }
  const rest = decode();
  if (rest !== "") yield rest;
}

async function* chunksOf(op: string, name: string, source: TextSource): AsyncGenerator<Uint8Array | string> {
  const unavailable = (error: unknown) =>
    new UnavailableError(`${op}: ${name} cannot be read: ${error instanceof Error ? error.message : show(error)}`);
  let stream: AsyncIterable<Uint8Array | string>;
  try {
    stream = await open(source);
  } catch (error) {
    throw unavailable(error);
  }
  const chunks = stream[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array | string>;
      try {
        next = await chunks.next();
      } catch (error) {
        ended = true;
        // what a stream of the user's own throws is theirs
        throw typeof source === "string" || source instanceof URL ? unavailable(error) : error;
      }
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!ended) await chunks.return?.();
  }
}

async function open(source: TextSource): Promise<AsyncIterable<Uint8Array | string>> {
  if (isBlob(source)) return piecesOf(source.stream());
  if (isStream(source)) {
    if (source.locked) throw new Error("the stream is read by somebody else, or was");
    return piecesOf(source);
  }
  if (typeof source !== "string" && !(source instanceof URL)) return source;
  const address =
    source instanceof URL ? source : /^(https?|blob|data|file):/.test(source) ? new URL(source) : undefined;
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  if (fs && (address === undefined || address.protocol === "file:"))
    return fs.createReadStream(address ?? (source as string), { highWaterMark: 1 << 18 }); // no URL, so a string
  const response = await fetch(address ?? source);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.body ? piecesOf(response.body) : piecesOf(new Blob([]).stream());
}

/** Not every browser's streams can be iterated. */
async function* piecesOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}
