import { ArgumentError, type Generator, type Tensor } from "@flambeau/tensor/functional";
import { type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkFinite, checkNumbers, checkProbability, checkRange, imagesOf, roundEven } from "../checks.ts";
import {
  type AffineOptions,
  affine,
  affineKinds,
  perspective,
  type RotateOptions,
  rotate,
  rotateKinds,
  type WarpOptions,
  warpKinds,
} from "../functional/warp.ts";
import { integer, uniform } from "../random/draws.ts";
import { Chance, type ChanceOptions, chanceKinds, type RandomOptions, randomKinds, Transform } from "./transform.ts";

/** From minus to plus a number, or from one to another. */
function anglesOf(op: string, name: string, angles: number | readonly number[]): readonly [number, number] {
  if (typeof angles !== "number") return checkRange(op, name, angles);
  if (!(checkFinite(op, name, angles) >= 0))
    throw new ArgumentError(op, `${name}, if it is one number, must not be negative, got ${angles}`);
  return [-angles, angles];
}

export interface RandomRotationOptions extends RotateOptions, RandomOptions {}
const rotationKinds: Kinds<RandomRotationOptions> = { ...rotateKinds, ...randomKinds };
/**
 * Images turned by a random angle: `y = rotate(x, angle)`, the same for all images of a batch. `degrees` is the largest angle to both sides, or
 * `[least, most]`.
 *
 * Shape: that of `x`, `[..., C, H, W]`, or as large as it takes with `expand`. Dtype: that of `x`.
 *
 * @throws ArgumentError for degrees that are negative or no range; what {@link rotate} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomRotation.html
 * @example
 * new RandomRotation([90, 90]).forward(tensor([[[1, 2], [3, 4]]])).tolist(); // [[[2, 4], [1, 3]]]
 */
export class RandomRotation extends Transform {
  readonly degrees: readonly [number, number];
  readonly #options: RotateOptions;
  constructor(degrees: number | readonly number[], options: RandomRotationOptions = {}) {
    super(options, rotationKinds);
    this.degrees = anglesOf("RandomRotation", "degrees", degrees);
    const { generator: _, ...rest } = options;
    this.#options = { fill: 0, ...rest };
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    return rotate(x, uniform(generator, ...this.degrees), this.#options);
  }
}

export interface RandomAffineOptions extends AffineOptions, RandomOptions {
  /** How far it is moved at most, as shares [of the width, of the height]. Default: not. */
  readonly translate?: readonly number[] | null | undefined;
  /** The scale, from least to most. Default: 1. */
  readonly scale?: readonly number[] | null | undefined;
  /** The largest angle of shearing along x to both sides, [least, most] along x, or [least, most, least, most] along x and y. Default: 0. */
  readonly shear?: number | readonly number[] | null | undefined;
}
const randomAffineKinds: Kinds<RandomAffineOptions> = {
  translate: option.orNull(option.listOf(option.number)),
  scale: option.orNull(option.listOf(option.number)),
  shear: option.orNull(option.numbers),
  ...affineKinds,
  ...randomKinds,
};
/**
 * Images turned, moved, scaled and sheared at random: `y = affine(x, angle, translate, scale, shear)`, the same for all images of a batch. `degrees` is
 * the largest angle to both sides, or `[least, most]`.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for shares outside of 0 to 1, scales that are not positive, other ranges; what {@link affine} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomAffine.html
 * @example
 * const move = new RandomAffine(0, { translate: [0.5, 0], generator: new Generator(4) });
 * move.forward(tensor([[[1, 2, 3, 4]]])).shape; // [1, 1, 4]
 */
export class RandomAffine extends Transform {
  readonly degrees: readonly [number, number];
  readonly translate: readonly number[] | null;
  readonly scale: readonly [number, number] | null;
  readonly shear: readonly number[] | null;
  readonly #options: AffineOptions;
  constructor(degrees: number | readonly number[], options: RandomAffineOptions = {}) {
    const op = "RandomAffine";
    super(options, randomAffineKinds);
    const { translate = null, scale = null, shear = null, generator: _, ...rest } = options;
    this.degrees = anglesOf(op, "degrees", degrees);
    this.translate = translate === null ? null : checkNumbers(op, "translate", translate, 2);
    for (const each of this.translate ?? []) checkProbability(op, "each of translate", each);
    this.scale = scale === null ? null : checkRange(op, "scale", scale);
    if (this.scale !== null && this.scale[0] <= 0)
      throw new ArgumentError(op, `scale must be positive, got ${show(scale)}`);
    this.shear = shear === null ? null : shearsOf(op, shear);
    this.#options = { fill: 0, ...rest };
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    const { height, width } = imagesOf("RandomAffine", x);
    const angle = uniform(generator, ...this.degrees);
    const [far, deep] = this.translate ?? [0, 0];
    const moved = (most: number) => roundEven(uniform(generator, -most, most)) + 0;
    const translate = this.translate === null ? [0, 0] : [moved(far * width), moved(deep * height)];
    const scale = this.scale === null ? 1 : uniform(generator, ...this.scale);
    const [a, b, c, d] = this.shear ?? [];
    const shear = [a === undefined ? 0 : uniform(generator, a, b), c === undefined ? 0 : uniform(generator, c, d)];
    return affine(x, angle, translate, scale, shear, this.#options);
  }
}
function shearsOf(op: string, shear: number | readonly number[]): readonly number[] {
  if (typeof shear === "number" || shear.length === 2) return anglesOf(op, "shear", shear);
  const [a, b, c, d] = checkNumbers(op, "shear", shear, 4);
  return [...checkRange(op, "shear", [a, b]), ...checkRange(op, "shear", [c, d])];
}

export interface RandomPerspectiveOptions extends WarpOptions, ChanceOptions {
  /** How far corners move at most, as a share of half the image. Default 0.5. */
  readonly distortionScale?: number | undefined;
}
const perspectiveKinds: Kinds<RandomPerspectiveOptions> = {
  distortionScale: option.number,
  ...warpKinds,
  ...chanceKinds,
};
/**
 * Images as seen from a random side, with probability `p`: `y = perspective(x, corners, moved)`, the same for all images of a batch.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a scale outside of 0 to 1, and when `p` is no probability.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomPerspective.html
 * @example
 * new RandomPerspective({ p: 1, generator: new Generator(0) }).forward(ones([1, 8, 8])).shape; // [1, 8, 8]
 */
export class RandomPerspective extends Chance {
  readonly distortionScale: number;
  readonly #options: WarpOptions;
  constructor(options: RandomPerspectiveOptions = {}) {
    super(options, perspectiveKinds);
    this.distortionScale = checkProbability("RandomPerspective", "distortionScale", options.distortionScale ?? 0.5);
    const { interpolation, fill = 0 } = options;
    this.#options = { interpolation, fill };
  }
  protected change(x: Tensor, generator: Generator): Tensor {
    const { height, width } = imagesOf("RandomPerspective", x);
    const reach = (size: number) => Math.trunc(this.distortionScale * Math.floor(size / 2)) + 1;
    const [down, across] = [reach(height), reach(width)];
    const near = (most: number) => integer(generator, 0, most);
    const far = (size: number, most: number) => integer(generator, size - most, size);
    const moved = [
      [near(across), near(down)],
      [far(width, across), near(down)],
      [far(width, across), far(height, down)],
      [near(across), far(height, down)],
    ];
    const [right, bottom] = [width - 1, height - 1];
    const corners = [
      [0, 0],
      [right, 0],
      [right, bottom],
      [0, bottom],
    ];
    return perspective(x, corners, moved, this.#options);
  }
}
