import {
  ArgumentError,
  DTypeError,
  rand,
  randint,
  ShapeError,
  tensor,
  UnavailableError,
  zeros,
} from "@flambeau/tensor";
import { expect, test } from "vitest";
import { fromPixels, fromPixelsAsync, type Picture, type RawPixels, toImageData, toPixels } from "../src/index.ts";
import "./backend.ts";

const raw = (width: number, height: number, channels: number): RawPixels => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37 + 11) & 255),
});

test.each([1, 3, 4])("pixels of %i channels", (channels) => {
  const pixels = raw(3, 2, channels);
  const x = fromPixels(pixels, { channels });
  expect([x.shape, x.dtype]).toEqual([[channels, 2, 3], "uint8"]);
  const got = x.tolist() as number[][][];
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++) expect(got[c][i][j]).toBe(pixels.data[(i * 3 + j) * channels + c]);
});

test("channels come and go", () => {
  const grey = raw(2, 2, 1);
  expect(fromPixels(grey).tolist()).toEqual([0, 1, 2].map(() => fromPixels(grey, { channels: 1 }).at(0).tolist()));
  const x = fromPixels(raw(2, 2, 3), { channels: 4 });
  expect(x.at(3).tolist()).toEqual([
    [255, 255],
    [255, 255],
  ]);
  // Pillow's convert("L") of (10, 200, 30) and (255, 255, 255)
  const data = new Uint8Array([10, 200, 30, 255, 255, 255]);
  expect(fromPixels({ data, width: 2, height: 1 }, { channels: 1 }).tolist()).toEqual([[[124, 255]]]);
});

test("to ImageData and back, bit for bit", async () => {
  for (const channels of [1, 3, 4]) {
    const x = randint(256, [channels, 4, 5], { dtype: "uint8" });
    expect(fromPixels(await toImageData(x), { channels }).equal(x)).toBe(true);
  }
  const bytes = tensor(Uint8Array.from({ length: 256 }, (_, i) => i)).reshape([1, 16, 16]);
  for (const dtype of ["float32", "float64"] as const) {
    const floats = bytes.to(dtype).div(255);
    expect(fromPixels(await toImageData(floats), { channels: 1 }).equal(bytes)).toBe(true);
  }
  const { data } = await toImageData(tensor([[[0, 0.5, 1]]], { dtype: "float16" }));
  expect([...data]).toEqual([0, 0, 0, 255, 127, 127, 127, 255, 255, 255, 255, 255]);
  expect([...(await toImageData(tensor([[[9]], [[100]]], { dtype: "uint8" }))).data]).toEqual([9, 9, 9, 100]);
});

test("what is no image is refused", async () => {
  await expect(toImageData(tensor([[[1.1]]]))).rejects.toThrow(ArgumentError);
  await expect(toImageData(tensor([[[Number.NaN]]]))).rejects.toThrow(/from 0 to 1, got NaN/);
  await expect(toImageData(zeros([2, 3, 4, 4]))).rejects.toThrow(ShapeError);
  await expect(toImageData(zeros([5, 4, 4]))).rejects.toThrow(ShapeError);
  await expect(toImageData(zeros([3, 4, 4], { dtype: "int32" }))).rejects.toThrow(DTypeError);
  await expect(toPixels(rand([3, 2, 2]), {} as never)).rejects.toThrow(ArgumentError);
  for (const wrong of [
    null,
    3,
    "x",
    {},
    { data: [1], width: 1, height: 1 },
    { data: new Uint8Array(5), width: 1, height: 2 },
  ])
    expect(() => fromPixels(wrong as unknown as Picture)).toThrow(ArgumentError);
  expect(() => fromPixels(raw(2, 2, 3), { channels: 2 })).toThrow(ArgumentError);
  // no canvas in Node
  expect(() => fromPixels({ width: 4, height: 4 })).toThrow(UnavailableError);
  await expect(fromPixelsAsync(new Blob(["x"]))).rejects.toThrow(UnavailableError);
});
