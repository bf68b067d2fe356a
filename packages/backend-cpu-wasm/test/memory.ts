import type { DType } from "@flambeau/tensor";
import { bytesOf, contiguousStrides, halfCodec, kindOf, sizeOf, typedArray, type View } from "@flambeau/tensor/plugin";
import { createEngine, type Engine, type EngineOptions } from "../src/engine/engine.ts";

export type Value = number | bigint;

/** Views on an engine's memory, and naive element access for references. */
export class Memory {
  readonly engine: Engine;
  constructor(threads = 1, options: EngineOptions = {}) {
    this.engine = createEngine({ threads, ...options });
  }

  /** A contiguous tensor of the values, or of zeros. */
  tensor(dtype: DType, shape: readonly number[], values?: ArrayLike<Value> | ((i: number) => Value)): View {
    const n = sizeOf(shape);
    const bytes = bytesOf(dtype);
    const byteLength = Math.max(1, n * bytes);
    const address = this.engine.alloc(byteLength);
    const view: View = { buffer: { address, byteLength }, dtype, offset: 0, shape, strides: contiguousStrides(shape) };
    const array = typedArray(dtype, this.engine.memory.buffer, address, n);
    for (let i = 0; i < n; i++) {
      const x = values === undefined ? 0 : typeof values === "function" ? values(i) : values[i];
      array[i] = encode(dtype, x) as number; // int64 arrays take the bigint that encode gives
    }
    return view;
  }

  /** The elements in row-major order. */
  values(view: View): Value[] {
    const { address, byteLength } = view.buffer as { address: number; byteLength: number }; // made above
    const array = typedArray(
      view.dtype,
      this.engine.memory.buffer,
      address,
      Math.floor(byteLength / bytesOf(view.dtype)),
    );
    return positions(view.shape, view.strides).map((p) => decode(view.dtype, array[view.offset + p]));
  }
  numbers(view: View): number[] {
    return this.values(view).map(Number);
  }
}

/** Each element's position relative to the first, in row-major order. */
export function positions(shape: readonly number[], strides: readonly number[]): number[] {
  let list = [0];
  for (let d = 0; d < shape.length; d++)
    list = list.flatMap((p) => Array.from({ length: shape[d] }, (_, i) => p + i * strides[d]));
  return list;
}

function encode(dtype: DType, x: Value): Value {
  if (dtype === "int64") return BigInt(x);
  return halfCodec(dtype)?.encode(Number(x)) ?? Number(x);
}

function decode(dtype: DType, x: Value): Value {
  return halfCodec(dtype)?.decode(Number(x)) ?? x;
}

/** Marsaglia's xorshift32: the same numbers in every run. */
export function generator(seed: number): { bits(): number; uniform(): number; below(n: number): number } {
  let s = seed | 0 || 1;
  const bits = () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return s >>> 0;
  };
  return { bits, uniform: () => bits() / 2 ** 32, below: (n) => bits() % n };
}

/** A view of random layout (permuted, sliced with steps, expanded) with the given shape, over random contents. */
export function randomView(
  memory: Memory,
  random: ReturnType<typeof generator>,
  dtype: DType,
  shape: readonly number[],
  expand: boolean,
): View {
  const order = shape.map((_, d) => d);
  for (let i = order.length - 1; i > 0; i--) {
    if (random.below(2)) continue;
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const steps = shape.map(() => (random.below(4) === 0 ? 2 : 1));
  const repeated = shape.map(() => expand && random.below(4) === 0);
  const base = order.map((d) => (repeated[d] ? 1 : shape[d] * steps[d] + 1));
  const whole = memory.tensor(dtype, base, () => {
    const x = random.below(200) - 100;
    return dtype === "bool" ? x & 1 : kindOf(dtype) === "float" ? x / 8 : x;
  });
  const strides = new Array<number>(shape.length);
  order.forEach((d, k) => {
    strides[d] = repeated[d] ? 0 : whole.strides[k] * steps[d];
  });
  const offset = order.reduce((sum, d, k) => sum + (repeated[d] ? 0 : whole.strides[k] * random.below(2)), 0);
  return { ...whole, shape, strides, offset };
}
