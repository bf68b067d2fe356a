import { FormatError } from "@flambeau/tensor/functional";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../test/support/long.ts";
import { encodeSafetensors } from "../src/safetensors/encode.ts";
import { parseSafetensors } from "../src/safetensors/parse.ts";
import { elements, type TensorData } from "../src/tensor-data.ts";
import { damaged } from "./damage.ts";
import float8 from "./figures/float8.json" with { type: "json" };
import reference from "./safetensors.json" with { type: "json" };

const file = "model.safetensors";
const referenceBytes = new Uint8Array(Buffer.from(reference.file, "base64"));

/** A file with the given header text and element bytes. */
const raw = (header: string | Uint8Array, data: readonly number[] = []): Uint8Array => {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
};
const tensorEntry = (dtype: string, shape: string, begin: number, end: number) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe("parseSafetensors", () => {
  it("reads what the reference implementation wrote", () => {
    const { tensors, metadata } = parseSafetensors(referenceBytes, { file });
    expect(metadata).toEqual(new Map([["format", "pt"]]));
    const read = new Map([...tensors].map(([name, data]) => [name, [data.dtype, data.shape, [...elements(data)]]]));
    expect(read).toEqual(
      new Map<string, unknown>([
        ["w", ["float32", [2, 3], [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]]],
        ["flag", ["bool", [3], [1, 0, 1]]],
        ["i64", ["int64", [], [2n ** 40n]]],
        ["h", ["float16", [2], [0x3e00, 0xc000]]],
        ["b", ["bfloat16", [3], [0x3fc0, 0xc000, 0x3dcd]]],
        ["u8", ["uint8", [0, 3], []]],
        ["d", ["float64", [1, 1], [0.1]]],
        ["i16", ["int16", [1], [-3]]],
        ["i8", ["int8", [1], [-1]]],
        ["i32", ["int32", [2], [7, -7]]],
      ]),
    );
  });

  it.each<[string, Uint8Array, number, string]>([
    ["an empty file", new Uint8Array(), 0, "starts with 8 bytes of header length, this one has 0"],
    ["a header that is too long", raw("{}").fill(255, 0, 8), 0, "is over the limit of 100000000"],
    ["a cut header", raw("{}").subarray(0, 9), 9, "the header needs 2 bytes, the file has 1 after its length"],
    ["a header that is not UTF-8", raw(new Uint8Array([0x7b, 0xff, 0x7d])), 8, "the header is not UTF-8"],
    ["a header that is not JSON", raw("{,}"), 9, "the header is not JSON"],
    ["a header that is no object", raw("[1]"), 8, "the header must be a JSON object"],
    ["metadata that is not text", raw('{"__metadata__":{"epoch":3}}'), 33, '__metadata__ "epoch" must be a string'],
    [
      "nothing but an unknown dtype",
      raw(`{"a":${tensorEntry("F33", "[0]", 0, 0)}}`),
      8,
      '"a" has the unknown dtype F33',
    ],
    [
      "a dtype that is no name",
      raw(`{"a":${tensorEntry("f 32", "[0]", 0, 0)}}`),
      8,
      '"a" has the unknown dtype "f 32"',
    ],
    [
      "a negative size",
      raw(`{"a":${tensorEntry("U8", "[-1]", 0, 0)}}`),
      8,
      '"a" must have a shape of non-negative integers',
    ],
    [
      "a fractional size",
      raw(`{"a":${tensorEntry("U8", "[0.5]", 0, 0)}}`),
      8,
      '"a" must have a shape of non-negative integers',
    ],
    ["a size of 1.0", raw(`{"a":${tensorEntry("U8", "[1.0]", 0, 1)}}`, [1]), 8, "a shape of non-negative integers"],
    ["a size of -0", raw(`{"a":${tensorEntry("U8", "[-0]", 0, 0)}}`), 8, "a shape of non-negative integers"],
    [
      "an offset of 1e0",
      raw('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1e0]}}', [1]),
      8,
      "must have data_offsets",
    ],
    [
      "sizes that only a 0 makes fit",
      raw(`{"a":${tensorEntry("U8", "[0,4294967296,4294967296]", 0, 0)}}`),
      8,
      "needs over 2^53 bytes",
    ],
    [
      "65 dimensions",
      raw(`{"a":${tensorEntry("U8", `[${Array(65).fill(1)}]`, 0, 1)}}`, [1]),
      8,
      "a shape of non-negative integers, 64 at most",
    ],
    ["a rank without end", raw(`{"a":${tensorEntry("U8", `[${"1,".repeat(1e6)}1]`, 0, 1)}}`, [1]), 8, "64 at most"],
    ["half a letter", raw(`{"\\ud800":${tensorEntry("U8", "[0]", 0, 0)}}`), 9, "a name holds half of a surrogate pair"],
    ["a depth that the format does not have", raw(`{"a":${'{"b":'.repeat(1e6)}`), 8, 'the unknown field "b"'],
    ["a half element", raw(`{"a":${tensorEntry("F4", "[3]", 0, 1)}}`, [1]), 8, "needs 1.5 bytes, its offsets hold 1"],
    ["no offsets", raw('{"a":{"dtype":"U8","shape":[0]}}'), 8, '"a" must have data_offsets'],
    [
      "an unknown field",
      raw('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}'),
      8,
      'the unknown field "x"',
    ],
    [
      "offsets beyond the file",
      raw(`{"a":${tensorEntry("U8", "[4]", 0, 4)}}`, [1, 2, 3]),
      8,
      '"a" lies at [0,4], outside the 3 bytes',
    ],
    ["offsets backwards", raw(`{"a":${tensorEntry("U8", "[1]", 1, 0)}}`, [1]), 8, '"a" lies at [1,0], outside'],
    [
      "a size that does not fit",
      raw(`{"a":${tensorEntry("F32", "[2]", 0, 4)}}`, [1, 2, 3, 4]),
      8,
      "needs 8 bytes, its offsets hold 4",
    ],
    [
      "a product beyond 2^53",
      raw(`{"a":${tensorEntry("F64", "[4294967296,4294967296]", 0, 8)}}`, Array(8).fill(0)),
      8,
      "needs over 2^53 bytes",
    ],
    [
      "a product that wraps to 0",
      raw(`{"a":${tensorEntry("U8", "[4294967296,4294967296]", 0, 0)}}`),
      8,
      "needs over 2^53 bytes",
    ],
    [
      "bytes at the end",
      raw(`{"a":${tensorEntry("U8", "[1]", 0, 1)}}`, [1, 2]),
      62,
      "the tensors end here, the file has 1 bytes more",
    ],
    ["a hole", raw(`{"a":${tensorEntry("U8", "[1]", 1, 2)}}`, [1, 2]), 62, '"a" leaves a hole of 1 bytes before it'],
    [
      "an overlap",
      raw(`{"a":${tensorEntry("U8", "[2]", 0, 2)},"b":${tensorEntry("U8", "[2]", 1, 3)}}`, [1, 2, 3]),
      114,
      '"b" overlaps the tensor before it',
    ],
    [
      "a name that stands twice",
      raw(`{"ä":${tensorEntry("U8", "[1]", 0, 1)},"\\u00e4":${tensorEntry("U8", "[1]", 0, 1)}}`, [1]),
      62,
      'the name "ä" stands twice in the header',
    ],
  ])("refuses %s", (_, bytes, offset, message) => {
    let thrown: unknown;
    try {
      parseSafetensors(bytes, { file });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FormatError);
    expect(thrown).toMatchObject({ file, offset, message: expect.stringContaining(message) });
  });

  it("takes 20 MB of notes in one string", () => {
    const text = 'a"\\\n'.repeat(5_000_000);
    expect(parseSafetensors(encodeSafetensors([], [["text", text]])).metadata.get("text") === text).toBe(true);
  });

  it("takes null for no notes, and blanks, as the reference does", () => {
    const header = ` {"__metadata__" : null,\t"a":\n${tensorEntry("U8", "[ 1 , 1 ]", 0, 1)} } `;
    expect(parseSafetensors(raw(header, [5])).tensors.get("a")?.shape).toEqual([1, 1]);
  });

  const mixed = raw(
    `{"u16":${tensorEntry("U16", "[2]", 0, 4)},"u32":${tensorEntry("U32", "[1]", 4, 8)},"u64":${tensorEntry("U64", "[1]", 8, 16)},` +
      `"big":${tensorEntry("U64", "[1]", 16, 24)},"f8":${tensorEntry("F8_E4M3", "[1]", 24, 25)},"f4":${tensorEntry("F4", "[2]", 25, 26)},` +
      `"plain":${tensorEntry("I8", "[1]", 26, 27)}}`,
    [1, 0, 255, 255, 255, 255, 255, 255, 7, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 128, 9, 9, 255],
  );
  const read = (tensors: ReadonlyMap<string, TensorData>) =>
    [...tensors].map(([name, data]) => [name, data.dtype, ...elements(data)]);

  it("widens unsigned integers, leaves out what does not fit, and says so", () => {
    // at any place in memory
    for (let shift = 0; shift < 8; shift++) {
      const bytes = new Uint8Array(mixed.length + shift);
      bytes.set(mixed, shift);
      const { tensors, skipped } = parseSafetensors(bytes.subarray(shift));
      expect(read(tensors)).toEqual([
        ["u16", "int32", 1, 65535],
        ["u32", "int64", 4294967295n],
        ["u64", "int64", 72057594037927943n],
        ["f8", "float32", 0.017578125],
        ["plain", "int8", -1],
      ]);
      expect([...skipped]).toEqual([
        ["big", "it is of dtype U64 and holds numbers beyond int64"],
        ["f4", "Flambeau has no dtype F4"],
      ]);
    }
  });

  it.each(["F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0"] as const)(
    "widens each %s to the bits that PyTorch gives it",
    (name) => {
      const all = Array.from({ length: 256 }, (_, code) => code);
      const t = parseSafetensors(raw(`{"a":${tensorEntry(name, "[16,16]", 0, 256)}}`, all)).tensors.get("a");
      expect([t?.dtype, t?.shape]).toEqual(["float32", [16, 16]]);
      expect(Buffer.from(t?.bytes ?? []).toString("base64")).toBe(float8[name]);
    },
  );

  it("leaves out dtypes that nobody knew when it was written, whose sizes it cannot check", () => {
    const bytes = raw(
      `{"a":${tensorEntry("F5_E1M3", "[8]", 0, 5)},"b":${tensorEntry("U8", "[1]", 5, 6)}}`,
      [1, 2, 3, 4, 5, 6],
    );
    const { tensors, skipped } = parseSafetensors(bytes);
    expect([read(tensors), [...skipped]]).toEqual([[["b", "uint8", 6]], [["a", "Flambeau has no dtype F5_E1M3"]]]);
  });

  it("reads only what is asked for, which must be there and readable", () => {
    expect(read(parseSafetensors(mixed, { only: ["plain", "u16"] }).tensors).map(([name]) => name)).toEqual([
      "u16",
      "plain",
    ]);
    expect(parseSafetensors(mixed, { only: ["plain"] }).skipped.size).toBe(0);
    expect(() => parseSafetensors(mixed, { only: ["f4"] })).toThrow('"f4" cannot be read: Flambeau has no dtype F4');
    expect(() => parseSafetensors(mixed, { only: ["weight"], file })).toThrow(
      'only: model.safetensors has no "weight"\n  hint: it holds u16, u32,',
    );
  });

  it("takes names that objects treat specially", () => {
    const bytes = raw(
      `{"__proto__":${tensorEntry("U8", "[1]", 0, 1)},"constructor":${tensorEntry("U8", "[1]", 1, 2)}}`,
      [4, 5],
    );
    const { tensors } = parseSafetensors(bytes);
    expect([...tensors].map(([name, { bytes }]) => [name, ...bytes])).toEqual([
      ["__proto__", 4],
      ["constructor", 5],
    ]);
    expect(parseSafetensors(encodeSafetensors(tensors))).toEqual({ tensors, metadata: new Map(), skipped: new Map() });
  });

  it("gives a FormatError or a whole that encodes to an equal one, whatever is done to the bytes", () => {
    let parsed = 0;
    fc.assert(
      fc.property(damaged(referenceBytes, 900), (bytes) => {
        try {
          const whole = parseSafetensors(bytes, { file });
          for (const data of whole.tensors.values()) elements(data);
          const again = parseSafetensors(encodeSafetensors(whole.tensors, whole.metadata));
          expect([again.tensors, again.metadata]).toEqual([whole.tensors, whole.metadata]);
          parsed++;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }),
      { numRuns: runs(3000), seed: 1 },
    );
    // else the property above says nothing about files that still parse
    expect(parsed).toBeGreaterThan(50);
  });
});

describe("encodeSafetensors", () => {
  it("writes the bytes that the reference implementation writes", () => {
    const { tensors, metadata } = parseSafetensors(referenceBytes);
    expect(encodeSafetensors(tensors, metadata)).toEqual(referenceBytes);
  });

  it("starts the elements at a multiple of 8", () => {
    for (let n = 1; n < 12; n++) {
      const bytes = encodeSafetensors([["a".repeat(n), { dtype: "uint8", shape: [1], bytes: new Uint8Array([7]) }]]);
      expect((bytes.length - 1) % 8).toBe(0);
    }
  });

  it("refuses what the format cannot say", () => {
    const one: TensorData = { dtype: "uint8", shape: [1], bytes: new Uint8Array(1) };
    expect(() => encodeSafetensors([["__metadata__", one]])).toThrow('the name "__metadata__" is taken by the format');
    expect(() =>
      encodeSafetensors([
        ["a", one],
        ["a", one],
      ]),
    ).toThrow('two tensors are named "a"');
    const note = (text: unknown) => () => encodeSafetensors([], [["epoch", text as string]]);
    expect(note(3)).toThrow('the metadata "epoch" must be text, got 3');
    expect(note("\ud800")).toThrow('the metadata "epoch" must be text');
    expect(() => encodeSafetensors([["\udc00", one]])).toThrow("must be text");
    expect(() => encodeSafetensors([["a", { ...one, shape: Array(65).fill(1) }]])).toThrow(
      "65 dimensions, the most is 64",
    );
    expect(note("x".repeat(100_000_000))).toThrow(
      "names and notes take 100000032 bytes, the format has room for 100000000",
    );
    expect(() => parseSafetensors(new ArrayBuffer(8) as never)).toThrow(
      "got an ArrayBuffer\n  hint: write new Uint8Array(buffer)",
    );
    expect(() => encodeSafetensors([["a", { ...one, shape: [2] }]])).toThrow(
      '"a" of shape [2] and dtype uint8 cannot hold 1 bytes',
    );
  });
});
