import type { Engine } from "../../src/engine/engine.ts";

/** A small generator of repeatable numbers in [-1, 1) (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}

/** A new f32 block filled from a list or from a generator. */
export function put(engine: Engine, values: ArrayLike<number>): number {
  const address = engine.alloc(values.length * 4);
  engine.f32.set(values, address / 4);
  return address;
}

export function putInt(engine: Engine, values: ArrayLike<number>): number {
  const address = engine.alloc(values.length * 4);
  engine.i32.set(values, address / 4);
  return address;
}

export function random(length: number, next: () => number): Float32Array {
  return Float32Array.from({ length }, next);
}

export function get(engine: Engine, address: number, length: number): Float32Array {
  return engine.f32.slice(address / 4, address / 4 + length);
}

/** The largest |a - b| in units of the largest |b| (at least 1e-30). */
export function error(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  let scale = 1e-30;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= worst)) worst = Object.is(actual[i], expected[i]) ? worst : difference;
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst / scale;
}

/** d(Σ weights·f(x))/dx by central differences in float64. */
export function numericGradient(
  f: (x: Float64Array) => ArrayLike<number>,
  x: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float64Array {
  const at = Float64Array.from(x);
  const total = () => {
    const y = f(at);
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += weights[i] * y[i];
    return sum;
  };
  return Float64Array.from(x, (value, i) => {
    const step = 1e-5 * Math.max(1, Math.abs(value));
    at[i] = value + step;
    const high = total();
    at[i] = value - step;
    const low = total();
    at[i] = value;
    return (high - low) / (2 * step);
  });
}
