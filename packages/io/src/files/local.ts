import { FormatError } from "@flambeau/tensor/functional";
import { allocate, type OpenSource } from "./bytes.ts";
import { notRegular, ReadError } from "./file-errors.ts";
import { type FilePath, nodeFiles } from "./node.ts";

/** A file of the file system. @throws ReadError when it cannot be read. */
export async function openFile(op: string, path: FilePath): Promise<OpenSource> {
  const { fs, constants, name } = nodeFiles(op, path);
  // not to block: a FIFO that nobody writes to would never open
  const handle = await system(name, fs.open(name, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  try {
    const stat = await system(name, handle.stat());
    if (stat.isDirectory()) throw new ReadError(name, Object.assign(new Error(), { code: "EISDIR" }));
    if (!stat.isFile()) throw new ReadError(name, notRegular());
    return handleSource(handle, name, stat.size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const system = <R>(name: string, answer: Promise<R>): Promise<R> =>
  answer.catch((error) => {
    throw new ReadError(name, error);
  });

/** An open file of `size` bytes. */
export const handleSource = (
  handle: import("node:fs/promises").FileHandle,
  name: string,
  size: number,
): OpenSource => ({
  file: name,
  size,
  async read(from, to) {
    const bytes = allocate(to - from, name);
    for (let at = from; at < to; ) {
      // one call of the system reads no more than 2 GiB
      const { bytesRead } = await system(name, handle.read(bytes, at - from, Math.min(to - at, 1 << 28), at));
      if (bytesRead === 0) throw new FormatError(name, at, `the file was cut from ${size} bytes while it was read`);
      at += bytesRead;
    }
    return bytes;
  },
  close: () => handle.close(),
});

/** A file that a page was given, or that lies in its own file system. @throws ReadError when it is not there any more. */
export const blobSource = (blob: Blob, file: string): OpenSource => ({
  file,
  size: blob.size,
  async read(from, to) {
    const bytes = new Uint8Array(await system(file, blob.slice(from, to).arrayBuffer()));
    if (bytes.length !== to - from)
      throw new FormatError(file, from, `the file gave ${bytes.length} bytes instead of ${to - from}`);
    return bytes;
  },
  close: async () => {},
});
