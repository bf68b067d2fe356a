import { checkTensor, Tensor } from "../../core/tensor.ts";

export type { TensorOptions } from "./allocation.ts";

import { context } from "../../core/context.ts";
import { bytesOf, checkDType, type DType, isFloat, promoteTypes, type TypedArray } from "../../core/dtype.ts";
import { element, type Scalar } from "../../core/element.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, listOf, none, number, string } from "../../core/options.ts";
import type { Op } from "../../door/op.ts";
import { create } from "../../door/run.ts";
import { checkInteger } from "../../layout/integers.ts";
import { checkShape, sizeOf } from "../../layout/shapes.ts";
import { encode, numbersFor } from "../../lower/host.ts";
import {
  computed,
  constantOp,
  emptyOp,
  finish,
  fullOp,
  like,
  type Made,
  made,
  type TensorOptions,
  tensorKinds,
} from "./allocation.ts";
import { clone, to } from "./copy.ts";

/** What {@link tensor} makes a tensor of: numbers, booleans or bigints, bare or in nested arrays of equal lengths. */
export type Nested = Scalar | readonly Nested[];

/** A Float16Array, which not every library of types knows. */
export interface HalfArray extends ArrayLike<number>, ArrayBufferView {
  readonly [Symbol.toStringTag]: "Float16Array";
}

/** What {@link tensor} takes: numbers and 0-d tensors in nested arrays, typed arrays (also Node's Buffer) and lists of them, another tensor. */
export type TensorData =
  | Nested
  | TypedArray
  | Uint8ClampedArray
  | HalfArray
  | readonly (TypedArray | HalfArray)[]
  | Tensor
  | readonly Mixed[];
/** Numbers, some of which 0-d tensors hold. */
type Mixed = Scalar | Tensor | readonly Mixed[];

const arrayDTypes = new Map<unknown, DType>([
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Int32Array, "int32"],
  [BigInt64Array, "int64"],
  [Uint8ClampedArray, "uint8"],
  [Int8Array, "int8"],
  [Int16Array, "int16"],
]);

const isTypedArray = (x: unknown): x is TypedArray | Uint8ClampedArray | HalfArray =>
  ArrayBuffer.isView(x) && !(x instanceof DataView);

/** The dtype of a typed array's elements; Node's Buffer is a Uint8Array. Float16Array is not in every engine. */
function dtypeOf(data: TypedArray | Uint8ClampedArray | HalfArray): DType | undefined {
  if (data instanceof Uint8Array) return "uint8";
  return data.constructor.name === "Float16Array" ? "float16" : arrayDTypes.get(data.constructor);
}

const isScalar = (x: unknown): x is Tensor => x instanceof Tensor && x.ndim === 0;
/** The number that a 0-d tensor holds, or `value` itself. */
function numberOf(op: string, name: string, value: Scalar | Tensor): number | bigint {
  if (isScalar(value)) return numbersFor(op, value, `${name} is a tensor, whose value is looked at`)[0];
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw new ArgumentError(op, `${name} must be a number or a 0-d tensor, got ${show(value)}`);
}

/** Shape of nested arrays. @throws ShapeError when they are ragged, naming where. */
function shapeOf(data: Mixed): number[] {
  const shape: number[] = [];
  let level: Mixed = data;
  while (Array.isArray(level)) {
    if (shape.push(level.length) > 64)
      throw new ShapeError("tensor", "data is nested more than 64 deep, or holds itself");
    level = level[0] as Mixed;
  }
  const check = (x: Mixed, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (Array.isArray(x)) throw new ShapeError("tensor", `data${path} is nested deeper than its neighbours`);
      if (typeof x !== "number" && typeof x !== "boolean" && typeof x !== "bigint" && !isScalar(x))
        throw new DTypeError(
          "tensor",
          `elements must be numbers, booleans or bigints, data${path} is ${show(x)}`,
          x instanceof Tensor ? "stack() and cat() join tensors that have dimensions" : undefined,
        );
      return;
    }
    if (!Array.isArray(x) || x.length !== shape[depth])
      throw new ShapeError(
        "tensor",
        `data${path} has ${Array.isArray(x) ? `length ${x.length}` : "no length"}, its neighbours have ${shape[depth]}`,
      );
    for (let i = 0; i < x.length; i++) check(x[i] as Mixed, depth + 1, `${path}[${i}]`);
  };
  check(data, 0, "");
  return shape;
}

export interface FromDataOptions extends TensorOptions {
  /** For arrays: the shape (default: that of the nesting; one dimension for typed arrays). */
  readonly shape?: readonly number[] | undefined;
}
export const fromDataKinds: Kinds<FromDataOptions> = { ...tensorKinds, shape: listOf(number) };

/**
 * A tensor from numbers, nested arrays of numbers and 0-d tensors, a typed array, a list of typed arrays or another tensor:
 * `y[i, j] = data[i][j]`; the values are copied, and another tensor's graph is not.
 *
 * Shape: that of the nesting, one dimension for typed arrays, or `shape`, row by row. Dtype: numbers make the default floating dtype
 * whatever their values (JavaScript cannot tell 1 from 1.0), booleans bool, bigints int64; typed arrays and tensors keep theirs, and
 * elements of several dtypes are promoted.
 *
 * @throws ShapeError for ragged arrays, and when `shape` does not hold the elements.
 * @throws ArgumentError for a `shape` with another tensor, and for numbers that do not fit an integer dtype.
 * @throws DTypeError for elements that are no numbers, for typed arrays without a dtype, and when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @throws UnavailableError for 0-d tensors in a list from a device that cannot be read synchronously.
 * @throws AutogradError when `requiresGrad` is asked of integers or bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
 * @example
 * import { tensor } from "flambeau";
 * console.log(String(tensor([[1, 2], [3, 4]]))); // tensor([[1., 2.],
 * //         [3., 4.]])
 * tensor([true, false]).dtype; // "bool"
 * tensor(new Int32Array([1, 2, 3, 4]), { shape: [2, 2] }).tolist(); // [[1, 2], [3, 4]]
 */
export function tensor(data: TensorData, options: FromDataOptions = none): Tensor {
  checkOptions("tensor", fromDataKinds, options);
  if (data instanceof Tensor) {
    const { dtype, device, shape } = options;
    if (shape !== undefined)
      throw new ArgumentError("tensor", "the shape is for arrays: a tensor keeps its own", "tensor(x).reshape(shape)");
    const moved = to(data, { dtype, device });
    const out = moved === data ? clone(data) : moved;
    out.gradFn = null;
    return finish(out, options);
  }
  if (isTypedArray(data)) {
    const native = dtypeOf(data);
    if (!native)
      throw new DTypeError(
        "tensor",
        `${data.constructor.name} has no matching dtype`,
        "use Float32Array, Int32Array, Uint8Array...",
      );
    const dtype = options.dtype ?? native;
    const { shape = [data.length] } = options;
    if (sizeOf(checkShape("tensor", shape)) !== data.length)
      throw new ShapeError(
        "tensor",
        `shape ${showShape(shape)} does not hold the ${data.length} elements of the data`,
        [shape],
      );
    const attrs = made("tensor", shape, { ...options, dtype });
    const same =
      dtype === native || (dtype === "bool" && data instanceof Uint8Array && data.every((v) => v === 0 || v === 1));
    const bytes = same
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : encode(native === "float16" ? Array.from(data as ArrayLike<number>) : (data as TypedArray), dtype);
    return finish(create(constantOp, { ...attrs, bytes }), options);
  }
  // rows in typed arrays make a matrix of their dtype
  if (Array.isArray(data) && data.length > 0 && data.every(isTypedArray))
    return tensor(
      data.map((row) => Array.from<number | bigint>(row)),
      { ...options, dtype: options.dtype ?? dtypeOf(data[0]) },
    );
  const own = shapeOf(data as Mixed);
  const { shape = own } = options;
  const flat = (Array.isArray(data) ? data.flat(own.length as 20) : [data]) as (Scalar | Tensor)[]; // shapeOf has checked
  const values = flat.some((x) => typeof x === "object") ? flat.map(valueOf) : (flat as Scalar[]); // no tensor is there
  const dtype = options.dtype ?? inferDType(flat);
  const attrs = made("tensor", shape, { ...options, dtype });
  if (sizeOf(shape) !== flat.length)
    throw new ShapeError("tensor", `shape ${showShape(shape)} does not hold the ${flat.length} elements of the data`, [
      shape,
    ]);
  return finish(create(constantOp, { ...attrs, bytes: encode(values, dtype) }), options);
}
const valueOf = (x: Scalar | Tensor): Scalar => (typeof x === "object" ? numberOf("tensor", "an element", x) : x);
function inferDType(values: readonly (Scalar | Tensor)[]): DType {
  let found: DType | undefined;
  for (const v of values) {
    const own = typeof v === "object" ? v.dtype : dtypeOfScalar(v);
    found = found === undefined ? own : promoteTypes(found, own);
  }
  return found ?? context.defaultDType;
}
const dtypeOfScalar = (value: Scalar): DType =>
  typeof value === "boolean" ? "bool" : typeof value === "bigint" ? "int64" : context.defaultDType;

const bytesKinds: Kinds<Omit<TensorOptions, "dtype">> = { device: string, requiresGrad: boolean };

/**
 * A tensor over a copy of raw little-endian bytes: `y[i]` is the element in `bytes[i * width]` to `bytes[(i + 1) * width - 1]`, row by row.
 *
 * Shape: `shape`. Dtype: `dtype`, of `width` bytes (half floats 2, bool 1).
 *
 * @throws ShapeError when `shape` takes more or fewer bytes than there are.
 * @throws DTypeError when the dtype is unknown or the device does not have it.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.frombuffer.html
 * @example
 * fromBytes(new Uint8Array([0, 0, 128, 63, 0, 0, 0, 64]), "float32", [2]).tolist(); // [1, 2]
 * fromBytes(new Uint8Array([1, 2, 3, 4]), "uint8", [2, 2]).tolist(); // [[1, 2], [3, 4]]
 */
export function fromBytes(
  bytes: Uint8Array,
  dtype: DType,
  shape: readonly number[],
  options: Omit<TensorOptions, "dtype"> = none,
): Tensor {
  checkOptions("fromBytes", bytesKinds, options);
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError("fromBytes", `bytes must be a Uint8Array, got ${show(bytes)}`, "new Uint8Array(buffer)");
  const wanted = sizeOf(checkShape("fromBytes", shape)) * bytesOf(checkDType("fromBytes", dtype));
  if (bytes.byteLength !== wanted)
    throw new ShapeError(
      "fromBytes",
      `${showShape(shape)} of ${dtype} takes ${wanted} bytes, got ${bytes.byteLength}`,
      [shape],
    );
  return finish(create(constantOp, { ...made("fromBytes", shape, { ...options, dtype }), bytes }), options);
}
/**
 * A tensor whose elements are not set: `y[i]` is whatever the memory held.
 *
 * Shape: `shape`. Dtype: the default floating one, unless the options say another.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @throws ArgumentError when `shape` is no list: write `[3]`, not `3`.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @throws MemoryError when the device has no room for it.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.empty.html
 * @example
 * empty([2, 3]).shape; // [2, 3]
 */
export function empty(shape: readonly number[], options: TensorOptions = none): Tensor {
  checkOptions("empty", tensorKinds, options);
  return finish(create(emptyOp, made("empty", shape, options)), options);
}
/**
 * A tensor of one value: `y[i] = value`.
 *
 * Shape: `shape`. Dtype: bool for booleans, int64 for bigints, else the default floating one, unless the options say another.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @throws ArgumentError when `shape` is no list: write `[3]`, not `3`; when `value` does not fit the dtype.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.full.html
 * @example
 * full([2, 2], 7).tolist(); // [[7, 7], [7, 7]]
 * full([2], true).dtype; // "bool"
 * full([], 2.5).item(); // 2.5
 */
export function full(shape: readonly number[], value: Scalar, options: TensorOptions = none): Tensor {
  checkOptions("full", tensorKinds, options);
  const dtype = options.dtype ?? dtypeOfScalar(value);
  return filled("full", shape, value, { ...options, dtype });
}
function filled(op: string, shape: readonly number[], value: Scalar, options: TensorOptions): Tensor {
  checkOptions(op, tensorKinds, options);
  const attrs = made(op, shape, options);
  return finish(create(fullOp, { ...attrs, value: element(op, value, attrs.dtype) }), options);
}
/**
 * A tensor of zeros: `y[i] = 0`.
 *
 * Shape: `shape`. Dtype: the default floating one, unless the options say another.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @throws ArgumentError when `shape` is no list: write `[3]`, not `3`.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.zeros.html
 * @example
 * zeros([2, 3]).tolist(); // [[0, 0, 0], [0, 0, 0]]
 * zeros([2], { dtype: "bool" }).tolist(); // [false, false]
 */
export const zeros = (shape: readonly number[], options: TensorOptions = none): Tensor =>
  filled("zeros", shape, 0, options);
/**
 * A tensor of ones: `y[i] = 1`.
 *
 * Shape: `shape`. Dtype: the default floating one, unless the options say another.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @throws ArgumentError when `shape` is no list: write `[3]`, not `3`.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.ones.html
 * @example
 * ones([2, 2]).tolist(); // [[1, 1], [1, 1]]
 * ones([2], { dtype: "int32" }).sum().item(); // 2
 */
export const ones = (shape: readonly number[], options: TensorOptions = none): Tensor =>
  filled("ones", shape, 1, options);

/**
 * A tensor like `x` whose elements are not set: {@link empty} with `shape = x.shape`.
 *
 * Shape: that of `x`, row-major. Dtype and device: those of `x`, unless the options say others.
 *
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.empty_like.html
 * @example
 * emptyLike(tensor([[1, 2]], { dtype: "int32" })).dtype; // "int32"
 */
export function emptyLike(x: Tensor, options: TensorOptions = none): Tensor {
  checkOptions("emptyLike", tensorKinds, options);
  checkTensor("emptyLike", "x", x);
  return empty(x.shape, like(x, options));
}
/**
 * One value in the place of `x`'s elements: `y[i] = value`.
 *
 * Shape: that of `x`, row-major. Dtype and device: those of `x`, unless the options say others. Integers take `value` without its fraction.
 *
 * @throws ArgumentError when `value` does not fit the dtype.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.full_like.html
 * @example
 * fullLike(tensor([1, 2]), 0.5).tolist(); // [0.5, 0.5]
 * fullLike(tensor([1, 2], { dtype: "int32" }), 2.7).tolist(); // [2, 2]
 */
export const fullLike = (x: Tensor, value: Scalar, options: TensorOptions = none): Tensor =>
  filledAs("fullLike", x, value, options);
function filledAs(op: string, x: Tensor, value: Scalar, options: TensorOptions): Tensor {
  checkOptions(op, tensorKinds, options);
  checkTensor(op, "x", x);
  return filled(op, x.shape, value, like(x, options));
}
/**
 * Zeros in the place of `x`'s elements: `y[i] = 0`.
 *
 * Shape: that of `x`, row-major. Dtype and device: those of `x`, unless the options say others.
 *
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.zeros_like.html
 * @example
 * zerosLike(tensor([[1, 2]])).tolist(); // [[0, 0]]
 */
export const zerosLike = (x: Tensor, options: TensorOptions = none): Tensor => filledAs("zerosLike", x, 0, options);
/**
 * Ones in the place of `x`'s elements: `y[i] = 1`.
 *
 * Shape: that of `x`, row-major. Dtype and device: those of `x`, unless the options say others.
 *
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.ones_like.html
 * @example
 * onesLike(tensor([[1, 2]])).tolist(); // [[1, 1]]
 * onesLike(tensor([1, 2]), { dtype: "bool" }).tolist(); // [true, true]
 */
export const onesLike = (x: Tensor, options: TensorOptions = none): Tensor => filledAs("onesLike", x, 1, options);

/** Optional numbers, and options behind any of them: `arange(12, { device })`, as keyword arguments may follow any in PyTorch. */
type Trailing = readonly (number | null | undefined | TensorOptions)[];
/** The options, and before them the numbers, of which there are `most` at most. */
function apart(op: string, rest: Trailing, most: number): [options: TensorOptions, ...(number | null | undefined)[]] {
  const found = rest.findIndex((value, i) => i === most || (typeof value === "object" && value !== null));
  const end = found === -1 ? rest.length : found;
  const options = rest[end] === undefined ? {} : (rest[end] as TensorOptions); // checked in the next line
  checkOptions(op, tensorKinds, options);
  return [options, ...(rest.slice(0, end) as (number | null | undefined)[])];
}

/**
 * Numbers from `start` on in equal steps: `y[i] = start + i * step` for `i < ceil((end - start) / step)`, so that `end` is left out. Unless
 * they are given, `start` is 0 and `step` 1.
 *
 * Shape: [ceil((end - start) / step)]. Dtype: int32 for whole numbers (PyTorch: int64), else the default floating one, unless the options
 * say another. Into an integer dtype, `start` and `step` lose their fractions first, and for int64 `end`, too, as in PyTorch.
 *
 * @throws ArgumentError when a number is not finite, when `step` is 0, when it leads away from `end`, and when an element does not fit the
 * dtype.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.arange.html
 * @example
 * arange(5).tolist(); // [0, 1, 2, 3, 4]
 * arange(1, 2, 0.25).tolist(); // [1, 1.25, 1.5, 1.75]
 * arange(5, 0, -2, { dtype: "float32" }).tolist(); // [5, 3, 1]
 */
export function arange(start: number, end?: number | null, step?: number, options?: TensorOptions): Tensor;
export function arange(start: number, end: number, options?: TensorOptions): Tensor;
export function arange(end: number, options?: TensorOptions): Tensor;
export function arange(start: number, ...rest: Trailing): Tensor {
  const [options, end, step = 1] = apart("arange", rest, 2);
  const [from, to] = end === undefined || end === null ? [0, start] : [start, end];
  checkFinite("arange", "start", from);
  checkFinite("arange", "end", to);
  checkFinite("arange", "step", step);
  if (step === 0) throw new ArgumentError("arange", "step must not be 0");
  if ((to - from) * step < 0) throw new ArgumentError("arange", `from ${from} to ${to} does not go with step ${step}`);
  const whole = [from, to, step].every(Number.isInteger);
  const dtype = options.dtype ?? (whole ? "int32" : context.defaultDType);
  const [first, gap] = isFloat(dtype) ? [from, step] : [Math.trunc(from), Math.trunc(step)];
  const exact = dtype === "int64";
  if (exact && gap === 0) throw new ArgumentError("arange", `step must not be 0, which ${step} is as int64`);
  const n = Math.max(0, Math.ceil(exact ? (Math.trunc(to) - first) / gap : (to - from) / step));
  const attrs = made("arange", [n], { ...options, dtype });
  return finish(create(arangeOp, { ...attrs, start: first, step: gap }), options);
}
export const arangeOp = computed("arange", ({ shape: [n], start, step }: Made & { start: number; step: number }) =>
  Float64Array.from({ length: n }, (_, i) => start + i * step),
);
function checkFinite(op: string, name: string, value: number | null): asserts value is number {
  if (!Number.isFinite(value)) throw new ArgumentError(op, `${name} must be a finite number, got ${show(value)}`);
}
/**
 * Evenly spaced numbers with both ends: `y[i] = start + i * (end - start) / (steps - 1)`; one step gives `start`. The ends are numbers or
 * 0-d tensors, whose values are read: no gradient flows to them.
 *
 * Shape: [steps]. Dtype: the default floating one, unless the options say another; an integer one takes the ends and then the numbers
 * without their fractions.
 *
 * @throws ArgumentError when an end is neither a number nor a 0-d tensor, when `steps` is no integer from 0, and when an element does not
 * fit the dtype.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @throws UnavailableError for ends on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linspace.html
 * @example
 * linspace(0, 1, 5).tolist(); // [0, 0.25, 0.5, 0.75, 1]
 * linspace(0, 10, 4, { dtype: "int32" }).tolist(); // [0, 3, 6, 10]
 */
export function linspace(
  start: number | Tensor,
  end: number | Tensor,
  steps: number,
  options: TensorOptions = none,
): Tensor {
  checkOptions("linspace", tensorKinds, options);
  checkInteger("linspace", "steps", steps, 0);
  const interval = { ...made("linspace", [steps], options), ...ends("linspace", start, end) };
  return finish(create(linspaceOp, interval), options);
}
const ends = (op: string, start: number | Tensor, end: number | Tensor): { start: number; end: number } => ({
  start: Number(numberOf(op, "start", start)),
  end: Number(numberOf(op, "end", end)),
});
export interface Interval extends Made {
  readonly start: number;
  readonly end: number;
}
export const linspaceOp = computed("linspace", linear);
/**
 * Powers of `base` (default 10) with evenly spaced exponents: `y[i] = base ^ (start + i * (end - start) / (steps - 1))`. The ends are
 * numbers or 0-d tensors, whose values are read: no gradient flows to them.
 *
 * Shape: [steps]. Dtype: the default floating one, unless the options say another; an integer one takes the ends and then the powers
 * without their fractions.
 *
 * @throws ArgumentError when an end is neither a number nor a 0-d tensor, `base` is no number, `steps` is no integer from 0, and when an
 * element does not fit the dtype.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @throws UnavailableError for ends on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logspace.html
 * @example
 * logspace(0, 2, 3).tolist(); // [1, 10, 100]
 * logspace(0, 3, 4, 2).tolist(); // [1, 2, 4, 8]
 */
export function logspace(
  start: number | Tensor,
  end: number | Tensor,
  steps: number,
  base?: number,
  options?: TensorOptions,
): Tensor;
export function logspace(start: number | Tensor, end: number | Tensor, steps: number, options?: TensorOptions): Tensor;
export function logspace(start: number | Tensor, end: number | Tensor, steps: number, ...rest: Trailing): Tensor {
  const [options, given] = apart("logspace", rest, 1);
  const base = given ?? 10;
  if (typeof base !== "number") throw new ArgumentError("logspace", `base must be a number, got ${show(base)}`);
  checkInteger("logspace", "steps", steps, 0);
  const interval = { ...made("logspace", [steps], options), ...ends("logspace", start, end), base };
  return finish(create(logspaceOp, interval), options);
}
export const logspaceOp = computed("logspace", ({ base, ...interval }: Interval & { base: number }) =>
  linear(interval).map((e) => base ** e),
);
function linear({ start, end, shape: [steps], dtype }: Interval): Float64Array {
  const whole = !isFloat(dtype);
  const [low, high] = whole ? [Math.trunc(start), Math.trunc(end)] : [start, end];
  const step = steps > 1 ? (high - low) / (steps - 1) : 0;
  // from both ends, as PyTorch does, so that the last element is `end`
  return Float64Array.from({ length: steps }, (_, i) =>
    i < steps / 2 ? low + step * i : high - step * (steps - 1 - i),
  );
}
/**
 * A matrix with ones on its diagonal and zeros elsewhere: `y[i, j] = 1` where `i == j`, else `0`.
 *
 * Shape: [n, m], `m` being `n` when it is not given. Dtype: the default floating one, unless the options say another.
 *
 * @throws ArgumentError when `n` or `m` is no integer from 0.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.eye.html
 * @example
 * eye(2).tolist(); // [[1, 0], [0, 1]]
 * eye(2, 3, { dtype: "int32" }).tolist(); // [[1, 0, 0], [0, 1, 0]]
 */
export function eye(n: number, m?: number, options?: TensorOptions): Tensor;
export function eye(n: number, options?: TensorOptions): Tensor;
export function eye(n: number, ...rest: Trailing): Tensor {
  const [options, m = n] = apart("eye", rest, 1);
  checkInteger("eye", "n", n, 0);
  const columns = checkInteger("eye", "m", m, 0);
  return finish(create(eyeOp, made("eye", [n, columns], options)), options);
}
export const eyeOp: Op<Made> = computed("eye", ({ shape: [n, m] }) => {
  const out = new Float64Array(n * m);
  for (let i = 0; i < Math.min(n, m); i++) out[i * m + i] = 1;
  return out;
});
/**
 * A 0-d tensor: `y = value`, which is {@link full} of the shape [].
 *
 * Shape: []. Dtype: bool for booleans, int64 for bigints, else the default floating one, unless the options say another.
 *
 * @throws ArgumentError when `value` does not fit the dtype.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.full.html
 * @example
 * scalarTensor(3).shape; // []
 * scalarTensor(3).add(tensor([1, 2])).tolist(); // [4, 5]
 */
export function scalarTensor(value: Scalar, options: TensorOptions = none): Tensor {
  checkOptions("scalarTensor", tensorKinds, options);
  return full([], value, options);
}
