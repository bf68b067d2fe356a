import { nodeFiles } from "./node.ts";

/** All bytes of a file, however large; `readFile` stops at 2 GiB. */
export async function readWhole(path: string): Promise<Uint8Array> {
  const { fs } = nodeFiles("load");
  const file = await fs.open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 1 << 28), at);
      if (bytesRead === 0) return bytes.subarray(0, at); // cut while we read: the parser says what is missing
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
