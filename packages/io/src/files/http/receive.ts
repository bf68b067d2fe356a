import { allocate, joined, type OpenSource } from "../bytes.ts";
import { type Answer, ask, caused, Passing, type Range, reasonOf, sameVersion, type Version } from "./answer.ts";
import { FetchError } from "./fetch-error.ts";
import { tries } from "./tries.ts";

/** What goes with every request for one file. */
export interface Wanted {
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of each piece that came. */
  readonly came: (bytes: number, size: number | undefined) => void;
  /** Told that what came before comes again. */
  readonly again: () => void;
}

/** Where a file goes that comes as a whole. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** Forget everything: it comes again. */
  restart(): Promise<void>;
}

/** Bytes of the first request: the headers of most files are in there. */
const headBytes = 1 << 16;

/**
 * A file on a server that is read by ranges; where the server does not know them, all of it at once.
 *
 * @throws FetchError; the signal's reason.
 */
export async function openRanges(wanted: Wanted): Promise<OpenSource> {
  const { url } = wanted;
  let head: Uint8Array<ArrayBuffer> | undefined;
  let first: { version: Version; size: number } | undefined;
  const whole = await tries(
    async () => {
      wanted.again();
      const answer = await ask(url, { from: 0, to: headBytes }, wanted.signal);
      if (!answer) return memory(wanted);
      if (answer.whole) return memory(wanted, answer);
      const size = answer.size as number; // partial answers have one
      if (answer.length !== Math.min(headBytes, size)) throw await other(wanted, answer, Math.min(headBytes, size));
      const parts: Uint8Array[] = [];
      await receive(wanted, answer, size, async (bytes) => void parts.push(bytes));
      head = joined(parts, url);
      first = { version: answer.version, size };
      return undefined;
    },
    () => 0,
    wanted.signal,
  );
  if (whole || !first || !head) return whole as OpenSource; // one or the other
  const { version, size } = first;
  const start = head;
  return {
    file: url,
    size,
    async read(from, to) {
      wanted.signal?.throwIfAborted();
      if (to <= start.length) return start.subarray(from, to);
      let bytes: Uint8Array | undefined;
      let at = Math.max(from, Math.min(to, start.length));
      await tries(
        async () => {
          const range: Range = { from: at, to };
          const answer = await ask(url, range, wanted.signal);
          if (!answer || answer.whole || answer.size !== size || !sameVersion(answer.version, version))
            throw await changed(url, answer);
          if (answer.length !== to - at) throw await other(wanted, answer, to - at);
          // not before the server says that it has them
          bytes ??= allocate(to - from, url);
          if (from < start.length) bytes.set(start.subarray(from));
          const into = bytes;
          await receive(wanted, answer, size, async (piece) => {
            into.set(piece, at - from);
            at += piece.length;
          });
        },
        () => at,
        wanted.signal,
      );
      return bytes ?? new Uint8Array();
    },
    close: async () => {},
  };
}

/** All of a file, held in memory. `answer` is a first one that has begun. */
export async function memory(wanted: Wanted, answer?: Answer): Promise<OpenSource> {
  let parts: Uint8Array[] = [];
  await receiveWhole(
    wanted,
    { write: async (b) => void parts.push(b), restart: async () => void (parts = []) },
    answer,
  );
  const bytes = joined(parts, wanted.url);
  return {
    file: wanted.url,
    size: bytes.length,
    read: async (from, to) => bytes.subarray(from, to),
    close: async () => {},
  };
}

/**
 * All of a file. Where the connection breaks, the rest is asked for; where that is not to be had, all of it again.
 *
 * @param begun a first answer, whose body has not been read.
 * @returns the version of what came.
 */
export async function receiveWhole(wanted: Wanted, sink: Sink, begun?: Answer): Promise<Version> {
  let [at, next] = [0, begun];
  let first: Answer | undefined;
  let most = 0;
  return tries(
    async () => {
      let answer = next;
      next = undefined;
      if (!answer && at > 0) {
        const rest = await ask(wanted.url, { from: at }, wanted.signal);
        if (rest?.whole) answer = rest;
        else if (first && rest && goesOn(first, rest)) answer = rest;
        else await rest?.body.cancel().catch(() => {});
        if (!answer || answer.whole) {
          [at, first] = [0, undefined];
          wanted.again();
          await sink.restart();
        }
      }
      answer ??= (await ask(wanted.url, undefined, wanted.signal)) as Answer; // only parts can be missing
      first ??= answer;
      await receive(wanted, answer, first.size, async (piece) => {
        await sink.write(piece);
        at += piece.length;
        most = Math.max(most, at);
      });
      if (first.size !== undefined && at !== first.size)
        throw new Passing(new FetchError(wanted.url, answer.status, `the server sent ${at} of ${first.size} bytes`));
      return first.version;
    },
    () => most,
    wanted.signal,
  );
}

/** The body of an answer, piece by piece, no more and no less than was announced. */
async function receive(
  wanted: Wanted,
  { body, length, status }: Answer,
  size: number | undefined,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  let got = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      let step: ReadableStreamReadResult<Uint8Array>;
      try {
        step = await reader.read();
      } catch (error) {
        wanted.signal?.throwIfAborted();
        throw new Passing(
          caused(
            new FetchError(wanted.url, status, `the connection broke after ${got} bytes (${reasonOf(error)})`),
            error,
          ),
        );
      }
      if (step.done) break;
      got += step.value.length;
      if (length !== undefined && got > length)
        throw new FetchError(wanted.url, status, `the server sent more than the ${length} bytes that it announced`);
      await take(step.value);
      wanted.came(step.value.length, size);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
  if (length !== undefined && got < length)
    throw new Passing(
      new FetchError(wanted.url, status, `the server sent ${got} of the ${length} bytes that it announced`),
    );
}

/** Whether the rest of a file belongs to what came first: nobody knows where a server names no versions, or packs what it sends. */
const goesOn = (first: Answer, rest: Answer): boolean =>
  first.size !== undefined &&
  rest.size === first.size &&
  (first.version.etag ?? first.version.modified) !== null &&
  (rest.version.etag ?? rest.version.modified) !== null &&
  sameVersion(first.version, rest.version);

async function other({ url }: Wanted, { status, length, body }: Answer, asked: number): Promise<FetchError> {
  await body.cancel().catch(() => {});
  return new FetchError(url, status, `the server sends ${length} bytes, asked for ${asked}`);
}

async function changed(url: string, answer: Answer | undefined): Promise<FetchError> {
  await answer?.body.cancel().catch(() => {});
  return new FetchError(
    url,
    answer?.status,
    "the file was changed on the server while it was read",
    "load it again; with { cache: true } it is read in one go",
  );
}
