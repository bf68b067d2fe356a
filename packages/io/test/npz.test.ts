// npz files of every kind that NumPy writes, and ours, which NumPy reads.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joined } from "../src/files/bytes.ts";
import { encodeNpz, encodeNpzCompressed, parseNpz } from "../src/index.ts";
import { encodeNpyMember } from "../src/numpy/npy.ts";
import type { TextArray } from "../src/numpy/text.ts";
import { deflate, zip } from "../src/numpy/zip-write.ts";
import { elements, type TensorData } from "../src/tensor-data.ts";
import fixtures from "./figures/npz.json" with { type: "json" };

const fixture = (name: keyof typeof fixtures): Uint8Array => new Uint8Array(Buffer.from(fixtures[name], "base64"));
const read = ({ dtype, shape, ...rest }: TensorData) => [
  dtype,
  shape,
  Array.from(elements({ dtype, shape, ...rest }), Number),
];
const readAll = async (bytes: Uint8Array) => {
  const { arrays, skipped } = await parseNpz(bytes);
  expect([...skipped]).toEqual([]);
  return Object.fromEntries([...arrays].map(([name, data]) => [name, read(data)]));
};

const count = (n: number) => Array.from({ length: n }, (_, i) => i);
describe("NumPy's npz", () => {
  it.each(["dtypes", "dtypes compressed"] as const)("%s", async (name) => {
    const all = await readAll(fixture(name));
    const threes = count(6).map((i) => 3 * i);
    const half = [0, 0x4200, 0x4600, 0x4880, 0x4a00, 0x4b80]; // the bits of 0, 3... 15
    expect(all).toEqual({
      bool: ["bool", [2, 3], [0, 1, 0, 1, 0, 1]],
      ...Object.fromEntries(
        ["uint8", "int8", "int16", "int32", "int64", "float32", "float64"].map((d) => [d, [d, [2, 3], threes]]),
      ),
      float16: ["float16", [2, 3], half],
      uint16: ["int32", [2, 3], threes],
      uint32: ["int64", [2, 3], threes],
      uint64: ["int64", [2, 3], threes],
    });
  });

  it("in other orders", async () => {
    expect(await readAll(fixture("orders"))).toEqual({
      fortran: ["float32", [2, 3, 4], count(24)],
      big: ["int32", [3], [0, 1, 2]],
      "fortran and big": ["float64", [3, 2], count(6)],
      view: ["int16", [4], [0, 3, 6, 9]],
      "0-d": ["float32", [], [2.5]],
      empty: ["float64", [0, 3], []],
    });
  });

  it("with any names", async () => {
    // as NumPy gives them: "x.npy" is the member x.npy.npy
    expect(Object.keys(await readAll(fixture("names")))).toEqual(["a/b", "ä 日本", "x.npy", ""]);
    expect(Object.keys(await readAll(fixture("positional")))).toEqual(["k", "arr_0", "arr_1"]);
  });

  it.each(["zip64", "zip64 by number"] as const)("%s", async (name) => {
    const { int32, float64 } = await readAll(fixture(name));
    expect([int32[2], float64[2]]).toEqual([count(6).map((i) => 3 * i), count(6).map((i) => 3 * i)]);
  });
  it("zip64 compressed", async () => {
    const { a, b } = await readAll(fixture("zip64 compressed"));
    expect([a, b]).toEqual([
      ["float64", [1000], Array(1000).fill(0)],
      ["int64", [3], [0, 1, 2]],
    ]);
  });
});

const numbers: TensorData = { dtype: "int16", shape: [2, 3], bytes: new Uint8Array(new Int16Array(count(6)).buffer) };
const zeros: TensorData = { dtype: "float64", shape: [50, 50], bytes: new Uint8Array(20_000) };
const words: TextArray = { dtype: "string", shape: [2, 2], values: ["a", "日本", "", "🔥é"] };
const empty: TextArray = { dtype: "string", shape: [0], values: [] };
const all = [
  ["numbers", numbers],
  ["zeros", zeros],
  ["words/ä", words],
  ["empty", empty],
] as const;
const members = () => all.map(([name, data]) => ({ name: `${name}.npy`, content: encodeNpyMember(data) }));
const small = { bytes: 100, count: 1 };

/** Ours, by how they are made. */
const ours = {
  plain: async () => encodeNpz(all),
  compressed: async () => encodeNpzCompressed(all),
  zip64: async () => joined(zip(members(), small), "npz"),
  "zip64, compressed": async () => {
    const packed = await Promise.all(members().map(async (each) => ({ ...each, packed: await deflate(each.content) })));
    return joined(zip(packed, small), "npz");
  },
};
type Kind = keyof typeof ours;

describe("our npz", () => {
  it.each(Object.keys(ours) as Kind[])("%s is read back", async (kind) => {
    const bytes = await ours[kind]();
    const { arrays, strings, skipped } = await parseNpz(bytes);
    expect([...arrays].map(([name, data]) => [name, data])).toEqual(all.slice(0, 2));
    expect([...strings]).toEqual(all.slice(2));
    expect(skipped.size).toBe(0);
    expect(await ours[kind]()).toEqual(bytes);
    if (kind === "compressed") expect(bytes.length).toBeLessThan(2500);
  });

  // the bytes that NumPy 2.4 has read: a change calls for the test below, with Python
  it.each<[Kind, string]>([
    ["plain", "e11142d272fe247221dd8c67dc7d4c00"],
    ["zip64", "178965bc5b3dc58eac531e14a52a1770"],
  ])("%s is what NumPy has read", async (kind, digest) => {
    expect(
      createHash("sha256")
        .update(await ours[kind]())
        .digest("hex")
        .slice(0, 32),
    ).toBe(digest);
  });

  it("of more arrays than plain archives have", async () => {
    const one: TensorData = { dtype: "uint8", shape: [], bytes: new Uint8Array([1]) };
    const { arrays } = await parseNpz(encodeNpz(count(66_000).map((i) => [`a${i}`, one] as const)));
    expect(arrays.size).toBe(66_000);
  });

  it("refuses text that is none, and a shape of others", () => {
    expect(() => encodeNpz([["a", { dtype: "string", shape: [2], values: ["x"] }]])).toThrow("cannot hold 1 texts");
    expect(() => encodeNpz([["a", { dtype: "string", shape: [1], values: [1 as never] }]])).toThrow("a list of texts");
    expect(() => encodeNpz([["a", { dtype: "string", shape: [1], values: ["\ud800"] }]])).toThrow("a list of texts");
  });
});

describe("a zip64 directory that lies is refused", () => {
  const large = () => joined(zip(members(), small), "npz");
  const end = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.length - 98);
  it.each<[string, (view: DataView) => void]>([
    ["a place beyond the end", (v) => v.setBigUint64(56 + 8, 2n ** 60n, true)],
    ["a place of something else", (v) => v.setBigUint64(56 + 8, 0n, true)],
    ["another count", (v) => v.setBigUint64(32, 5n, true)],
    ["counts without end", (v) => [24, 32].forEach((at) => void v.setBigUint64(at, 2n ** 50n, true))],
    ["another size", (v) => v.setBigUint64(40, 2n ** 63n, true)],
    ["another start", (v) => v.setBigUint64(48, 3n, true)],
    ["another length of its own", (v) => v.setBigUint64(4, 2n ** 64n - 1n, true)],
    ["several disks", (v) => v.setUint32(16, 1, true)],
    ["two ends that differ", (v) => v.setUint16(76 + 10, 3, true)],
  ])("%s", async (_, change) => {
    const bytes = large();
    change(end(bytes));
    await expect(parseNpz(bytes)).rejects.toThrow(FormatError);
  });

  it("numbers that are not there", async () => {
    const bytes = large();
    const view = new DataView(bytes.buffer);
    // the first entry of the directory: its extra field gets another name
    const at = Number(end(bytes).getBigUint64(48, true));
    view.setUint16(at + 46 + view.getUint16(at + 28, true), 7, true);
    await expect(parseNpz(bytes)).rejects.toThrow(FormatError);
  });
});

// the figures above need no Python; where it is there with NumPy, it has the last word
const python = [process.env.FLAMBEAU_PYTHON ?? "python3"].find(
  (each) => spawnSync(each, ["-c", "import numpy"]).status === 0,
);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-npz-"));
});
afterAll(() => rm(folder, { recursive: true }));
it.skipIf(python === undefined).each(Object.keys(ours) as Kind[])("NumPy reads our %s", async (kind) => {
  const path = join(folder, "ours.npz");
  await writeFile(path, await ours[kind]());
  const script = `
import json, sys, zipfile, numpy
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
print(json.dumps({k: [str(v.dtype), list(v.shape), v.ravel().tolist()] for k, v in numpy.load(sys.argv[1]).items()}))`;
  const found = JSON.parse(execFileSync(python as string, ["-c", script, path], { encoding: "utf8" }));
  expect(found).toEqual({
    numbers: ["int16", [2, 3], count(6)],
    zeros: ["float64", [50, 50], Array(2500).fill(0)],
    "words/ä": ["<U2", [2, 2], words.values],
    empty: ["<U1", [0], []],
  });
});
