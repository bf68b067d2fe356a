import { ArgumentError } from "@flambeau/tensor/functional";

/** Pixels in rows, of RGB or RGBA. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly channels: 3 | 4;
  readonly bytes: Uint8Array;
}

const known = ["NCHW", "NHWC", "CHW", "HWC", "WHC", "HW", "WH"] as const;
/** What each dimension of an image is: number in the batch, channel, height, width. */
export type DataFormats = (typeof known)[number];
export const dataFormats: readonly DataFormats[] = known;

/** Images in a row of a grid. */
const columns = 8;

/** @throws ArgumentError where the shape does not fit the format. */
export function checkImage(op: string, shape: readonly number[], formats: DataFormats): void {
  const fail = (problem: string): never => {
    throw new ArgumentError(op, problem, `dataFormats is one of ${known.join(", ")}`);
  };
  if (shape.length !== formats.length) fail(`a tensor of shape [${shape}] does not fit the format ${formats}`);
  if (shape.includes(0)) fail(`an image of shape [${shape}] has no pixels`);
  const channels = shape[formats.indexOf("C")] ?? 1;
  const most = formats.includes("N") ? 3 : 4;
  if (channels !== 1 && channels !== 3 && channels !== most)
    fail(
      `an image of shape [${shape}] has ${channels} channels in the format ${formats}, expected 1, 3${most === 4 ? " or 4" : ""}`,
    );
}

/** The pixels of one image, or of a batch as a grid; `value` gives the elements of the tensor as bytes. Grey becomes RGB. */
export function pixelsOf(value: (i: number) => number, shape: readonly number[], formats: DataFormats): Pixels {
  const size = (letter: string) => shape[formats.indexOf(letter)] ?? 1;
  const stride = (letter: string) => {
    const d = formats.indexOf(letter);
    return d < 0 ? 0 : shape.slice(d + 1).reduce((product, n) => product * n, 1);
  };
  const [n, h, w, c] = ["N", "H", "W", "C"].map(size);
  const [sn, sh, sw, sc] = ["N", "H", "W", "C"].map(stride);
  const across = Math.min(n, columns);
  const [height, width] = [h * Math.ceil(n / across), w * across];
  const channels = c === 4 ? 4 : 3;
  const bytes = new Uint8Array(height * width * channels);
  for (let i = 0; i < n; i++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const to = ((Math.floor(i / across) * h + y) * width + (i % across) * w + x) * channels;
        const from = i * sn + y * sh + x * sw;
        for (let k = 0; k < channels; k++) bytes[to + k] = value(from + (c === 1 ? 0 : k * sc));
      }
  return { height, width, channels, bytes };
}
