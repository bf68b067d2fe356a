import { ArgumentError, FormatError, MemoryError } from "@flambeau/tensor/functional";
import { type Platform, show } from "@flambeau/tensor/plugin";
import { notRegular, ReadError } from "./file-errors.ts";
import { type FilePath, nodeFiles } from "./node.ts";

/** Bytes that can be had piece by piece, so that a header is checked before what it promises is read. */
export interface Source {
  /** For messages. */
  readonly file: string;
  readonly size: number;
  /** The bytes [from, to), which must lie within the size. */
  read(from: number, to: number): Promise<Uint8Array>;
}

export const bytesSource = (bytes: Uint8Array, file: string): Source => ({
  file,
  size: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
});

/** A file of a page, as an input element gives it, or a part of one: of a `Blob`, what is used here. */
export type BlobLike = Platform<
  "Blob",
  { readonly size: number; slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> } }
>;
/** A file by its path or `file:` URL, a page's file, or bytes in memory. */
export type AnyFile = FilePath | BlobLike | Uint8Array;

/** What `use` makes of a file wherever it is. `named` is what messages call it where it has no path. @throws what `use` throws; ReadError. */
export async function fromAny<T>(
  op: string,
  given: AnyFile,
  named: string,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  if (given instanceof Uint8Array) return use(bytesSource(given, named));
  if (typeof given === "string" || given instanceof URL) return fromFile(op, given, use);
  if (!(given instanceof Blob))
    throw new ArgumentError(
      op,
      `reads a path, a file: URL, a Blob or a Uint8Array, got ${show(given)}`,
      (given as unknown) instanceof ArrayBuffer ? "write new Uint8Array(buffer)" : undefined,
    );
  return use({
    file: named,
    size: given.size,
    async read(from, to) {
      try {
        return new Uint8Array(await given.slice(from, to).arrayBuffer());
      } catch (error) {
        throw new ReadError(named, error as Error); // a file that changed or went since it was chosen
      }
    },
  });
}

/** What `use` makes of a file. @throws ReadError when the file cannot be read; what `use` throws. */
export async function fromFile<T>(op: string, path: FilePath, use: (source: Source) => Promise<T>): Promise<T> {
  const { fs, constants, name } = nodeFiles(op, path);
  const system = <R>(answer: Promise<R>): Promise<R> =>
    answer.catch((error) => {
      throw new ReadError(name, error);
    });
  // not to block: a FIFO that nobody writes to would never open
  const handle = await system(fs.open(name, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  try {
    const stat = await system(handle.stat());
    if (stat.isDirectory()) throw new ReadError(name, Object.assign(new Error(), { code: "EISDIR" }));
    if (!stat.isFile()) throw new ReadError(name, notRegular());
    const { size } = stat;
    return await use({
      file: name,
      size,
      async read(from, to) {
        const bytes = allocate(to - from, name);
        for (let at = from; at < to; ) {
          // one call of the system reads no more than 2 GiB
          const { bytesRead } = await system(handle.read(bytes, at - from, Math.min(to - at, 1 << 28), at));
          if (bytesRead === 0) throw new FormatError(name, at, `the file was cut from ${size} bytes while it was read`);
          at += bytesRead;
        }
        return bytes;
      },
    });
  } finally {
    await handle.close();
  }
}

/** @throws MemoryError where the platform throws a RangeError. */
export function allocate(bytes: number, file: string): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    const refused = new MemoryError(
      `${file}: no memory for ${bytes} bytes of it`,
      "read fewer arrays: { only: [...] }",
    );
    refused.cause = error;
    throw refused;
  }
}
