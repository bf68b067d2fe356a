import "./backend.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DType, dtypes, fromBytes, type Tensor, tensor } from "@flambeau/tensor";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decode, encode, load, loadNpy, loadNpz, parseSafetensors, save, saveNpy, saveNpz } from "../src/index.ts";

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
