import "./backend.ts";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ArgumentError, FormatError, memory, type Tensor, UnavailableError } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listPt, loadPt, ReadError, type TorchValue } from "../src/index.ts";
import { send, serve } from "./server.ts";
import { recordedFiles } from "./torch/files.ts";
import { archived, op, pickled } from "./torch/writing.ts";

const recorded = new Map(recordedFiles().map(({ file, bytes }) => [file, bytes]));
const fileOf = (name: string): Uint8Array => recorded.get(name) ?? expect.fail(`${name} is not recorded`);
const refused = (bytes: Uint8Array) => expect(loadPt(bytes)).rejects;
const latin = (codes: string) => Buffer.from(codes, "latin1");
const storage = { 0: [1, 2, 3, 4] };

describe("loadPt", () => {
  it("names tensors by the keys that lead to them, and reads those that are asked for", async () => {
    const t = () => op.tensor("0", [2], [1]);
    const file = archived(
      pickled(
        op.dict(
          [op.text("a.b"), t()],
          [op.text("a"), op.dict([op.text("b"), t()], [op.text("n"), op.int(7)])],
          [op.text("list"), op.list(op.int(1), t(), op.list(t()))],
          [op.int(3), t()],
        ),
      ),
      storage,
    );
    expect(await listPt(file)).toEqual(
      Object.fromEntries(
        ["a.b", "a.b~2", "list.1", "list.2.0", "3"].map((name) => [name, { dtype: "float32", shape: [2] }]),
      ),
    );
    const some = await loadPt<ReadonlyMap<unknown, unknown>>(file, { only: ["list.2.0"] });
    expect([...some.keys()]).toEqual(["a", "list"]);
    expect(some.get("a")).toEqual({ n: 7 });
    const list = some.get("list") as readonly [number, null, readonly [Tensor]];
    expect([list[0], list[1], list[2][0].tolist()]).toEqual([1, null, [1, 2]]);
    await expect(loadPt(file, { only: ["a.c"] })).rejects.toThrow(
      /pt has no "a\.c"[\s\S]*it holds a\.b, a\.b~2, list\.1/,
    );
  });

  it("gives one object for what stands at several places, and one memory for tensors that share it", async () => {
    const { a, b } = await loadPt<{ a: number[]; b: number[] }>(fileOf("same_list_twice.pt"));
    expect(a).toBe(b);
    const tied = await loadPt<{ enc_weight: Tensor; dec_weight: Tensor }>(fileOf("tied.pt"));
    tied.enc_weight.fill_(3);
    expect(tied.dec_weight.tolist()).toEqual(Array(4).fill([3, 3, 3]));
  });

  it("keeps the order of keys: in a Map where an object would not", async () => {
    const one = (...keys: string[]) =>
      loadPt(archived(pickled(op.dict(...keys.map((key) => [op.text(key), op.int(1)] as const)))));
    expect(await one("0", "1", "a")).toEqual({ 0: 1, 1: 1, a: 1 });
    expect(await one("a", "0")).toEqual(
      new Map([
        ["a", 1],
        ["0", 1],
      ]),
    );
    const hostile = await one("__proto__", "constructor");
    expect(Object.keys(hostile as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
  });

  it("keeps a tensor's wish for a gradient", async () => {
    const { w, rg, frozen } = await loadPt<{ [name: string]: Tensor }>(fileOf("parameters.pt"));
    expect([w, rg, frozen].map((t) => [t.requiresGrad, t.isLeaf])).toEqual([
      [true, true],
      [true, true],
      [false, true],
    ]);
  });

  it("leaves nothing of the file behind but the tensors", async () => {
    const before = memory().cpu;
    const read = await loadPt<{ [name: string]: Tensor }>(fileOf("views.pt"));
    // one buffer for each of the file's three storages, of 48, 24 and 24 numbers
    expect([memory().cpu.tensors - before.tensors, memory().cpu.bytes - before.bytes]).toEqual([3, 4 * 96]);
    for (const tensor of Object.values(read)) tensor.dispose();
    expect(memory().cpu.tensors).toBe(before.tensors);
  });

  describe("from elsewhere", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "flambeau-pt-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it("reads paths, file: URLs and blobs", async () => {
      const path = join(folder, "tied.pt");
      await writeFile(path, fileOf("tied.pt"));
      const whole = await loadPt<{ enc_weight: Tensor }>(fileOf("tied.pt"));
      for (const from of [path, pathToFileURL(path), new Blob([fileOf("tied.pt") as Uint8Array<ArrayBuffer>])]) {
        const { enc_weight } = await loadPt<{ enc_weight: Tensor }>(from);
        expect(enc_weight.tolist()).toEqual(whole.enc_weight.tolist());
        expect(Object.keys(await listPt(from))).toEqual(["enc_weight", "dec_weight", "dec_bias"]);
      }
    });

    it("reads addresses, of which no more comes than is asked for", async () => {
      const bytes = fileOf("tied.pt");
      await using server = await serve((request, response) => send(request, response, bytes));
      const { enc_weight } = await loadPt<{ enc_weight: Tensor }>(server.url);
      expect(enc_weight.tolist()).toEqual((await loadPt<{ enc_weight: Tensor }>(bytes)).enc_weight.tolist());
      expect(Object.keys(await listPt(new URL(server.url)))).toEqual(["enc_weight", "dec_weight", "dec_bias"]);
      const integrity = `sha256-${"A".repeat(43)}=`;
      for (const from of [server.url, bytes, new Blob([bytes as Uint8Array<ArrayBuffer>])])
        await expect(loadPt(from, { integrity })).rejects.toThrow("the content is another one");
    });

    it("says what is wrong with a path", async () => {
      await expect(loadPt(join(folder, "none.pt"))).rejects.toThrow(ReadError);
      await expect(loadPt("")).rejects.toThrow(ArgumentError);
      const unreadable = new Blob([fileOf("tied.pt") as Uint8Array<ArrayBuffer>]);
      unreadable.slice = () =>
        Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("the file has changed")) });
      await expect(loadPt(unreadable)).rejects.toThrow(/pt: not read: the file has changed/);
      vi.stubGlobal("process", { ...process, getBuiltinModule: undefined });
      try {
        await expect(loadPt("model.pt")).rejects.toThrow(UnavailableError);
      } finally {
        vi.unstubAllGlobals();
      }
    });
  });

  it.each(["large.pt", "legacy_lstm.pt"])("reads no more of %s than it is asked for", async (name) => {
    const bytes = fileOf(name);
    let read = 0;
    const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
    const slice = blob.slice.bind(blob);
    blob.slice = (from = 0, to = 0) => {
      read += to - from;
      return slice(from, to);
    };
    const listed = await listPt(blob);
    const smallest = Object.entries(listed).sort(([, a], [, b]) => product(a.shape) - product(b.shape))[0][0];
    // old files are read up to the first storage at least, and these are small
    const head = name === "large.pt" ? 70_000 : bytes.length;
    expect(read).toBeLessThan(head + 2000);
    read = 0;
    await loadPt(blob, { only: [smallest] });
    expect(read).toBeLessThan(head + 8 * product(listed[smallest].shape) + 2000);
  });
});
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe("a file that is small and asks for much", () => {
  const repeat = (code: string, n: number) => latin(code.repeat(n));

  it.each<[string, Uint8Array, string]>([
    ["levels", pickled(repeat("]", 300), repeat("a", 299)), "the data lie over 256 levels deep"],
    [
      "levels of what was measured elsewhere",
      // 200 levels, then another 200 around them
      pickled("](", repeat("]", 200), repeat("a", 199), op.put(1), repeat("]", 200), op.get(1), repeat("a", 200), "e"),
      "the data lie over 256 levels deep",
    ],
    [
      "paths",
      pickled(
        "]",
        ...Array.from({ length: 60 }, (_, i) => [op.put(i), latin("0]("), op.get(i), op.get(i), latin("e")]).flat(),
      ),
      "counted at each of their places",
    ],
    ["a list in itself", pickled("]", op.put(0), op.get(0), "a"), "a list holds itself"],
    ["dicts", pickled("](", repeat("}", 530_000), "e"), "the pickle holds over 2097152 values"],
    ["values in nothing", pickled(repeat("N", 4_300_000)), "values are in no list"],
    [
      "a pickle of 35 MB",
      pickled(op.text("x".repeat(35_000_000))),
      "the pickle has 35000008 bytes, the most is 33554432",
    ],
    [
      "sets of one list",
      pickled(
        "](",
        repeat("K\x01", 20_000),
        "e",
        op.put(0),
        "0",
        op.named("builtins", "set"),
        op.put(1),
        ...Array.from({ length: 2000 }, () => [op.get(1), op.get(0), latin("\x85R0")]).flat(),
      ),
      "copies of copies",
    ],
    [
      "bytes of one text",
      pickled(
        op.text("x".repeat(100_000)),
        op.put(0),
        op.text("latin1"),
        "\x86",
        op.put(1),
        op.named("_codecs", "encode"),
        op.put(2),
        ...Array.from({ length: 2000 }, () => [op.get(2), op.get(1), latin("R0")]).flat(),
      ),
      "copies of copies",
    ],
    [
      "a key of tuples of tuples",
      pickled("}N", ...Array.from({ length: 40 }, (_, i) => [op.put(i), op.get(i), latin("\x86")]).flat(), "Ns"),
      "a tuple of over 64 values is a key",
    ],
    [
      "a long integer",
      pickled(Uint8Array.of(0x8b, 1, 16, 0, 0), new Uint8Array(4097)),
      "an integer has 4097 bytes, the most is 4096",
    ],
    ["a long name", pickled(`c${"x".repeat(5000)}`), "a name has over 1000 bytes"],
    [
      "long names of tensors",
      archived(
        pickled(
          "}",
          op.text("x".repeat(2 ** 20)),
          "](",
          ...Array.from({ length: 70 }, () => op.tensor("0", [4], [1])),
          "es",
        ),
        storage,
      ),
      "the names of the tensors have over 67108864 letters",
    ],
  ])("is refused: %s", async (_, file, message) => {
    const pickle = file[0] === 0x80 ? archived(file, storage) : file;
    const before = memory().cpu.bytes;
    const error = await loadPt(pickle).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toContain(message);
    expect(memory().cpu.bytes).toBe(before);
  });

  it("but 256 levels, and a thousand references to one list, are fine", async () => {
    let deep = (await loadPt(archived(pickled(repeat("]", 256), repeat("a", 255))))) as readonly TorchValue[];
    for (let i = 1; i < 256; i++) deep = deep[0] as readonly TorchValue[];
    expect(deep).toEqual([]);
    const rows = (await loadPt(
      archived(
        pickled("](", op.list(op.int(1), op.int(2)), op.put(0), ...Array.from({ length: 999 }, () => op.get(0)), "e"),
      ),
    )) as readonly TorchValue[];
    expect([rows.length, new Set(rows).size]).toEqual([1000, 1]);
  });
});

describe("what no file of torch.save says is refused", () => {
  const one = (tensor: Uint8Array) => archived(pickled(op.dict([op.text("t"), tensor])), storage);
  it.each<[string, Uint8Array, string]>([
    [
      "more elements than a tensor can have",
      one(op.tensor("0", [2 ** 16, 2 ** 16], [0, 0])),
      "more elements than the 2147483647",
    ],
    ["sizes that only a 0 makes fit", one(op.tensor("0", [0, 2 ** 30, 2 ** 30], [1, 1, 1])), "has more elements"],
    ["65 dimensions", one(op.tensor("0", Array(65).fill(1), Array(65).fill(1))), "has 65 dimensions, the most is 64"],
    ["an empty tensor beyond its storage", one(op.tensor("0", [0], [1], { offset: 5 })), "leaves its storage"],
    [
      "a storage as data",
      archived(
        pickled(
          "(",
          ...[op.text("storage"), op.named("torch", "FloatStorage"), op.text("0"), op.text("cpu"), op.int(4)],
          "tQ",
        ),
        storage,
      ),
      "the file holds a storage in the place of data",
    ],
    [
      "a class as data",
      archived(pickled(op.named("torch", "FloatStorage"))),
      "the file holds a storage class in the place of data",
    ],
    [
      "a key that stands twice",
      archived(pickled(op.dict([op.int(1), op.int(1)], [latin("\x88"), op.int(2)]))),
      "a dict has a key twice",
    ],
    [
      "tuples that are one key",
      archived(
        pickled("}((", op.int(1), op.text("a"), "t", op.int(1), "(", op.int(1), op.text("a"), "t", op.int(2), "u"),
      ),
      "a dict has a key twice",
    ],
    [
      "a whole module",
      fileOf("module_linear.pt"),
      "save what it holds in Python: torch.save(model.state_dict(), path)",
    ],
    ["a NumPy array", fileOf("numpy_array.pt"), "torch.from_numpy(array)"],
    ["a sparse tensor", fileOf("sparse.pt"), '"coo" cannot be read: it is a sparse tensor (torch.sparse_coo)'],
    [
      "a tar of before PyTorch 0.2",
      (() => {
        const tar = new Uint8Array(1024);
        tar.set(Buffer.from("ustar"), 257);
        return tar;
      })(),
      "this is a tar archive, as PyTorch before 0.2 wrote them",
    ],
    [
      "NumPy's npz",
      archived(pickled("}")).map((byte, i, all) => (Buffer.from(all).indexOf("data.pkl") === i ? 0x44 : byte)),
      "data.pkl",
    ],
  ])("%s", async (_, file, message) => {
    await refused(file).toThrow(FormatError);
    await refused(file).toThrow(message);
  });

  it("and names with the same letters as those of the list", async () => {
    for (const [module, name] of [
      ["torch", "_utils _rebuild_tensor_v2"],
      ["torch._utils _rebuild_tensor_v2", ""],
      ["torch._utils", "_rebuild_tensor_v2 "],
      ["hasOwnProperty", "call"],
    ])
      await refused(archived(pickled(op.named(module, name)))).toThrow(/makes nothing by its name/);
  });
});
