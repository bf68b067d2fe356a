// Laws of the transforms: gradients, memory, generators, and what is refused.
import { backward, gradcheck } from "@flambeau/autograd";
import {
  ArgumentError,
  DTypeError,
  Generator,
  memory,
  rand,
  randint,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import * as vision from "../src/index.ts";
import "./backend.ts";
import { record, tensorOf } from "./figures/record.ts";

test("gradients flow through what is differentiable", () => {
  const x = rand([3, 4, 3], { dtype: "float64", generator: new Generator(2) })
    .mul(0.6)
    .add(0.2)
    .detach()
    .requiresGrad_();
  const ops: ((x: Tensor) => Tensor)[] = [
    (x) => vision.resize(x, [3, 2]),
    (x) => vision.resize(x, [5, 4], { interpolation: "bicubic" }),
    (x) => vision.pad(x, [1, 2], { fill: [0.1, 0.2, 0.3] }),
    (x) => vision.pad(x, 2, { paddingMode: "symmetric" }),
    (x) => vision.rotate(x, 33, { interpolation: "bilinear", fill: 0.5 }),
    (x) => vision.rotate(x, 33, { fill: 0.5 }),
    (x) => vision.crop(x, -1, 1, 4, 5),
    (x) => vision.adjustContrast(x, 0.7),
    (x) => vision.adjustSaturation(x, 1.1),
    (x) => vision.adjustSharpness(x, 0.4),
    (x) => vision.gaussianBlur(x, 3),
    (x) => vision.normalize(x, [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
    (x) => vision.erase(x, 1, 1, 2, 2, 0.5),
    (x) => vision.rgbToGrayscale(x),
  ];
  for (const op of ops) expect(gradcheck(op, [x]), String(op)).toBe(true);
});

describe("memory", () => {
  const used = new Set(["Lambda"]);
  test("of what functions and transforms make, only the result is left", () => {
    const seen = new Set<string>();
    for (const { name, image, args, options } of [...record.functions, ...record.transforms]) {
      const key = name + image + JSON.stringify(options);
      if (seen.has(key) || used.has(name) || ["Compose", "RandomApply", "RandomChoice", "RandomOrder"].includes(name))
        continue;
      seen.add(key);
      const x = tensorOf(record.images[image]);
      const named: { readonly [name: string]: unknown } = vision;
      const given = Object.keys(options).length ? [...args, options] : args;
      const call = /^[A-Z]/.test(name)
        ? () =>
            new (named[name] as new (...a: unknown[]) => { forward(x: Tensor): Tensor | Tensor[] })(...given).forward(x)
        : () => (named[name] as (...a: unknown[]) => Tensor | Tensor[])(x, ...given);
      const before = memory().cpu;
      const y = [call()].flat();
      for (const each of y) if (each !== x) each.dispose();
      const after = memory().cpu;
      expect([after.tensors, after.bytes], `${name} ${image} ${JSON.stringify(options)}`).toEqual([
        before.tensors,
        before.bytes,
      ]);
      x.dispose();
    }
    expect(seen.size).toBeGreaterThan(300);
  });
  test("a pass backward leaves nothing either", () => {
    const step = () =>
      tidy(() => {
        const x = rand([3, 8, 8]).requiresGrad_();
        backward(vision.gaussianBlur(vision.rotate(vision.resize(x, 6), 20, { interpolation: "bilinear" }), 3).sum());
        x.grad?.dispose(); // tidy spares gradients
      });
    step();
    const before = memory().cpu.bytes;
    for (let i = 0; i < 3; i++) step();
    expect(memory().cpu.bytes).toBe(before);
  });
});

describe("generators", () => {
  const x = randint(256, [3, 12, 12], { dtype: "uint8", generator: new Generator(3) });
  test("a transform's own, one of the call, which wins", () => {
    const crop = () => new vision.RandomCrop(4, { generator: new Generator(1) });
    expect(crop().forward(x).equal(crop().forward(x))).toBe(true);
    const other = new vision.RandomCrop(4).forward(x, { generator: new Generator(9) });
    expect(
      crop()
        .forward(x, { generator: new Generator(9) })
        .equal(other),
    ).toBe(true);
    // its own is not drawn from then
    const one = crop();
    one.forward(x, { generator: new Generator(9) });
    expect(one.forward(x).equal(crop().forward(x))).toBe(true);
  });
  test("a composition passes that of the call on, and leaves each its own without one", () => {
    const parts = () => [
      new vision.RandomCrop(8, { generator: new Generator(1) }),
      new vision.RandomRotation(30, { generator: new Generator(2) }),
    ];
    const [crop, turn] = parts();
    expect(new vision.Compose(parts()).forward(x).equal(turn.forward(crop.forward(x)))).toBe(true);
    const given = new Generator(5);
    const stepwise = turn.forward(crop.forward(x, { generator: given }), { generator: given });
    expect(new vision.Compose(parts()).forward(x, { generator: new Generator(5) }).equal(stepwise)).toBe(true);
    // functions get it too
    let seen: Generator | undefined;
    const spy = (y: Tensor, { generator }: { generator?: Generator | undefined }) => {
      seen = generator;
      return y;
    };
    new vision.Compose([new vision.RandomOrder([spy])]).forward(x, { generator: given });
    expect(seen).toBe(given);
    new vision.Compose([spy]).forward(x);
    expect(seen).toBeUndefined();
  });
});

test("what is no image, and what cannot be done, is refused in words", () => {
  const grey = zeros([4, 5]);
  const image = zeros([3, 4, 5]);
  const bytes = zeros([3, 4, 5], { dtype: "uint8" });
  expect(() => vision.resize(grey, 3)).toThrow(ShapeError);
  expect(() => new vision.CenterCrop(3).forward(grey)).toThrow(/channels, height, width/);
  for (const f of [
    vision.adjustBrightness,
    vision.adjustContrast,
    vision.adjustSaturation,
    vision.adjustHue,
    vision.adjustSharpness,
  ])
    expect(() => f(zeros([2, 4, 5]), 0.5)).toThrow(ShapeError);
  expect(() => vision.adjustBrightness(image, -1)).toThrow(ArgumentError);
  expect(() => vision.adjustHue(image, 0.6)).toThrow(ArgumentError);
  expect(() => vision.normalize(bytes, [0], [1])).toThrow(DTypeError);
  expect(() => vision.normalize(image, [0], [0])).toThrow(/divided by/);
  expect(() => vision.normalize(image, [0, 0], [1])).toThrow(ShapeError);
  expect(() => vision.equalize(zeros([1, 2, 2], { dtype: "bool" }))).toThrow(DTypeError);
  expect(() => vision.toDtype(image, "int32", { scale: true })).toThrow(DTypeError);
  expect(() => vision.solarize(bytes, 256)).toThrow(ArgumentError);
  expect(() => vision.posterize(bytes, 9)).toThrow(ArgumentError);
  expect(() => vision.gaussianBlur(image, 4)).toThrow(/odd/);
  expect(() => vision.gaussianBlur(image, 3, { sigma: 0 })).toThrow(/positive/);
  expect(() => vision.gaussianBlur(image, 11)).toThrow(/mirror/);
  expect(() => vision.resize(image, 5, { maxSize: 5 })).toThrow(/above/);
  expect(() => vision.resize(image, [5, 5], { maxSize: 5 })).toThrow(ArgumentError);
  expect(() => vision.resize(image, null)).toThrow(ArgumentError);
  expect(() => vision.pad(image, [1, 2, 3])).toThrow(ArgumentError);
  expect(() => vision.pad(image, -2)).toThrow(ShapeError);
  expect(() => vision.pad(image, 1, { fill: [1, 2] })).toThrow(/3 channels/);
  expect(() => vision.pad(image, 1, { fill: [1, 2, 3], paddingMode: "edge" })).toThrow(ArgumentError);
  expect(() => vision.perspective(image, [[0, 0]], null)).toThrow(ArgumentError);
  const line = [
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
  ];
  expect(() => vision.perspective(image, line, line)).toThrow(/in a line/);
  expect(() => vision.affine(image, 0, [0, 0], 0, 0)).toThrow(/positive/);
  expect(() => vision.erase(image, 3, 0, 2, 2, 0)).toThrow(/not inside/);
  expect(() => vision.fiveCrop(image, 6)).toThrow(ShapeError);
  expect(() => new vision.RandomCrop(9).forward(image)).toThrow(/padIfNeeded/);
  expect(() => new vision.RandomHorizontalFlip({ p: 2 })).toThrow(/probability/);
  expect(() => new vision.ColorJitter({ hue: 0.7 })).toThrow(ArgumentError);
  expect(() => new vision.RandomResizedCrop(3, { ratio: [0, 1] })).toThrow(/positive/);
  expect(() => new vision.RandomErasing({ scale: [0.5, 2] })).toThrow(ArgumentError);
  expect(() => new vision.RandomErasing({ p: 1, value: [1, 2] }).forward(image)).toThrow(/3 channels/);
  expect(() => new vision.Compose([])).toThrow(ArgumentError);
  expect(() => new vision.Compose([3 as never])).toThrow(/is a function or has forward/);
  expect(() => new vision.RandomChoice([vision.invert], { p: [0] })).toThrow(ArgumentError);
  expect(() => new vision.RandomHorizontalFlip(0.5 as never)).toThrow(/write \{ p: 0.5 \}/);
  const labels = tensor([0, 1], { dtype: "int32" });
  const batch = rand([2, 3, 4, 4]);
  expect(() => new vision.MixUp().forward(batch, labels)).toThrow(/numClasses/);
  expect(() => new vision.MixUp({ numClasses: 2 }).forward(batch, tensor([1], { dtype: "int32" }))).toThrow(ShapeError);
  expect(() => new vision.MixUp({ numClasses: 2 }).forward(zeros([2, 3, 4, 4], { dtype: "uint8" }), labels)).toThrow(
    DTypeError,
  );
  expect(() => new vision.CutMix({ alpha: 0 })).toThrow(ArgumentError);
  expect(() => new vision.CutMix({ numClasses: 2 }).forward(image, labels)).toThrow(ShapeError);
});
