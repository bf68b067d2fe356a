import {
  ArgumentError,
  DTypeError,
  data,
  isFloat,
  ShapeError,
  type Tensor,
  UnavailableError,
} from "@flambeau/tensor/functional";
import { halfCodec, show, showShape } from "@flambeau/tensor/plugin";
import { imagesOf } from "../checks.ts";

/** Pixels as `ImageData` has them: rows of red, green, blue and alpha. */
export interface RgbaPixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/**
 * An image as `ImageData`, for a canvas: `data[4 * (i * width + j) + c] = x[c, i, j]`. Bytes are taken as they are, floats from 0 to 1 as
 * `floor(x * 255.999)`. Grey is shown in three equal channels; without alpha the image is opaque. Where there is no `ImageData` it is an object of the same fields.
 *
 * Shape: `[C, height, width]`: grey, grey and alpha, RGB, RGB and alpha. Dtype: uint8 or floating.
 *
 * @throws ArgumentError for floats outside of 0 to 1; DTypeError for another dtype; ShapeError for what is no single image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToPILImage.html
 * @example
 * const { data, width, height } = await toImageData(tensor([[[0, 1]]]));
 * [...data, width, height]; // [0, 0, 0, 255, 255, 255, 255, 255, 2, 1]
 */
export async function toImageData(x: Tensor): Promise<RgbaPixels> {
  return imageDataOf("toImageData", x);
}

async function imageDataOf(op: string, x: Tensor): Promise<RgbaPixels> {
  const { channels, height, width, batch } = imagesOf(op, x);
  if (batch.length > 0 || channels < 1 || channels > 4 || height === 0 || width === 0)
    throw new ShapeError(op, `an image is [1 to 4, height, width], got ${showShape(x.shape)}`, [x.shape]);
  if (x.dtype !== "uint8" && !isFloat(x.dtype))
    throw new DTypeError(op, `the image must be uint8 or floats from 0 to 1, got ${x.dtype}`);
  const raw = await data(x);
  const half = halfCodec(x.dtype);
  const size = height * width;
  const out = new Uint8ClampedArray(4 * size).fill(255);
  const [colours, alpha] = [channels < 3 ? 1 : 3, channels % 2 === 0];
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < size; i++) {
      const stored = Number(raw[c * size + i]);
      const value = half ? half.decode(stored) : stored;
      if (x.dtype !== "uint8" && !(value >= 0 && value <= 1))
        throw new ArgumentError(
          op,
          `floats of images lie from 0 to 1, got ${value}`,
          "x.clamp(0, 1), or undo the normalization",
        );
      const byte = x.dtype === "uint8" ? value : Math.floor(value * 255.999);
      if (alpha && c === channels - 1) out[4 * i + 3] = byte;
      else if (colours === 1) out.fill(byte, 4 * i, 4 * i + 3);
      else out[4 * i + c] = byte;
    }
  if (typeof ImageData === "undefined") return { data: out, width, height };
  return new ImageData(out, width, height);
}

/** A canvas of a page or a worker. */
export interface Canvas {
  width: number;
  height: number;
  getContext(kind: "2d"): object | null;
}

/**
 * Draws an image on a canvas, which gets its size: pixel `[i, j]` shows `x[:, i, j]`. {@link toImageData} says how values become colours.
 *
 * Shape: `[C, height, width]`: grey, grey and alpha, RGB, RGB and alpha. Dtype: uint8 or floating.
 *
 * @throws ArgumentError for what is no canvas, and floats outside of 0 to 1; DTypeError for another dtype; ShapeError for what is no single image;
 * UnavailableError for a canvas that is drawn on otherwise than in two dimensions.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToPILImage.html
 * @example
 * // doctest: skip: there is no canvas in Node
 * await toPixels(rand([3, 64, 64]), document.createElement("canvas"));
 */
export async function toPixels(x: Tensor, canvas: Canvas): Promise<void> {
  const op = "toPixels";
  const { data, width, height } = await imageDataOf(op, x);
  if (
    typeof canvas !== "object" ||
    canvas === null ||
    !("getContext" in canvas) ||
    typeof canvas.getContext !== "function"
  )
    throw new ArgumentError(op, `a canvas is needed, got ${show(canvas)}`);
  const context = canvas.getContext("2d") as { putImageData?(image: ImageData, x: number, y: number): void } | null; // of a canvas
  if (!context?.putImageData)
    throw new UnavailableError(`${op}: the canvas is not drawn on in two dimensions`, "take another canvas");
  canvas.width = width;
  canvas.height = height;
  context.putImageData(new ImageData(data, width, height), 0, 0);
}
