import { context } from "../../core/context.ts";
import { type DType, isFloat, isHalf } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { toDType } from "../../door/convert.ts";
import { checkInteger, checkNumber } from "../../layout/integers.ts";
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
import { like, type Made } from "./allocation.ts";
import {
  checkBound,
  checkFloat,
  type Drawn,
  defaultGenerator,
  drawing,
  drawn,
  type GeneratorOptions,
  generatorKinds,
  generatorOf,
  guarded,
  inMemoryOrder,
  quickNormal,
  type RandomOptions,
  randOp,
  randomKinds,
  uniformFor,
} from "./drawing.ts";

export { defaultGenerator };

/**
 * Restarts the default generator from `seed`: the same draws follow as in PyTorch on the CPU after `torch.manual_seed(seed)`.
 *
 * Shape: none; gives the generator. A negative seed counts from 2^64.
 *
 * @throws ArgumentError when `seed` is no integer from -2^63 to 2^64 - 1 (beyond 2^53 a bigint).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.manual_seed.html
 * @example
 * import { manualSeed, rand } from "@flambeau/tensor";
 * manualSeed(0);
 * console.log(rand([2]).tolist()); // [0.49625658988952637, 0.7682217955589294]
 */
export function manualSeed(seed: number | bigint): Generator {
  checkBound("manualSeed", "seed", seed);
  return guarded("manualSeed", () => defaultGenerator.manualSeed(seed));
}
/**
 * The seed that the default generator was last started from by {@link manualSeed}, as a bigint from 0 to `2^64 - 1`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.initial_seed.html
 * @example
 * manualSeed(5);
 * initialSeed(); // 5n
 */
export const initialSeed = (): bigint => defaultGenerator.initialSeed();
/**
 * The default generator's state as bytes, for {@link setRngState} and `torch.set_rng_state`: `setRngState(getRngState())` changes nothing.
 *
 * Shape: 5056 bytes, a copy.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.get_rng_state.html
 * @example
 * const state = getRngState();
 * const first = rand([]).item();
 * setRngState(state);
 * rand([]).item() === first; // true
 */
export const getRngState = (): Uint8Array => defaultGenerator.getState();
/**
 * Continues the default generator from a state that {@link getRngState} or `torch.get_rng_state` gave.
 *
 * Shape: 5056 bytes.
 *
 * @throws RangeError when `state` is no such state; the generator is unchanged then.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.set_rng_state.html
 * @example
 * manualSeed(0);
 * const state = getRngState();
 * rand([100]);
 * setRngState(state);
 * rand([1]).tolist(); // [0.4963]
 */
export const setRngState = (state: Uint8Array): void => defaultGenerator.setState(state);

const dtypeOf = (options: RandomOptions): DType => options.dtype ?? context.defaultDType;

/**
 * Uniform numbers in [0, 1): `y[i] ~ U[0, 1)`.
 *
 * Shape: `shape`. Dtype: the default floating one, unless the options say another floating one.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @throws ArgumentError when `shape` is no list: write `[3]`, not `3`.
 * @throws DTypeError when the dtype is an integer one or bool, or the device does not have it.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.rand.html
 * @example
 * manualSeed(0);
 * rand([3]).tolist(); // [0.4963, 0.7682, 0.0885]
 */
export function rand(shape: readonly number[], options: RandomOptions = none): Tensor {
  checkOptions("rand", randomKinds, options);
  const dtype = dtypeOf(options);
  checkFloat("rand", dtype);
  return drawn("rand", randOp, shape, { ...options, dtype }, {});
}
/**
 * Standard normal numbers: `y[i] ~ N(0, 1)`, of mean 0 and variance 1.
 *
 * Shape: `shape`. Dtype: the default floating one, unless the options say another floating one.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @throws ArgumentError when `shape` is no list: write `[3]`, not `3`.
 * @throws DTypeError when the dtype is an integer one or bool, or the device does not have it.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.randn.html
 * @example
 * manualSeed(0);
 * randn([3]).tolist(); // [1.5410, -0.2934, -2.1788]
 */
export const randn = (shape: readonly number[], options: RandomOptions = none): Tensor =>
  standardNormal("randn", shape, options, false);
export interface Normal extends Made, Drawn {
  readonly mean: number;
  readonly std: number;
  /** Each number by itself, as PyTorch draws them for tensors that are not row-major. */
  readonly oneByOne: boolean;
}
export const randnOp = drawing<Normal>(
  "randn",
  (out, { dtype, generator, mean, std, oneByOne }) =>
    oneByOne
      ? fillNormalOneByOne(out as FloatArray, generator, mean, std)
      : fillNormal(out as FloatArray, generator, mean, std, isHalf(dtype)), // a float dtype: checked
  ({ mean, std, oneByOne }) => (oneByOne ? null : quickNormal(mean, std)),
);
function standardNormal(op: string, shape: readonly number[], options: RandomOptions, oneByOne: boolean): Tensor {
  checkOptions(op, randomKinds, options);
  checkFloat(op, dtypeOf(options));
  return drawn(op, randnOp, shape, options, { mean: 0, std: 1, oneByOne });
}
const isOptions = (x: unknown): x is RandomOptions => typeof x === "object" && x !== null && !Array.isArray(x);
/**
 * Integers drawn evenly from `low` (default 0) up to `high`, not included: `y[i] ~ U{low, ..., high - 1}`.
 *
 * Shape: `shape`. Dtype: int32 (PyTorch: int64), unless the options say another.
 *
 * @throws ArgumentError when there is no shape, when a bound is no integer, and when `low` is not below `high`.
 * @throws ShapeError when a size is no non-negative integer.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.randint.html
 * @example
 * manualSeed(0);
 * randint(10, [3]).tolist(); // [4, 9, 3]
 * randint(3, 6, [2, 2], { dtype: "float32" }).dtype; // "float32"
 */
export function randint(high: number, shape: readonly number[], options?: RandomOptions): Tensor;
export function randint(low: number, high: number, shape: readonly number[], options?: RandomOptions): Tensor;
export function randint(
  a: number,
  b: number | readonly number[],
  c?: readonly number[] | RandomOptions,
  d?: RandomOptions,
): Tensor {
  const [low, high, shape, options = {}] = (Array.isArray(b) || isOptions(c) ? [0, a, b, c] : [a, b, c, d]) as [
    number,
    number,
    readonly number[],
    RandomOptions?,
  ]; // by the overloads
  checkOptions("randint", randomKinds, options);
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
/**
 * A random order of the integers below `n`: `y` is one of the `n!` permutations of `[0, ..., n - 1]`.
 *
 * Shape: [n]. Dtype: int32 (PyTorch: int64), unless the options say another.
 *
 * @throws ArgumentError when `n` is no integer from 0.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.randperm.html
 * @example
 * const order = randperm(4);
 * order.sort().values.tolist(); // [0, 1, 2, 3]
 * const shuffled = tensor([10, 20, 30, 40]).indexSelect(0, order);
 * shuffled.sum().item(); // 100
 */
export function randperm(n: number, options: RandomOptions = none): Tensor {
  checkOptions("randperm", randomKinds, options);
  checkInteger("randperm", "n", n, 0);
  return drawn("randperm", randpermOp, [n], { ...options, dtype: options.dtype ?? "int32" }, {});
}
export const randpermOp = drawing<Made & Drawn>("randperm", (out, { generator }) => fillRandperm(out, generator));

/**
 * {@link rand} with the shape, dtype and device of `x`: `y[i] ~ U[0, 1)`, drawn in the order of `x`'s memory.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.rand_like.html
 * @example
 * manualSeed(0);
 * randLike(zeros([2])).tolist(); // [0.4963, 0.7682]
 */
export function randLike(x: Tensor, options: RandomOptions = none): Tensor {
  checkOptions("randLike", randomKinds, options);
  checkTensor("randLike", "x", x);
  return inMemoryOrder(x, (shape) => rand(shape, like(x, options)));
}
/**
 * {@link randn} with the shape, dtype and device of `x`: `y[i] ~ N(0, 1)`, drawn in the order of `x`'s memory.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.randn_like.html
 * @example
 * manualSeed(0);
 * randnLike(zeros([2])).tolist(); // [1.5410, -0.2934]
 */
export function randnLike(x: Tensor, options: RandomOptions = none): Tensor {
  checkOptions("randnLike", randomKinds, options);
  checkTensor("randnLike", "x", x);
  return inMemoryOrder(x, (shape, turned) => standardNormal("randnLike", shape, like(x, options), turned));
}
/**
 * {@link randint} with the shape, dtype and device of `x`: `y[i] ~ U{low, ..., high - 1}`, drawn in the order of `x`'s memory.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.randint_like.html
 * @example
 * manualSeed(0);
 * randintLike(zeros([3]), 10).tolist(); // [4, 9, 3]
 */
export function randintLike(x: Tensor, high: number, options?: RandomOptions): Tensor;
export function randintLike(x: Tensor, low: number, high: number, options?: RandomOptions): Tensor;
export function randintLike(x: Tensor, a: number, b?: number | RandomOptions, c?: RandomOptions): Tensor {
  const one = isOptions(b) || (b === undefined && c === undefined);
  const [low, high, options = {}] = (one ? [0, a, b] : [a, b, c]) as [number, number, RandomOptions?]; // by the overloads
  checkOptions("randintLike", randomKinds, options);
  checkTensor("randintLike", "x", x);
  checkBound("randintLike", "low", low);
  checkBound("randintLike", "high", high);
  return inMemoryOrder(x, (shape) => randint(low, high, shape, like(x, options)));
}

function checkProbabilities(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) throw new DTypeError(op, `needs a floating-point tensor of probabilities, got ${x.dtype}`);
}

/**
 * Coin flips: `y[i] = 1` with probability `x[i]`, else `0`; with a number `p`, with probability `p` in `x`'s shape. Its gradient is 0.
 *
 * Shape: that of `x`. Dtype: that of `x`; a floating one where `x` holds the probabilities.
 *
 * @throws DTypeError when `p` is not given and `x` is not floating-point.
 * @throws ArgumentError for probabilities outside [0, 1] (those on a device that cannot be read synchronously are not looked at).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bernoulli.html
 * @example
 * bernoulli(tensor([0, 1, 1])).tolist(); // [0, 1, 1]
 * manualSeed(0);
 * zeros([5]).bernoulli(0.5).tolist(); // [0, 0, 1, 0, 0]
 */
export function bernoulli(x: Tensor, p?: number | null, options: GeneratorOptions = none): Tensor {
  checkOptions("bernoulli", generatorKinds, options);
  checkTensor("bernoulli", "x", x);
  return slopeless("bernoulli", [x], () => drawBernoulli(x, p, options));
}
function drawBernoulli(x: Tensor, p: number | null | undefined, options: GeneratorOptions): Tensor {
  if (p !== null && p !== undefined) checkNumber("bernoulli", "p", p);
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
  /** Whether a category can come more than once (default false). */
  readonly replacement?: boolean | undefined;
}
const multinomialKinds: Kinds<MultinomialOptions> = { replacement: boolean, ...generatorKinds };
/**
 * Category numbers drawn by weight: each of the `numSamples` in a row is `k` with probability `x[k] / (x[0] + x[1] + ...)`. Without
 * replacement the weights of those drawn before are 0.
 *
 * Shapes: [categories] gives [numSamples], [rows, categories] gives [rows, numSamples]. Dtype: int32 (PyTorch: int64).
 *
 * @throws ShapeError when `x` does not have one or two dimensions.
 * @throws DTypeError when `x` is not floating-point.
 * @throws ArgumentError for negative, infinite or all-zero weights, more samples than categories without replacement, and fewer than one.
 * @throws UnavailableError when the device cannot be read synchronously: categories are drawn on the host.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.multinomial.html
 * @example
 * multinomial(tensor([[0, 1, 0], [2, 0, 0]]), 1).tolist(); // [[1], [0]]
 * manualSeed(0);
 * tensor([0, 10, 3, 0]).multinomial(4, { replacement: true }).tolist(); // [2, 1, 1, 2]
 */
export function multinomial(x: Tensor, numSamples: number, options: MultinomialOptions = none): Tensor {
  checkOptions("multinomial", multinomialKinds, options);
  checkTensor("multinomial", "x", x);
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
 * Normal numbers of given means and standard deviations: `y[i] = mean[i] + std[i] * z` with `z ~ N(0, 1)`. Like every draw it has a
 * gradient of zeros: write `mean + std * randnLike(mean)` for another one.
 *
 * Shapes: tensors broadcast together, and numbers go with any; two numbers need a `shape`. Dtype: that of the first tensor, for two numbers
 * the default floating one, unless the options say another.
 *
 * @throws ArgumentError when two numbers come without a shape, or with a negative `std`.
 * @throws ShapeError when the tensors do not broadcast.
 * @throws DTypeError when the dtype is an integer one or bool, or the device does not have it.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.normal.html
 * @example
 * normal(tensor([0, 100]), 0).tolist(); // [0, 100]
 * manualSeed(0);
 * normal(2, 3, [3]).tolist(); // [6.6230, 1.1197, -4.5364]
 */
export function normal(
  mean: Tensor | number,
  std: Tensor | number = 1,
  shape?: readonly number[],
  options: RandomOptions = none,
): Tensor {
  checkOptions("normal", randomKinds, options);
  if (typeof mean !== "number") checkTensor("normal", "mean", mean);
  if (typeof std !== "number") checkTensor("normal", "std", std);
  if (typeof mean === "number" && typeof std === "number") {
    if (shape === undefined) throw new ArgumentError("normal", "two numbers need a shape", "normal(0, 1, [2, 3])");
    checkFloat("normal", dtypeOf(options));
    return drawn("normal", randnOp, shape, options, { mean, std, oneByOne: false });
  }
  const at = (typeof mean === "number" ? std : mean) as Tensor; // not both are numbers
  const full =
    typeof mean === "number" || typeof std === "number" ? at.shape : broadcastShapes("normal", mean.shape, std.shape);
  const parameters = [mean, std].filter((x) => typeof x !== "number");
  return slopeless("normal", parameters, () => local(() => add(mul_(randn(full, like(at, options)), std), mean)));
}
