import { ArgumentError } from "@flambeau/tensor/functional";
import { crc32 } from "./crc32.ts";
import { directoryEnd, directoryEntry, localHeader, method, viewOf } from "./zip.ts";
import { extraId, largeEnd, locator } from "./zip64.ts";

/** A member to be written. */
export interface ZipMember {
  readonly name: string;
  readonly content: Uint8Array;
  /** The content deflated, if it shall be. */
  readonly packed?: Uint8Array | undefined;
}

/** The largest numbers that go into fields of 4 and 2 bytes; beyond, they are zip64's. */
const plainLimits = { bytes: 0xfffffffe, count: 0xfffe };

/**
 * A zip archive, in parts that follow each other, as `numpy.savez` writes it. The same files give the same bytes.
 *
 * @param limits smaller ones make small archives as large ones are.
 */
export function zip(files: Iterable<ZipMember>, limits: { bytes: number; count: number } = plainLimits): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const names = new Set<string>();
  let offset = 0;
  const narrow = (n: number) => (n > limits.bytes ? 0xffffffff : n);
  for (const { name, content, packed } of files) {
    if (!name.isWellFormed()) throw new ArgumentError("encodeNpz", `the name ${JSON.stringify(name)} is not text`);
    if (names.has(name)) throw new ArgumentError("encodeNpz", `two arrays are named ${JSON.stringify(name)}`);
    names.add(name);
    const encoded = new TextEncoder().encode(name);
    if (encoded.length > 0xffff)
      throw new ArgumentError("encodeNpz", `a name has ${encoded.length} bytes, the most is 65,535`);
    const body = packed ?? content;
    const sizes = [content.length, body.length] as const;
    const large = sizes.some((size) => size > limits.bytes);
    const fields = {
      crc: crc32(content),
      method: packed ? method.deflated : method.stored,
      size: large ? 0xffffffff : content.length,
      packedSize: large ? 0xffffffff : body.length,
      nameBytes: encoded.length,
    };
    const localExtra = extraField(large ? sizes : []);
    const local = new Uint8Array(localHeader.bytes + encoded.length + localExtra.length);
    writeFields(local, 0, localHeader.signature, fields, localExtra.length > 0);
    viewOf(local).setUint16(28, localExtra.length, true);
    local.set(encoded, localHeader.bytes);
    local.set(localExtra, localHeader.bytes + encoded.length);
    const extra = extraField([...(large ? sizes : []), ...(offset > limits.bytes ? [offset] : [])]);
    const entry = new Uint8Array(directoryEntry.bytes + encoded.length + extra.length);
    writeFields(entry, 2, directoryEntry.signature, fields, extra.length > 0);
    viewOf(entry).setUint16(30, extra.length, true);
    viewOf(entry).setUint32(42, narrow(offset), true);
    entry.set(encoded, directoryEntry.bytes);
    entry.set(extra, directoryEntry.bytes + encoded.length);
    parts.push(local, body);
    directory.push(entry);
    offset += local.length + body.length;
  }
  const bytes = directory.reduce((sum, entry) => sum + entry.length, 0);
  const count = directory.length;
  const large = count > limits.count || bytes > limits.bytes || offset > limits.bytes;
  const end = new Uint8Array((large ? largeEnd.bytes + locator.bytes : 0) + directoryEnd.bytes);
  const view = viewOf(end);
  let at = 0;
  if (large) {
    view.setUint32(0, largeEnd.signature, true);
    view.setBigUint64(4, BigInt(largeEnd.bytes - 12), true);
    view.setUint16(12, largeReader, true);
    view.setUint16(14, largeReader, true);
    for (const [i, number] of [count, count, bytes, offset].entries())
      view.setBigUint64(24 + 8 * i, BigInt(number), true);
    view.setUint32(largeEnd.bytes, locator.signature, true);
    view.setBigUint64(largeEnd.bytes + 8, BigInt(offset + bytes), true);
    view.setUint32(largeEnd.bytes + 16, 1, true);
    at = largeEnd.bytes + locator.bytes;
  }
  const narrowCount = count > limits.count ? 0xffff : count;
  view.setUint32(at, directoryEnd.signature, true);
  view.setUint16(at + 8, narrowCount, true);
  view.setUint16(at + 10, narrowCount, true);
  view.setUint32(at + 12, narrow(bytes), true);
  view.setUint32(at + 16, narrow(offset), true);
  return [...parts, ...directory, end];
}

/** The version that a reader must have: 2.0, and 4.5 for zip64. */
const [oldestReader, largeReader] = [20, 45];

/** The extra field of numbers that have no room; empty for none. */
function extraField(numbers: readonly number[]): Uint8Array {
  if (numbers.length === 0) return new Uint8Array();
  const field = new Uint8Array(4 + 8 * numbers.length);
  const view = viewOf(field);
  view.setUint16(0, extraId, true);
  view.setUint16(2, 8 * numbers.length, true);
  for (const [i, number] of numbers.entries()) view.setBigUint64(4 + 8 * i, BigInt(number), true);
  return field;
}

/** The fields that local header and directory entry share; the entry has them `shift` bytes further on. */
function writeFields(
  out: Uint8Array,
  shift: number,
  signature: number,
  fields: { crc: number; method: number; size: number; packedSize: number; nameBytes: number },
  large: boolean,
): void {
  const view = viewOf(out);
  const utf8Names = 0x0800;
  const firstDay = 0x21; // 1980-01-01, so that equal content gives equal bytes
  view.setUint32(0, signature, true);
  view.setUint16(4 + shift, large ? largeReader : oldestReader, true);
  view.setUint16(6 + shift, utf8Names, true);
  view.setUint16(8 + shift, fields.method, true);
  view.setUint16(12 + shift, firstDay, true);
  view.setUint32(14 + shift, fields.crc, true);
  view.setUint32(18 + shift, fields.packedSize, true);
  view.setUint32(22 + shift, fields.size, true);
  view.setUint16(26 + shift, fields.nameBytes, true);
}

/** Deflated as far as the platform does it. */
export async function deflate(content: Uint8Array): Promise<Uint8Array> {
  // Blob takes views of ArrayBuffers only; what is written never lies in shared memory
  const stream = new Blob([content as Uint8Array<ArrayBuffer>]).stream();
  return new Uint8Array(await new Response(stream.pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer());
}
