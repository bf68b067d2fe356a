// Pickles taken apart into their operations, changed, and put together again.
import fc from "fast-check";

/** An operation: its code, and the bytes of its argument. */
export type Operation = readonly [code: number, argument: Uint8Array];

/** Bytes of the arguments that have a length of their own; of the others, how many bytes say the length. */
const fixed: { readonly [code: number]: number } = {
  128: 1, // PROTO
  75: 1, // BININT1
  77: 2, // BININT2
  74: 4, // BININT
  71: 8, // BINFLOAT
  113: 1, // BINPUT
  114: 4, // LONG_BINPUT
  104: 1, // BINGET
  106: 4, // LONG_BINGET
  149: 8, // FRAME
};
const counted: { readonly [code: number]: number } = {
  88: 4, // BINUNICODE
  140: 1, // SHORT_BINUNICODE
  138: 1, // LONG1
  67: 1, // SHORT_BINBYTES
  66: 4, // BINBYTES
};
const global = 0x63;
const stop = 0x2e;

/** The operations of a pickle that is sound, and the bytes that it takes. */
export function operationsOf(bytes: Uint8Array): { operations: Operation[]; end: number } {
  const operations: Operation[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; ; ) {
    const code = bytes[at++];
    let length = fixed[code] ?? 0;
    if (code === global) length = bytes.indexOf(10, bytes.indexOf(10, at) + 1) + 1 - at;
    if (counted[code] === 1) length = 1 + bytes[at];
    if (counted[code] === 4) length = 4 + view.getUint32(at, true);
    operations.push([code, bytes.subarray(at, at + length)]);
    at += length;
    if (code === stop) return { operations, end: at };
  }
}

export const assemble = (operations: readonly Operation[]): Uint8Array =>
  new Uint8Array(Buffer.concat(operations.flatMap(([code, argument]) => [Uint8Array.of(code), argument])));

const text = (s: string): Operation => {
  const utf8 = Buffer.from(s);
  const argument = Buffer.alloc(4 + utf8.length);
  argument.writeUInt32LE(utf8.length);
  utf8.copy(argument, 4);
  return [0x58, new Uint8Array(argument)];
};
const integer = (n: bigint): Operation => {
  const argument = Buffer.alloc(11, 10);
  argument.writeBigInt64LE(n, 1);
  argument.fill(n < 0n ? 255 : 0, 9);
  return [0x8a, new Uint8Array(argument)];
};
const named = (module: string, name: string): Operation => [
  global,
  new Uint8Array(Buffer.from(`${module}\n${name}\n`)),
];
const plain = (code: number): Operation => [code, new Uint8Array()];

const strings = [
  "storage",
  "0",
  "1",
  "",
  "../0",
  "__proto__",
  "constructor",
  "cpu",
  "latin1",
  "neg",
  "conj",
  "é".repeat(400),
  "a.b",
];
const integers = [-1n, 0n, 1n, 2n, 3n, 255n, 2n ** 31n - 1n, 2n ** 32n, 2n ** 40n, 2n ** 53n, 2n ** 62n, -(2n ** 62n)];
const globals = [
  ["os", "system"],
  ["builtins", "eval"],
  ["builtins", "set"],
  ["builtins", "complex"],
  ["builtins", "bytearray"],
  ["_codecs", "encode"],
  ["collections", "OrderedDict"],
  ["collections", "Counter"],
  ["torch", "FloatStorage"],
  ["torch", "LongStorage"],
  ["torch", "ComplexFloatStorage"],
  ["torch.storage", "UntypedStorage"],
  ["torch", "uint64"],
  ["torch", "float8_e5m2"],
  ["torch", "Size"],
  ["torch", "device"],
  ["torch", "Tensor"],
  ["torch._utils", "_rebuild_tensor"],
  ["torch._utils", "_rebuild_tensor_v2"],
  ["torch._utils", "_rebuild_tensor_v3"],
  ["torch._utils", "_rebuild_parameter"],
  ["torch._utils", "_rebuild_parameter_with_state"],
  ["torch._utils", "_rebuild_sparse_tensor"],
  ["torch._utils", "_rebuild_qtensor"],
  ["torch._utils", "_rebuild_meta_tensor_no_storage"],
  ["torch._utils", "_rebuild_nested_tensor"],
  ["torch._tensor", "_rebuild_from_type_v2"],
  ["torch.serialization", "_get_layout"],
  ["torch.nn.modules.linear", "Linear"],
] as const;
/** Operations without arguments: all that there are, and some that there are not. */
const bare = [..."(012NQRabdeilostu)]}.".split("").map((c) => c.charCodeAt(0)), ...range(0x81, 0x98), 0xfe];
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** An operation from nothing. */
const fresh: fc.Arbitrary<Operation> = fc.oneof(
  fc.constantFrom(...bare).map(plain),
  fc.constantFrom(...strings).map(text),
  fc.constantFrom(...integers).map(integer),
  fc.constantFrom(...globals).map(([module, name]) => named(module, name)),
  fc.tuple(fc.constantFrom(0x68, 0x71, 0x4b), fc.nat(255)).map(([code, n]): Operation => [code, Uint8Array.of(n)]),
  fc.tuple(fc.constantFrom(0x6a, 0x72, 0x4a), fc.constantFrom(0, 5, 300, 2 ** 32 - 1)).map(([code, n]): Operation => {
    const argument = new Uint8Array(4);
    new DataView(argument.buffer).setUint32(0, n, true);
    return [code, argument];
  }),
  fc.constantFrom(0, 1.5, Number.NaN, 2).map((n): Operation => {
    const argument = new Uint8Array(8);
    new DataView(argument.buffer).setFloat64(0, n);
    return [0x47, argument];
  }),
);

/** A place of the pickle, as a share of it. */
const share = fc.nat(9999).map((n) => n / 10_000); // fc.double() is next to 0 nearly always

type Change = (operations: Operation[]) => void;
const at = (operations: readonly Operation[], place: number): number => 1 + Math.floor(place * (operations.length - 1));
/** Of the same kind as the one it takes the place of, where there is one: what follows is reached then. */
const alike = fc
  .tuple(share, fc.constantFrom(...strings), fc.constantFrom(...integers), fc.constantFrom(...globals), fc.nat(255))
  .map(
    ([place, s, n, [module, name], byte]): Change =>
      (operations) => {
        const kinds: readonly (readonly [readonly number[], Operation | undefined])[] = [
          [[0x58, 0x8c], text(s)],
          [[0x4b, 0x4d, 0x4a, 0x8a], integer(n)],
          [[global], named(module, name)],
          [[0x68], [0x68, Uint8Array.of(byte)]],
          [[0x71], [0x71, Uint8Array.of(byte)]],
          [[0x88], plain(0x89)],
          [[0x89], plain(0x88)],
        ];
        // the next one that has others of its kind
        for (let i = at(operations, place); i < operations.length; i++) {
          const found = kinds.find(([codes]) => codes.includes(operations[i][0]));
          if (!found?.[1]) continue;
          operations[i] = found[1];
          return;
        }
      },
  );
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: alike },
  {
    weight: 2,
    arbitrary: fc.tuple(share, fresh).map(
      ([p, o]): Change =>
        (list) =>
          void list.splice(at(list, p), 1, o),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(share, fresh).map(
      ([p, o]): Change =>
        (list) =>
          void list.splice(at(list, p), 0, o),
    ),
  },
  share.map(
    (p): Change =>
      (list) =>
        void list.splice(at(list, p), 1),
  ),
  fc.tuple(share, share).map(
    ([p, q]): Change =>
      (list) => {
        const [i, j] = [at(list, p), at(list, q)];
        [list[i], list[j]] = [list[j], list[i]];
      },
  ),
  // a part again and again
  fc.tuple(share, fc.nat(30), fc.constantFrom(1, 2, 50)).map(
    ([p, n, times]): Change =>
      (list) => {
        const i = at(list, p);
        const part = list.slice(i, i + n);
        for (let k = 0; k < times; k++) list.splice(i, 0, ...part);
      },
  ),
  // depth, of lists, tuples and marks
  fc.tuple(share, fc.constantFrom(1, 3, 250, 5000), fc.constantFrom("](a", "]a", "\x85", "((", "}")).map(
    ([p, n, codes]): Change =>
      (list) => {
        const i = at(list, p);
        const more: Operation[] = [];
        if (codes === "\x85") more.push(...Array.from({ length: n }, () => plain(0x85)));
        else if (codes === "]a")
          more.push(...Array.from({ length: n }, () => plain(0x5d)), ...Array.from({ length: n }, () => plain(0x61)));
        else more.push(...Array.from({ length: n }, () => plain(codes.charCodeAt(0))));
        list.splice(i, 0, ...more);
      },
  ),
  // copies of copies
  fc.tuple(share, fc.constantFrom(5, 40)).map(
    ([p, n]): Change =>
      (list) => {
        const doubled = Array.from({ length: n }, (_, k) => [
          plain(0x5d),
          plain(0x28),
          ...[0, 0].map((): Operation => [0x68, Uint8Array.of(100 + k)]),
          plain(0x65),
          [0x71, Uint8Array.of(101 + k)] as Operation,
          plain(0x30),
        ]);
        list.splice(at(list, p), 0, plain(0x5d), [0x71, Uint8Array.of(100)], plain(0x30), ...doubled.flat(), [
          0x68,
          Uint8Array.of(100 + n),
        ]);
      },
  ),
);

/** A sound pickle, changed in a few places. */
export const changedPickle = (operations: readonly Operation[]): fc.Arbitrary<Uint8Array> =>
  fc.array(change, { minLength: 0, maxLength: 3 }).map((changes) => {
    const list = [...operations];
    for (const apply of changes) apply(list);
    return assemble(list);
  });
