import { ArgumentError, defaultGenerator, type Generator, type Tensor, tidy } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkProbability, imagesOf } from "../checks.ts";
import { happens } from "../random/draws.ts";

export interface TransformOptions {
  /** Where this call draws from. Default: the transform's own generator, or else the global one. */
  readonly generator?: Generator | undefined;
}
const transformKinds: Kinds<TransformOptions> = { generator: option.generator };

/** What a transform that draws takes beside its own options. */
export interface RandomOptions {
  /** Where it draws from, unless a call says otherwise. Default: the global generator. */
  readonly generator?: Generator | undefined;
}
export const randomKinds: Kinds<RandomOptions> = { generator: option.generator };
export interface ChanceOptions extends RandomOptions {
  /** How probable it is that something happens. Default 0.5. */
  readonly p?: number | undefined;
}
export const chanceKinds: Kinds<ChanceOptions> = { p: option.number, ...randomKinds };
/** Of transforms without options. */
export const noKinds: Kinds<Record<never, never>> = {};

/**
 * What makes something else of an image: `y = forward(x, { generator })`. The base of the transforms; one of your own is a function or has such a `forward`.
 *
 * Shape: `[..., C, H, W]` to what the transform makes of it. Dtype: likewise.
 *
 * @throws ArgumentError for what is no tensor, ShapeError for what is no image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.Transform.html
 * @example
 * new Resize(2) instanceof Transform; // true
 * const half = { forward: (x: Tensor) => x.mul(0.5) };
 * new Compose([half]).forward(ones([1, 1, 1])).item(); // 0.5
 */
export abstract class Transform<Result = Tensor> {
  readonly #generator: Generator | undefined;
  protected constructor(options: object, kinds: Kinds<object>) {
    checkOptions(this.constructor.name, kinds, options);
    this.#generator = (options as RandomOptions).generator; // checked, where a transform has one
  }
  /**
   * The image transformed; the image itself where nothing is to be done.
   * @throws ArgumentError for what is no tensor, ShapeError for what is no image.
   */
  forward(x: Tensor, options: TransformOptions = {}): Result {
    checkOptions(`${this.constructor.name}.forward`, transformKinds, options);
    imagesOf(this.constructor.name, x);
    const generator = options.generator ?? this.#generator;
    // biome-ignore lint/suspicious/noExplicitAny: a result is a tensor or a list of them, and no promise
    return tidy<any>(() => this.apply(x, generator ?? defaultGenerator, generator));
  }
  /** `given` is the generator that the call or the transform was given, for the transforms inside of it. */
  protected abstract apply(x: Tensor, generator: Generator, given: Generator | undefined): Result;
}

/** A transform that happens or does not. */
export abstract class Chance extends Transform {
  readonly p: number;
  protected constructor(options: ChanceOptions, kinds: Kinds<object>, p = 0.5) {
    super(options, kinds);
    this.p = checkProbability(this.constructor.name, "p", options.p ?? p);
  }
  protected apply(x: Tensor, generator: Generator, given: Generator | undefined): Tensor {
    return happens(generator, this.p) ? this.change(x, generator, given) : x;
  }
  protected abstract change(x: Tensor, generator: Generator, given: Generator | undefined): Tensor;
}

/** A transform, of this package or a function: `(x, { generator }) => y`. */
export type Step =
  | { forward(x: Tensor, options?: TransformOptions): Tensor }
  | ((x: Tensor, options: TransformOptions) => Tensor);
/** @throws ArgumentError for what is no list of transforms, or an empty one. */
export function checkSteps(op: string, steps: readonly Step[]): readonly Step[] {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new ArgumentError(op, `the transforms are a list of at least one, got ${show(steps)}`);
  for (const each of steps) checkStep(op, each);
  return [...steps];
}
/** @throws ArgumentError for what is no transform. */
export function checkStep(op: string, step: unknown): void {
  if (typeof step === "function") return;
  if (typeof step !== "object" || step === null || !("forward" in step) || typeof step.forward !== "function")
    throw new ArgumentError(op, `a transform is a function or has forward(image), got ${show(step)}`);
}
/** One step, with the generator that is passed on: without one it draws from its own. */
export const run = (step: Step, x: Tensor, generator: Generator | undefined): Tensor =>
  typeof step === "function" ? step(x, { generator }) : step.forward(x, { generator });
export const runAll = (steps: readonly Step[], x: Tensor, generator: Generator | undefined): Tensor =>
  steps.reduce((y, step) => run(step, y, generator), x);
