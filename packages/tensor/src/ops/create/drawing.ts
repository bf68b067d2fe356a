import type { DrawAttrs } from "../../contract/fused-ops.ts";
import { context } from "../../core/context.ts";
import { bytesOf, type DType, halfCodec, isFloat, isHalf, typedArray } from "../../core/dtype.ts";
import { ArgumentError, DTypeError } from "../../core/errors.ts";
import { generator, type Kinds } from "../../core/options.ts";
import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne, create } from "../../door/run.ts";
import { applyInPlace } from "../../door/write.ts";
import { checkInteger } from "../../layout/integers.ts";
import { canTake, runFused } from "../../lower/fused.ts";
import { hasValues, writeBytes } from "../../lower/machine.ts";
import { copyInto } from "../../lower/move.ts";
import { type FloatArray, fillUniform, Generator, type NumberArray, withEngine } from "../../random/index.ts";
import { allocateFor, filledLike, finish, type Made, made, type TensorOptions, tensorKinds } from "./allocation.ts";

export interface GeneratorOptions {
  /** Where to draw from; default: the generator that manualSeed sets. */
  readonly generator?: Generator | undefined;
}
export const generatorKinds: Kinds<GeneratorOptions> = { generator };
export interface RandomOptions extends TensorOptions, GeneratorOptions {}
export const randomKinds: Kinds<RandomOptions> = { ...generatorKinds, ...tensorKinds };

/** The generator that random ops draw from unless they are given another one. */
export const defaultGenerator: Generator = shared();
function shared(): Generator {
  context.generator ??= new Generator();
  return context.generator;
}

export const generatorOf = (options: GeneratorOptions): Generator => options.generator ?? defaultGenerator;

/** Refuses dtypes that cannot hold a draw from a continuous distribution. */
export function checkFloat(op: string, dtype: DType): void {
  if (!isFloat(dtype))
    throw new DTypeError(
      op,
      `draws real numbers, which ${dtype} cannot hold`,
      'pass { dtype: "float32" }, or use randint',
    );
}

/** The random engine speaks in RangeErrors; users get an ArgumentError with the op's name. */
export function guarded<T>(op: string, draw: () => T): T {
  try {
    return draw();
  } catch (error) {
    if (error instanceof RangeError) throw new ArgumentError(op, error.message.replace(/^\w+: /, ""));
    throw error;
  }
}

/** A bound or seed of the random engine, which takes bigints where numbers do not reach. */
export function checkBound(op: string, name: string, value: number | bigint): void {
  if (typeof value !== "bigint") checkInteger(op, name, value);
}

/** Host memory in which values of `dtype` are drawn: half floats as float32. */
function hostArray(dtype: DType, size: number): NumberArray {
  if (isHalf(dtype)) return new Float32Array(size);
  return typedArray(dtype, new ArrayBuffer(size * bytesOf(dtype)), 0, size) as NumberArray; // no 16-bit unsigned type is left
}
/** {@link hostArray}'s values in the memory format of `dtype`. */
function packed(values: NumberArray, dtype: DType): Uint8Array {
  const half = halfCodec(dtype);
  if (!half) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return new Uint8Array(Uint16Array.from(values as FloatArray, half.encode).buffer); // half floats are drawn as float32
}
/** `x` as `dtype` would hold it. */
export function rounded(x: number, dtype: DType): number {
  const half = halfCodec(dtype);
  return half ? half.decode(half.encode(x)) : x;
}

/** Attributes of ops that draw: where from. */
export interface Drawn {
  readonly generator: Generator;
}

/** What a device may draw by itself, see {@link DrawAttrs}; null for what it may not. */
export type Quick<A> = (
  attrs: A,
  target: Tensor,
) => (Omit<DrawAttrs, "engine"> & { readonly name: "rand" | "randn" }) | null;
/** Whether the device has drawn into `out`, what the host would. Tapes, which run again, get what the host draws. */
function drawnThere<A extends Drawn>(out: Tensor, attrs: A, quick: Quick<A> | undefined): boolean {
  const what = out.rowMajor && context.tape === null ? quick?.(attrs, out) : null;
  if (!what || !canTake(what.name, [out], what)) return false;
  const { name, first, second } = what;
  let done = false;
  withEngine(attrs.generator, (engine) => {
    done = runFused(name, [out], () => [out], { first, second, engine }) !== null;
  });
  return done;
}

/** Normals, where they may be drawn of such parameters; the host says what is wrong with others. */
export const quickNormal = (mean: number, std: number): ReturnType<Quick<never>> =>
  std >= 0 ? { name: "randn", first: mean, second: std } : null;

/** An op that makes a tensor of values drawn on the host, in row-major order, or by the device where `quick` says what. */
export const drawing = <A extends Made & Drawn>(
  name: string,
  draw: (out: NumberArray, attrs: A, inputs: readonly Tensor[]) => void,
  quick?: Quick<A>,
): Op<A> => ({
  name,
  draws: true,
  forward(inputs, attrs) {
    const out = allocateFor(attrs);
    if (out.size > 0 && hasValues(out) && !drawnThere(out, attrs, quick)) {
      const values = hostArray(out.dtype, out.size);
      draw(values, attrs, inputs);
      writeBytes(out, packed(values, out.dtype), true);
    }
    return out;
  },
});
/** A new tensor by a {@link drawing} op. @throws ArgumentError in the name of `title` for what no draw can be made of. */
export function drawn<A extends Made & Drawn>(
  title: string,
  op: Op<A>,
  shape: readonly number[],
  options: RandomOptions,
  attrs: Omit<A, keyof Made | keyof Drawn>,
  inputs: readonly Tensor[] = [],
): Tensor {
  const all = { ...made(title, shape, options), ...attrs, generator: generatorOf(options) } as unknown as A; // its parts are named above
  return finish(
    guarded(title, () => (inputs.length === 0 ? create(op, all) : applyOne(op, inputs, all))),
    options,
  );
}

/** Uniforms for a tensor of `dtype`: a half float, drawn as float32, can round up to `to`, which PyTorch folds back to `from`. */
export function fillUniformAs(dtype: DType, out: FloatArray, generator: Generator, from = 0, to = 1): FloatArray {
  fillUniform(out, generator, from, to);
  if (isHalf(dtype)) {
    const end = rounded(to, dtype);
    for (let i = 0; i < out.length; i++) if (rounded(out[i], dtype) === end) out[i] = from;
  }
  return out;
}

export const randOp = drawing<Made & Drawn>(
  "rand",
  (out, { dtype, generator }) => fillUniformAs(dtype, out as FloatArray, generator),
  () => ({ name: "rand", first: 0, second: 1 }),
);

/** Float32 uniforms in [0, 1) beside `x`, drawn in its memory order (or row-major for a `shape` given): what PyTorch compares with float32 probabilities. */
export function uniformFor(op: string, x: Tensor, generator: Generator, shape?: readonly number[]): Tensor {
  const make = (s: readonly number[]) => drawn(op, randOp, s, { dtype: "float32", device: x.device, generator }, {});
  return shape === undefined ? inMemoryOrder(x, make) : make(shape);
}

/** Draws into the elements of `target`, without graph. */
function drawInto(target: Tensor, draw: (out: NumberArray) => void): Tensor {
  if (target.size === 0 || !hasValues(target)) return target;
  const values = hostArray(target.dtype, target.size);
  draw(values);
  const bytes = packed(values, target.dtype);
  if (target.rowMajor) writeBytes(target, bytes);
  else {
    const order = memoryOrder(target);
    const at = (list: readonly number[]) => order.map((d) => list[d]);
    const dense = empty(target.backend, target.dtype, at(target.shape));
    writeBytes(dense, bytes);
    const part = viewOf(target, dense.shape, at(target.strides), target.offset);
    copyInto(part, dense);
    part.dispose();
    dense.dispose();
  }
  return target;
}

/** An op that draws into its target, in memory order; what was there no longer matters, so its gradient is 0. */
export const drawingInto = <A extends Drawn>(
  name: string,
  draw: (out: NumberArray, attrs: A, inputs: readonly Tensor[]) => void,
  quick?: Quick<A>,
): Op<A> => ({
  name,
  draws: true,
  writes: [0],
  forward: (inputs, attrs) =>
    hasValues(inputs[0]) && drawnThere(inputs[0], attrs, quick)
      ? inputs[0]
      : drawInto(inputs[0], (out) => draw(out, attrs, inputs)),
  vjp: ({ needs }, [g]) => needs.map((needed, i) => (needed && g && i === 0 ? filledLike(g, g.shape, 0) : null)),
});
/** Draws into `target` by a {@link drawingInto} op. @throws ArgumentError for what no draw can be made of. */
export const drawInPlace = <A extends Drawn>(
  op: Op<A>,
  target: Tensor,
  options: GeneratorOptions,
  attrs: Omit<A, keyof Drawn>,
  inputs: readonly Tensor[] = [],
): Tensor =>
  guarded(op.name, () =>
    applyInPlace(op, target, [target, ...inputs], { ...attrs, generator: generatorOf(options) } as unknown as A),
  ); // its parts are named above

/** Dimensions from the one that steps farthest to the one that steps least: PyTorch draws a tensor's elements in this order. */
export function memoryOrder(x: Tensor): readonly number[] {
  const dims = x.shape.map((_, i) => i);
  if (x.rowMajor || x.strides.some((s, i) => s === 0 && x.shape[i] > 1)) return dims;
  return dims.sort((a, b) => x.strides[b] - x.strides[a]);
}

/**
 * A tensor like `x`, made by `make` with its elements in `x`'s memory order. `turned` tells it that this is not row-major order:
 * PyTorch then draws normal numbers one by one.
 */
export function inMemoryOrder(x: Tensor, make: (shape: readonly number[], turned: boolean) => Tensor): Tensor {
  const order = memoryOrder(x);
  if (order.every((d, i) => d === i)) return make(x.shape, false);
  const made = make(
    order.map((d) => x.shape[d]),
    true,
  );
  const strides = new Array<number>(x.ndim);
  order.forEach((d, i) => {
    strides[d] = made.strides[i];
  });
  const out = viewOf(made, x.shape, strides, made.offset);
  made.dispose();
  return out;
}
