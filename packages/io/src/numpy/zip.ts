// A zip archive as npz uses it. The small zip libraries do not check CRCs and allocate what a header claims, and both matter
// here: a damaged archive must be an error, never other numbers. The inflating itself is the platform's.
import { ArgumentError, FormatError } from "@flambeau/tensor/functional";
import { crc32 } from "./crc32.ts";

const localHeader = { signature: 0x04034b50, bytes: 30 } as const;
const directoryEntry = { signature: 0x02014b50, bytes: 46 } as const;
const directoryEnd = { signature: 0x06054b50, bytes: 22 } as const;
const method = { stored: 0, deflated: 8 } as const;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: Uint8Array;
  readonly size: number;
  /** Where the content starts, for messages. */
  readonly offset: number;
}

/**
 * The files of a zip archive by name, unpacked and checked against their sizes and CRC-32.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3. Encrypted, split and over-4-GiB archives are refused.
 * @throws FormatError naming file and offset.
 */
export async function unzip(bytes: Uint8Array, file: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readDirectory(bytes, file)) {
    const content = entry.method === method.stored ? entry.packed : await inflate(entry, file);
    if (content.length !== entry.size) {
      throw new FormatError(
        file,
        entry.offset,
        `"${entry.name}" holds ${content.length} bytes, its directory entry says ${entry.size}`,
      );
    }
    if (crc32(content) !== entry.crc)
      throw new FormatError(file, entry.offset, `"${entry.name}" is corrupt: its CRC-32 differs`);
    files.set(entry.name, content);
  }
  return files;
}

function readDirectory(bytes: Uint8Array, file: string): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, file);
  const count = view.getUint16(end + 10, true);
  const directory = view.getUint32(end + 16, true);
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw new FormatError(file, end, "archives in several parts are not supported");
  }
  if (directory + view.getUint32(end + 12, true) !== end)
    throw new FormatError(file, end, "the zip directory does not end where it should");
  const entries: Entry[] = [];
  const names = new Set<string>();
  let at = directory;
  for (let i = 0; i < count; i++) {
    if (at + directoryEntry.bytes > end || view.getUint32(at, true) !== directoryEntry.signature) {
      throw new FormatError(file, at, "the zip directory is corrupt");
    }
    const next =
      at +
      directoryEntry.bytes +
      view.getUint16(at + 28, true) +
      view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
    if (next > end) throw new FormatError(file, at, "the zip directory is corrupt");
    const entry = readEntry(bytes, view, at, directory, file);
    if (names.has(entry.name)) throw new FormatError(file, at, `"${entry.name}" stands twice in the archive`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  if (at !== end) throw new FormatError(file, at, "the zip directory is corrupt");
  return entries;
}

/** The end record: the last signature whose comment reaches exactly to the end of the file. */
function findEnd(view: DataView, file: string): number {
  const last = view.byteLength - directoryEnd.bytes;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (
      view.getUint32(at, true) === directoryEnd.signature &&
      at + directoryEnd.bytes + view.getUint16(at + 20, true) === view.byteLength
    ) {
      return at;
    }
  }
  throw new FormatError(
    file,
    Math.max(0, view.byteLength),
    "no zip directory at the end: not a zip archive, or truncated",
  );
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, limit: number, file: string): Entry {
  const nameBytes = view.getUint16(at + 28, true);
  const nameStart = at + directoryEntry.bytes;
  const name = new TextDecoder().decode(bytes.subarray(nameStart, nameStart + nameBytes));
  const packedSize = view.getUint32(at + 20, true);
  const local = view.getUint32(at + 42, true);
  const how = view.getUint16(at + 10, true);
  if (view.getUint16(at + 8, true) & 1) throw new FormatError(file, at, `"${name}" is encrypted`);
  if (how !== method.stored && how !== method.deflated)
    throw new FormatError(file, at, `"${name}" is packed by the unknown method ${how}`);
  if (local + localHeader.bytes > limit || view.getUint32(local, true) !== localHeader.signature) {
    throw new FormatError(file, at, `"${name}" has no local header where the directory says`);
  }
  const start = local + localHeader.bytes + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedSize > limit) throw new FormatError(file, at, `"${name}" reaches into the zip directory`);
  return {
    name,
    method: how,
    crc: view.getUint32(at + 16, true),
    packed: bytes.subarray(start, start + packedSize),
    size: view.getUint32(at + 24, true),
    offset: start,
  };
}

async function inflate(entry: Entry, file: string): Promise<Uint8Array> {
  // Blob takes views of ArrayBuffers only; parsed files never lie in shared memory
  const packed = new Blob([entry.packed as Uint8Array<ArrayBuffer>]);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of packed.stream().pipeThrough(new DecompressionStream("deflate-raw"))) {
      chunks.push(chunk);
      length += chunk.length;
      // the rest would only cost memory: the size check after this reports it
      if (length > entry.size) break;
    }
  } catch (error) {
    const problem = new FormatError(file, entry.offset, `"${entry.name}" is corrupt: its deflated data cannot be read`);
    problem.cause = error;
    throw problem;
  }
  const content = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}

/** A zip archive of `files`, stored without compression, as `numpy.savez` writes them. The same files give the same bytes. */
export function zip(files: Iterable<readonly [name: string, content: Uint8Array]>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(content);
    const local = new Uint8Array(localHeader.bytes + encoded.length);
    writeFields(local, 0, localHeader.signature, crc, content.length, encoded.length);
    local.set(encoded, localHeader.bytes);
    const entry = new Uint8Array(directoryEntry.bytes + encoded.length);
    writeFields(entry, 2, directoryEntry.signature, crc, content.length, encoded.length);
    const view = new DataView(entry.buffer);
    view.setUint32(42, offset, true);
    entry.set(encoded, directoryEntry.bytes);
    parts.push(local, content);
    directory.push(entry);
    offset += local.length + content.length;
  }
  if (offset > 0xffffffff || directory.length > 0xffff) {
    throw new ArgumentError(
      "encodeNpz",
      `${directory.length} arrays of ${offset} bytes are beyond the 4 GiB of a plain zip archive`,
    );
  }
  const directoryBytes = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = new Uint8Array(directoryEnd.bytes);
  const view = new DataView(end.buffer);
  view.setUint32(0, directoryEnd.signature, true);
  view.setUint16(8, directory.length, true);
  view.setUint16(10, directory.length, true);
  view.setUint32(12, directoryBytes, true);
  view.setUint32(16, offset, true);
  const whole = new Uint8Array(offset + directoryBytes + end.length);
  let at = 0;
  for (const part of [...parts, ...directory, end]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The fields that local header and directory entry share; the entry has them `shift` bytes further on. */
function writeFields(
  out: Uint8Array,
  shift: number,
  signature: number,
  crc: number,
  size: number,
  nameBytes: number,
): void {
  const view = new DataView(out.buffer);
  const oldestReader = 20; // version 2.0
  const utf8Names = 0x0800;
  const firstDay = 0x21; // 1980-01-01, so that equal content gives equal bytes
  view.setUint32(0, signature, true);
  view.setUint16(4 + shift, oldestReader, true);
  view.setUint16(6 + shift, utf8Names, true);
  view.setUint16(8 + shift, method.stored, true);
  view.setUint16(12 + shift, firstDay, true);
  view.setUint32(14 + shift, crc, true);
  view.setUint32(18 + shift, size, true);
  view.setUint32(22 + shift, size, true);
  view.setUint16(26 + shift, nameBytes, true);
}
