// GGUF files built part by part, each part right more often than not.
import fc from "fast-check";
import { type GgufPart, type GgufParts, ggufFile } from "./gguf-files.ts";

const often = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: right }, ...wrong.map((arbitrary) => ({ weight: 1, arbitrary })));
const rare = <T>(...wrong: T[]): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 25, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });

const name = often(
  fc.string({ unit: fc.constantFrom("a", "b", "é", "."), minLength: 1, maxLength: 4 }),
  fc.constantFrom("", "__proto__", "constructor", "x".repeat(3000)),
);
type Value = number | bigint | string | readonly string[];
const pair = (type: fc.Arbitrary<number>, value: fc.Arbitrary<Value>) => fc.tuple(type, value);
const value = often(
  fc.oneof(
    pair(fc.constantFrom(0, 2, 4), fc.nat(255)),
    pair(fc.constantFrom(1, 3, 5), fc.integer({ min: -128, max: 127 })),
    pair(fc.constant(7), fc.nat(1)),
    pair(fc.constant(8), fc.string({ maxLength: 20 })),
    pair(fc.constantFrom(10, 11), fc.bigInt({ min: 0n, max: 2n ** 63n })),
    pair(fc.constantFrom(6, 12), fc.nat(1000)),
    pair(fc.constant(9), fc.array(fc.string({ maxLength: 5 }), { maxLength: 5 })),
  ),
  pair(fc.constantFrom(13, 99, 2 ** 32 - 1), fc.nat(3)),
  pair(fc.constant(7), fc.nat(255)),
);
const key = often(name, fc.constant("general.alignment"));
const elements: { readonly [type: number]: number } = { 2: 32, 8: 32, 12: 256, 14: 256, 16: 256 };
const tensor: fc.Arbitrary<GgufPart> = fc
  .record({
    name,
    type: often(fc.constantFrom(0, 1, 2, 8, 12, 14, 16, 24, 30), fc.constantFrom(4, 31, 99, 2 ** 32 - 1)),
    rank: often(fc.nat(3), fc.constantFrom(5, 64, 65, 3000)),
    size: often(fc.nat(4), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 53, 1e15)),
    blocks: often(fc.constant(true), fc.constant(false)),
    offset: rare(0n, 1n, 32n, 2n ** 32n, 2n ** 63n),
    bytes: rare(0, 7, 32),
  })
  .map(({ name, type, rank, size, blocks, offset, bytes }) => {
    const row = blocks ? (elements[type] ?? 5) * (size % 7) : size;
    const shape = Array.from({ length: rank }, (_, d) => (d === rank - 1 ? row : d === 0 ? size : 1));
    return { name, type, shape, ...(offset !== undefined && { offset }), ...(bytes !== undefined && { bytes }) };
  });

/** GGUF files. */
export const ggufBytes: fc.Arbitrary<Uint8Array> = fc
  .record({
    version: often(fc.constantFrom(2, 3), fc.constantFrom(0, 1, 4, 2 ** 31)),
    bigEndian: often(fc.constant(false), fc.constant(true)),
    tensorCount: rare(1n, 5n, 2n ** 31n, 2n ** 64n - 1n),
    valueCount: rare(1n, 5n, 2n ** 31n, 2n ** 64n - 1n),
    keyLength: rare(1n, 100n, 2n ** 31n, 2n ** 64n - 1n),
    listLength: rare(1n, 100n, 2n ** 31n, 2n ** 64n - 1n),
    values: fc.array(
      fc.tuple(key, value).map(([k, [type, v]]) => [k, type, v] as const),
      { maxLength: 4 },
    ),
    tensors: often(fc.array(tensor, { maxLength: 3 }), fc.array(tensor, { minLength: 30, maxLength: 30 })),
    tail: often(fc.constant(0), fc.constantFrom(-1, -40, 100)),
    alignment: often(fc.constant(32), fc.constantFrom(8, 64)),
  })
  .map(({ tensorCount, valueCount, keyLength, listLength, ...rest }) => {
    const parts: GgufParts = {
      ...rest,
      ...(tensorCount !== undefined && { tensorCount }),
      ...(valueCount !== undefined && { valueCount }),
      ...(keyLength !== undefined && { keyLength }),
      ...(listLength !== undefined && { listLength }),
    };
    return ggufFile(parts);
  });
