import { ArgumentError, DTypeError, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkNumber, checkTensor, show, showShape } from "@flambeau/tensor/plugin";

/** How the values between pixels come about. */
export type Interpolation = "nearest" | "nearest-exact" | "bilinear" | "bicubic";
/** What lies outside of an image: one value, one for each channel, or nothing special. */
export type Fill = number | readonly number[] | null;

/** Images, one or many. */
export interface Images {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** The sizes in front of these. */
  readonly batch: readonly number[];
}

/** @throws ArgumentError for what is no tensor, ShapeError for one without channels, rows and columns. */
export function imagesOf(op: string, x: Tensor): Images {
  checkTensor(op, "the image", x);
  const { shape } = x;
  if (shape.length < 3)
    throw new ShapeError(
      op,
      `an image is [..., channels, height, width], got ${showShape(shape)}`,
      [shape],
      "a grey image has one channel: x.unsqueeze(0)",
    );
  const [channels, height, width] = shape.slice(-3);
  return { channels, height, width, batch: shape.slice(0, -3) };
}

/** As {@link imagesOf}, of the numbers of channels that an op knows what to do with. */
export function coloursOf(op: string, x: Tensor): Images {
  const images = imagesOf(op, x);
  if (images.channels !== 1 && images.channels !== 3)
    throw new ShapeError(op, `an image has 1 or 3 channels here, got ${showShape(x.shape)}`, [x.shape]);
  return images;
}

/** Bits that hold a number, of integers. */
const valueBits: { readonly [dtype: string]: number } = { uint8: 8, int8: 7, int16: 15, int32: 31, int64: 63 };
/** How many bits of an integer dtype hold its values. @throws DTypeError for another dtype. */
export function bitsOf(op: string, x: { readonly dtype: string }): number {
  const bits = valueBits[x.dtype];
  if (bits === undefined) throw new DTypeError(op, `images are floats or integers, got ${x.dtype}`);
  return bits;
}
/** The value of white: 1 of floats, the largest one of integers. */
export const whiteOf = (dtype: string): number => (dtype in valueBits ? 2 ** valueBits[dtype] - 1 : 1);

/** One size for both, or height and width. */
export function sizesOf(op: string, name: string, size: number | readonly number[]): readonly [number, number] {
  const list = typeof size === "number" ? [size, size] : size;
  if (!Array.isArray(list) || list.length < 1 || list.length > 2)
    throw new ArgumentError(op, `${name} is one size, or height and width, got ${show(size)}`);
  const [height, width = height] = list;
  return [checkInteger(op, name, height, 1), checkInteger(op, name, width, 1)];
}

/** A factor that must not be negative. */
export function checkFactor(op: string, name: string, value: number): number {
  if (!(checkNumber(op, name, value) >= 0 && value < Infinity))
    throw new ArgumentError(op, `${name} must be a number of at least 0, got ${value}`);
  return value;
}
export function checkFinite(op: string, name: string, value: number): number {
  if (!Number.isFinite(checkNumber(op, name, value)))
    throw new ArgumentError(op, `${name} must be finite, got ${value}`);
  return value;
}
/** A list of so many finite numbers. */
export function checkNumbers(op: string, name: string, list: readonly number[], count: number): readonly number[] {
  if (!Array.isArray(list) || list.length !== count)
    throw new ArgumentError(op, `${name} is a list of ${count} numbers, got ${show(list)}`);
  for (const each of list) checkFinite(op, `each of ${name}`, each);
  return list;
}
/** Two numbers, the first not above the second. */
export function checkRange(op: string, name: string, list: readonly number[]): readonly [number, number] {
  const [from, to] = checkNumbers(op, name, list, 2);
  if (from > to) throw new ArgumentError(op, `${name} is a pair [least, greatest], got ${show(list)}`);
  return [from, to];
}
export function checkProbability(op: string, name: string, p: number): number {
  if (!(typeof p === "number" && p >= 0 && p <= 1))
    throw new ArgumentError(op, `${name} must be a probability from 0 to 1, got ${show(p)}`);
  return p;
}

/** One value of filling for each of the channels, or a single one. */
export function fillsOf(op: string, fill: number | readonly number[], channels: number): readonly number[] {
  const list = typeof fill === "number" ? [fill] : fill;
  if (!Array.isArray(list) || (list.length !== 1 && list.length !== channels))
    throw new ArgumentError(op, `fill is one value, or one for each of ${channels} channels, got ${show(fill)}`);
  for (const each of list) checkFinite(op, "fill", each);
  return list;
}

/** Python's `round`: halves go to the even neighbour. */
export function roundEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
