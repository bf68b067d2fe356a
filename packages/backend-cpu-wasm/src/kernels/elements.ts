import type { DType, View } from "@flambeau/tensor";
import { addressOf } from "../buffer.ts";
import { elementBytes } from "../emit/elements.ts";
import type { Engine } from "../engine/engine.ts";

/** A number, or a bigint where the dtype is int64. Comparison works on either. */
export type Scalar = number | bigint;

/** One view's elements by their position from the view's first one, in the dtype's arithmetic. */
export interface Elements {
  get(position: number): Scalar;
  set(position: number, value: Scalar): void;
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

export function halfToNumber(h: number): number {
  const magnitude = h & 0x7fff;
  if (magnitude > 0x7c00) return Number.NaN;
  const value =
    magnitude === 0x7c00
      ? Infinity
      : magnitude < 0x400
        ? magnitude * 2 ** -24
        : (1 + (h & 0x3ff) / 1024) * 2 ** ((magnitude >> 10) - 15);
  return h & 0x8000 ? -value : value;
}

export function numberToHalf(x: number): number {
  float[0] = x;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    bits[0] = magnitude;
    float[0] += 0.5;
    return sign | (bits[0] - 0x3f000000);
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

export function brainToNumber(b: number): number {
  bits[0] = b << 16;
  return float[0];
}

export function numberToBrain(x: number): number {
  float[0] = x;
  if (Number.isNaN(x)) return 0x7fc0;
  return ((bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16) & 0xffff;
}

type Numbers = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** Access to `view`, for paths that need to be right for each dtype and layout rather than fast. Memory must not grow meanwhile. */
export function elementsOf(engine: Engine, view: View): Elements {
  const { dtype } = view;
  const base = addressOf(view, elementBytes[dtype]) / elementBytes[dtype];
  if (dtype === "int64") {
    const heap = engine.i64;
    return {
      get: (i) => heap[base + i],
      set: (i, value) => {
        heap[base + i] = value as bigint; // the dtype's arithmetic is bigint's
      },
    };
  }
  if (dtype === "float16" || dtype === "bfloat16") {
    const heap = engine.u16;
    const decode = dtype === "float16" ? halfToNumber : brainToNumber;
    const encode = dtype === "float16" ? numberToHalf : numberToBrain;
    return {
      get: (i) => decode(heap[base + i]),
      set: (i, value) => {
        heap[base + i] = encode(value as number);
      },
    };
  }
  const heap = numbersOf(engine, dtype);
  return {
    get: (i) => heap[base + i],
    set: (i, value) => {
      heap[base + i] = value as number;
    },
  };
}

function numbersOf(engine: Engine, dtype: Exclude<DType, "int64" | "float16" | "bfloat16">): Numbers {
  switch (dtype) {
    case "bool":
    case "uint8":
      return engine.u8;
    case "int8":
      return engine.i8;
    case "int16":
      return engine.i16;
    case "int32":
      return engine.i32;
    case "float32":
      return engine.f32;
    case "float64":
      return engine.f64;
  }
}
