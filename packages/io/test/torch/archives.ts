// Archives and old files of torch.save around changed pickles, with faults of their own.
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { crc32 } from "../../src/numpy/crc32.ts";
import { changedPickle, type Operation, operationsOf } from "./pickles.ts";

const often = <T>(right: T, ...wrong: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 25, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });

export interface Record {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What is wrong with a record: with what the directory says of it, mostly. */
const fault = fc.record({
  deflated: fc.boolean(),
  crc: often(0, 1),
  size: often(0, -1, 1, 2 ** 30, 2 ** 32 - 1),
  packed: often(0, -1, 1, 2 ** 30, 2 ** 32 - 1),
  method: often(0, 1, 90),
  flags: often(0, 1, 8, 0x800),
  local: often(0, -1, 7, 2 ** 31),
  name: often("", "z", "/", "\u0000"),
  localName: often("", "z"),
  wide: often("", "right", "right", "short", "huge"),
  absent: often(false, true),
  twice: often(false, true),
  cut: often(0, 1, 8),
});
/** Records as PyTorch's writer, or another tool, would have them. */
const soundRecord = fc.record({ deflated: fc.boolean(), wide: fc.constantFrom("", "right") }).map(
  (how): Fault => ({
    crc: 0,
    size: 0,
    packed: 0,
    method: 0,
    flags: 0,
    local: 0,
    name: "",
    localName: "",
    absent: false,
    twice: false,
    cut: 0,
    ...how,
  }),
);
const soundEnd = fc.boolean().map((wide): Ends => {
  return {
    wide,
    count: 0,
    bytes: 0,
    offset: 0,
    wideCount: 0,
    wideOffset: 0,
    locator: 0,
    left: false,
    comment: "",
    before: "",
    tail: 0,
  };
});
const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: wrong });

type Fault = typeof fault extends fc.Arbitrary<infer F> ? F : never;
/** What is wrong with the ends of the directory. */
const ends = fc.record({
  wide: fc.constantFrom(true, true, false),
  count: often(0, -1, 1, 9999),
  bytes: often(0, -1, 1, 2 ** 31),
  offset: often(0, -1, 1, 2 ** 31),
  wideCount: often(0, 1, 2 ** 40),
  wideOffset: often(0, 1, 2 ** 52),
  locator: often(0, 1, 2 ** 40),
  left: often(false, true),
  comment: often("", "PK\u0005\u0006", "x".repeat(300)),
  before: often("", "junk"),
  tail: often(0, -1, -30, 1),
});

type Ends = typeof ends extends fc.Arbitrary<infer E> ? E : never;

const clamp = (n: number) => Math.min(2 ** 32 - 1, Math.max(0, n));
/** Sizes in 64 bits, as an extra field. */
function wideExtra(kind: string, numbers: readonly number[]): Buffer {
  if (kind === "") return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + 8 * numbers.length);
  extra.writeUInt16LE(1);
  extra.writeUInt16LE(kind === "short" ? 4 : 8 * numbers.length, 2);
  for (const [i, n] of numbers.entries()) extra.writeBigUInt64LE(kind === "huge" ? 2n ** 63n : BigInt(n), 4 + 8 * i);
  return extra;
}

/** A zip archive as PyTorch's writer makes it, but for the faults. */
function archive(records: readonly Record[], faults: readonly Fault[], end: Ends): Uint8Array {
  const parts: Buffer[] = [Buffer.from(end.before)];
  const directory: Buffer[] = [];
  let at = end.before.length;
  const put = ({ name, content }: Record, f: Fault): void => {
    const whole = content.subarray(0, Math.max(0, content.length - f.cut));
    const packed = f.deflated ? deflateRawSync(whole) : Buffer.from(whole);
    const wide = f.wide !== "";
    const [size, packedSize] = [clamp(whole.length + f.size), clamp(packed.length + f.packed)];
    const fields = (out: Buffer, shift: number, nameBytes: number, extraBytes: number) => {
      out.writeUInt16LE(f.flags, 6 + shift);
      out.writeUInt16LE((f.deflated ? 8 : 0) + f.method, 8 + shift);
      out.writeUInt32LE(clamp(crc32(whole) + f.crc), 14 + shift);
      out.writeUInt32LE(wide ? 2 ** 32 - 1 : packedSize, 18 + shift);
      out.writeUInt32LE(wide ? 2 ** 32 - 1 : size, 22 + shift);
      out.writeUInt16LE(nameBytes, 26 + shift);
      out.writeUInt16LE(extraBytes, 28 + shift);
    };
    const [named, localNamed] = [Buffer.from(name + f.name), Buffer.from(name + f.name + f.localName)];
    const local = Buffer.alloc(30);
    fields(local, 0, localNamed.length, 0);
    local.writeUInt32LE(0x04034b50);
    const extra = wideExtra(f.wide, [size, packedSize]);
    const entry = Buffer.alloc(46);
    fields(entry, 2, named.length, extra.length);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt32LE(clamp(at + f.local), 42);
    parts.push(local, localNamed, packed);
    directory.push(Buffer.concat([entry, named, extra]));
    at += local.length + localNamed.length + packed.length;
  };
  for (const [i, record] of records.entries()) {
    const f = faults[i % faults.length];
    if (f.absent) continue;
    put(record, f);
    if (f.twice) put(record, { ...f, twice: false });
  }
  const entries = Buffer.concat(directory);
  const plain = Buffer.alloc(22);
  plain.writeUInt32LE(0x06054b50);
  for (const place of [8, 10])
    plain.writeUInt16LE(end.left ? 0xffff : Math.max(0, directory.length + end.count), place);
  plain.writeUInt32LE(end.left ? 2 ** 32 - 1 : clamp(entries.length + end.bytes), 12);
  plain.writeUInt32LE(end.left ? 2 ** 32 - 1 : clamp(at + end.offset), 16);
  plain.writeUInt16LE(end.comment.length, 20);
  const wideEnd = Buffer.alloc(end.wide ? 76 : 0);
  if (end.wide) {
    wideEnd.writeUInt32LE(0x06064b50);
    wideEnd.writeBigUInt64LE(44n, 4);
    for (const place of [24, 32]) wideEnd.writeBigUInt64LE(BigInt(directory.length + end.wideCount), place);
    wideEnd.writeBigUInt64LE(BigInt(entries.length), 40);
    wideEnd.writeBigUInt64LE(BigInt(at + end.wideOffset), 48);
    wideEnd.writeUInt32LE(0x07064b50, 56);
    wideEnd.writeBigUInt64LE(BigInt(at + entries.length + end.locator), 64);
    wideEnd.writeUInt32LE(1, 72);
  }
  const bytes = Buffer.concat([
    ...parts,
    entries,
    wideEnd,
    plain,
    Buffer.from(end.comment),
    Buffer.alloc(Math.max(0, end.tail)),
  ]);
  return new Uint8Array(bytes.subarray(0, bytes.length + Math.min(0, end.tail)));
}

/** Archives whose pickle, records and directory are changed. `records` are those of a sound one. */
export function changedArchive(records: readonly Record[]): fc.Arbitrary<Uint8Array> {
  const pickle = records.find(({ name }) => name.endsWith("/data.pkl"));
  if (!pickle) throw new Error("the archive has no pickle");
  const { operations } = operationsOf(pickle.content);
  return fc
    .tuple(
      changedPickle(operations),
      mostly(fc.array(soundRecord, { minLength: 1, maxLength: 8 }), fc.array(fault, { minLength: 3, maxLength: 8 })),
      mostly(soundEnd, ends),
      often("little", "big", "middle", ""),
      often("3\n", "99\n", "", "x"),
    )
    .map(([content, faults, end, order, version]) => {
      const changed = records.map((record) => {
        if (record === pickle) return { ...record, content };
        if (record.name.endsWith("/byteorder")) return { ...record, content: new Uint8Array(Buffer.from(order)) };
        if (record.name.endsWith("/version")) return { ...record, content: new Uint8Array(Buffer.from(version)) };
        return record;
      });
      return archive(changed, faults, end);
    });
}

/** Old files whose object, other pickles and storages are changed. */
export function changedLegacy(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const pickles: Operation[][] = [];
  let at = 0;
  for (let i = 0; i < 5; i++) {
    const { operations, end } = operationsOf(bytes.subarray(at));
    pickles.push(operations);
    at += end;
  }
  const storages = bytes.subarray(at);
  const assembled = fc.tuple(
    ...pickles.map((operations, i) => (i === 3 ? changedPickle(operations) : seldom(operations))),
  );
  return fc
    .tuple(assembled, often(0, -1, -9, 1, 40), fc.nat(Math.max(0, storages.length - 1)), often(0, 1, 128))
    .map(([parts, tail, place, flip]) => {
      const rest = Buffer.concat([storages, Buffer.alloc(Math.max(0, tail))]);
      if (rest.length > 0) rest[place] ^= flip;
      return new Uint8Array(Buffer.concat([...parts, rest.subarray(0, rest.length + Math.min(0, tail))]));
    });
}
const seldom = (operations: readonly Operation[]): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    {
      weight: 25,
      arbitrary: fc.constant(
        new Uint8Array(Buffer.concat(operations.flatMap(([code, argument]) => [Uint8Array.of(code), argument]))),
      ),
    },
    { weight: 1, arbitrary: changedPickle(operations) },
  );
