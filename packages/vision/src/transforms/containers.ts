import { ArgumentError, type Generator, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkFactor } from "../checks.ts";
import { category, order } from "../random/draws.ts";
import {
  Chance,
  type ChanceOptions,
  chanceKinds,
  checkSteps,
  noKinds,
  type RandomOptions,
  randomKinds,
  run,
  runAll,
  type Step,
  Transform,
} from "./transform.ts";

/**
 * Transforms one after the other: `y = last(...second(first(x)))`. Each is a transform or a function `(x, { generator }) => y`; a generator that the call
 * is given goes to all of them.
 *
 * Shape: what the transforms make of that of `x`. Dtype: likewise.
 *
 * @throws ArgumentError for what is no list of transforms; what they throw.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.Compose.html
 * @example
 * const prepare = new Compose([new Resize(4), new ToDtype("float32", { scale: true }), new Normalize([0.5], [0.5])]);
 * const image = zeros([3, 8, 6], { dtype: "uint8" });
 * prepare.forward(image).shape; // [3, 5, 4]
 */
export class Compose extends Transform {
  readonly transforms: readonly Step[];
  constructor(transforms: readonly Step[]) {
    super({}, noKinds);
    this.transforms = checkSteps("Compose", transforms);
  }
  protected apply(x: Tensor, _: Generator, given: Generator | undefined): Tensor {
    return runAll(this.transforms, x, given);
  }
}

/**
 * Transforms one after the other, or none of them: `y = Compose(transforms)(x)` with probability `p`.
 *
 * Shape: what the transforms make of that of `x`. Dtype: likewise.
 *
 * @throws ArgumentError for what is no list of transforms, and when `p` is no probability; what they throw.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomApply.html
 * @example
 * new RandomApply([invert], { p: 1 }).forward(tensor([[[0.25]]])).tolist(); // [[[0.75]]]
 */
export class RandomApply extends Chance {
  readonly transforms: readonly Step[];
  constructor(transforms: readonly Step[], options: ChanceOptions = {}) {
    super(options, chanceKinds);
    this.transforms = checkSteps("RandomApply", transforms);
  }
  protected change(x: Tensor, _: Generator, given: Generator | undefined): Tensor {
    return runAll(this.transforms, x, given);
  }
}

export interface RandomChoiceOptions extends RandomOptions {
  /** How probable each is, in any unit. Default: all alike. */
  readonly p?: readonly number[] | null | undefined;
}
const choiceKinds: Kinds<RandomChoiceOptions> = { p: option.orNull(option.listOf(option.number)), ...randomKinds };
/**
 * One of several transforms: `y = transforms[k](x)`, with a random k.
 *
 * Shape: what that transform makes of that of `x`. Dtype: likewise.
 *
 * @throws ArgumentError for what is no list of transforms, and other than one share for each; what they throw.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomChoice.html
 * @example
 * new RandomChoice([invert, horizontalFlip], { p: [1, 0] }).forward(tensor([[[0.25]]])).tolist(); // [[[0.75]]]
 */
export class RandomChoice extends Transform {
  readonly transforms: readonly Step[];
  readonly p: readonly number[];
  constructor(transforms: readonly Step[], options: RandomChoiceOptions = {}) {
    const op = "RandomChoice";
    super(options, choiceKinds);
    this.transforms = checkSteps(op, transforms);
    const shares = options.p ?? transforms.map(() => 1);
    if (shares.length !== transforms.length)
      throw new ArgumentError(op, `p has ${shares.length} entries for ${transforms.length} transforms`);
    const total = shares.reduce((sum, each) => sum + checkFactor(op, "each of p", each), 0);
    if (total === 0) throw new ArgumentError(op, `p must not be 0 throughout, got ${show(shares)}`);
    this.p = shares.map((each) => each / total);
  }
  protected apply(x: Tensor, generator: Generator, given: Generator | undefined): Tensor {
    return run(this.transforms[category(generator, this.p)], x, given);
  }
}

/**
 * Transforms one after the other, in a random order: `y = Compose(shuffled)(x)`.
 *
 * Shape: what the transforms make of that of `x`. Dtype: likewise.
 *
 * @throws ArgumentError for what is no list of transforms; what they throw.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomOrder.html
 * @example
 * new RandomOrder([invert, horizontalFlip]).forward(tensor([[[0.25, 1]]])).tolist(); // [[[0, 0.75]]]
 */
export class RandomOrder extends Transform {
  readonly transforms: readonly Step[];
  constructor(transforms: readonly Step[], options: RandomOptions = {}) {
    super(options, randomKinds);
    this.transforms = checkSteps("RandomOrder", transforms);
  }
  protected apply(x: Tensor, generator: Generator, given: Generator | undefined): Tensor {
    const steps = order(generator, this.transforms.length).map((k) => this.transforms[k]);
    return runAll(steps, x, given);
  }
}

/**
 * A function as a transform: `y = fn(x, { generator })`.
 *
 * Shape: what the function makes of that of `x`. Dtype: likewise.
 *
 * @throws ArgumentError for what is no function; what it throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.Lambda.html
 * @example
 * new Lambda((x) => x.mul(2)).forward(ones([1, 1, 1])).item(); // 2
 */
export class Lambda extends Transform {
  readonly #fn: (x: Tensor, options: { readonly generator?: Generator | undefined }) => Tensor;
  constructor(fn: (x: Tensor, options: { readonly generator?: Generator | undefined }) => Tensor) {
    super({}, noKinds);
    checkFunction("Lambda", "fn", fn);
    this.#fn = fn;
  }
  protected apply(x: Tensor, _: Generator, given: Generator | undefined): Tensor {
    return run(this.#fn, x, given);
  }
}
