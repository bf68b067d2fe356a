import {
  ArgumentError,
  add,
  DTypeError,
  defaultGenerator,
  type Generator,
  isFloat,
  mul,
  oneHot,
  ones,
  pad,
  roll,
  ShapeError,
  type Tensor,
  tidy,
  where,
} from "@flambeau/tensor/functional";
import {
  toDType as cast,
  checkInteger,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  showShape,
} from "@flambeau/tensor/plugin";
import { checkFinite } from "../checks.ts";
import { integer, share } from "../random/draws.ts";
import { type RandomOptions, randomKinds, type TransformOptions } from "./transform.ts";

export interface MixOptions extends RandomOptions {
  /** How much is mixed: the shares have the density of Beta(alpha, alpha). Default 1. */
  readonly alpha?: number | undefined;
  /** How many classes there are, for labels that are numbers of classes. Default: the labels are shares of classes. */
  readonly numClasses?: number | null | undefined;
}
const mixKinds: Kinds<MixOptions> = { alpha: option.number, numClasses: option.orNull(option.number), ...randomKinds };

abstract class Mix {
  readonly alpha: number;
  readonly numClasses: number | null;
  readonly #generator: Generator | undefined;
  protected constructor(options: MixOptions) {
    const op = this.constructor.name;
    checkOptions(op, mixKinds, options);
    this.alpha = options.alpha ?? 1;
    if (!(checkFinite(op, "alpha", this.alpha) > 0))
      throw new ArgumentError(op, `alpha must be positive, got ${this.alpha}`);
    const { numClasses = null } = options;
    this.numClasses = numClasses === null ? null : checkInteger(op, "numClasses", numClasses, 1);
    this.#generator = options.generator;
  }
  /**
   * The images mixed, and the shares of their classes.
   * @throws ShapeError for what is no batch with its labels; ArgumentError for labels that are numbers without `numClasses`.
   */
  forward(images: Tensor, labels: Tensor, options: TransformOptions = {}): [images: Tensor, labels: Tensor] {
    const op = this.constructor.name;
    checkOptions(`${op}.forward`, randomKinds, options);
    checkTensor(op, "the images", images);
    checkTensor(op, "the labels", labels);
    if (images.shape.length !== 4)
      throw new ShapeError(op, `the images are a batch [N, C, H, W], got ${showShape(images.shape)}`, [images.shape]);
    const { numClasses } = this;
    const classes = labels.shape[1] ?? numClasses;
    if (labels.shape.length < 1 || labels.shape.length > 2 || labels.shape[0] !== images.shape[0])
      throw new ShapeError(
        op,
        `the labels are [${images.shape[0]}] or [${images.shape[0]}, classes], got ${showShape(labels.shape)}`,
        [images.shape, labels.shape],
      );
    if (classes === null)
      throw new ArgumentError(op, "numClasses must be given where labels are numbers of classes", "{ numClasses: 10 }");
    if (numClasses !== null && classes !== numClasses)
      throw new ShapeError(op, `the labels have ${classes} classes, numClasses is ${numClasses}`, [labels.shape]);
    return tidy(() => {
      const [mixed, part] = this.mix(images, options.generator ?? this.#generator ?? defaultGenerator);
      const shares = labels.shape.length === 1 ? oneHot(labels, classes) : labels;
      return [mixed, mixedBy(isFloat(shares.dtype) ? shares : cast(shares, "float32"), part)];
    });
  }
  /** The images, and which share each has kept. */
  protected abstract mix(images: Tensor, generator: Generator): readonly [Tensor, number];
}
/** Each with the one in front of it. */
const mixedBy = (x: Tensor, part: number): Tensor => add(mul(roll(x, 1, 0), 1 - part), mul(x, part));

/**
 * Batches whose images are mixed by a random share with the ones in front of them, and their labels alike: `y[i] = part * x[i] + (1 - part) * x[i - 1]`.
 *
 * Shapes: images `[N, C, H, W]` of floats; labels `[N]`, numbers of classes, or `[N, numClasses]`. The result has labels `[N, numClasses]`.
 *
 * @throws ArgumentError for an `alpha` that is not positive, labels that are numbers without `numClasses`; ShapeError for other shapes; DTypeError for
 * images of integers.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.MixUp.html
 * @see Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2017
 * @example
 * const mix = new MixUp({ numClasses: 3, generator: new Generator(0) });
 * const [images, labels] = mix.forward(rand([2, 1, 4, 4]), tensor([0, 2], { dtype: "int32" }));
 * labels.sum(1).tolist(); // [1, 1]
 */
export class MixUp extends Mix {
  constructor(options: MixOptions = {}) {
    super(options);
  }
  protected mix(images: Tensor, generator: Generator): readonly [Tensor, number] {
    if (!isFloat(images.dtype))
      throw new DTypeError(
        "MixUp",
        `the images must be floats, got ${images.dtype}`,
        'x = toDtype(x, "float32", { scale: true })',
      );
    const part = share(generator, this.alpha);
    return [mixedBy(images, part), part];
  }
}

/**
 * Batches in whose images a random rectangle is that of the ones in front of them, and their labels mixed by its area: `y[i] = inside ? x[i - 1] : x[i]`.
 *
 * Shapes: images `[N, C, H, W]`; labels `[N]`, numbers of classes, or `[N, numClasses]`. The result has labels `[N, numClasses]`.
 *
 * @throws ArgumentError for an `alpha` that is not positive, labels that are numbers without `numClasses`; ShapeError for other shapes.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.CutMix.html
 * @see Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features", 2019
 * @example
 * const mix = new CutMix({ numClasses: 3, generator: new Generator(0) });
 * const [images, labels] = mix.forward(rand([2, 1, 4, 4]), tensor([0, 2], { dtype: "int32" }));
 * labels.sum(1).tolist(); // [1, 1]
 */
export class CutMix extends Mix {
  constructor(options: MixOptions = {}) {
    super(options);
  }
  protected mix(images: Tensor, generator: Generator): readonly [Tensor, number] {
    const part = share(generator, this.alpha);
    const [, , height, width] = images.shape;
    const x = integer(generator, 0, width);
    const y = integer(generator, 0, height);
    const half = 0.5 * Math.sqrt(1 - part);
    const [w, h] = [Math.trunc(half * width), Math.trunc(half * height)];
    const [left, right] = [Math.max(x - w, 0), Math.min(x + w, width)];
    const [top, bottom] = [Math.max(y - h, 0), Math.min(y + h, height)];
    const hole = ones([bottom - top, right - left], { dtype: "bool", device: images.device });
    const inside = pad(hole, [left, width - right, top, height - bottom]);
    const kept = 1 - ((right - left) * (bottom - top)) / (width * height);
    return [where(inside, roll(images, 1, 0), images), kept];
  }
}
