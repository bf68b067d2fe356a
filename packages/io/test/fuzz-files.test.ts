// GGUF files and indices of several files, built part by part and damaged: typed errors only, and nothing of what is claimed is allocated.
import "./backend.ts";
import { FormatError, tensor } from "@flambeau/tensor";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { runs } from "../../../test/support/long.ts";
import { bytesSource } from "../src/files/bytes.ts";
import { readGguf } from "../src/gguf/open.ts";
import { encode, ReadError } from "../src/index.ts";
import { parseIndex, readShards } from "../src/safetensors/shards.ts";
import { byteLength } from "../src/tensor-data.ts";
import { damaged } from "./damage.ts";
import figures from "./figures/gguf.json" with { type: "json" };
import { ggufBytes } from "./gguf-fuzz.ts";
import { jsonText, nested } from "./structures.ts";

// 2,500 files here, 100,000 in the long form
const settings = { numRuns: runs(2500), seed: 1, endOnFailure: true } as const;
const before = Object.getOwnPropertyNames(Object.prototype);

/** How many files were read and how many refused: both must happen, or a test says little. */
class Tally {
  read = 0;
  refused = 0;
  check(least = settings.numRuns / 20) {
    expect(Math.min(this.read, this.refused)).toBeGreaterThan(least);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  }
}

describe("GGUF files are refused with a FormatError, or read as what their headers say", () => {
  const whole = async (bytes: Uint8Array, tally: Tally) => {
    try {
      const { tensors } = await readGguf(bytesSource(bytes, "gguf"));
      for (const data of tensors.values()) expect(data.bytes.length).toBe(byteLength(data.dtype, data.shape));
      // what was made is no more than the largest factor by which a type is unpacked
      const made = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
      expect(made).toBeLessThanOrEqual(13 * bytes.length);
      tally.read++;
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      expect(Number.isInteger((error as FormatError).offset)).toBe(true);
      tally.refused++;
    }
  };
  it("built part by part", async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(ggufBytes, (bytes) => whole(bytes, tally)),
      settings,
    );
    tally.check();
  });
  it.each(["little", "big", "aligned to 256"] as const)("damaged: %s", async (name) => {
    const tally = new Tally();
    const file = new Uint8Array(Buffer.from(figures.files[name], "base64"));
    await fc.assert(
      fc.asyncProperty(damaged(file, 1500), (bytes) => whole(bytes, tally)),
      { ...settings, numRuns: runs(500) },
    );
    tally.check(10);
  });
});

describe("indices of several files are refused with a typed error, or lead to what they say", () => {
  const files = new Map<string, Uint8Array>();
  beforeAll(async () => {
    files.set("x.safetensors", await encode({ a: tensor([1]), b: tensor([2, 3]) }));
    files.set("y.safetensors", await encode({ c: tensor([4]), __proto__x: tensor([5]) }));
    for (const name of ["z.safetensors", "..x.safetensors"]) files.set(name, new TextEncoder().encode("no tensors"));
  });
  /** What lies beside the index; nothing else is ever asked for. */
  const open = async (name: string) => {
    const bytes = files.get(name);
    if (bytes) return bytesSource(bytes, name);
    expect(name).toMatch(/^[^/\\:\0]+\.safetensors$/i);
    throw new ReadError(name, Object.assign(new Error(), { code: "ENOENT" }));
  };

  const often = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
    fc.oneof({ weight: 12, arbitrary: right }, ...wrong.map((arbitrary) => ({ weight: 1, arbitrary })));
  const right = fc.constantFrom(
    '"a":"x.safetensors"',
    '"b":"x.safetensors"',
    '"c":"y.safetensors"',
    '"__proto__x":"y.safetensors"',
  );
  const file = fc.constantFrom(
    "x.safetensors",
    "z.safetensors",
    "../x.safetensors",
    "..x.safetensors",
    "sub/x.safetensors",
    "sub\\\\x.safetensors",
    "/etc/passwd",
    "/etc/x.safetensors",
    "file:///etc/x.safetensors",
    "https://host/x.safetensors",
    "C:\\\\x.safetensors",
    "x.safetensors\\u0000",
    "\\ud800.safetensors",
    "%2e%2e/x.safetensors",
    ".",
    "..",
    "",
    "absent.safetensors",
    "model.safetensors.index.json",
    "X.SAFETENSORS",
    `${"x".repeat(5000)}.safetensors`,
  );
  const wrong = fc.oneof(
    fc.tuple(fc.constantFrom("a", "c", "d", "__proto__", "constructor"), file).map(([k, v]) => `"${k}":"${v}"`),
    fc.tuple(jsonText, file).map(([k, v]) => `"${k}":"${v}"`),
    fc.constantFrom('"a":1', '"a":null', '"a":["x.safetensors"]', '"a":{}', '"a":true', '"a"', ",", "{"),
    nested.map((n) => `"a":${n}`),
  );
  const index = fc
    .record({
      entries: fc.array(often(right, wrong), { maxLength: 4 }),
      metadata: often(
        fc.constantFrom("", '"metadata":{"total_size":20},', '"metadata":{"a":"b","__proto__":"c"},'),
        fc.constantFrom('"metadata":null,', '"metadata":[1],', '"metadata":"x",', '"weight_map":{},'),
        nested.map((n) => `"metadata":${n},`),
      ),
      key: often(fc.constant("weight_map"), fc.constantFrom("weightmap", "__proto__", "")),
      tail: often(fc.constant(""), fc.constantFrom(" ", "}", "\u0000", "null", "\ufeff")),
    })
    .map(({ entries, metadata, key, tail }) => `{${metadata}"${key}":{${entries}}}${tail}`);

  it("built part by part", async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(index, async (text) => {
        try {
          const { tensors } = await readShards(parseIndex(new TextEncoder().encode(text), "index"), open);
          const map = JSON.parse(text).weight_map as { [name: string]: string };
          expect([...tensors.keys()].sort()).toEqual(Object.keys(map).sort());
          for (const [name, data] of tensors)
            expect([data.shape, map[name]]).toEqual([
              [name === "b" ? 2 : 1],
              "abx".includes(name) ? "x.safetensors" : "y.safetensors",
            ]);
          tally.read++;
        } catch (error) {
          const typed = [FormatError, ReadError].some((kind) => error instanceof kind);
          if (!typed) throw error;
          tally.refused++;
        }
      }),
      settings,
    );
    tally.check();
  });

  it("damaged", () => {
    const tally = new Tally();
    const text = JSON.stringify(
      { metadata: { total_size: 20 }, weight_map: { a: "x.safetensors", b: "x.safetensors", c: "y.safetensors" } },
      null,
      2,
    );
    fc.assert(
      fc.property(damaged(new TextEncoder().encode(text)), (bytes) => {
        try {
          const { files } = parseIndex(bytes, "index");
          for (const name of files.values()) expect(name).not.toMatch(/[/\\:\0]|^\.\.?$/);
          tally.read++;
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          tally.refused++;
        }
      }),
      settings,
    );
    tally.check(settings.numRuns / 50);
  });
});
