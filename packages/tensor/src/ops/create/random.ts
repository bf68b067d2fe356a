import { context } from "../../core/context.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkInteger } from "../../layout/integers.ts";
import { broadcastShapes } from "../../layout/shapes.ts";
import { floatsFor } from "../../lower/host.ts";
import { local } from "../../memory/tidy.ts";
import {
  multinomial as drawCategories,
  type FloatArray,
  fillBernoulli,
  fillBernoulliEach,
  fillNormal,
  fillNormalOneByOne,
  fillRandint,
  fillRandperm,
  type Generator,
} from "../../random/index.ts";
import { add, mul_ } from "../pointwise/arithmetic.ts";
import { lt } from "../pointwise/comparison.ts";
import { slopeless } from "../pointwise/slopeless.ts";
import type { Made } from "./allocation.ts";
import { toDType } from "./copy.ts";
import {
  checkBound,
  checkFloat,
  type Drawn,
  drawing,
  drawn,
  type GeneratorOptions,
  generatorOf,
  guarded,
  inMemoryOrder,
  type RandomOptions,
  randOp,
  uniformFor,
} from "./drawing.ts";

/** The generator that random ops draw from unless they are given another one. */
export const defaultGenerator: Generator = context.generator;
/**
 * Restarts the default generator from `seed`: the same draws follow as in PyTorch on the CPU after torch.manual_seed(seed).
 *
 * @example
 * import { manualSeed, rand } from "@flambeau/tensor";
 * manualSeed(0);
 * console.log(rand([2]).tolist()); // [0.49625658988952637, 0.7682217955589294]
 */
export function manualSeed(seed: number | bigint): Generator {
  checkBound("manualSeed", "seed", seed);
  return guarded("manualSeed", () => defaultGenerator.manualSeed(seed));
}
/** The seed that the default generator was last started from. */
export const initialSeed = (): bigint => defaultGenerator.initialSeed();
/** The default generator's state, as 5056 bytes that torch.set_rng_state understands. */
export const getRngState = (): Uint8Array => defaultGenerator.getState();
/** Continues from a state that {@link getRngState} or torch.get_rng_state gave. */
export const setRngState = (state: Uint8Array): void => defaultGenerator.setState(state);

const dtypeOf = (options: RandomOptions): DType => options.dtype ?? context.defaultDType;
/** Options of a tensor like `x`. */
const like = (x: Tensor, options: RandomOptions): RandomOptions => ({
  ...options,
  dtype: options.dtype ?? x.dtype,
  device: options.device ?? x.device,
});

/** Uniform numbers in [0, 1). */
export function rand(shape: readonly number[], options: RandomOptions = {}): Tensor {
  const dtype = dtypeOf(options);
  checkFloat("rand", dtype);
  return drawn("rand", randOp, shape, { ...options, dtype }, {});
}
/** Standard normal numbers. */
export const randn = (shape: readonly number[], options: RandomOptions = {}): Tensor =>
  standardNormal("randn", shape, options, false);
export interface Normal extends Made, Drawn {
  readonly mean: number;
  readonly std: number;
  /** Each number by itself, as PyTorch draws them for tensors that are not row-major. */
  readonly oneByOne: boolean;
}
export const randnOp = drawing<Normal>("randn", (out, { generator, mean, std, oneByOne }) =>
  (oneByOne ? fillNormalOneByOne : fillNormal)(out as FloatArray, generator, mean, std),
); // a float dtype: checked
function standardNormal(op: string, shape: readonly number[], options: RandomOptions, oneByOne: boolean): Tensor {
  checkFloat(op, dtypeOf(options));
  return drawn(op, randnOp, shape, options, { mean: 0, std: 1, oneByOne });
}
const isOptions = (x: unknown): x is RandomOptions => typeof x === "object" && x !== null && !Array.isArray(x);
/** Integers from `low` (default 0) up to `high`, not included; int32 (PyTorch: int64) unless a dtype is given. */
export function randint(high: number, shape: readonly number[], options?: RandomOptions): Tensor;
export function randint(low: number, high: number, shape: readonly number[], options?: RandomOptions): Tensor;
export function randint(
  a: number,
  b: number | readonly number[],
  c?: readonly number[] | RandomOptions,
  d?: RandomOptions,
): Tensor {
  const [low, high, shape, options] = (Array.isArray(b) || isOptions(c) ? [0, a, b, c ?? {}] : [a, b, c, d ?? {}]) as [
    number,
    number,
    readonly number[],
    RandomOptions,
  ]; // by the overloads
  if (!Array.isArray(shape))
    throw new ArgumentError(
      "randint",
      `needs a shape, got ${show(shape)}`,
      "randint(high, shape) or randint(low, high, shape)",
    );
  checkBound("randint", "low", low);
  checkBound("randint", "high", high);
  return drawn("randint", randintOp, shape, { ...options, dtype: options.dtype ?? "int32" }, { low, high });
}
export interface Range extends Made, Drawn {
  readonly low: number | bigint;
  readonly high: number | bigint;
}
export const randintOp = drawing<Range>("randint", (out, { generator, low, high }) =>
  fillRandint(out, generator, low, high),
);
/** A random order of 0 to n - 1, as int32 (PyTorch: int64). */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  checkInteger("randperm", "n", n, 0);
  return drawn("randperm", randpermOp, [n], { ...options, dtype: options.dtype ?? "int32" }, {});
}
export const randpermOp = drawing<Made & Drawn>("randperm", (out, { generator }) => fillRandperm(out, generator));

/** {@link rand} with `x`'s shape, dtype and device. */
export const randLike = (x: Tensor, options: RandomOptions = {}): Tensor =>
  inMemoryOrder(x, (shape) => rand(shape, like(x, options)));
/** {@link randn} with `x`'s shape, dtype and device. */
export const randnLike = (x: Tensor, options: RandomOptions = {}): Tensor =>
  inMemoryOrder(x, (shape, turned) => standardNormal("randnLike", shape, like(x, options), turned));
/** {@link randint} with `x`'s shape, dtype and device. */
export function randintLike(x: Tensor, high: number, options?: RandomOptions): Tensor;
export function randintLike(x: Tensor, low: number, high: number, options?: RandomOptions): Tensor;
export function randintLike(x: Tensor, a: number, b?: number | RandomOptions, c?: RandomOptions): Tensor {
  const one = isOptions(b) || (b === undefined && c === undefined);
  const [low, high, options = {}] = (one ? [0, a, b] : [a, b, c]) as [number, number, RandomOptions?]; // by the overloads
  return inMemoryOrder(x, (shape) => randint(low, high, shape, like(x, options)));
}

function checkProbabilities(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) throw new DTypeError(op, `needs a floating-point tensor of probabilities, got ${x.dtype}`);
}

/**
 * 1 with probability x[i], else 0, in `x`'s dtype; with a number `p`, 1 with probability p in `x`'s shape. Its gradient is 0.
 *
 * @throws ArgumentError for probabilities outside [0, 1].
 */
export const bernoulli = (x: Tensor, p?: number | null, options: GeneratorOptions = {}): Tensor =>
  slopeless("bernoulli", [x], () => drawBernoulli(x, p, options));
function drawBernoulli(x: Tensor, p: number | null | undefined, options: GeneratorOptions): Tensor {
  const generator = generatorOf(options);
  const of = { dtype: x.dtype, device: x.device, generator };
  if (typeof p === "number") return inMemoryOrder(x, (shape) => drawn("bernoulli", bernoulliOp, shape, of, { p }));
  checkProbabilities("bernoulli", x);
  if (!x.backend.readSync && x.dtype !== "float64") {
    // the same draws, compared on the device: nothing is read, and probabilities outside [0, 1] are not noticed
    return local(() => toDType(lt(uniformFor("bernoulli", x, generator, x.shape), x), x.dtype));
  }
  return drawn("bernoulli", bernoulliEachOp, x.shape, of, {}, [x]);
}
export const bernoulliOp = drawing<Made & Drawn & { readonly p: number }>("bernoulli", (out, { generator, p }) =>
  fillBernoulli(out, generator, p),
);
export const bernoulliEachOp = drawing<Made & Drawn>("bernoulliEach", (out, { generator }, [x]) =>
  fillBernoulliEach(out, generator, floatsFor("bernoulli", x, "each element is drawn on the host")),
);

export interface MultinomialOptions extends GeneratorOptions {
  /** Whether a category can come more than once. */
  readonly replacement?: boolean;
}
/**
 * `numSamples` category numbers drawn by the weights in each row of `x` ([categories] or [rows, categories]); int32 (PyTorch: int64).
 *
 * @throws ArgumentError for negative or all-zero weights, or more samples than categories without replacement.
 */
export function multinomial(x: Tensor, numSamples: number, options: MultinomialOptions = {}): Tensor {
  const { replacement = false } = options;
  if (x.ndim < 1 || x.ndim > 2)
    throw new ShapeError(
      "multinomial",
      `weights must be [categories] or [rows, categories], got ${showShape(x.shape)}`,
      [x.shape],
    );
  checkProbabilities("multinomial", x);
  checkInteger("multinomial", "numSamples", numSamples, 1);
  const shape = [...x.shape.slice(0, -1), numSamples];
  const of = { dtype: "int32", device: x.device, generator: generatorOf(options) } as const;
  return drawn("multinomial", multinomialOp, shape, of, { replacement }, [x]);
}
export const multinomialOp = drawing<Made & Drawn & { readonly replacement: boolean }>(
  "multinomial",
  (out, { generator, shape, replacement }, [x]) => {
    const weights = floatsFor("multinomial", x, "categories are drawn on the host");
    const categories = x.shape[x.ndim - 1];
    const samples = shape[shape.length - 1];
    const found = drawCategories(generator, weights, { categories, samples, replacement });
    out.set(found as Int32Array & BigInt64Array); // out is int32
  },
);

/**
 * Normal numbers with the given means and standard deviations (tensors, which broadcast, or numbers); two numbers need a shape.
 * Like every draw it has a gradient of zeros: write mean + std * randnLike(mean) for another one.
 */
export function normal(
  mean: Tensor | number,
  std: Tensor | number = 1,
  shape?: readonly number[],
  options: RandomOptions = {},
): Tensor {
  if (typeof mean === "number" && typeof std === "number") {
    if (shape === undefined) throw new ArgumentError("normal", "two numbers need a shape", "normal(0, 1, [2, 3])");
    checkFloat("normal", dtypeOf(options));
    return drawn("normal", randnOp, shape, options, { mean, std, oneByOne: false });
  }
  const at = (typeof mean === "number" ? std : mean) as Tensor; // not both are numbers
  const full =
    typeof mean === "number" || typeof std === "number" ? at.shape : broadcastShapes("normal", mean.shape, std.shape);
  const parameters = [mean, std].filter((x) => typeof x !== "number");
  return slopeless("normal", parameters, () =>
    local(() => add(mul_(randn(full, { dtype: at.dtype, device: at.device, ...options }), std), mean)),
  );
}
