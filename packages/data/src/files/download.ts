import { FormatError } from "@flambeau/tensor/functional";
import { type Contents, type FileSet, verify, writeWhole } from "./folder.ts";

export interface DownloadOptions {
  readonly mirrors: readonly string[];
  /** Milliseconds that one file may take. */
  readonly timeout: number;
  /** Where the files are kept once they are verified. */
  readonly cache?: string | undefined;
  readonly log: (line: string) => void;
}

/** Download `names` from the first mirror that gives all of them; a string says why none did. */
export async function download(
  set: FileSet,
  names: readonly string[],
  options: DownloadOptions,
): Promise<Contents | string> {
  const failures: string[] = [];
  for (const mirror of options.mirrors) {
    options.log(`${set.name}: downloading from ${mirror}`);
    try {
      const contents = new Map<string, Uint8Array>();
      for (const name of names) {
        const file = `${name}${set.ending ?? ".gz"}`;
        const bytes = await fetchBytes(`${mirror}/${file}`, set.files[name].bytes + 1024, options.timeout);
        contents.set(name, await verify(set, name, bytes, `${mirror}/${file}`));
        if (options.cache) await keep(options.cache, file, bytes, options.log);
      }
      return contents;
    } catch (error) {
      failures.push(`${mirror}: ${reasonOf(error)}`);
    }
  }
  return failures.join("; ") || "no address to download from";
}

/** A cache that cannot be written costs the next run a download, no more. */
async function keep(folder: string, name: string, bytes: Uint8Array, log: (line: string) => void): Promise<void> {
  try {
    await writeWhole(folder, name, bytes);
  } catch (error) {
    log(`the download cannot be kept in ${folder} (${reasonOf(error)})`);
  }
}

async function fetchBytes(url: string, maxBytes: number, timeout: number): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  if (!response.body) throw new Error("an empty answer");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) throw new FormatError(url, maxBytes, `more than the ${maxBytes} bytes that it can have`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch hides the reason ("fetch failed") in its cause
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
