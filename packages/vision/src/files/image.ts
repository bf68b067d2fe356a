import {
  ArgumentError,
  DTypeError,
  data,
  FormatError,
  ShapeError,
  type Tensor,
  UnavailableError,
} from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkOptions,
  type Kinds,
  option,
  type Platform,
  show,
  showShape,
} from "@flambeau/tensor/plugin";
import { imagesOf } from "../checks.ts";
import { decodeJpeg, isJpeg, jpegOf } from "./jpeg.ts";
import { isPng } from "./png-chunks.ts";
import { decodePng } from "./png-decode.ts";
import { pngOf } from "./png-encode.ts";
import { inMode, type ReadMode, readModes, toTensor } from "./raster.ts";

export interface ReadImageOptions {
  /** Which channels the tensor gets: those of the file (default), grey, RGB, each with or without alpha. */
  readonly mode?: ReadMode | undefined;
  /** Turn the image upright, as its EXIF data say. Default false. */
  readonly applyExifOrientation?: boolean | undefined;
  /** 8: of files with 16 bits a value only the higher 8 are kept. Default 16: they become int32 of 0 to 65535. */
  readonly bits?: number | undefined;
  /** Files of more pixels are refused. Default 2^27. */
  readonly maxPixels?: number | undefined;
  /** The device of the tensor. Default: the default device. */
  readonly device?: string | undefined;
}
export const readKinds: Kinds<ReadImageOptions> = {
  mode: option.oneOf(...readModes),
  applyExifOrientation: option.boolean,
  bits: option.number,
  maxPixels: option.number,
  device: option.string,
};

/**
 * The pixels of a PNG or JPEG file, by what it begins with: `y[c, i, j]` is channel c of the pixel in row i and column j.
 *
 * PNG of every kind: any depth, palettes, interlaced, transparent colours. JPEG baseline and progressive, loaded on first use. Sizes are checked
 * before memory is taken.
 *
 * Shape: `[channels, height, width]`. Dtype: uint8; of files with 16 bits a value int32, unless `bits` is 8.
 *
 * @throws FormatError for a file that is damaged, of another format, or has more pixels than `maxPixels`. ArgumentError for what are no bytes.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.io.decode_image.html
 * @example
 * const file = await encodePng(tensor([[[0, 255]]], { dtype: "uint8" }));
 * (await decodeImage(file)).tolist(); // [[[0, 255]]]
 * (await decodeImage(file, { mode: "rgb" })).shape; // [3, 1, 2]
 */
export async function decodeImage(bytes: Uint8Array | ArrayBuffer, options: ReadImageOptions = {}): Promise<Tensor> {
  checkOptions("decodeImage", readKinds, options);
  return decoded("decodeImage", bytes, "image", options);
}

async function decoded(
  op: string,
  given: Uint8Array | ArrayBuffer,
  file: string,
  options: ReadImageOptions,
): Promise<Tensor> {
  const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given;
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError(op, `the file is a Uint8Array or an ArrayBuffer, got ${show(given)}`);
  const { mode = "unchanged", applyExifOrientation = false, bits = 16, maxPixels = 2 ** 27, device } = options;
  if (bits !== 8 && bits !== 16) throw new ArgumentError(op, `bits must be 8 or 16, got ${show(bits)}`);
  checkInteger(op, "maxPixels", maxPixels, 1);
  const decode = isPng(bytes) ? decodePng : isJpeg(bytes) ? decodeJpeg : undefined;
  if (!decode)
    throw new FormatError(
      file,
      0,
      "neither a PNG nor a JPEG file",
      "convert it, or let a page's createImageBitmap read it: fromPixelsAsync",
    );
  const raster = inMode(await decode(bytes, file, maxPixels), mode);
  const narrow =
    bits === 8 && raster.data instanceof Uint16Array ? Uint8Array.from(raster.data, (v) => v >> 8) : raster.data;
  return toTensor({ ...raster, data: narrow }, applyExifOrientation, device);
}

/** Where an image file is: a path, a `file:` address, or the file itself as a page has it. */
export type ImagePlace =
  | string
  | Platform<"URL", { readonly protocol: string; readonly href: string }>
  | Platform<"Blob", { arrayBuffer(): Promise<ArrayBuffer> }>;

/**
 * The pixels of a PNG or JPEG file: `y = decodeImage(bytes of the file)`. {@link decodeImage} The file is a path or a `file:` address in Node, or a Blob.
 *
 * Shape: `[channels, height, width]`. Dtype: uint8; of files with 16 bits a value int32, unless `bits` is 8.
 *
 * @throws FormatError as {@link decodeImage}, with the file's name; UnavailableError for a file that cannot be read; ArgumentError for what is no file.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.io.read_image.html
 * @example
 * const blob = new Blob([await encodePng(zeros([3, 4, 5], { dtype: "uint8" }))]);
 * (await readImage(blob)).shape; // [3, 4, 5]
 */
export async function readImage(file: ImagePlace, options: ReadImageOptions = {}): Promise<Tensor> {
  const op = "readImage";
  checkOptions(op, readKinds, options);
  if (file instanceof Blob)
    return decoded(op, await file.arrayBuffer(), "name" in file ? String(file.name) : "Blob", options);
  if (!(file instanceof URL) && typeof file !== "string")
    throw new ArgumentError(op, `the file is a path, a file: address or a Blob, got ${show(file)}`);
  const fs = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (!fs)
    throw new UnavailableError(
      `${op}: there is no file system here`,
      "fetch it: decodeImage(await response.arrayBuffer())",
    );
  let bytes: Uint8Array;
  try {
    bytes = await fs.readFile(file);
  } catch (cause) {
    const error = new UnavailableError(
      `${op}: ${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
    );
    error.cause = cause;
    throw error;
  }
  return decoded(op, bytes, String(file), options);
}

/** Bytes row by row, the channels of a pixel side by side. */
async function interleaved(
  op: string,
  x: Tensor,
): Promise<{ bytes: Uint8Array; channels: number; height: number; width: number }> {
  const { channels, height, width, batch } = imagesOf(op, x);
  if (batch.length > 0)
    throw new ShapeError(op, `one image is [channels, height, width], got ${showShape(x.shape)}`, [x.shape]);
  if (x.dtype !== "uint8")
    throw new DTypeError(op, `the image must be uint8, got ${x.dtype}`, 'toDtype(x, "uint8", { scale: true })');
  if (channels < 1 || channels > 4 || height === 0 || width === 0)
    throw new ShapeError(op, `an image has 1 to 4 channels and some pixels, got ${showShape(x.shape)}`, [x.shape]);
  const planes = await data(x);
  const size = height * width;
  const bytes = new Uint8Array(planes.length);
  for (let i = 0, k = 0; i < size; i++) for (let c = 0; c < channels; c++) bytes[k++] = Number(planes[c * size + i]);
  return { bytes, channels, height, width };
}

/**
 * An image as a PNG file: the bytes of a file in which `x[c, i, j]` is channel c of the pixel in row i and column j.
 *
 * Shape: `[channels, height, width]`: grey, grey and alpha, RGB, RGB and alpha. Dtype: uint8.
 *
 * @throws DTypeError for another dtype, ShapeError for what is no single image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.io.encode_png.html
 * @example
 * const file = await encodePng(zeros([3, 8, 8], { dtype: "uint8" }));
 * file.subarray(1, 4); // [80, 78, 71]
 */
export async function encodePng(x: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes, channels, height, width } = await interleaved("encodePng", x);
  return pngOf(bytes, height, width, channels);
}

export interface EncodeJpegOptions {
  /** From 1, small, to 100, faithful. Default 75. */
  readonly quality?: number | undefined;
}
const jpegKinds: Kinds<EncodeJpegOptions> = { quality: option.number };
/**
 * An image as a JPEG file, in which `x[c, i, j]` is about channel c of the pixel in row i and column j. Grey becomes three equal channels. In Node jpeg-js
 * encodes, in a page its own encoder.
 *
 * Shape: `[1 or 3, height, width]`. Dtype: uint8.
 *
 * @throws ArgumentError for another quality than 1 to 100; DTypeError for another dtype, ShapeError for what is no single image, and for alpha.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.io.encode_jpeg.html
 * @example
 * const file = await encodeJpeg(zeros([3, 8, 8], { dtype: "uint8" }), { quality: 90 });
 * (await decodeImage(file)).shape; // [3, 8, 8]
 */
export async function encodeJpeg(x: Tensor, options: EncodeJpegOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const op = "encodeJpeg";
  checkOptions(op, jpegKinds, options);
  const quality = checkInteger(op, "quality", options.quality ?? 75, 1, 100);
  const { bytes, channels, height, width } = await interleaved(op, x);
  if (channels !== 1 && channels !== 3)
    throw new ShapeError(op, `a JPEG file has 1 or 3 channels, got ${showShape(x.shape)}`, [x.shape]);
  if (height > 65535 || width > 65535)
    throw new ShapeError(op, `a JPEG file has at most 65535 rows and columns, got ${showShape(x.shape)}`, [x.shape]);
  const rgba = new Uint8ClampedArray(4 * height * width).fill(255);
  for (let i = 0; i < height * width; i++)
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = bytes[channels * i + (channels === 3 ? c : 0)];
  return jpegOf(rgba, height, width, quality);
}
