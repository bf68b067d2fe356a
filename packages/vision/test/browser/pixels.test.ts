// Real canvases, bitmaps, images and frames, bit for bit; decoding in a page.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  FormatError,
  randint,
  registerBackend,
  type Tensor,
  UnavailableError,
  zeros,
} from "@flambeau/tensor";
import { beforeAll, expect, test } from "vitest";
import {
  decodeImage,
  encodeJpeg,
  encodePng,
  fromPixels,
  fromPixelsAsync,
  readImage,
  toImageData,
  toPixels,
} from "../../src/index.ts";

let opaque: Tensor;
beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
  opaque = randint(256, [3, 9, 14], { dtype: "uint8" });
});
const same = (x: Tensor, y: Tensor) => expect(x.tolist()).toEqual(y.tolist());

test("a canvas, an OffscreenCanvas, ImageData and an ImageBitmap", async () => {
  for (const canvas of [document.createElement("canvas"), new OffscreenCanvas(1, 1)]) {
    await toPixels(opaque, canvas);
    expect([canvas.width, canvas.height]).toEqual([14, 9]);
    same(fromPixels(canvas), opaque);
    expect(fromPixels(canvas, { channels: 4 }).at(3).min().item()).toBe(255);
    same(fromPixels(await createImageBitmap(canvas)), opaque);
  }
  const image = await toImageData(opaque);
  expect(image).toBeInstanceOf(ImageData);
  same(fromPixels(image), opaque);
});

test("what the canvas shows is what the tensor holds", async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 3;
  canvas.height = 2;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("there is one");
  context.fillStyle = "rgb(10 20 30)";
  context.fillRect(0, 0, 3, 2);
  context.fillStyle = "rgb(255 0 128)";
  context.fillRect(2, 1, 1, 1);
  expect(fromPixels(canvas).tolist()).toEqual([
    [
      [10, 10, 10],
      [10, 10, 255],
    ],
    [
      [20, 20, 20],
      [20, 20, 0],
    ],
    [
      [30, 30, 30],
      [30, 30, 128],
    ],
  ]);
});

test("alpha: ImageData as it is, a canvas multiplied and rounded", async () => {
  const x = randint(256, [4, 8, 8], { dtype: "uint8" });
  same(fromPixels(await toImageData(x), { channels: 4 }), x);
  const canvas = document.createElement("canvas");
  await toPixels(x, canvas);
  const back = fromPixels(canvas, { channels: 4 });
  same(back.narrow(0, 3, 1), x.narrow(0, 3, 1));
  // what is left of a colour after it is multiplied by alpha and rounded: the larger alpha, the more
  const alpha = x.narrow(0, 3, 1).float();
  const off = back
    .narrow(0, 0, 3)
    .float()
    .sub(x.narrow(0, 0, 3).float())
    .abs();
  expect(off.mul(alpha).div(255).max().item()).toBeLessThanOrEqual(1.01);
});

test("an image element, a frame of a video, a worker's bitmap", async () => {
  const url = URL.createObjectURL(new Blob([new Uint8Array(await encodePng(opaque))], { type: "image/png" }));
  const image = new Image();
  image.src = url;
  expect(() => fromPixels(new Image())).toThrow(ArgumentError);
  same(await fromPixelsAsync(image), opaque);
  same(fromPixels(image), opaque);
  const frame = new VideoFrame(image, { timestamp: 0 });
  expect(fromPixels(frame).shape).toEqual([3, 9, 14]);
  same(fromPixels(frame), opaque);
  frame.close();
  const broken = new Image();
  broken.src = URL.createObjectURL(new Blob(["no image"]));
  await expect(fromPixelsAsync(broken)).rejects.toThrow(UnavailableError);
});

test("a canvas of WebGL, and one that shows another site's image", async () => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 2;
  const gl = canvas.getContext("webgl", { preserveDrawingBuffer: true });
  if (gl) {
    gl.clearColor(1, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    expect(fromPixels(canvas).at(0).tolist()).toEqual([
      [255, 255],
      [255, 255],
    ]);
    await expect(toPixels(opaque, canvas)).rejects.toThrow(UnavailableError);
  }
  expect(() => fromPixels(document.createElement("video"))).toThrow(ArgumentError);
});

test("PNG and JPEG in a page, without Node's buffers", async () => {
  for (const channels of [1, 2, 3, 4]) {
    const x = randint(256, [channels, 7, 6], { dtype: "uint8" });
    same(await decodeImage(await encodePng(x)), x);
  }
  const file = await encodeJpeg(opaque, { quality: 95 });
  const decoded = await decodeImage(file);
  expect(decoded.shape).toEqual(opaque.shape);
  const plain = zeros([3, 16, 16], { dtype: "uint8" }).add(100);
  const again = await decodeImage(await encodeJpeg(plain, { quality: 95 }));
  expect(again.float().sub(plain.float()).abs().max().item()).toBeLessThanOrEqual(2);
  // the page's own decoder sees about the same
  const own = await fromPixelsAsync(new Blob([new Uint8Array(file)]));
  expect(own.float().sub(decoded.float()).abs().mean().item()).toBeLessThan(30);
  same(await fromPixelsAsync(new Blob([new Uint8Array(await encodePng(opaque))])), opaque);
  same(await readImage(new Blob([new Uint8Array(await encodePng(opaque))])), opaque);
  await expect(readImage("picture.png")).rejects.toThrow(UnavailableError);
  await expect(decodeImage(new Uint8Array([1, 2, 3]))).rejects.toThrow(FormatError);
  await expect(fromPixelsAsync(new Blob(["no image"]))).rejects.toThrow(UnavailableError);
});
