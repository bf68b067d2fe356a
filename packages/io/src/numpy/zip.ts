// A zip archive as npz uses it. The small zip libraries do not check CRCs and allocate what a header claims, and both matter
// here: a damaged archive must be an error, never other numbers. The inflating itself is the platform's.
import { FormatError } from "@flambeau/tensor/functional";
import { refuseOtherFormat } from "../files/other-formats.ts";
import { allocate, type Source } from "../files/source.ts";
import { crc32 } from "./crc32.ts";
import { widePlace, wideSizes } from "./zip64.ts";

export const localHeader = { signature: 0x04034b50, bytes: 30 } as const;
export const directoryEntry = { signature: 0x02014b50, bytes: 46 } as const;
export const directoryEnd = { signature: 0x06054b50, bytes: 22 } as const;
export const method = { stored: 0, deflated: 8 } as const;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Where the local header starts. */
  readonly local: number;
  /** Where the next member starts, or the directory. */
  limit: number;
}

/** The most that deflate makes of a byte: 258 of two bits and a bit more. */
const mostRatio = 1032;

/**
 * The directory of a zip archive. Its entries lie one behind the other and apart, so that all of them unpacked are no more than deflate can
 * make of the file.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3. Encrypted and split archives are refused.
 *
 * @param wanted what other formats are told that they are not; null when the file is known to start as a zip archive.
 * @throws FormatError naming file and offset.
 */
export async function readDirectory(source: Source, wanted: string | null = "npz"): Promise<Entry[]> {
  const { file, size } = source;
  const tailAt = Math.max(0, size - directoryEnd.bytes - 0xffff);
  const tail = viewOf(await source.read(tailAt, size));
  const end = findEnd(tail);
  if (end < 0) {
    if (wanted !== null) refuseOtherFormat(await source.read(0, Math.min(8, size)), wanted, file);
    throw new FormatError(file, size, "no zip directory at the end: not a zip archive, or truncated");
  }
  const plainEnd = tailAt + end;
  const parts = tail.getUint16(end + 8, true);
  const plain = {
    count: tail.getUint16(end + 10, true),
    bytes: tail.getUint32(end + 12, true),
    directory: tail.getUint32(end + 16, true),
    endAt: plainEnd,
  };
  if (tail.getUint16(end + 4, true) !== 0 || parts !== plain.count)
    throw new FormatError(file, plainEnd, "archives in several parts are not supported");
  const { count, bytes, directory, endAt } = await widePlace(plain, source);
  if (directory + bytes !== endAt) throw new FormatError(file, endAt, "the zip directory does not end where it should");
  const view = viewOf(await source.read(directory, endAt));
  const entries: Entry[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + directoryEntry.bytes > bytes || view.getUint32(at, true) !== directoryEntry.signature)
      throw new FormatError(file, directory + at, "the zip directory is corrupt");
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true)); // of name, extra field and comment
    const next = lengths.reduce((sum, length) => sum + length, at + directoryEntry.bytes);
    if (next > bytes) throw new FormatError(file, directory + at, "the zip directory is corrupt");
    const entry = readEntry(view, at, lengths, directory, file);
    if (names.has(entry.name))
      throw new FormatError(file, directory + at, `"${entry.name}" stands twice in the archive`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  if (at !== bytes) throw new FormatError(file, directory + at, "the zip directory is corrupt");
  // each one may reach to the next
  let limit = directory;
  for (const entry of entries.toSorted((a, b) => b.local - a.local)) {
    if (entry.local + localHeader.bytes + entry.packedSize > limit) {
      const problem = limit === directory ? "reaches into the zip directory" : "overlaps the member after it";
      throw new FormatError(file, entry.local, `"${entry.name}" ${problem}`);
    }
    entry.limit = limit;
    limit = entry.local;
  }
  return entries;
}

/** The place of the end record: the last signature whose comment reaches exactly to the end. */
function findEnd(tail: DataView): number {
  for (let at = tail.byteLength - directoryEnd.bytes; at >= 0; at--) {
    const comment = tail.byteLength - at - directoryEnd.bytes;
    if (tail.getUint32(at, true) === directoryEnd.signature && tail.getUint16(at + 20, true) === comment) return at;
  }
  return -1;
}

/** The entry at `at` of a directory that starts at `directory` in the file. */
function readEntry(view: DataView, at: number, lengths: readonly number[], directory: number, file: string): Entry {
  const [nameBytes, extraBytes] = lengths;
  const nameAt = at + directoryEntry.bytes;
  const name = new TextDecoder().decode(part(view, nameAt, nameBytes));
  const fail = (problem: string): never => {
    throw new FormatError(file, directory + at, `"${name}" ${problem}`);
  };
  const sizes = wideSizes(
    [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
    viewOf(part(view, nameAt + nameBytes, extraBytes)),
  );
  if (!sizes) return fail("has no sizes in 64 bits (zip64), which its entry leaves to them");
  const [size, packedSize, local] = sizes;
  const how = view.getUint16(at + 10, true);
  if (view.getUint16(at + 8, true) & encryptedOrPatch) fail("is encrypted or a patch");
  if (how !== method.stored && how !== method.deflated) fail(`is packed by the unknown method ${how}`);
  if (how === method.stored ? size !== packedSize : size > packedSize * mostRatio)
    fail(`cannot be ${size} bytes, packed in ${packedSize}`);
  return { name, method: how, crc: view.getUint32(at + 16, true), packedSize, size, local, limit: local };
}

const encryptedOrPatch = 0x61;
export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const part = (view: DataView, at: number, length: number) => new Uint8Array(view.buffer, view.byteOffset + at, length);

/**
 * What a member holds, unpacked and checked against its size and CRC-32. The entries of a directory are apart by their sizes alone; here each
 * one's own header is looked at, too.
 */
export async function contentOf(entry: Entry, source: Source): Promise<Uint8Array> {
  const { name, local, packedSize, size } = entry;
  const fail = (at: number, problem: string): never => {
    throw new FormatError(source.file, at, `"${name}" ${problem}`);
  };
  const header = viewOf(await source.read(local, local + localHeader.bytes)); // within the file, by the directory
  if (header.getUint32(0, true) !== localHeader.signature) fail(local, "has no local header where the directory says");
  const nameStart = local + localHeader.bytes;
  const start = nameStart + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + packedSize > entry.limit) fail(local, "reaches beyond its place");
  const localName = new TextDecoder().decode(await source.read(nameStart, nameStart + header.getUint16(26, true)));
  if (localName !== name) fail(local, `is called ${JSON.stringify(localName)} in its own header`);
  const packed = await source.read(start, start + packedSize);
  const content = entry.method === method.stored ? packed : await inflate(packed, size, start, name, source.file);
  if (content.length !== size) fail(start, `holds ${content.length} bytes, its directory entry says ${size}`);
  if (crc32(content) !== entry.crc) fail(start, "is corrupt: its CRC-32 differs");
  return content;
}

/** At most a block more than `size` bytes. */
async function inflate(packed: Uint8Array, size: number, at: number, name: string, file: string): Promise<Uint8Array> {
  // Blob takes views of ArrayBuffers only; parsed files never lie in shared memory
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream.pipeThrough(new DecompressionStream("deflate-raw"))) {
      chunks.push(chunk);
      length += chunk.length;
      // the rest would only cost memory: the caller's check of the size reports it
      if (length > size) break;
    }
  } catch (error) {
    const problem = new FormatError(file, at, `"${name}" is corrupt: its deflated data cannot be read`);
    problem.cause = error;
    throw problem;
  }
  const content = allocate(length, file);
  let to = 0;
  for (const chunk of chunks) {
    content.set(chunk, to);
    to += chunk.length;
  }
  return content;
}
