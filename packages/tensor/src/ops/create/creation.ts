export type { TensorOptions } from "./allocation.ts";

import { context } from "../../core/context.ts";
import { bytesOf, checkDType, type DType, isFloat, type TypedArray } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { create } from "../../door/run.ts";
import { checkInteger } from "../../layout/integers.ts";
import { checkShape, sizeOf } from "../../layout/shapes.ts";
import { decode, encode } from "../../lower/host.ts";
import { computed, constantOp, emptyOp, finish, fullOp, type Made, made, type TensorOptions } from "./allocation.ts";
import { clone, to } from "./copy.ts";

export type Nested = number | boolean | bigint | readonly Nested[];

const arrayDTypes = new Map<unknown, DType>([
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Int32Array, "int32"],
  [BigInt64Array, "int64"],
  [Uint8Array, "uint8"],
  [Uint8ClampedArray, "uint8"],
  [Int8Array, "int8"],
  [Int16Array, "int16"],
]);

const isTypedArray = (x: unknown): x is TypedArray | Uint8ClampedArray =>
  ArrayBuffer.isView(x) && !(x instanceof DataView);

/** Shape of nested arrays. @throws ShapeError when they are ragged, naming where. */
function shapeOf(data: Nested): number[] {
  const shape: number[] = [];
  let level: Nested = data;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0] as Nested;
  }
  const check = (x: Nested, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof x === "object") throw new ShapeError("tensor", `data${path} is nested deeper than its neighbours`);
      return;
    }
    if (!Array.isArray(x) || x.length !== shape[depth])
      throw new ShapeError(
        "tensor",
        `data${path} has ${Array.isArray(x) ? `length ${x.length}` : "no length"}, its neighbours have ${shape[depth]}`,
      );
    for (let i = 0; i < x.length; i++) check(x[i] as Nested, depth + 1, `${path}[${i}]`);
  };
  check(data, 0, "");
  return shape;
}

export interface FromDataOptions extends TensorOptions {
  /** For typed arrays: the shape (default: one dimension). */
  readonly shape?: readonly number[];
}

/**
 * A tensor from numbers, nested arrays or a typed array; the values are copied. Numbers make float32 whatever their values
 * (JavaScript cannot tell 1 from 1.0), booleans bool, bigints int64; typed arrays keep their type.
 *
 * @throws ShapeError for ragged arrays.
 * @example
 * import { tensor } from "flambeau";
 * console.log(String(tensor([[1, 2], [3, 4]]))); // tensor([[1., 2.],
 * //         [3., 4.]])
 */
export function tensor(data: Nested | TypedArray | Uint8ClampedArray | Tensor, options: FromDataOptions = {}): Tensor {
  if (data instanceof Tensor) {
    const moved = to(data, {
      ...(options.dtype && { dtype: options.dtype }),
      ...(options.device && { device: options.device }),
    });
    const out = moved === data ? clone(data) : moved;
    out.gradFn = null;
    return finish(out, options);
  }
  if (isTypedArray(data)) {
    const native = arrayDTypes.get(data.constructor);
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
    const same = dtype === native || (dtype === "bool" && native === "uint8" && data.every((v) => v === 0 || v === 1));
    const bytes = same
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : encode(decode(data instanceof Uint8ClampedArray ? new Uint8Array(data) : data, native), dtype);
    return finish(create(constantOp, { ...attrs, bytes }), options);
  }
  const own = shapeOf(data);
  const { shape = own } = options;
  const flat = (Array.isArray(data) ? data.flat(own.length as 20) : [data]) as (number | boolean | bigint)[]; // shapeOf has checked
  const dtype = options.dtype ?? inferDType(flat);
  const attrs = made("tensor", shape, { ...options, dtype });
  if (sizeOf(shape) !== flat.length)
    throw new ShapeError("tensor", `shape ${showShape(shape)} does not hold the ${flat.length} elements of the data`, [
      shape,
    ]);
  return finish(create(constantOp, { ...attrs, bytes: encode(flat, dtype) }), options);
}
function inferDType(values: readonly unknown[]): DType {
  if (values.length === 0) return context.defaultDType;
  const kinds = new Set(values.map((v) => typeof v));
  for (const kind of kinds)
    if (kind !== "number" && kind !== "boolean" && kind !== "bigint")
      throw new DTypeError("tensor", `elements must be numbers, booleans or bigints, got ${kind}`);
  return kinds.has("number") ? context.defaultDType : kinds.has("bigint") ? "int64" : "bool";
}

/** A tensor over raw little-endian bytes of `dtype`. */
export function fromBytes(
  bytes: Uint8Array,
  dtype: DType,
  shape: readonly number[],
  options: Omit<TensorOptions, "dtype"> = {},
): Tensor {
  const wanted = sizeOf(checkShape("fromBytes", shape)) * bytesOf(checkDType("fromBytes", dtype));
  if (bytes.byteLength !== wanted)
    throw new ShapeError(
      "fromBytes",
      `${showShape(shape)} of ${dtype} takes ${wanted} bytes, got ${bytes.byteLength}`,
      [shape],
    );
  return finish(create(constantOp, { ...made("fromBytes", shape, { ...options, dtype }), bytes }), options);
}
/** A tensor whose elements are not set. */
export const empty = (shape: readonly number[], options: TensorOptions = {}): Tensor =>
  finish(create(emptyOp, made("empty", shape, options)), options);
/** A tensor of `value`. Without dtype: bool for booleans, the default float otherwise. */
export function full(shape: readonly number[], value: number | boolean, options: TensorOptions = {}): Tensor {
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : context.defaultDType);
  return filled("full", shape, Number(value), { ...options, dtype });
}
const filled = (op: string, shape: readonly number[], value: number, options: TensorOptions): Tensor =>
  finish(create(fullOp, { ...made(op, shape, options), value }), options);
/** A tensor of zeros. */
export const zeros = (shape: readonly number[], options: TensorOptions = {}): Tensor =>
  filled("zeros", shape, 0, options);
/** A tensor of ones. */
export const ones = (shape: readonly number[], options: TensorOptions = {}): Tensor =>
  filled("ones", shape, 1, options);

const like = (x: Tensor, options: TensorOptions): TensorOptions => ({ dtype: x.dtype, device: x.device, ...options });
/** An unset tensor with `x`'s shape, dtype and device. */
export const emptyLike = (x: Tensor, options: TensorOptions = {}): Tensor => empty(x.shape, like(x, options));
/** `value` with `x`'s shape, dtype and device. */
export const fullLike = (x: Tensor, value: number, options: TensorOptions = {}): Tensor =>
  full(x.shape, value, like(x, options));
/** Zeros with `x`'s shape, dtype and device. */
export const zerosLike = (x: Tensor, options: TensorOptions = {}): Tensor =>
  filled("zerosLike", x.shape, 0, like(x, options));
/** Ones with `x`'s shape, dtype and device. */
export const onesLike = (x: Tensor, options: TensorOptions = {}): Tensor =>
  filled("onesLike", x.shape, 1, like(x, options));

/** Optional numbers, and options behind any of them: `arange(12, { device })`, as keyword arguments may follow any in PyTorch. */
type Trailing = readonly (number | null | undefined | TensorOptions)[];
function apart(rest: Trailing): { numbers: (number | null | undefined)[]; options: TensorOptions } {
  const numbers: (number | null | undefined)[] = [];
  for (const value of rest) {
    if (typeof value === "object" && value !== null) return { numbers, options: value };
    numbers.push(value);
  }
  return { numbers, options: {} };
}

/**
 * start, start + step, ... below `end`. Whole numbers give int32 (PyTorch: int64), others the default float. Into an integer
 * dtype, start and step lose their fractions first, and for int64 the end, too, as in PyTorch.
 */
export function arange(start: number, end?: number | null, step?: number, options?: TensorOptions): Tensor;
export function arange(start: number, end: number, options?: TensorOptions): Tensor;
export function arange(end: number, options?: TensorOptions): Tensor;
export function arange(start: number, ...rest: Trailing): Tensor {
  const { numbers, options } = apart(rest);
  const [end, step = 1] = numbers;
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
/** `steps` numbers from start to end, both included. An integer dtype takes the ends and then the numbers without their fractions. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  checkInteger("linspace", "steps", steps, 0);
  return finish(create(linspaceOp, { ...made("linspace", [steps], options), start, end }), options);
}
export interface Interval extends Made {
  readonly start: number;
  readonly end: number;
}
export const linspaceOp = computed("linspace", linear);
/** `base` to the powers of linspace(start, end, steps). An integer dtype takes the ends and then the powers without their fractions. */
export function logspace(start: number, end: number, steps: number, base?: number, options?: TensorOptions): Tensor;
export function logspace(start: number, end: number, steps: number, options?: TensorOptions): Tensor;
export function logspace(start: number, end: number, steps: number, ...rest: Trailing): Tensor {
  const { numbers, options } = apart(rest);
  const base = numbers[0] ?? 10;
  checkInteger("logspace", "steps", steps, 0);
  return finish(create(logspaceOp, { ...made("logspace", [steps], options), start, end, base }), options);
}
export const logspaceOp = computed("logspace", ({ base, ...ends }: Interval & { base: number }) =>
  linear(ends).map((e) => base ** e),
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
/** A matrix with ones on its diagonal. */
export function eye(n: number, m?: number, options?: TensorOptions): Tensor;
export function eye(n: number, options?: TensorOptions): Tensor;
export function eye(n: number, ...rest: Trailing): Tensor {
  const { numbers, options } = apart(rest);
  const [m = n] = numbers;
  checkInteger("eye", "n", n, 0);
  const columns = checkInteger("eye", "m", m, 0);
  return finish(create(eyeOp, made("eye", [n, columns], options)), options);
}
export const eyeOp: Op<Made> = computed("eye", ({ shape: [n, m] }) => {
  const out = new Float64Array(n * m);
  for (let i = 0; i < Math.min(n, m); i++) out[i * m + i] = 1;
  return out;
});
/** A 0-d tensor. */
export const scalarTensor = (value: number, options: TensorOptions = {}): Tensor => full([], value, options);
