import type { DType } from "@flambeau/tensor";
import { bytesOf, sizeOf, typedArray, type View } from "@flambeau/tensor/plugin";

/** An element as JavaScript computes with it: a bigint for int64, a number (0 or 1 for bools) for everything else. */
export type Scalar = number | bigint;

/** What this backend hands out as memory: bytes, and whether they were given back. */
export interface Block {
  bytes: ArrayBuffer | null;
}

/** A view's elements by their place in memory, in the dtype's own arithmetic. */
export interface Elements {
  get(place: number): Scalar;
  /** Stores a value: floats round, integers wrap. */
  set(place: number, value: Scalar): void;
}

/** Access to the elements of `view`. A place counts elements from the start of the buffer. */
export function elementsOf(view: View): Elements {
  const { bytes } = view.buffer as Block; // this backend's alloc made it
  if (bytes === null) throw new Error("this buffer was freed");
  const { dtype } = view;
  const array = typedArray(dtype, bytes, 0, Math.floor(bytes.byteLength / bytesOf(dtype)));
  if (array instanceof BigInt64Array)
    return {
      get: (i) => array[i],
      set: (i, v) => {
        array[i] = BigInt(v);
      },
    };
  const half = halves[dtype];
  if (half)
    return {
      get: (i) => half.decode(array[i]),
      set: (i, v) => {
        array[i] = half.encode(Number(v));
      },
    };
  return {
    get: (i) => array[i],
    set: (i, v) => {
      array[i] = Number(v);
    },
  };
}

/** The place of every element, in row-major order of the view. */
export function placesOf({ shape, strides, offset }: Pick<View, "shape" | "strides" | "offset">): Int32Array {
  const places = new Int32Array(sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  let place = offset;
  for (let i = 0; i < places.length; i++) {
    places[i] = place;
    // count up the coordinates like an odometer
    for (let d = shape.length - 1; d >= 0; d--) {
      place += strides[d];
      if (++at[d] < shape[d]) break;
      place -= strides[d] * shape[d];
      at[d] = 0;
    }
  }
  return places;
}

/** One line along `dim`: the places of its elements in each of several views of the same rank. Calls `visit` for each line. */
export function eachLine(
  shape: readonly number[],
  dim: number,
  views: readonly View[],
  visit: (starts: readonly number[], line: number) => void,
): void {
  const outer = shape.filter((_, d) => d !== dim);
  const starts = views.map((v) =>
    placesOf({ shape: outer, strides: v.strides.filter((_, d) => d !== dim), offset: v.offset }),
  );
  for (let line = 0; line < sizeOf(outer); line++)
    visit(
      starts.map((s) => s[line]),
      line,
    );
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** float16 and bfloat16 are stored as their 16 bits. */
const halves: { readonly [D in DType]?: { decode(bits: number): number; encode(value: number): number } } = {
  bfloat16: {
    decode(b) {
      bits[0] = b << 16;
      return single[0];
    },
    encode(x) {
      if (Number.isNaN(x)) return 0x7fc0;
      single[0] = x;
      // round the lower 16 bits away, halfway cases to the even neighbour
      return ((bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16) & 0xffff;
    },
  },
  float16: {
    decode(b) {
      const sign = b & 0x8000 ? -1 : 1;
      const exponent = (b >> 10) & 31;
      const fraction = b & 1023;
      if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
      return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    },
    encode(x) {
      if (Number.isNaN(x)) return 0x7e00;
      const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
      single[0] = Math.abs(x);
      const size = single[0];
      if (size >= 65520) return sign | 0x7c00;
      // the spacing of half floats at this size; adding and removing its multiple rounds to it, halfway cases to even
      const exponent = Math.max(Math.floor(Math.log2(size || 2 ** -24)), -14);
      const steps = roundEven(size / 2 ** (exponent - 10));
      return sign | (exponent === -14 && steps < 1024 ? steps : ((exponent + 15) << 10) + (steps - 1024));
    },
  },
};

export function roundEven(x: number): number {
  const low = Math.floor(x);
  return x - low !== 0.5 ? Math.round(x) : low % 2 === 0 ? low : low + 1;
}
