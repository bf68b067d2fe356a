import { ArgumentError, FormatError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";

/** Where the bytes come from (for messages) and how many they may become. */
export interface GunzipOptions {
  /** Default "gzip". */
  readonly file?: string | undefined;
  /** Refuse to unpack beyond this: a few corrupt or hostile bytes can otherwise ask for gigabytes. Default 2^30. */
  readonly maxBytes?: number | undefined;
}
type Limits = { readonly [K in keyof GunzipOptions]-?: NonNullable<GunzipOptions[K]> };
const gunzipKinds: Kinds<GunzipOptions> = { file: option.string, maxBytes: option.number };

/** True when `bytes` start with the gzip magic. */
export const isGzip = (bytes: Uint8Array): boolean => bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The bytes inside a gzip file (RFC 1952), with zlib in Node and `DecompressionStream` elsewhere.
 *
 * @throws FormatError when the data is no gzip, is truncated, fails its checksum, or unpacks to more than `maxBytes`. ArgumentError for what is
 * no Uint8Array.
 * @see https://www.rfc-editor.org/rfc/rfc1952
 * @example
 * const stream = new Blob(["a label file"]).stream().pipeThrough(new CompressionStream("gzip"));
 * const packed = new Uint8Array(await new Response(stream).arrayBuffer());
 * const bytes = await gunzip(packed, { file: "labels.gz", maxBytes: 12 });
 * new TextDecoder().decode(bytes); // "a label file"
 */
export async function gunzip(bytes: Uint8Array, options: GunzipOptions = {}): Promise<Uint8Array> {
  checkOptions("gunzip", gunzipKinds, options);
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError("gunzip", "the bytes are no Uint8Array", "write gunzip(new Uint8Array(buffer))");
  const { file = "gzip", maxBytes = 2 ** 30 } = options;
  if (!isGzip(bytes)) {
    throw new FormatError(file, 0, "not a gzip file: it does not start with 1f 8b");
  }
  const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
  return zlib ? gunzipNode(zlib, bytes, { file, maxBytes }) : gunzipStream(bytes, { file, maxBytes });
}

function gunzipNode(zlib: typeof import("node:zlib"), bytes: Uint8Array, options: Limits): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const unpacked = new Growing(options);
    const engine = zlib.createGunzip({ chunkSize: 1 << 18 });
    engine.on("data", (chunk: Uint8Array) => {
      try {
        unpacked.push(chunk, engine.bytesWritten);
      } catch (error) {
        engine.destroy();
        reject(error);
      }
    });
    engine.on("end", () => resolve(unpacked.bytes()));
    engine.on("error", (error: Error) => {
      const truncated = error.message === "unexpected end of file";
      if (truncated) reject(damaged(options.file, bytes.length, "ends too early", error));
      else reject(damaged(options.file, engine.bytesWritten, `is corrupt: ${error.message}`, error));
    });
    engine.end(bytes);
  });
}

/** `gunzip` on the web's own decompressor; an error's offset is that of the 64 KiB block in which it showed. */
export async function gunzipStream(bytes: Uint8Array, options: Limits): Promise<Uint8Array> {
  const stream = new DecompressionStream("gzip");
  const unpacked = new Growing(options);
  let offset = 0;
  const feed = async () => {
    const writer = stream.writable.getWriter();
    try {
      for (; offset < bytes.length; offset += 1 << 16) {
        // the copy gives the type an ArrayBuffer of its own, which the stream asks for
        await writer.write(new Uint8Array(bytes.subarray(offset, offset + (1 << 16))));
      }
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
  };
  const drain = async () => {
    const reader = stream.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      try {
        unpacked.push(value, offset);
      } catch (error) {
        await reader.cancel(error).catch(() => {});
        throw error;
      }
    }
  };
  const [fed, drained] = await Promise.allSettled([feed(), drain()]);
  const failed = drained.status === "rejected" ? drained : fed;
  if (failed.status === "rejected") {
    if (failed.reason instanceof FormatError) throw failed.reason;
    throw damaged(options.file, Math.min(offset, bytes.length), "is truncated or corrupt", failed.reason);
  }
  return unpacked.bytes();
}

function damaged(file: string, offset: number, problem: string, cause: unknown): FormatError {
  const hint = "the file was cut or changed on its way: fetch it again";
  const error = new FormatError(file, offset, `the gzip data ${problem}`, hint);
  error.cause = cause;
  return error;
}

/** Chunks collected up to a limit. */
class Growing {
  readonly #chunks: Uint8Array[] = [];
  readonly #options: Limits;
  #length = 0;

  constructor(options: Limits) {
    this.#options = options;
  }

  push(chunk: Uint8Array, offset: number): void {
    this.#length += chunk.length;
    const { file, maxBytes } = this.#options;
    if (this.#length > maxBytes) {
      throw new FormatError(
        file,
        offset,
        `the gzip data unpacks to more than the expected ${maxBytes} bytes`,
        "allow more: { maxBytes }",
      );
    }
    this.#chunks.push(chunk);
  }

  bytes(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }
}
