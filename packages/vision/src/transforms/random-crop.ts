import { ArgumentError, type Generator, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkRange, imagesOf, roundEven, sizesOf } from "../checks.ts";
import { cut } from "../functional/crop.ts";
import { bordered, borderOf, type PadOptions, padKinds } from "../functional/pad.ts";
import { type ResizedCropOptions, resized, resizedCropKinds } from "../functional/resize.ts";
import { integer, ratioBetween, uniform } from "../random/draws.ts";
import { Chance, type ChanceOptions, chanceKinds, type RandomOptions, randomKinds, Transform } from "./transform.ts";

export interface RandomCropOptions extends PadOptions, RandomOptions {
  /** A border that comes on first, as {@link pad} takes it. Default: none. */
  readonly padding?: number | readonly number[] | null | undefined;
  /** Pad images that are smaller than the part, on both sides. Default false: they are refused. */
  readonly padIfNeeded?: boolean | undefined;
}
const cropKinds: Kinds<RandomCropOptions> = {
  padding: option.orNull(option.numbers),
  padIfNeeded: option.boolean,
  ...padKinds,
  ...randomKinds,
};
/**
 * A part of images at a random place: `y[i, j] = x[top + i, left + j]`, the same place for all images of a batch.
 *
 * Shape: `[..., C, H, W]` to `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a size that is no positive integer and another padding; ShapeError for an image that is smaller, unless `padIfNeeded`.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomCrop.html
 * @example
 * const crop = new RandomCrop(3, { padding: 1, generator: new Generator(0) });
 * crop.forward(zeros([3, 4, 4])).shape; // [3, 3, 3]
 */
export class RandomCrop extends Transform {
  readonly size: readonly [number, number];
  readonly #border: readonly number[];
  readonly #options: RandomCropOptions;
  constructor(size: number | readonly number[], options: RandomCropOptions = {}) {
    super(options, cropKinds);
    this.size = sizesOf("RandomCrop", "size", size);
    this.#border = borderOf("RandomCrop", options.padding ?? 0);
    this.#options = options;
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    const [height, width] = this.size;
    const { height: h, width: w } = imagesOf("RandomCrop", x);
    const border = [...this.#border];
    if (this.#options.padIfNeeded) {
      const [left, top, right, bottom] = border;
      const down = Math.max(0, height - h - top - bottom);
      const across = Math.max(0, width - w - left - right);
      [across, down, across, down].forEach((more, i) => {
        border[i] += more;
      });
    }
    const [rows, columns] = [h + border[1] + border[3], w + border[0] + border[2]];
    if (rows < height || columns < width)
      throw new ShapeError(
        "RandomCrop",
        `a part of ${height} x ${width} does not fit into an image of ${rows} x ${columns}`,
        [x.shape],
        "write { padIfNeeded: true }",
      );
    const padded = border.some((n) => n !== 0) ? bordered("RandomCrop", x, border, this.#options) : x;
    const top = rows > height ? integer(generator, 0, rows - height + 1) : 0;
    const left = columns > width ? integer(generator, 0, columns - width + 1) : 0;
    return cut(padded, top, left, height, width);
  }
}

export interface RandomResizedCropOptions extends ResizedCropOptions, RandomOptions {
  /** Which share of the image the part has, from least to most. Default [0.08, 1]. */
  readonly scale?: readonly number[] | undefined;
  /** Its width over its height, from least to most. Default [3 / 4, 4 / 3]. */
  readonly ratio?: readonly number[] | undefined;
}
const resizedKinds: Kinds<RandomResizedCropOptions> = {
  scale: option.listOf(option.number),
  ratio: option.listOf(option.number),
  ...resizedCropKinds,
  ...randomKinds,
};
/** @throws ArgumentError for a ratio that has no logarithm. */
function checkRatio(op: string, ratio: readonly number[]): readonly [number, number] {
  const range = checkRange(op, "ratio", ratio);
  if (range[0] <= 0) throw new ArgumentError(op, `ratio must be positive, got ${show(ratio)}`);
  return range;
}
/**
 * A part of images at a random place and of a random size and shape, in a given size: `y = resizedCrop(x, top, left, h, w, size)`, the same for all
 * images of a batch. Where ten draws do not fit, it is the middle.
 *
 * Shape: `[..., C, H, W]` to `[..., C, height, width]`; `size` is both, or `[height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a size that is no positive integer, a negative scale, a ratio that is not positive.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomResizedCrop.html
 * @example
 * new RandomResizedCrop(8, { scale: [0.5, 1] }).forward(zeros([3, 20, 30])).shape; // [3, 8, 8]
 */
export class RandomResizedCrop extends Transform {
  readonly size: readonly [number, number];
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly #options: RandomResizedCropOptions;
  constructor(size: number | readonly number[], options: RandomResizedCropOptions = {}) {
    const op = "RandomResizedCrop";
    super(options, resizedKinds);
    this.size = sizesOf(op, "size", size);
    this.scale = checkRange(op, "scale", options.scale ?? [0.08, 1]);
    if (this.scale[0] < 0) throw new ArgumentError(op, `scale must not be negative, got ${show(options.scale)}`);
    this.ratio = checkRatio(op, options.ratio ?? [3 / 4, 4 / 3]);
    this.#options = options;
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    const { height, width } = imagesOf("RandomResizedCrop", x);
    const [top, left, h, w] = this.#part(height, width, generator);
    return resized("RandomResizedCrop", cut(x, top, left, h, w), this.size, this.#options);
  }
  #part(height: number, width: number, generator: Generator): readonly number[] {
    const { scale, ratio } = this;
    for (let i = 0; i < 10; i++) {
      const area = height * width * uniform(generator, ...scale);
      const shape = ratioBetween(generator, ratio);
      const w = roundEven(Math.sqrt(area * shape));
      const h = roundEven(Math.sqrt(area / shape));
      if (w > 0 && w <= width && h > 0 && h <= height)
        return [integer(generator, 0, height - h + 1), integer(generator, 0, width - w + 1), h, w];
    }
    const whole = width / height;
    const h = whole < ratio[0] ? roundEven(width / ratio[0]) : height;
    const w = whole > ratio[1] ? roundEven(height * ratio[1]) : width;
    return [Math.floor((height - h) / 2), Math.floor((width - w) / 2), h, w];
  }
}

export interface RandomZoomOutOptions extends ChanceOptions, Pick<PadOptions, "fill"> {
  /** How much larger the image becomes, from least to most. Default [1, 4]. */
  readonly sideRange?: readonly number[] | undefined;
}
const zoomKinds: Kinds<RandomZoomOutOptions> = {
  fill: padKinds.fill,
  sideRange: option.listOf(option.number),
  ...chanceKinds,
};
/**
 * Images somewhere on a larger plain, with probability `p`: `y = pad(x, [left, top, right, bottom])`, the same for all images of a batch.
 *
 * Shape: `[..., C, H, W]` to `[..., C, H * r, W * r]` with `r` from `sideRange`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a range below 1, and when `p` is no probability.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomZoomOut.html
 * @example
 * new RandomZoomOut({ p: 1, sideRange: [2, 2] }).forward(ones([1, 4, 4])).shape; // [1, 8, 8]
 */
export class RandomZoomOut extends Chance {
  readonly sideRange: readonly [number, number];
  readonly #fill: PadOptions["fill"];
  constructor(options: RandomZoomOutOptions = {}) {
    super(options, zoomKinds);
    this.sideRange = checkRange("RandomZoomOut", "sideRange", options.sideRange ?? [1, 4]);
    if (this.sideRange[0] < 1)
      throw new ArgumentError("RandomZoomOut", `sideRange must be at least 1, got ${show(options.sideRange)}`);
    this.#fill = options.fill;
  }
  protected change(x: Tensor, generator: Generator): Tensor {
    const { height, width } = imagesOf("RandomZoomOut", x);
    const [least, most] = this.sideRange;
    // of tensors of one element, and so in float32
    const f = Math.fround;
    const side = f(least + f(generator.uniform24() * f(most - least)));
    const [w, h] = [width, height].map((size) => Math.trunc(f(size * side)));
    const [left, top] = [w - width, h - height].map((room) => Math.trunc(f(room * generator.uniform24())));
    return bordered("RandomZoomOut", x, [left, top, w - left - width, h - top - height], { fill: this.#fill });
  }
}
