import "./backend.ts";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type DType, dtypes, fromBytes, type Tensor, tensor } from "@flambeau/tensor";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  decode,
  encode,
  load,
  loadCheckpoint,
  loadNpy,
  loadNpz,
  parseSafetensors,
  ReadError,
  save,
  saveNpy,
  saveNpz,
} from "../src/index.ts";
import numpy from "./numpy.json" with { type: "json" };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A [2, 3] tensor whose bytes are 0, 1, 0, 1... (so that it is a bool tensor as well as any other). */
const sample = (dtype: DType): Tensor => {
  const bytes = {
    int16: 2,
    float16: 2,
    bfloat16: 2,
    int32: 4,
    float32: 4,
    int64: 8,
    float64: 8,
    bool: 1,
    int8: 1,
    uint8: 1,
  }[dtype];
  return fromBytes(
    Uint8Array.from({ length: 6 * bytes }, (_, i) => i % 2),
    dtype,
    [2, 3],
  );
};
const seen = (t: Tensor) => [t.dtype, [...t.shape], [...t.dataSync()]];

describe("save and load", () => {
  it.each([...dtypes])("keep %s", async (dtype) => {
    const path = join(folder, "t.safetensors");
    const t = sample(dtype);
    await save({ t }, path);
    expect(seen((await load(path)).t)).toEqual(seen(t));
  });

  it("write a view's own elements, in its own order", async () => {
    const t = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]).t();
    expect(seen(decode(await encode({ t })).t)).toEqual(["float32", [3, 2], [1, 4, 2, 5, 3, 6]]);
  });

  it("take maps, scalars, empty tensors and metadata", async () => {
    const bytes = await encode(
      new Map([
        ["scalar", tensor(3)],
        ["empty", tensor([])],
      ]),
      { metadata: { by: "a test" } },
    );
    const { scalar, empty } = decode(bytes);
    expect([seen(scalar), seen(empty)]).toEqual([
      ["float32", [], [3]],
      ["float32", [0], []],
    ]);
    expect(parseSafetensors(bytes).metadata).toEqual(new Map([["by", "a test"]]));
  });

  it("read the values at the moment of the call, though training goes on while they are written", async () => {
    const t = tensor([1, 2]);
    const bytes = encode({ t });
    t.mul_(10);
    expect(seen(decode(await bytes).t)[2]).toEqual([1, 2]);
  });

  it("name the file that is damaged", async () => {
    const path = join(folder, "notes.txt");
    await rm(path, { force: true });
    await import("node:fs/promises").then((fs) => fs.writeFile(path, "no tensors in here at all"));
    await expect(load(path)).rejects.toMatchObject({ name: "FormatError", file: path, offset: 0 });
  });
});

describe("files that cannot be read", () => {
  it.each([load, loadNpy, loadNpz, (path: string) => loadCheckpoint(path, {})])("are a ReadError: %o", async (read) => {
    const absent = join(folder, "absent");
    const error = await read(absent).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ReadError);
    expect(error).toMatchObject({ path: absent, code: "ENOENT", cause: { code: "ENOENT", syscall: "open" } });
    expect(String(error)).toContain(`${absent}: not read: there is no such file (ENOENT)`);
    await expect(read(folder)).rejects.toThrow("not read: the path is a folder (EISDIR)");
  });

  it.each<[string, readonly number[], string]>([
    ["a .pt", [0x50, 0x4b, 3, 4, 0, 0, 8, 8], "loadPt() reads .pt"],
    ["an old .pt", [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46], "loadPt() reads .pt"],
    ["an .onnx", [8, 8, 0x12, 7, 0x70, 0x79, 0x74, 0x6f, 0x72], "this is an ONNX model"],
    ["a .gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], "data.gunzip(bytes)"],
    ["an .npy", [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0], "loadNpy() or parseNpy() reads it"],
  ])("say what %s is", async (_, start, hint) => {
    const path = join(folder, "model");
    await writeFile(path, new Uint8Array([...start, ...Array<number>(100).fill(0)]));
    await expect(load(path)).rejects.toThrow(/model: this is .*, not safetensors/);
    await expect(load(path)).rejects.toThrow(hint);
    if (!hint.includes("loadNpy")) await expect(loadNpy(path)).rejects.toThrow(/this is .*, not npy/);
  });

  it("are known by their headers, before gigabytes are read", async () => {
    const path = join(folder, "large");
    const handle = await open(path, "w");
    await handle.write(new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]));
    await handle.truncate(50e9);
    await handle.close();
    await expect(load(path)).rejects.toThrow("the tensors end here, the file has 49999999990 bytes more");
    await expect(loadNpy(path)).rejects.toThrow("not an npy file");
    await expect(loadNpz(path)).rejects.toThrow("no zip directory at the end");
  });

  it("say so where there are none, and that an address is not written to", async () => {
    await expect(save({}, "https://host/m.safetensors")).rejects.toThrow("the path is a file's, got the address");
    const { getBuiltinModule } = process;
    try {
      Object.assign(process, { getBuiltinModule: undefined }); // as in a worker that is not a page's
      await expect(load("m.safetensors")).rejects.toThrow("load: there is no file system here");
      await expect(save({}, "m")).rejects.toThrow("encode(tensors) gives the bytes");
    } finally {
      Object.assign(process, { getBuiltinModule });
    }
  });
});

describe("files with members that are no tensors", () => {
  it("give the others, and name what is left out", async () => {
    const path = join(folder, "scipy.npz");
    await writeFile(path, Buffer.from(numpy["scipy sparse"], "base64"));
    const left: string[] = [];
    const arrays = await loadNpz(path, { skipped: (name, reason) => left.push(`${name}: ${reason}`) });
    expect(Object.keys(arrays).sort()).toEqual(["data", "indices", "indptr", "shape"]);
    expect(left).toEqual(["format: it holds text: parseNpz() gives it"]);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await loadNpz(path);
    expect(warn.mock.calls).toEqual([[`${path}: "format" is left out: it holds text: parseNpz() gives it`]]);
    warn.mockClear();
    expect(Object.keys(await loadNpz(path, { only: ["data"] }))).toEqual(["data"]);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    await expect(loadNpz(path, { only: ["format"] })).rejects.toThrow("text");
  });

  it("are read by name from safetensors", async () => {
    const path = join(folder, "some.safetensors");
    await save({ a: tensor([1]), b: tensor([2]) }, pathToFileURL(path));
    const { b, ...rest } = await load(pathToFileURL(path), { only: ["b"] });
    expect([seen(b), rest]).toEqual([["float32", [1], [2]], {}]);
    await expect(load(path, { only: ["c"] })).rejects.toThrow('has no "c"\n  hint: it holds a, b');
    expect(Object.keys(decode(await encode({ a: tensor([1]), b: tensor([2]) }), { only: ["a"] }))).toEqual(["a"]);
  });

  it("are not written", async () => {
    await expect(save({ a: 3 } as never, join(folder, "x"))).rejects.toThrow('save: "a" is a number and no tensor');
    await expect(save(tensor([1]) as never, join(folder, "x"))).rejects.toThrow(
      "save: the tensors are an object or a map",
    );
    await expect(saveNpy([1] as never, join(folder, "x"))).rejects.toThrow("and no tensor");
    await expect(save({}, join(folder, "x"), { metadata: new Map([["a", "b"]]) as never })).rejects.toThrow(
      "an object of strings",
    );
  });
});

it("options are held to their names, before anything is read or written", async () => {
  const wrong = (x: unknown) => x as never; // the types refuse it
  const path = join(folder, "absent");
  await expect(load(path, wrong("cpu"))).rejects.toThrow(
    'load: options are given by name, got "cpu"\n  hint: write { device: "cpu" }',
  );
  await expect(load(path, wrong({ file: path }))).rejects.toThrow('load: there is no option "file"');
  await expect(save({}, path, wrong({ metadata: { epoch: 3 } }))).rejects.toThrow(
    "save: the option metadata is an object of strings",
  );
  expect(() => decode(new Uint8Array(), wrong({ devices: "cpu" }))).toThrow("did you mean device?");
  const bytes = await encode({ t: tensor([1]) }, { metadata: undefined });
  expect(decode(bytes, { device: undefined, file: undefined }).t.tolist()).toEqual([1]);
});

describe("npy and npz files", () => {
  it.each(dtypes.filter((dtype) => dtype !== "bfloat16"))("keep %s", async (dtype) => {
    const t = sample(dtype);
    await saveNpy(t, join(folder, "t.npy"));
    expect(seen(await loadNpy(join(folder, "t.npy")))).toEqual(seen(t));
    await saveNpz({ t, again: t }, join(folder, "t.npz"));
    const arrays = await loadNpz(join(folder, "t.npz"));
    expect(Object.keys(arrays)).toEqual(["t", "again"]);
    expect(seen(arrays.again)).toEqual(seen(t));
  });
});
