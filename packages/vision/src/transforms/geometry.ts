import type { Tensor } from "@flambeau/tensor/functional";
import { sizesOf } from "../checks.ts";
import {
  centerCrop,
  fiveCrop,
  horizontalFlip,
  type TenCropOptions,
  tenCrop,
  tenCropKinds,
  verticalFlip,
} from "../functional/crop.ts";
import { borderOf, type PadOptions, pad, padKinds } from "../functional/pad.ts";
import { type ResizeOptions, resize, resizedTo, resizeKinds } from "../functional/resize.ts";
import { Chance, type ChanceOptions, chanceKinds, noKinds, Transform } from "./transform.ts";

/**
 * Images of another size: `y = resize(x, size)`. The class of {@link resize}.
 *
 * Shape: `[..., C, H, W]` to `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a size that is no positive integer; what {@link resize} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.Resize.html
 * @example
 * new Resize([4, 6]).forward(zeros([3, 10, 10])).shape; // [3, 4, 6]
 */
export class Resize extends Transform {
  readonly size: number | readonly number[] | null;
  readonly #options: ResizeOptions;
  constructor(size: number | readonly number[] | null, options: ResizeOptions = {}) {
    super(options, resizeKinds);
    resizedTo("Resize", 1e9, 1e9, size, options.maxSize ?? null);
    this.size = size;
    this.#options = options;
  }
  protected apply(x: Tensor): Tensor {
    return resize(x, this.size, this.#options);
  }
}

/**
 * The middle of images: `y = centerCrop(x, size)`. The class of {@link centerCrop}.
 *
 * Shape: `[..., C, H, W]` to `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a size that is no positive integer.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.CenterCrop.html
 * @example
 * new CenterCrop(2).forward(zeros([3, 10, 10])).shape; // [3, 2, 2]
 */
export class CenterCrop extends Transform {
  readonly size: readonly [number, number];
  constructor(size: number | readonly number[]) {
    super({}, noKinds);
    this.size = sizesOf("CenterCrop", "size", size);
  }
  protected apply(x: Tensor): Tensor {
    return centerCrop(x, this.size);
  }
}

/**
 * Images with a border: `y = pad(x, padding)`. The class of {@link pad}.
 *
 * Shape: `[..., C, H, W]` to `[..., C, H + top + bottom, W + left + right]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for another padding than one, two or four integers; what {@link pad} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.Pad.html
 * @example
 * new Pad([1, 2]).forward(zeros([3, 10, 10])).shape; // [3, 14, 12]
 */
export class Pad extends Transform {
  readonly padding: number | readonly number[];
  readonly #options: PadOptions;
  constructor(padding: number | readonly number[], options: PadOptions = {}) {
    super(options, padKinds);
    borderOf("Pad", padding);
    this.padding = padding;
    this.#options = options;
  }
  protected apply(x: Tensor): Tensor {
    return pad(x, this.padding, this.#options);
  }
}

/**
 * Images mirrored from left to right with probability `p`: `y[i, j] = x[i, W - 1 - j]`, all images of a batch or none.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomHorizontalFlip.html
 * @example
 * new RandomHorizontalFlip({ p: 1 }).forward(tensor([[[1, 2]]])).tolist(); // [[[2, 1]]]
 */
export class RandomHorizontalFlip extends Chance {
  constructor(options: ChanceOptions = {}) {
    super(options, chanceKinds);
  }
  protected change(x: Tensor): Tensor {
    return horizontalFlip(x);
  }
}
/**
 * Images turned upside down with probability `p`: `y[i, j] = x[H - 1 - i, j]`, all images of a batch or none.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomVerticalFlip.html
 * @example
 * new RandomVerticalFlip({ p: 1 }).forward(tensor([[[1], [2]]])).tolist(); // [[[2], [1]]]
 */
export class RandomVerticalFlip extends Chance {
  constructor(options: ChanceOptions = {}) {
    super(options, chanceKinds);
  }
  protected change(x: Tensor): Tensor {
    return verticalFlip(x);
  }
}

/**
 * The four corners and the middle of images: `y = fiveCrop(x, size)`. The class of {@link fiveCrop}.
 *
 * Shape: `[..., C, H, W]` to five times `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a size that is no positive integer; ShapeError where the image is smaller.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.FiveCrop.html
 * @example
 * const crops = new FiveCrop(2).forward(zeros([3, 4, 4]));
 * stack(crops).shape; // [5, 3, 2, 2]
 */
export class FiveCrop extends Transform<Tensor[]> {
  readonly size: readonly [number, number];
  constructor(size: number | readonly number[]) {
    super({}, noKinds);
    this.size = sizesOf("FiveCrop", "size", size);
  }
  protected apply(x: Tensor): Tensor[] {
    return fiveCrop(x, this.size);
  }
}
/**
 * The four corners and the middle of images and of their mirror images: `y = tenCrop(x, size)`. The class of {@link tenCrop}.
 *
 * Shape: `[..., C, H, W]` to ten times `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a size that is no positive integer; ShapeError where the image is smaller.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.TenCrop.html
 * @example
 * new TenCrop(2, { verticalFlip: true }).forward(zeros([3, 4, 4])).length; // 10
 */
export class TenCrop extends Transform<Tensor[]> {
  readonly size: readonly [number, number];
  readonly #options: TenCropOptions;
  constructor(size: number | readonly number[], options: TenCropOptions = {}) {
    super(options, tenCropKinds);
    this.size = sizesOf("TenCrop", "size", size);
    this.#options = options;
  }
  protected apply(x: Tensor): Tensor[] {
    return tenCrop(x, this.size, this.#options);
  }
}
