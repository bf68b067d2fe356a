import { FetchError, shortened } from "./fetch-error.ts";

/** What is asked for: bytes [from, to) of a file, from `from` on, or all of it. */
export interface Range {
  readonly from: number;
  readonly to?: number | undefined;
}

/** What a server says that it sends. */
export interface Answer {
  readonly status: number;
  /** Whether all of the file comes. */
  readonly whole: boolean;
  readonly from: number;
  /** Bytes that come; undefined when the server does not say. */
  readonly length: number | undefined;
  /** Bytes of the file; undefined when the server does not say, or the page may not see it. */
  readonly size: number | undefined;
  /** What tells this version of the file from others. */
  readonly version: Version;
  readonly body: ReadableStream<Uint8Array>;
}

export interface Version {
  readonly etag: string | null;
  readonly modified: string | null;
}

/** A failure that may be gone at the next try. */
export class Passing extends Error {
  readonly error: FetchError;
  constructor(error: FetchError) {
    super(error.message);
    this.error = error;
  }
}

const passing = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Ask a server for a part of a file and hold its answer to what HTTP says.
 *
 * Source: RFC 9110, sections 14 and 15.3.7.
 * @returns undefined when there is no such part (416), or only a whole answer can be used.
 * @throws FetchError; Passing for what may be different at the next try; the signal's reason.
 */
export async function ask(url: string, range: Range | undefined, signal?: AbortSignal): Promise<Answer | undefined> {
  const headers: { [name: string]: string } = {};
  if (range) headers.Range = `bytes=${range.from}-${range.to === undefined ? "" : range.to - 1}`;
  let response: Response;
  try {
    response = await fetch(url, { headers, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Passing(caused(new FetchError(url, undefined, `no answer (${reasonOf(error)})`), error));
  }
  const { status } = response;
  const refuse = (problem: string, hint?: string) => new FetchError(url, status, problem, hint);
  try {
    if (/^https:/i.test(url) && /^http:/i.test(response.url))
      throw refuse(`it is redirected to ${shortened(response.url)}, which is not encrypted`);
    if (range && status === 416) return undefined;
    if (passing.has(status)) throw new Passing(refuse(`the server answered ${status} ${response.statusText}`.trim()));
    if (status !== 200 && !(status === 206 && range))
      throw refuse(
        `the server answered ${status} ${response.statusText}`.trim(),
        status === 404 ? "check the address" : undefined,
      );
    if (!response.body) throw refuse("an empty answer");
    const version = { etag: response.headers.get("ETag"), modified: response.headers.get("Last-Modified") };
    const packed = /^(?!identity$)./i.test(response.headers.get("Content-Encoding") ?? "");
    const length = packed ? undefined : lengthOf(response, refuse);
    const answer = { status, length, version, body: response.body };
    // a server need not know ranges: then it sends everything
    if (status === 200 || !range) return kept(response, { ...answer, whole: true, from: 0, size: length });
    if (packed) throw refuse("a part of the file came compressed, which cannot be put together");
    const given = response.headers.get("Content-Range");
    // a page sees the headers of another site only where that site says so
    if (given === null && response.type === "cors") return undefined;
    const part = contentRange(given, refuse);
    if (part.from !== range.from || (range.to !== undefined && part.to > range.to))
      throw refuse(`asked for ${show(range)}, the server sent bytes ${part.from} to ${part.to - 1}`);
    if (length !== undefined && length !== part.to - part.from)
      throw refuse(`the answer has ${length} bytes, its Content-Range is ${given}`);
    if (part.size === undefined) return undefined;
    return kept(response, { ...answer, whole: false, from: part.from, length: part.to - part.from, size: part.size });
  } finally {
    if (!inUse.has(response)) await response.body?.cancel().catch(() => {});
  }
}

const inUse = new WeakSet<Response>();
function kept(response: Response, answer: Answer): Answer {
  inUse.add(response);
  return answer;
}

const show = ({ from, to }: Range) => (to === undefined ? `bytes from ${from} on` : `bytes ${from} to ${to - 1}`);

function lengthOf(response: Response, refuse: (problem: string) => FetchError): number | undefined {
  const given = response.headers.get("Content-Length");
  if (given === null) return undefined;
  const length = Number(given);
  if (!/^\d+$/.test(given) || !Number.isSafeInteger(length))
    throw refuse(`its Content-Length is ${JSON.stringify(given.slice(0, 40))}`);
  return length;
}

function contentRange(given: string | null, refuse: (problem: string) => FetchError) {
  const [, first, last, all] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(given ?? "") ?? [];
  const [from, to, size] = [Number(first), Number(last) + 1, all === "*" ? undefined : Number(all)];
  // what is no number is in no order either
  if (!(from < to && (size === undefined || to <= size) && Number.isSafeInteger(size ?? to)))
    throw refuse(
      given === null
        ? "a part of the file came without a Content-Range"
        : `its Content-Range is ${JSON.stringify(given.slice(0, 80))}`,
    );
  return { from, to, size };
}

/** Whether two answers are of one version of a file, as far as both say. */
export const sameVersion = (a: Version, b: Version): boolean =>
  a.etag !== null && b.etag !== null
    ? a.etag === b.etag
    : a.modified === null || b.modified === null || a.modified === b.modified;

export function caused<E extends Error>(error: E, cause: unknown): E {
  error.cause = cause;
  return error;
}

/** fetch hides the reason ("fetch failed") in its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error
    ? `${error.message}: ${cause.message || (cause as NodeJS.ErrnoException).code}`
    : error.message;
}
