import { gzipSync } from "node:zlib";
import { FormatError } from "@flambeau/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../test/support/long.ts";
import { gunzip, gunzipStream } from "../src/files/gzip.ts";
import { parseIdx } from "../src/files/idx.ts";
import { sha256 } from "../src/files/sha256.ts";

const file = "some-idx";

/** An idx file written by the format's description, independently of the parser. */
function idx(shape: readonly number[], data: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((n) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return new Uint8Array([0, 0, 8, shape.length, ...sizes, ...data]);
}

const errorOf = (run: () => unknown): FormatError => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return error as FormatError; // the line above is the proof
  }
  throw new Error("nothing was thrown");
};

/** Some bytes of `bytes` changed, a part cut off, or something appended. */
const mutated = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const change = fc
    .array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
    .map((edits) => {
      const copy = bytes.slice();
      for (const [at, value] of edits) copy[at] = value;
      return copy;
    });
  const cut = fc.nat(bytes.length - 1).map((n) => bytes.slice(0, n));
  const grown = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((tail) => new Uint8Array([...bytes, ...tail]));
  return fc.oneof(change, cut, grown);
};

describe("parseIdx", () => {
  it("reads the shape and the elements in C order", () => {
    expect(parseIdx(idx([2, 1, 3], [1, 2, 3, 4, 5, 6]), { file, rank: 3 })).toEqual({
      shape: [2, 1, 3],
      data: new Uint8Array([1, 2, 3, 4, 5, 6]),
    });
  });

  it.each([
    ["an empty file", new Uint8Array(), 0, "some-idx: the idx header needs 4 bytes, the file has 0 (at byte 0)"],
    ["a wrong magic", new Uint8Array([0, 7, 8, 1, 0, 0, 0, 0]), 0, "not an idx file: the first two bytes are 0, 7"],
    ["another element type", new Uint8Array([0, 0, 13, 1, 0, 0, 0, 0]), 2, "element type is 13, expected 8"],
    ["no dimensions", new Uint8Array([0, 0, 8, 0]), 3, "the idx array has 0 dimensions, expected 1 to 64"],
    ["65 dimensions", idx(Array(65).fill(1), [1]), 3, "the idx array has 65 dimensions, expected 1 to 64"],
    [
      "a product beyond numbers",
      idx([...Array(50).fill(2 ** 31), 0], [1]),
      208,
      "promises 0 elements, the file holds 1",
    ],
    ["a cut header", new Uint8Array([0, 0, 8, 2, 0, 0, 0, 1]), 8, "the idx header needs 12 bytes, the file has 8"],
    ["missing elements", idx([2, 2], [1, 2, 3]), 15, "header [2,2] promises 4 elements, the file holds 3"],
    ["extra elements", idx([2], [1, 2, 3]), 10, "header [2] promises 2 elements, the file holds 3"],
    ["a size beyond memory", idx([0xffffffff, 0xffffffff, 0xffffffff], []), 16, "the file holds 0"],
  ])("refuses %s", (_, bytes, offset, message) => {
    const error = errorOf(() => parseIdx(bytes, { file }));
    expect(error.message).toContain(message);
    expect([error.file, error.offset]).toEqual([file, offset]);
  });

  it("says that images and labels may be swapped when the rank is not the one asked for", () => {
    const error = errorOf(() => parseIdx(idx([2], [1, 2]), { file, rank: 3 }));
    expect(error.message).toContain("the idx array has 1 dimensions, expected 3");
    expect(error.message).toContain("are the two files swapped?");
  });

  it("gives a FormatError or what the bytes say, for any rank and sizes", () => {
    const size = fc.oneof({ weight: 5, arbitrary: fc.nat(3) }, fc.constantFrom(2 ** 16, 2 ** 31, 2 ** 32 - 1));
    const shapes = fc.oneof(
      { weight: 3, arbitrary: fc.array(size, { maxLength: 5 }) },
      fc.array(size, { maxLength: 80 }),
    );
    let whole = 0;
    fc.assert(
      fc.property(shapes, fc.uint8Array({ maxLength: 12 }), fc.boolean(), (shape, data, fits) => {
        const elements = shape.reduce((product, n) => product * n, 1);
        const bytes = idx(shape, fits && elements < 1000 ? Array<number>(elements).fill(7) : [...data]);
        try {
          const array = parseIdx(bytes, { file });
          expect(idx(array.shape, [...array.data])).toEqual(bytes);
          whole++;
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          expect(Number.isInteger((error as FormatError).offset)).toBe(true);
        }
      }),
      { numRuns: runs(2500), seed: 1 },
    );
    expect(whole).toBeGreaterThan(100);
  });

  it("gives a FormatError or what the bytes say, whatever is done to them", () => {
    const bytes = idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    fc.assert(
      fc.property(mutated(bytes), (damaged) => {
        try {
          const { shape, data } = parseIdx(damaged, { file });
          expect(idx(shape, [...data])).toEqual(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: runs(2500) },
    );
  });
});

describe.each([
  ["gunzip (zlib)", gunzip],
  ["gunzip (DecompressionStream)", gunzipStream],
])("%s", (_, unpack) => {
  const plain = new TextEncoder().encode("Flambeau ".repeat(50));
  const packed = new Uint8Array(gzipSync(plain));
  const options = { file: "text.gz", maxBytes: plain.length };

  it("unpacks", async () => {
    expect(await unpack(packed, options)).toEqual(plain);
  });

  it("says what it takes in plain JavaScript, too", async () => {
    expect(await gunzip(packed)).toEqual(plain);
    await expect(gunzip("text.gz" as never)).rejects.toThrow("gunzip: the bytes are no Uint8Array");
    await expect(gunzip(plain)).rejects.toThrow("gzip: not a gzip file");
  });

  it("names the file and the place when the data is truncated", async () => {
    const cut = packed.subarray(0, packed.length - 5);
    const error = await unpack(cut, options).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "FormatError", file: "text.gz", offset: cut.length });
    expect(String(error)).toMatch(/text\.gz: the gzip data (ends too early|is truncated or corrupt) /);
  });

  it("refuses a wrong checksum", async () => {
    const changed = packed.slice();
    changed[changed.length - 8] ^= 1;
    await expect(unpack(changed, options)).rejects.toThrow(/text\.gz: the gzip data is (truncated or )?corrupt/);
  });

  it("stops at the size that is expected", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
    await expect(unpack(bomb, options)).rejects.toThrow("the gzip data unpacks to more than the expected 450 bytes");
  });

  it("gives a FormatError or the same content, whatever is done to the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(mutated(packed), async (damaged) => {
        try {
          expect(await unpack(damaged, options)).toEqual(plain);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: runs(2500) },
    );
  });
});

describe("sha256", () => {
  it("is that of FIPS 180-2", async () => {
    expect(await sha256(new TextEncoder().encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});
