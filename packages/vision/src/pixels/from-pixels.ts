import { ArgumentError, type Tensor, UnavailableError } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, type Platform, show } from "@flambeau/tensor/plugin";
import { inMode, toTensor } from "../files/raster.ts";

/** Pixels in memory: rows of grey, RGB or RGB and alpha, as `ImageData` has them. */
export interface RawPixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}
/** What a canvas can draw: a canvas, an OffscreenCanvas, an ImageBitmap, an image or a video element, a VideoFrame. */
export type Picture =
  | { readonly width: number; readonly height: number }
  | { readonly displayWidth: number; readonly displayHeight: number };

export interface FromPixelsOptions {
  /** 1: grey, 3: RGB, 4: RGB and alpha. Default 3. */
  readonly channels?: number | undefined;
  /** The device of the tensor. Default: the default device. */
  readonly device?: string | undefined;
}
const pixelsKinds: Kinds<FromPixelsOptions> = { channels: option.number, device: option.string };
const modes = { 1: "gray", 3: "rgb", 4: "rgba" } as const;

/**
 * Pixels as a tensor: `y[c, i, j]` is channel c of the pixel in row i and column j. Of canvases, bitmaps, images, videos and frames those that are shown at this
 * moment. Alpha is left out, or kept as the fourth channel; grey is `0.299 * red + 0.587 * green + 0.114 * blue`, rounded.
 *
 * A canvas keeps colours multiplied by alpha: what it gives back of pixels that are not opaque is rounded. `ImageData` and raw pixels are taken as they are.
 *
 * Shape: `[channels, height, width]`. Dtype: uint8.
 *
 * @throws ArgumentError for what has no pixels, or for other numbers of channels; UnavailableError where a page may not read them (an image of another
 * site), or there is no canvas.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.PILToTensor.html
 * @example
 * const data = new Uint8ClampedArray([255, 0, 0, 255, 0, 0, 255, 255]); // red, blue
 * fromPixels({ data, width: 2, height: 1 }).tolist(); // [[[255, 0]], [[0, 0]], [[0, 255]]]
 * fromPixels({ data, width: 2, height: 1 }, { channels: 1 }).tolist(); // [[[76, 29]]]
 */
export function fromPixels(pixels: RawPixels | Picture, options: FromPixelsOptions = {}): Tensor {
  const op = "fromPixels";
  checkOptions(op, pixelsKinds, options);
  const channels = options.channels ?? 3;
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new ArgumentError(op, `channels must be 1, 3 or 4, got ${show(channels)}`);
  if (typeof pixels !== "object" || pixels === null)
    throw new ArgumentError(op, `pixels are needed, got ${show(pixels)}`);
  const { data, width, height } = isRaw(pixels) ? rawOf(op, pixels) : drawn(op, pixels);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const raster = { data: bytes, width, height, channels: data.length / (width * height), orientation: 1 };
  return toTensor(inMode(raster, modes[channels]), false, options.device);
}

const isRaw = (pixels: RawPixels | Picture): pixels is RawPixels => "data" in pixels;
function rawOf(op: string, pixels: RawPixels): RawPixels {
  const { data, width, height } = pixels;
  checkInteger(op, "width", width, 1);
  checkInteger(op, "height", height, 1);
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray))
    throw new ArgumentError(op, `data is a Uint8Array or a Uint8ClampedArray, got ${show(data)}`);
  if (![1, 3, 4].includes(data.length / (width * height)))
    throw new ArgumentError(op, `${data.length} bytes are not 1, 3 or 4 for each of ${width} x ${height} pixels`);
  return pixels;
}

/** The size of a picture as it is, and not as a page shows it. */
function sizeOf(picture: Picture): readonly [width: unknown, height: unknown] {
  const of = picture as { readonly [name: string]: unknown }; // what it has is looked at
  for (const [w, h] of [
    ["naturalWidth", "naturalHeight"],
    ["videoWidth", "videoHeight"],
    ["displayWidth", "displayHeight"],
  ])
    if (w in picture) return [of[w], of[h]];
  return [of.width, of.height];
}
function drawn(op: string, picture: Picture): RawPixels {
  const [width, height] = sizeOf(picture);
  if (!Number.isInteger(width) || !Number.isInteger(height))
    throw new ArgumentError(op, `this has no pixels: ${show(picture)}`);
  if (width === 0 || height === 0)
    throw new ArgumentError(
      op,
      "the picture has no pixels yet",
      "an image or a video is loaded first: await fromPixelsAsync(image)",
    );
  if (typeof OffscreenCanvas === "undefined")
    throw new UnavailableError(`${op}: there is no canvas here`, "pass { data, width, height }");
  const [w, h] = [width as number, height as number]; // by the checks before
  try {
    const own = contextOf(picture);
    if (own) return own.getImageData(0, 0, w, h);
    const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
    if (!context) throw new UnavailableError(`${op}: the page gives no canvas to read from`);
    context.drawImage(picture as CanvasImageSource, 0, 0, w, h); // else it throws
    return context.getImageData(0, 0, w, h);
  } catch (cause) {
    if (cause instanceof UnavailableError) throw cause;
    if (cause instanceof TypeError) throw new ArgumentError(op, `this has no pixels: ${show(picture)}`);
    const error = new UnavailableError(
      `${op}: the pixels cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      "images of other sites need CORS: crossorigin",
    );
    error.cause = cause;
    throw error;
  }
}
/** A canvas that is drawn on in two dimensions is read as it is, without a copy. */
function contextOf(picture: Picture): { getImageData(x: number, y: number, w: number, h: number): ImageData } | null {
  const isCanvas =
    (typeof HTMLCanvasElement !== "undefined" && picture instanceof HTMLCanvasElement) ||
    picture instanceof OffscreenCanvas;
  if (!isCanvas) return null;
  return (picture as OffscreenCanvas).getContext("2d"); // both have it
}

/**
 * {@link fromPixels} that waits for images to be loaded, and reads Blobs of every format that the page knows (WebP, AVIF, GIF...).
 *
 * Shape: `[channels, height, width]`. Dtype: uint8.
 *
 * @throws ArgumentError and UnavailableError as {@link fromPixels}, and where an image cannot be loaded.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.PILToTensor.html
 * @example
 * const data = new Uint8Array([1, 2]);
 * (await fromPixelsAsync({ data, width: 1, height: 2 }, { channels: 1 })).tolist(); // [[[1], [2]]]
 */
export async function fromPixelsAsync(
  pixels: RawPixels | Picture | Platform<"Blob", { arrayBuffer(): Promise<ArrayBuffer> }>,
  options: FromPixelsOptions = {},
): Promise<Tensor> {
  const op = "fromPixelsAsync";
  checkOptions(op, pixelsKinds, options);
  try {
    if (pixels instanceof Blob) {
      if (typeof createImageBitmap === "undefined")
        throw new UnavailableError(`${op}: there is nothing here that reads images`, "PNG and JPEG: readImage(blob)");
      const bitmap = await createImageBitmap(pixels, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
      try {
        return fromPixels(bitmap, options);
      } finally {
        bitmap.close();
      }
    }
    if (typeof HTMLImageElement !== "undefined" && pixels instanceof HTMLImageElement) await pixels.decode();
  } catch (cause) {
    if (!(cause instanceof DOMException)) throw cause;
    const error = new UnavailableError(`${op}: the image cannot be loaded: ${cause.message}`);
    error.cause = cause;
    throw error;
  }
  return fromPixels(pixels, options);
}
