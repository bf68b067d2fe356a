import "./backend.ts";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fashionMnistFiles, fashionMnistFrom } from "../src/datasets/fashion-mnist.ts";
import { DataLoader, digits, fashionMnist, ImageDataset, iris } from "../src/index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-datasets-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("digits", () => {
  it("are the 1,797 images of the UCI test set, split by position", async () => {
    const train = await digits({ split: "train" });
    const test = await digits({ split: "test" });
    expect([train.length, test.length, train.height, train.width]).toEqual([1437, 360, 8, 8]);
    // as scikit-learn's copy: labels 0-9 in turn, and the first image's first rows
    expect(Array.from({ length: 12 }, (_, i) => train.label(i))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    const [image, label] = train.get(0);
    expect([image.shape, image.dtype, label.shape, label.dtype]).toEqual([[1, 8, 8], "float32", [], "int32"]);
    expect([...image.dataSync()].slice(0, 16).map((v) => Number(v) * 16)).toEqual([
      0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0,
    ]);
    // the mean of all pixels, 4.884165 of 16, is a published figure of the set
    const all = [train, test].flatMap((part) => [
      ...part.getBatch(Array.from({ length: part.length }, (_, i) => i))[0].dataSync(),
    ]);
    expect((all.reduce<number>((sum, v) => sum + Number(v), 0) / all.length) * 16).toBeCloseTo(4.884165, 5);
  });

  it("come in batches of images and labels", async () => {
    const [images, labels] = [...new DataLoader(await digits({ split: "test" }), { batchSize: 50 })][7];
    expect([images.shape, labels.shape]).toEqual([[10, 1, 8, 8], [10]]);
  });
});

describe("fashionMnist", () => {
  const installed = "/usr/share/datasets/fashion-mnist";

  it("reads the 10,000 test images", async (context) => {
    if (!existsSync(installed)) return context.skip(`needs ${installed} (Debian's package dataset-fashion-mnist)`);
    const test = await fashionMnist({ split: "test", root: installed, cache: folder });
    expect([test.length, test.source]).toEqual([10_000, "folder"]);
    expect(test.classes[test.label(0)]).toBe("Ankle boot");
    const [images] = test.getBatch(Array.from({ length: 10_000 }, (_, i) => i));
    const pixels = images.dataSync();
    const bytes = new Uint8Array(pixels.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(Number(pixels[i]) * 255);
    // the elements of the published file, without its 16 bytes of header
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(
      "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
    );
  });

  const nowhere = { ...fashionMnistFiles, debian: undefined, mirrors: [] };

  it("is an error that says what was tried when there is nothing", async () => {
    await expect(fashionMnistFrom(nowhere, { cache: folder })).rejects.toThrow(
      `fashion-mnist: the files are nowhere to be had: no train-images-idx3-ubyte or train-images-idx3-ubyte.gz in ${folder}`,
    );
  });

  it("gives the digits instead only when that is wished, and says why", async () => {
    const train = await fashionMnistFrom(nowhere, { split: "test", cache: folder, fallback: "digits" });
    expect([train.name, train.source, train.length]).toEqual(["digits", "bundled", 360]);
    expect(train.reason).toContain("fashion-mnist: the files are nowhere to be had: no t10k-images-idx3-ubyte");
  });
});

describe("iris", () => {
  it("are the 150 flowers that scikit-learn has", () => {
    const flowers = iris();
    const [features, labels] = flowers.tensors;
    expect([features.shape, features.dtype, labels.shape, labels.dtype]).toEqual([[150, 4], "float32", [150], "int32"]);
    // of load_iris(), a line a flower: values with one decimal and the target, with commas
    const rows = features.tolist() as number[][];
    const text = rows.map((row, i) => `${row.map((x) => x.toFixed(1)).join(",")},${labels.at(i).item()}\n`).join("");
    expect(createHash("sha256").update(text).digest("hex")).toBe(
      "111f8932a62b6c883fdc21a018d7459e603d6468fd8bdb4d1e0f0b125f2c9f39",
    );
    // float32's nearest to what the text says, not some steps away
    expect(rows.flat().every((x) => x === Math.fround(Number(x.toFixed(1))))).toBe(true);
    expect([flowers.name, flowers.license, flowers.features.length]).toEqual(["iris", "CC BY 4.0", 4]);
  });

  it("come in batches of features and labels", () => {
    const [x, y] = [...new DataLoader(iris(), { batchSize: 60 })][2];
    expect([x.shape, y.shape]).toEqual([[30, 4], [30]]);
    expect(new Set(Array.from(y.dataSync(), Number))).toEqual(new Set([2]));
  });
});

describe("ImageDataset", () => {
  const info = { name: "shapes", classes: ["a", "b"], source: "folder", reason: "made here" } as const;
  const images = { shape: [2, 1, 2], data: new Uint8Array([0, 51, 255, 102]) };

  it("scales bytes to 0..1 and keeps them apart", () => {
    const dataset = new ImageDataset(images, { shape: [2], data: new Uint8Array([1, 0]) }, 255, info);
    const [batch, labels] = dataset.getBatch([1, 0, 1]);
    expect([...batch.dataSync()]).toEqual([1, 102 / 255, 0, 51 / 255, 1, 102 / 255].map(Math.fround));
    expect([...labels.dataSync()]).toEqual([0, 1, 0]);
    expect(() => dataset.get(2)).toThrow("shapes.get: index 2 is out of range for 2 samples");
  });

  it("refuses labels that do not fit", () => {
    const make = (labels: number[]) =>
      new ImageDataset(images, { shape: [labels.length], data: new Uint8Array(labels) }, 255, info);
    expect(() => make([0])).toThrow("shapes: 2 images but 1 labels");
    expect(() => make([0, 2])).toThrow("shapes: label 2 is none of the 2 classes");
  });
});
