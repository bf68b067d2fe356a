import "./backend.ts";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load, loadGguf, openGguf } from "../src/index.ts";
import figures from "./figures/gguf.json" with { type: "json" };
import { ggufFile } from "./gguf-files.ts";
import { send, serve } from "./server.ts";

// what gguf-py 0.19 wrote, and what it made of it
const fixture = (name: keyof typeof figures.files) => new Uint8Array(Buffer.from(figures.files[name], "base64"));
const blob = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-gguf-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a GGUF file", () => {
  it.each(["little", "version 2", "big"] as const)(
    "%s: each tensor has the bits that gguf-py gives it",
    async (name) => {
      await using file = await openGguf(blob(fixture(name)));
      expect([...file.entries.keys()]).toEqual(Object.keys(figures.values));
      const all = await loadGguf(blob(fixture(name)));
      for (const [key, { format, shape, data }] of Object.entries(figures.values)) {
        expect([key, file.entries.get(key)?.format, file.entries.get(key)?.shape]).toEqual([key, format, shape]);
        for (const t of [await file.tensor(key), all[key]]) {
          expect(t.shape).toEqual(shape);
          const { buffer, byteOffset, byteLength } = t.dataSync();
          expect([key, Buffer.from(buffer, byteOffset, byteLength).toString("base64")]).toEqual([key, data]);
        }
      }
    },
  );

  it("has tensors of our dtypes, and float32 of what is quantized", async () => {
    await using file = await openGguf(blob(fixture("little")));
    const dtypes = Object.fromEntries([...file.entries].map(([name, { dtype }]) => [name, dtype]));
    expect(dtypes).toMatchObject({
      f16: "float16",
      "real.BF16": "bfloat16",
      i64: "int64",
      f64: "float64",
      Q4_K: "float32",
    });
    expect(file.entries.get("Q4_K")).toEqual({ dtype: "float32", format: "Q4_K", shape: [2, 256], byteLength: 288 });
    expect(await file.bytes("i16")).toEqual(new Uint8Array([0, 0x80, 5, 0]));
  });

  it.each(["little", "big"] as const)("%s: its metadata are plain data", async (name) => {
    await using file = await openGguf(blob(fixture(name)));
    const { __proto__: own, ...metadata } = file.metadata;
    expect(own).toBe("a name like others");
    expect(metadata).toEqual({
      "general.architecture": "test",
      "a.u8": 255,
      "a.i8": -128,
      "a.u16": 65535,
      "a.i16": -32768,
      "a.u32": 2 ** 32 - 1,
      "a.i32": -(2 ** 31),
      "a.f32": 0.5,
      "a.bool": true,
      "a.string": "é 日本 🔥",
      "a.u64": 2n ** 64n - 1n,
      "a.i64": -5,
      "a.f64": 0.1,
      "a.list": [1, -2, 3],
      "a.tokens": ["<s>", "</s>", "ä"],
      "a.floats": [0.5, -1.5],
      "a.bools": [true, false],
    });
  });

  it("may be aligned otherwise, or hold nothing", async () => {
    await using file = await openGguf(blob(fixture("aligned to 256")));
    expect(file.metadata["general.alignment"]).toBe(256);
    for (const key of ["f32", "i8", "Q4_0"] as const) {
      const { buffer, byteOffset, byteLength } = (await file.tensor(key)).dataSync();
      expect(Buffer.from(buffer, byteOffset, byteLength).toString("base64")).toBe(figures.values[key].data);
    }
    expect(await loadGguf(blob(fixture("no tensors")))).toEqual({});
  });

  it("is read by the tensor from a server", async () => {
    const bytes = ggufFile({
      tensors: [
        { name: "a", type: 0, shape: [100_000] },
        { name: "b", type: 24, shape: [5] },
      ],
    });
    await using server = await serve((request, response) => send(request, response, bytes));
    await using file = await openGguf(server.url);
    expect((await file.tensor("b")).tolist()).toEqual([0, 0, 0, 0, 0]);
    expect(server.asked.map(({ range }) => range)).toEqual([
      "bytes=0-65535",
      expect.stringMatching(/^bytes=4\d{5}-4\d{5}$/),
    ]);
  });

  it("may have a header of any length", async () => {
    const tokens = Array.from({ length: 200_000 }, (_, i) => `token ${i}`);
    const bytes = ggufFile({ values: [["tokens", 9, tokens]], tensors: [{ name: "a", type: 24, shape: [5] }] });
    const seen: number[] = [];
    await using file = await openGguf(blob(bytes), { onProgress: ({ loaded }) => void seen.push(loaded) });
    expect(file.metadata.tokens).toEqual(tokens);
    expect(seen.length).toBeGreaterThan(2);
  });

  it("names what is left out", async () => {
    const bytes = ggufFile({
      tensors: [
        { name: "a", type: 24, shape: [5] },
        { name: "iq", type: 16, shape: [1, 256] },
        { name: "later", type: 99, shape: [7], bytes: 40 },
      ],
    });
    const left: string[] = [];
    const all = await loadGguf(blob(bytes), { skipped: (name, why) => left.push(`${name}: ${why}`) });
    expect([Object.keys(all), left]).toEqual([
      ["a"],
      ["iq: Flambeau does not read IQ2_XXS", "later: Flambeau does not read type 99"],
    ]);
    await using file = await openGguf(blob(bytes));
    expect((await file.bytes("later")).length).toBeGreaterThanOrEqual(40);
    await expect(file.tensor("iq")).rejects.toThrow("Flambeau does not read IQ2_XXS");
    await expect(loadGguf(blob(bytes), { only: ["iq"] })).rejects.toThrow('"iq" cannot be read');
  });

  it("is told from other formats, and they from it", async () => {
    const path = join(folder, "model.gguf");
    await writeFile(path, fixture("little"));
    await expect(load(path)).rejects.toThrow(
      /this is GGUF, not safetensors .*\n {2}hint: loadGguf\(\) or openGguf\(\) reads it/,
    );
    await writeFile(path, "PK\x03\x04");
    await expect(loadGguf(path)).rejects.toThrow("this is a zip archive");
    await expect(loadGguf(blob(new Uint8Array(100)))).rejects.toThrow("it does not start with GGUF");
  });
});

describe("a header that lies is refused, before anything is allocated", () => {
  const one = { name: "a", type: 0, shape: [3] };
  it.each<[string, Uint8Array, string]>([
    ["version 1", ggufFile({ version: 1 }), "version 1 of GGUF is unknown, expected 2 or 3"],
    ["version 4", ggufFile({ version: 4 }), "version 4"],
    ["tensors without end", ggufFile({ tensorCount: 2n ** 63n }), "the number of tensors is 9223372036854775808"],
    [
      "values without end",
      ggufFile({ valueCount: 2n ** 40n }),
      "the number of values is 1099511627776, the file has room for",
    ],
    ["a long key", ggufFile({ keyLength: 2n ** 62n, values: [["k", 4, 1]] }), "the length of a key is"],
    [
      "a list without end",
      ggufFile({ values: [["k", 9, []]], listLength: 2n ** 50n }),
      'the length of the value of "k" is',
    ],
    ["a type of value", ggufFile({ values: [["k", 13, 0]] }), "is of the unknown type 13"],
    ["a boolean of 2", ggufFile({ values: [["k", 7, 2]] }), "is a boolean of 2"],
    [
      "a key twice",
      ggufFile({
        values: [
          ["k", 4, 1],
          ["k", 4, 2],
        ],
      }),
      'the key "k" stands twice',
    ],
    ["a name twice", ggufFile({ tensors: [one, one] }), 'two tensors are named "a"'],
    ["an alignment of 7", ggufFile({ values: [["general.alignment", 4, 7]] }), "must be a multiple of 8, got 7"],
    ["an alignment of 0", ggufFile({ values: [["general.alignment", 4, 0]] }), "must be a multiple of 8, got 0"],
    ["a rank of 65", ggufFile({ tensors: [{ ...one, shape: Array(65).fill(1) }] }), "has 65 dimensions"],
    [
      "sizes that no file has",
      ggufFile({ tensors: [{ ...one, shape: [2 ** 40, 2 ** 40] }] }),
      "is larger than any file",
    ],
    [
      "more than there is",
      ggufFile({ tensors: [{ ...one, shape: [2 ** 40], bytes: 12 }] }),
      "the file is truncated or corrupt",
    ],
    ["a place that is not aligned", ggufFile({ tensors: [{ ...one, offset: 4n }] }), "which is no multiple of 32"],
    [
      "a place beyond the end",
      ggufFile({ tensors: [{ ...one, offset: 2n ** 63n }] }),
      "starts at byte 9223372036854775808",
    ],
    [
      "tensors that overlap",
      ggufFile({
        tensors: [
          { ...one, shape: [20] },
          { ...one, name: "b", offset: 32n },
        ],
      }),
      '"a" overlaps "b"',
    ],
    [
      "a part of a block",
      ggufFile({ tensors: [{ name: "a", type: 12, shape: [100], bytes: 144 }] }),
      "are no whole blocks of 256 (Q4_K)",
    ],
    ["an end in the middle", ggufFile({ tensors: [one] }).subarray(0, 40), "beyond the end"],
  ])("%s", async (_, bytes, message) => {
    const error = await openGguf(blob(bytes)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FormatError);
    expect(String(error)).toContain(message);
  });

  it("lists in lists, of any depth", async () => {
    const deep = new Uint8Array(24 + 8 + 1 + 4 + 12 * 10_000);
    const view = new DataView(deep.buffer);
    deep.set([0x47, 0x47, 0x55, 0x46, 3]);
    view.setBigUint64(16, 1n, true);
    view.setBigUint64(24, 1n, true);
    deep[32] = 0x6b;
    view.setUint32(33, 9, true);
    for (let at = 37; at < deep.length; at += 12) {
      view.setUint32(at, 9, true);
      view.setBigUint64(at + 4, 1n, true);
    }
    await expect(openGguf(blob(deep))).rejects.toThrow("lies over 16 arrays deep");
  });

  it("also of a file of 50 GB, of which little is read", async () => {
    const path = join(folder, "large.gguf");
    const handle = await open(path, "w");
    await handle.write(ggufFile({ valueCount: 2n ** 31n }));
    await handle.truncate(50e9);
    await handle.close();
    let read = 0;
    await expect(
      openGguf(path, {
        onProgress: ({ loaded }) => {
          read = loaded;
        },
      }),
    ).rejects.toThrow(FormatError);
    expect(read).toBeLessThan(110e6);
  });
});
