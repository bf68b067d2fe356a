import { ArgumentError } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";

/** The pixels of a JPEG file, row by row: grey, RGB, or RGB with an alpha that is left out. A decoder that uses its memory again gives a copy. */
export interface JpegPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}
/** Decodes a whole JPEG file; throws where it is damaged. It need not turn the image upright. */
export type JpegDecoder = (bytes: Uint8Array) => JpegPixels | Promise<JpegPixels>;

/** jpeg-js is built in. */
export type JpegDecoderChoice = JpegDecoder | "jpeg-js" | null;

let chosen: JpegDecoderChoice = null;
export const chosenDecoder = (): JpegDecoderChoice => chosen;

/**
 * Has JPEG files decoded by `decoder` from here on in this realm, a worker having its own. `"jpeg-js"` is built in; null, from which a program starts, means
 * libjpeg-turbo where it is installed, and jpeg-js elsewhere.
 *
 * jpeg-js is plain JavaScript and runs everywhere. libjpeg-turbo as WebAssembly takes a quarter of its time, leaves little for the collector, and gives the very
 * pixels that PyTorch and Pillow read: Node takes it as soon as the package `@cornerstonejs/codec-libjpeg-turbo-8bit` is installed, pages bring it with this function.
 * Sizes, orientation and limits are read from the header as ever. Files in four inks (CMYK) stay with jpeg-js.
 *
 * Shapes: it gives `width * height` pixels of 1, 3 or 4 bytes, which become `[1 or 3, height, width]`.
 *
 * @throws ArgumentError for what is none of these; FormatError from {@link decodeImage} where `decoder` throws or gives another image than the file's header says.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.io.decode_jpeg.html
 * @example
 * const file = await encodeJpeg(zeros([3, 8, 8], { dtype: "uint8" }));
 * setJpegDecoder(() => ({ width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(7) }));
 * const [first] = (await decodeImage(file)).flatten().dataSync();
 * setJpegDecoder(null);
 * first; // 7
 */
export function setJpegDecoder(decoder: JpegDecoderChoice): void {
  if (decoder !== null && decoder !== "jpeg-js" && typeof decoder !== "function")
    throw new ArgumentError("setJpegDecoder", `the decoder is a function, "jpeg-js" or null, got ${show(decoder)}`);
  chosen = decoder;
}
