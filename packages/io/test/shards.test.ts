import "./backend.ts";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FormatError, type Tensor, tensor } from "@flambeau/tensor";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  encode,
  encodeSafetensors,
  FetchError,
  load,
  loadMetadata,
  openSafetensors,
  ReadError,
  save,
  saveShards,
} from "../src/index.ts";
import reference from "./figures/shards.json" with { type: "json" };
import { send, serve } from "./server.ts";

let folder: string;
let path: string;
let index: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-shards-"));
  path = join(folder, "model.safetensors");
  index = `${path}.index.json`;
});
afterEach(() => rm(folder, { recursive: true }));

const three = () => ({ a: tensor([1, 2]), b: tensor([3, 4]), c: tensor([5]) });
const lists = (all: { [name: string]: Tensor }) =>
  Object.fromEntries(Object.entries(all).map(([k, t]) => [k, t.tolist()]));
/** An index of this map. */
const point = (weight_map: unknown, more: object = {}) => writeFile(index, JSON.stringify({ weight_map, ...more }));

describe("saveShards", () => {
  it("writes what load reads, named as the hub names it", async () => {
    expect(await saveShards(three(), path, { maxShardBytes: 12, metadata: { epoch: "3" } })).toBe(index);
    expect((await readdir(folder)).sort()).toEqual([
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]);
    expect(JSON.parse(await readFile(index, "utf8"))).toEqual({
      metadata: { epoch: "3", total_size: 20 },
      weight_map: {
        a: "model-00001-of-00002.safetensors",
        b: "model-00002-of-00002.safetensors",
        c: "model-00002-of-00002.safetensors",
      },
    });
    expect(lists(await load(index))).toEqual({ a: [1, 2], b: [3, 4], c: [5] });
    expect(lists(await load(pathToFileURL(index)))).toEqual({ a: [1, 2], b: [3, 4], c: [5] });
    expect(await loadMetadata(index)).toEqual({ epoch: "3" });
    expect(await loadMetadata(join(folder, "model-00001-of-00002.safetensors"))).toEqual({ epoch: "3" });
  });

  it("removes the files of the save before, and no others", async () => {
    await saveShards(three(), path, { maxShardBytes: 1 });
    await writeFile(join(folder, "model-00009-of-00009.safetensors"), "mine");
    await saveShards(three(), path);
    expect((await readdir(folder)).sort()).toEqual([
      "model-00001-of-00001.safetensors",
      "model-00009-of-00009.safetensors",
      "model.safetensors.index.json",
    ]);
    await save({}, join(folder, "other.safetensors"));
    await point({ a: "other.safetensors" });
    await saveShards({}, path);
    expect(await readdir(folder)).toContain("other.safetensors");
    expect(await load(index)).toEqual({});
  });

  it("leaves the save before as it was when it fails", async () => {
    await saveShards(three(), path, { maxShardBytes: 1 });
    const before = await readdir(folder);
    await mkdir(join(folder, "model-00002-of-00002.safetensors"));
    await expect(saveShards({ a: tensor([9]), __metadata__: tensor([1]) }, path, { maxShardBytes: 1 })).rejects.toThrow(
      '"__metadata__" is taken by the format',
    );
    await rm(join(folder, "model-00002-of-00002.safetensors"), { recursive: true });
    expect(await readdir(folder)).toEqual(before);
    expect(lists(await load(index))).toEqual({ a: [1, 2], b: [3, 4], c: [5] });
  });

  it("refuses other paths and sizes", async () => {
    await expect(saveShards({}, join(folder, "model.bin"))).rejects.toThrow("the path must end with .safetensors");
    for (const maxShardBytes of [0, -1, 1.5, Number.NaN])
      await expect(saveShards({}, path, { maxShardBytes })).rejects.toThrow("maxShardBytes must be a positive integer");
    await expect(saveShards({}, join(folder, "no", "model.safetensors"))).rejects.toMatchObject({ name: "WriteError" });
  });
});

describe("an index", () => {
  it("of the reference implementation is read", async () => {
    for (const [name, content] of Object.entries(reference.files))
      await writeFile(join(folder, name), Buffer.from(content, "base64"));
    const all = await load(join(folder, "model.safetensors.index.json"));
    expect(lists(all)).toEqual(reference.values);
  });

  it("leads to the files that hold what is wanted, and to no others", async () => {
    await saveShards(three(), path, { maxShardBytes: 12 });
    await rm(join(folder, "model-00001-of-00002.safetensors"));
    expect(lists(await load(index, { only: ["c"] }))).toEqual({ c: [5] });
    await expect(load(index, { only: ["d"] })).rejects.toThrow('has no "d"');
    await expect(load(index)).rejects.toThrow(ReadError);
  });

  it.each<[string, unknown, string]>([
    ["no object", [1], 'has no "weight_map"'],
    ["without a map", { weight_map: ["a"] }, 'has no "weight_map"'],
    ["of a number", { weight_map: { a: 1 } }, 'the file of "a" must be text, got 1'],
    ["up", { weight_map: { a: "../x.safetensors" } }, 'the file of "a" must lie beside the index'],
    ["up in Windows", { weight_map: { a: "..\\x.safetensors" } }, "must lie beside the index"],
    ["to the root", { weight_map: { a: "/etc/x.safetensors" } }, "must lie beside the index"],
    ["to a drive", { weight_map: { a: "C:x.safetensors" } }, "must lie beside the index"],
    ["to a folder", { weight_map: { a: ".." } }, "must lie beside the index"],
    ["to nothing", { weight_map: { a: "" } }, "must lie beside the index"],
    ["past a zero", { weight_map: { a: "x\0.safetensors" } }, "must lie beside the index"],
    ["to another format", { weight_map: { a: "pytorch_model-00001-of-00002.bin" } }, "and no safetensors"],
    ["that leads to its own", { weight_map: { a: "model.safetensors.index.json" } }, "and no safetensors"],
  ])("%s is refused", async (_, content, message) => {
    await writeFile(index, JSON.stringify(content));
    const error = await load(index).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FormatError);
    expect(String(error)).toContain(message);
  });

  it("that is not JSON is refused", async () => {
    for (const text of ["", "{", "[".repeat(100_000), "\xff", '{"weight_map":{"a":"\\ud800.safetensors"}}']) {
      await writeFile(index, text, "latin1");
      await expect(load(index)).rejects.toThrow(FormatError);
    }
  });

  it("that lies about its files is refused", async () => {
    await save({ a: tensor([1]), b: tensor([2]) }, join(folder, "x.safetensors"));
    await save({ c: tensor([3]) }, join(folder, "y.safetensors"));
    await point({ a: "x.safetensors", c: "x.safetensors", b: "y.safetensors" });
    await expect(load(index)).rejects.toThrow('the index says that "c" is in x.safetensors, it is in y.safetensors');
    await point({ a: "x.safetensors", b: "x.safetensors", c: "y.safetensors", d: "y.safetensors" });
    await expect(load(index)).rejects.toThrow(
      'the index says that "d" is in y.safetensors, it is in none of its files',
    );
    await expect(load(index, { only: ["d"] })).rejects.toThrow("it is not there");
    await point({ a: "z.safetensors" });
    await expect(load(index)).rejects.toMatchObject({ name: "ReadError", code: "ENOENT" });
    await writeFile(join(folder, "z.safetensors"), "no tensors here");
    await expect(load(index)).rejects.toMatchObject({ name: "FormatError", file: join(folder, "z.safetensors") });
  });

  it("names what it does not list, and is not confused by names of objects", async () => {
    await save({ a: tensor([1]), b: tensor([2]) }, join(folder, "x.safetensors"));
    await point({ a: "x.safetensors" });
    const left: string[] = [];
    expect(lists(await load(index, { skipped: (name, reason) => left.push(`${name}: ${reason}`) }))).toEqual({
      a: [1],
    });
    expect(left).toEqual(["b: it is in x.safetensors, and not in the index"]);
    await writeFile(
      join(folder, "x.safetensors"),
      encodeSafetensors([["__proto__", { dtype: "uint8", shape: [], bytes: new Uint8Array([7]) }]]),
    );
    await writeFile(index, '{"weight_map":{"__proto__":"x.safetensors"}}');
    const all = await load(index);
    expect(Object.entries(all).map(([name, t]) => [name, t.item()])).toEqual([["__proto__", 7]]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it("may have links beside it, as caches do", async () => {
    await mkdir(join(folder, "blobs"));
    await save({ a: tensor([1]) }, join(folder, "blobs", "x"));
    await symlink(join("blobs", "x"), join(folder, "x.safetensors"));
    await point({ a: "x.safetensors" });
    expect(lists(await load(index))).toEqual({ a: [1] });
  });

  it("is read from an address, with its files' digests", async () => {
    await saveShards(three(), path, { maxShardBytes: 12 });
    await using server = await serve(async (request, response) => {
      const name = decodeURIComponent(new URL(request.url ?? "", "http://x").pathname.slice(1));
      const bytes = await readFile(join(folder, name)).catch(() => undefined);
      if (bytes) send(request, response, bytes, { ETag: `"${name}"` });
      else response.writeHead(404).end();
    });
    const url = `${server.url}model.safetensors.index.json`;
    expect(lists(await load(`${url}?download=true`))).toEqual({ a: [1, 2], b: [3, 4], c: [5] });
    expect(lists(await load(new URL(url), { cache: join(folder, "cache") }))).toEqual({ a: [1, 2], b: [3, 4], c: [5] });
    await expect(load(url, { integrity: `sha256-${"A".repeat(43)}` })).rejects.toThrow(
      "the option integrity has no digest of model.safetensors.index.json",
    );
    const digests: { [file: string]: string } = {};
    const { createHash } = await import("node:crypto");
    for (const name of (await readdir(folder)).filter((each) => each.startsWith("model")))
      digests[name] = `sha256-${createHash("sha256")
        .update(await readFile(join(folder, name)))
        .digest("base64")}`;
    expect(lists(await load(url, { integrity: digests }))).toEqual({ a: [1, 2], b: [3, 4], c: [5] });
    digests["model-00002-of-00002.safetensors"] = digests["model-00001-of-00002.safetensors"];
    await expect(load(url, { integrity: digests })).rejects.toThrow(
      "model-00002-of-00002.safetensors: the content is another one",
    );
    await rm(join(folder, "model-00002-of-00002.safetensors"));
    await expect(load(url)).rejects.toThrow(FetchError);
  });
});

describe("openSafetensors", () => {
  it("reads one tensor at a time", async () => {
    await save(three(), path, { metadata: { epoch: "3" } });
    for (const place of [path, pathToFileURL(path), new Blob([(await encode(three())) as Uint8Array<ArrayBuffer>])]) {
      await using file = await openSafetensors(place);
      expect([...file.entries]).toEqual([
        ["a", { dtype: "float32", format: "F32", shape: [2], byteLength: 8 }],
        ["b", { dtype: "float32", format: "F32", shape: [2], byteLength: 8 }],
        ["c", { dtype: "float32", format: "F32", shape: [1], byteLength: 4 }],
      ]);
      expect((await file.tensor("b")).tolist()).toEqual([3, 4]);
      expect([...(await file.bytes("c"))]).toEqual([0, 0, 0xa0, 0x40]);
      await expect(file.tensor("d")).rejects.toThrow('has no "d"\n  hint: it holds a, b, c');
    }
    const file = await openSafetensors(path);
    expect(file.metadata).toEqual({ epoch: "3" });
    await file.close();
    await file.close();
    await expect(file.tensor("a")).rejects.toThrow("is closed");
  });

  it("asks a server for that tensor alone", async () => {
    const bytes = await encode({ a: tensor(Array(50_000).fill(1)), b: tensor(Array(50_000).fill(2)) });
    await using server = await serve((request, response) => send(request, response, bytes));
    await using file = await openSafetensors(server.url);
    expect(server.asked).toHaveLength(1);
    expect((await file.tensor("b")).at(49_999).item()).toBe(2);
    expect(server.asked[1].range).toBe(`bytes=${bytes.length - 200_000}-${bytes.length - 1}`);
  });

  it("lists what Flambeau cannot hold, whose bytes are to be had", async () => {
    const header =
      '{"f4":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"x":{"dtype":"F3_E1M1","shape":[8],"data_offsets":[1,4]},"f8":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[4,5]}}';
    const bytes = Buffer.concat([
      Buffer.from(new BigUint64Array([BigInt(header.length)]).buffer),
      Buffer.from(header),
      Buffer.from([1, 2, 3, 4, 60]),
    ]);
    await writeFile(path, bytes);
    await using file = await openSafetensors(path);
    expect([...file.entries.values()].map(({ format, dtype }) => [format, dtype])).toEqual([
      ["F4", undefined],
      ["F3_E1M1", undefined],
      ["F8_E5M2", "float32"],
    ]);
    expect([...(await file.bytes("x"))]).toEqual([2, 3, 4]);
    expect((await file.tensor("f8")).tolist()).toEqual([1]);
    await expect(file.tensor("f4")).rejects.toThrow('"f4" cannot be read: Flambeau has no dtype F4');
  });

  it("opens an index", async () => {
    await saveShards(three(), path, { maxShardBytes: 12, metadata: { epoch: "3" } });
    await using file = await openSafetensors(index);
    expect([[...file.entries.keys()], file.metadata]).toEqual([["a", "b", "c"], { epoch: "3" }]);
    expect((await file.tensor("c")).tolist()).toEqual([5]);
    await point({ a: "model-00002-of-00002.safetensors" });
    await expect(openSafetensors(index)).rejects.toThrow(FormatError);
  });
});

// where Python is there with safetensors, its reader has the last word
const python = [process.env.FLAMBEAU_PYTHON ?? "python3"].find(
  (each) => spawnSync(each, ["-c", "import safetensors.numpy"]).status === 0,
);
it.skipIf(python === undefined)("the reference implementation reads our files, each by the index", async () => {
  await saveShards(three(), path, { maxShardBytes: 12, metadata: { epoch: "3" } });
  const script = `
import json, os, sys, safetensors
index = json.load(open(sys.argv[1]))
found = {}
for name, shard in index["weight_map"].items():
    with safetensors.safe_open(os.path.join(os.path.dirname(sys.argv[1]), shard), "np") as f:
        found[name] = [f.get_tensor(name).tolist(), f.metadata()]
print(json.dumps(found))`;
  const note = { epoch: "3" };
  const found: unknown = JSON.parse(execFileSync(python as string, ["-c", script, index], { encoding: "utf8" }));
  expect(found).toEqual({ a: [[1, 2], note], b: [[3, 4], note], c: [[5], note] });
});
