import { FormatError } from "@flambeau/tensor/functional";

const damaged = (file: string, offset: number, cause: unknown): FormatError => {
  const error = new FormatError(file, offset, "the compressed pixels are damaged or end too early");
  error.cause = cause;
  return error;
};
const tooMany = (file: string, offset: number, most: number): FormatError =>
  new FormatError(file, offset, `the compressed pixels are more than the ${most} bytes that the image takes`);

/** What is packed in zlib's format, `most` bytes at most: a few hostile bytes can otherwise ask for gigabytes. */
export async function inflate(packed: Uint8Array, most: number, file: string, offset: number): Promise<Uint8Array> {
  const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
  if (!zlib) return inflateStream(packed, most, file, offset);
  return new Promise((resolve, reject) =>
    zlib.inflate(packed, { maxOutputLength: most + 1 }, (error, bytes) => {
      if (bytes && bytes.length <= most) resolve(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
      else if (bytes || ("code" in error! && error.code === "ERR_BUFFER_TOO_LARGE"))
        reject(tooMany(file, offset, most));
      else reject(damaged(file, offset, error));
    }),
  );
}

/** {@link inflate} on the web's own decompressor. */
export async function inflateStream(
  packed: Uint8Array,
  most: number,
  file: string,
  offset: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // the copy gives the type an ArrayBuffer of its own, which Blob asks for
  const reader = new Blob([new Uint8Array(packed)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"))
    .getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw damaged(file, offset, cause);
    });
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel().catch(() => {});
      throw tooMany(file, offset, most);
    }
    chunks.push(value);
  }
  return joined(chunks);
}

/** Packed in zlib's format. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
