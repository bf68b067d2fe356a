// Files built part by part, as a fuzzer that flips bytes never gets them: long strings, depth, rank, overlaps, counts. Each part is right
// more often than not, so that what lies behind it is reached.
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { crc32 } from "../src/numpy/crc32.ts";

const text = new TextEncoder();
const often = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: right }, ...wrong.map((arbitrary) => ({ weight: 1, arbitrary })));
const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const long = fc.constantFrom(
  "x".repeat(3000),
  "\\\\".repeat(2000),
  '\\"'.repeat(2000),
  "é".repeat(500),
  "\\ud834\\udd1e",
);
const oddText = fc.constantFrom("\\ud800", "\u0001", "\\q", "\\u00", "__metadata__", "__proto__", "", "a");
export const jsonText = often(
  fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "."), maxLength: 6 }),
  long,
  oddText,
);

/** Sizes that are seldom wrong, as JSON writes them. */
const sizeText = often(
  fc.nat(3).map(String),
  fc.constantFrom(
    "1.0",
    "-0",
    "-1",
    "1e0",
    "01",
    "9007199254740992",
    "4294967296",
    "18446744073709551616",
    "true",
    '"1"',
    "[1]",
    "0.5",
  ),
);
const rankOf = often(fc.nat(3), fc.constantFrom(63, 64, 65, 500));
const depth = fc.constantFrom(1, 60, 130, 5000);
export const nested = fc.tuple(depth, fc.constantFrom("[", '{"a":')).map(([n, open]) => {
  return `${open.repeat(n)}${open === "[" ? "" : "1"}${(open === "[" ? "]" : "}").repeat(n)}`;
});

const dtypes = {
  U8: 8,
  I8: 8,
  BOOL: 8,
  F16: 16,
  BF16: 16,
  U16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  F64: 64,
  U64: 64,
  F4: 4,
  F8_E4M3: 8,
  C64: 64,
};
const entry = fc.record({
  name: jsonText,
  dtype: often(fc.constantFrom(...Object.keys(dtypes)), fc.constantFrom("X9", "u8", "")),
  rank: rankOf,
  size: fc.array(sizeText, { minLength: 3, maxLength: 3 }),
  shift: often(fc.constant(0), fc.constantFrom(-1, 1, 2 ** 53)),
  more: often(
    fc.constant(""),
    fc.constantFrom(',"x":1', ',"dtype":"U8"', ',"shape":[]'),
    nested.map((n) => `,"x":${n}`),
  ),
});
const notes = often(
  fc.constant(""),
  fc.array(fc.tuple(jsonText, jsonText), { maxLength: 3 }).map((list) => {
    return `"__metadata__":{${list.map(([key, value]) => `"${key}":"${value}"`).join()}}`;
  }),
  fc.constantFrom(
    '"__metadata__":null',
    '"__metadata__":{"a":1}',
    '"__metadata__":[]',
    '"__metadata__":{},"__metadata__":{}',
  ),
  nested.map((n) => `"__metadata__":${n}`),
);

/** Safetensors files. */
export const safetensorsFile: fc.Arbitrary<Uint8Array> = fc
  .record({
    entries: often(fc.array(entry, { maxLength: 3 }), fc.array(entry, { minLength: 300, maxLength: 300 })),
    notes,
    blank: fc.constantFrom("", " ", "\n\t"),
    tail: often(fc.constant(0), fc.constantFrom(1, 9)),
    count: often(fc.constant(0), fc.constantFrom(-1, 1, 10 ** 8, 2 ** 40)),
    whole: often(fc.constant(""), fc.constantFrom("{", "]", ",", "\ufeff", "null"), nested),
  })
  .map(({ entries, notes, blank, tail, count, whole }) => {
    let end = 0;
    const fields = entries.map(({ name, dtype, rank, size, shift, more }, i) => {
      const shape = Array.from({ length: rank }, (_, d) => (d < 3 ? size[d] : "1"));
      const elements = shape.reduce((product, n) => product * (Number.isInteger(Number(n)) ? Number(n) : 1), 1);
      const bytes = (elements * (dtypes[dtype as keyof typeof dtypes] ?? 8)) / 8;
      const begin = end;
      end += Number.isInteger(bytes) && bytes >= 0 && bytes < 1e5 ? bytes : 0;
      return `"${name}${entries.length > 9 ? i : ""}":{"dtype":"${dtype}",${blank}"shape":[${shape}],"data_offsets":[${begin + shift},${end}]${more}}`;
    });
    const header = text.encode(
      `{${[notes, ...fields].filter((part) => part !== "").join(`,${blank}`)}}${blank}${whole}`,
    );
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(Math.max(0, header.length + count)), true);
    return join(length, header, new Uint8Array(end + tail));
  });

const codes = {
  "|b1": 1,
  "|u1": 1,
  "<i2": 2,
  ">i4": 4,
  "<u2": 2,
  "<u4": 4,
  ">u8": 8,
  "<f8": 8,
  "<f2": 2,
  "|S3": 3,
  "<U2": 8,
  "<c8": 8,
  "|V2": 2,
  "|O": 8,
  "<M8[ns]": 8,
};
/** Npy files. */
export const npyFile: fc.Arbitrary<Uint8Array> = fc
  .record({
    descr: often(
      fc.constantFrom(...Object.keys(codes)),
      fc.constantFrom("i4", "=i4", "|i4", "<x9", "", "<U99999999999999999"),
    ),
    fortran: often(fc.constantFrom("True", "False"), fc.constantFrom("1", "true", "[True]")),
    rank: rankOf,
    size: fc.array(
      often(
        fc.nat(4).map(String),
        fc.constantFrom("-1", "1.0", "2L", "01", "0x1", "1_0", "9007199254740992", "4294967296"),
      ),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
    version: often(fc.constantFrom(1, 2, 3), fc.constantFrom(0, 4)),
    more: often(
      fc.constant(""),
      fc.constantFrom("'x': 1, ", "'descr': '|u1', ", "[".repeat(4000), "(".repeat(300), "#".repeat(70_000)),
    ),
    brackets: often(fc.constant("()"), fc.constantFrom("[]", "((", "")),
    tail: often(fc.constant(0), fc.constantFrom(-1, 1, 100)),
    count: often(fc.constant(0), fc.constantFrom(-3, 3, 60_000)),
    fill: fc.constantFrom(0, 1, 65, 255),
  })
  .map(({ descr, fortran, rank, size, version, more, brackets, tail, count, fill }) => {
    const shape = Array.from({ length: rank }, (_, d) => (d < 3 ? size[d] : "1"));
    const list = rank === 1 ? `${shape[0]},` : shape.join(", ");
    const dict = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${brackets[0] ?? ""}${list}${brackets[1] ?? ""}, ${more}}`;
    const header = text.encode(`${dict}   \n`);
    const prefix = new Uint8Array(version === 1 ? 10 : 12);
    prefix.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version]);
    const view = new DataView(prefix.buffer);
    if (version === 1) view.setUint16(8, header.length + count, true);
    else view.setUint32(8, header.length + count, true);
    const elements = shape.reduce((product, n) => product * Number.parseInt(n, 10), 1);
    const bytes = elements * (codes[descr as keyof typeof codes] ?? 4);
    return join(prefix, header, new Uint8Array(bytes >= 0 && bytes < 1e5 ? Math.max(0, bytes + tail) : 3).fill(fill));
  });

const member = fc.record({
  name: often(
    fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 3 }),
    fc.constantFrom("x".repeat(60_000), "../a", "__proto__"),
  ),
  ending: often(fc.constant(".npy"), fc.constantFrom("", ".txt", ".npy.npy")),
  content: often(npyFile, fc.constant(new Uint8Array(3000))),
  deflated: fc.boolean(),
  /** Changes to what the headers say. */
  crc: often(fc.constant(0), fc.constant(1)),
  size: often(fc.constant(0), fc.constantFrom(-1, 1, 2 ** 30, 2 ** 32 - 1)),
  packed: often(fc.constant(0), fc.constantFrom(-1, 1, 40, 2 ** 30, 2 ** 32 - 1)),
  method: often(fc.constant(0), fc.constantFrom(1, 12)),
  flags: often(fc.constantFrom(0, 0x800, 8), fc.constantFrom(1, 0x20, 0x40)),
  /** Another member whose bytes this one claims. */
  shares: often(fc.constant(-1), fc.nat(2)),
  extra: often(fc.constant(0), fc.constantFrom(20, 60_000)),
  localName: often(fc.constant(""), fc.constant("z")),
});
/** Zip archives of npy files. */
export const zipFile: fc.Arbitrary<Uint8Array> = fc
  .record({
    members: often(fc.array(member, { maxLength: 4 }), fc.array(member, { minLength: 40, maxLength: 40 })),
    count: often(fc.constant(0), fc.constantFrom(-1, 1, 300)),
    size: often(fc.constant(0), fc.constantFrom(-1, 1, 2 ** 31)),
    offset: often(fc.constant(0), fc.constantFrom(-1, 1, 2 ** 31)),
    comment: often(fc.constant(0), fc.constantFrom(5, 65_535)),
    prefix: often(fc.constant(0), fc.constant(7)),
  })
  .map(({ members, count, size, offset, comment, prefix }) => {
    const parts: Uint8Array[] = [new Uint8Array(prefix)];
    const directory: Uint8Array[] = [];
    let at = prefix;
    const places: number[] = [];
    for (const m of members) {
      const name = text.encode(m.name + m.ending);
      const localName = text.encode(m.name + m.localName + m.ending);
      const packed = m.deflated ? new Uint8Array(deflateRawSync(m.content)) : m.content;
      const fields = (out: Uint8Array, shift: number, nameBytes: number) => {
        const view = new DataView(out.buffer);
        view.setUint16(6 + shift, m.flags, true);
        view.setUint16(8 + shift, (m.deflated ? 8 : 0) + m.method, true);
        view.setUint32(14 + shift, crc32(m.content) + m.crc, true);
        view.setUint32(18 + shift, Math.min(2 ** 32 - 1, Math.max(0, packed.length + m.packed)), true);
        view.setUint32(22 + shift, Math.min(2 ** 32 - 1, Math.max(0, m.content.length + m.size)), true);
        view.setUint16(26 + shift, nameBytes, true);
        return view;
      };
      const local = new Uint8Array(30 + localName.length + m.extra);
      const view = fields(local, 0, localName.length);
      view.setUint32(0, 0x04034b50, true);
      view.setUint16(28, m.extra, true);
      local.set(localName, 30);
      const entry = new Uint8Array(46 + name.length);
      const inDirectory = fields(entry, 2, name.length);
      inDirectory.setUint32(0, 0x02014b50, true);
      inDirectory.setUint32(42, places[m.shares] ?? at, true);
      entry.set(name, 46);
      places.push(at);
      parts.push(local, packed);
      directory.push(entry);
      at += local.length + packed.length;
    }
    const end = new Uint8Array(22 + comment);
    const view = new DataView(end.buffer);
    const entries = join(...directory);
    view.setUint32(0, 0x06054b50, true);
    view.setUint16(8, members.length + count, true);
    view.setUint16(10, members.length + count, true);
    view.setUint32(12, Math.max(0, entries.length + size), true);
    view.setUint32(16, Math.max(0, at + offset), true);
    view.setUint16(20, comment, true);
    return join(...parts, entries, end);
  });

/** The JSON of a checkpoint's state; `#` stands for a leaf's name. */
export const stateText: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthIdentifier: "state" },
    often(
      fc.constantFrom("1", "null", '"a"', "true"),
      jsonText.map((t) => `"${t}"`),
      fc.constantFrom("1e999", "-0", "9".repeat(400), "01"),
    ),
    fc.array(tie("node"), { maxLength: 3 }).map((items) => `[${items}]`),
    fc
      .array(fc.tuple(jsonText, tie("node")), { maxLength: 3 })
      .map((items) => `{${items.map(([k, v]) => `"${k}":${v}`)}}`),
    fc.constantFrom("NaN", "-0", "Infinity", "1", "").map((n) => `{"$":"number","value":"${n}"}`),
    often(fc.constantFrom("5", "-12"), fc.constantFrom("", "x", "-", "9".repeat(9000), "9".repeat(20_000))).map(
      (n) => `{"$":"bigint","value":"${n}"}`,
    ),
    fc.constantFrom("tensor", "bytes").map((kind) => `{"$":"${kind}","name":"#"}`),
    fc
      .tuple(
        fc.constantFrom("map", "object"),
        fc.array(
          fc.tuple(
            fc.oneof(
              jsonText.map((k) => `"${k}"`),
              tie("node"),
            ),
            tie("node"),
          ),
          { maxLength: 3 },
        ),
      )
      .map(([kind, items]) => `{"$":"${kind}","entries":[${items.map(([k, v]) => `[${k},${v}]`)}]}`),
    often(
      fc.constant('{"$":"undefined"}'),
      fc.constantFrom('{"$":"thing"}', '{"$":1}', '{"$":"map"}', '{"$":"object","entries":[1]}'),
      nested,
    ),
  ),
})).node;
