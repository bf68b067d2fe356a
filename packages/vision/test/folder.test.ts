import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { DataLoader } from "@flambeau/data";
import {
  ArgumentError,
  FormatError,
  Generator,
  IndexError,
  memory,
  randint,
  type Tensor,
  tensor,
  UnavailableError,
} from "@flambeau/tensor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeJpeg, encodePng, ImageFolder, RandomHorizontalFlip, sampleGenerator, ToDtype } from "../src/index.ts";
import "./backend.ts";
import { transform } from "./folder-worker.ts";

const root = mkdtempSync(join(tmpdir(), "folder-"));
const at = (...names: string[]) => join(root, ...names);
let pictures: { [path: string]: Tensor } = {};
beforeAll(async () => {
  const generator = new Generator(0);
  const names = [
    "dog/b.png",
    "dog/a.PNG",
    "dog/more/c.png",
    "dog/more-of/d.png",
    "dog/more/deep/e.png",
    "cat/1.png",
    "cat/10.png",
    "cat/2.png",
    "Zebra/z.png",
  ];
  for (const name of names) {
    mkdirSync(at("set", name, ".."), { recursive: true });
    pictures[name] = randint(256, [3, 5, 6], { dtype: "uint8", generator });
    writeFileSync(at("set", name), await encodePng(pictures[name]));
  }
  writeFileSync(at("set/dog/notes.txt"), "no image");
  writeFileSync(at("set/readme.png"), "beside the classes");
});
afterAll(() => {
  pictures = {};
  rmSync(root, { recursive: true });
});

test("classes and files in Python's order, labels by class", () => {
  const folder = new ImageFolder(at("set"));
  expect(folder.classes).toEqual(["Zebra", "cat", "dog"]);
  expect(folder.classToIdx).toEqual({ Zebra: 0, cat: 1, dog: 2 });
  // as sorted(os.walk(...)) gives them
  expect(folder.samples.map(([path]) => path.slice(at("set").length + 1))).toEqual([
    "Zebra/z.png",
    "cat/1.png",
    "cat/10.png",
    "cat/2.png",
    "dog/a.PNG",
    "dog/b.png",
    "dog/more/c.png",
    "dog/more-of/d.png",
    "dog/more/deep/e.png",
  ]);
  expect(folder.targets).toEqual([0, 1, 1, 1, 2, 2, 2, 2, 2]);
  expect(folder.length).toBe(9);
});

test("images, transformed, and labels", async () => {
  const folder = new ImageFolder(at("set"));
  const [image, label] = await folder.get(2);
  expect(image.equal(pictures["cat/10.png"])).toBe(true);
  expect(label).toBe(1);
  const other = new ImageFolder(at("set"), {
    transform: new ToDtype("float32", { scale: true }),
    targetTransform: (n) => `class ${n}`,
  });
  const [floats, name] = await other.get(6);
  expect(floats.equal(pictures["dog/more/c.png"].float().mul(1 / 255))).toBe(true);
  expect(name).toBe("class 2");
  await expect(folder.get(9)).rejects.toThrow(IndexError);
  await expect(folder.get(0.5)).rejects.toThrow(IndexError);
});

test("a loader and a choice of files of one's own", async () => {
  const folder = new ImageFolder(at("set"), {
    isValidFile: (path) => path.endsWith(".txt"),
    loader: async (path) => tensor([[[path.length]]]),
    allowEmpty: true,
  });
  expect(folder.length).toBe(1);
  expect((await folder.get(0))[0].item()).toBe(at("set/dog/notes.txt").length);
});

test("in a DataLoader", async () => {
  const folder = new ImageFolder(at("set"), { transform: (x) => x.float() });
  const labels: number[] = [];
  for await (const [images, targets] of new DataLoader(folder, { batchSize: 3, shuffle: true })) {
    expect(images.shape.slice(1)).toEqual([3, 5, 6]);
    labels.push(...(targets.tolist() as number[]));
  }
  expect(labels.sort()).toEqual([0, 1, 1, 1, 2, 2, 2, 2, 2]);
});

test("what a sample draws depends on seed, epoch and index alone, in workers too", async () => {
  const folder = new ImageFolder(at("set"), { transform, seed: 5 });
  const read = async (epoch: number, indices: number[]) => {
    folder.setEpoch(epoch);
    const found = new Map<number, unknown>();
    for (const i of indices) found.set(i, (await folder.get(i))[0].tolist());
    return found;
  };
  const forward = await read(1, [0, 1, 2, 3, 4, 5, 6, 7]);
  const backward = await read(1, [7, 6, 5, 4, 3, 2, 1, 0]);
  expect([...backward].reverse()).toEqual([...forward]);
  expect(await read(2, [0, 1, 2, 3, 4, 5, 6, 7])).not.toEqual(forward);
  const work = (indices: number[]) =>
    new Promise<[number, unknown][]>((resolve, reject) => {
      const worker = new Worker(new URL("./folder-worker.ts", import.meta.url), {
        workerData: { root: at("set"), indices, epoch: 1 },
        execArgv: ["--conditions=source"],
      });
      worker.once("message", (answers) => worker.terminate().then(() => resolve(answers)));
      worker.once("error", reject);
    });
  const halves = await Promise.all([work([1, 3, 5, 7]), work([6, 4, 2, 0])]);
  expect(new Map(halves.flat().sort(([a], [b]) => a - b))).toEqual(forward);
});

test("generators of samples differ, and repeat", () => {
  const first = (seed: number | bigint, epoch: number, index: number) => sampleGenerator(seed, epoch, index).random64();
  const drawn = new Set<bigint>();
  for (let seed = 0; seed < 10; seed++)
    for (let epoch = 0; epoch < 10; epoch++)
      for (let index = 0; index < 100; index++) drawn.add(first(seed, epoch, index));
  expect(drawn.size).toBe(10_000);
  expect(first(3, 4, 5)).toBe(first(3n, 4, 5));
  expect(first(-1, 0, 0)).toBe(first(2n ** 64n - 1n, 0, 0));
  // fair coins
  const flip = new RandomHorizontalFlip();
  const x = tensor([[[0, 1]]]);
  let heads = 0;
  for (let i = 0; i < 1000; i++) heads += flip.forward(x, { generator: sampleGenerator(0, 0, i) }) === x ? 0 : 1;
  expect(Math.abs(heads - 500)).toBeLessThan(60);
  expect(() => sampleGenerator(0.5, 0, 0)).toThrow(ArgumentError);
  expect(() => sampleGenerator(0, -1, 0)).toThrow(ArgumentError);
});

test("folders that cannot be used are refused in words", async () => {
  expect(() => new ImageFolder(at("none"))).toThrow(UnavailableError);
  mkdirSync(at("bare"));
  expect(() => new ImageFolder(at("bare"))).toThrow(/there is no folder in/);
  mkdirSync(at("half/full"), { recursive: true });
  mkdirSync(at("half/empty"));
  writeFileSync(at("half/full/x.jpg"), await encodeJpeg(randint(256, [3, 8, 8], { dtype: "uint8" })));
  expect(() => new ImageFolder(at("half"))).toThrow(/no image of the classes empty/);
  const half = new ImageFolder(at("half"), { allowEmpty: true });
  expect(half.classes).toEqual(["empty", "full"]);
  expect((await half.get(0))[0].shape).toEqual([3, 8, 8]);
  // a circle of links ends
  symlinkSync(at("half"), at("half/full/again"));
  expect(new ImageFolder(at("half"), { allowEmpty: true }).length).toBeGreaterThan(0);
  writeFileSync(at("half/full/x.jpg"), "no picture");
  await expect(half.get(0)).rejects.toThrow(FormatError);
  expect(() => new ImageFolder("")).toThrow(ArgumentError);
  expect(() => new ImageFolder(at("set"), { transform: 3 as never })).toThrow(ArgumentError);
});

test("nothing is left behind but the samples", async () => {
  const folder = new ImageFolder(at("set"), { transform, seed: 1 });
  const [warm] = await folder.get(0);
  warm.dispose();
  const before = memory().cpu.tensors;
  for (let i = 0; i < 8; i++) (await folder.get(i))[0].dispose();
  expect(memory().cpu.tensors).toBe(before);
});
