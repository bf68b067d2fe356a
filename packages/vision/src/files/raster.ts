import { contiguous, flip, permute, type Tensor, tensor, tidy } from "@flambeau/tensor/functional";

/** The pixels of a file, row by row, the channels of a pixel side by side: grey, grey and alpha, RGB, RGB and alpha. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bytes, or 16 bits a value. */
  readonly data: Uint8Array | Uint16Array;
  /** How it is to be turned to stand upright, 1 to 8, as EXIF counts. */
  readonly orientation: number;
}
/** Which channels a tensor gets. */
export type ReadMode = "unchanged" | "gray" | "grayAlpha" | "rgb" | "rgba";
export const readModes: readonly ReadMode[] = ["unchanged", "gray", "grayAlpha", "rgb", "rgba"];
const channelsIn: { readonly [mode in Exclude<ReadMode, "unchanged">]: number } = {
  gray: 1,
  grayAlpha: 2,
  rgb: 3,
  rgba: 4,
};

/** Rec. 601 in fixed point, rounded, as Pillow has it. */
export const greyOf = (r: number, g: number, b: number): number =>
  Math.floor((19595 * r + 38470 * g + 7471 * b + 32768) / 65536);

/** The image with other channels: colours become grey, alpha is left out, or added as opaque. */
export function inMode(image: Raster, mode: ReadMode): Raster {
  const from = image.channels;
  const to = mode === "unchanged" ? from : channelsIn[mode];
  if (to === from) return image;
  const { width, height, data: source } = image;
  const count = width * height;
  const white = source instanceof Uint8Array ? 255 : 65535;
  const data = source instanceof Uint8Array ? new Uint8Array(count * to) : new Uint16Array(count * to);
  const [hasAlpha, wantsAlpha] = [from % 2 === 0, to % 2 === 0];
  for (let i = 0, s = 0, t = 0; i < count; i++, s += from, t += to) {
    if (to >= 3) for (let c = 0; c < 3; c++) data[t + c] = source[from >= 3 ? s + c : s];
    else data[t] = from >= 3 ? greyOf(source[s], source[s + 1], source[s + 2]) : source[s];
    if (wantsAlpha) data[t + to - 1] = hasAlpha ? source[s + from - 1] : white;
  }
  return { ...image, channels: to, data };
}

/** Which of rows (0) and columns (1) run backwards in a file of each orientation; from the fifth on, they are swapped as well. */
const backwards = [[], [1], [0, 1], [0], [], [0], [0, 1], [1]] as const;

/** Bytes of each channel as [C, H, W], standing upright if `upright`; 16 bits as int32. */
export function toTensor(
  { width, height, channels, data, orientation }: Raster,
  upright: boolean,
  device?: string,
): Tensor {
  const turn = upright ? orientation : 1;
  const dims = backwards[turn - 1];
  return tidy(() => {
    const values = data instanceof Uint8Array ? data : Int32Array.from(data);
    const pixels = tensor(values, { shape: [height, width, channels], device });
    const turned = dims.length === 0 ? pixels : flip(pixels, dims);
    return contiguous(permute(turned, turn > 4 ? [2, 1, 0] : [2, 0, 1]));
  });
}
