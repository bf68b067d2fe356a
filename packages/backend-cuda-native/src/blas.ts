import type { DType } from "@flambeau/tensor";
import type { View } from "@flambeau/tensor/plugin";
import type { NativeDevice } from "./addon.ts";
import { addressOf } from "./engine/views.ts";
import * as errors from "./errors.ts";

// Products by cuBLASLt, where the machine has it.

/** Where cuBLASLt may be: as the system's loader finds it, by the names of its versions, and where the toolkit puts it. */
const places = [
  "libcublasLt.so.13",
  "libcublasLt.so.12",
  "libcublasLt.so.11",
  "libcublasLt.so",
  "/usr/local/cuda/lib64/libcublasLt.so",
];
/** The first card that multiplies TF32. */
const tf32Capability = 80;
/** The dtypes that it has, by its own numbers. */
const types: { readonly [D in DType]?: number } = { float32: 0, float64: 1, float16: 2, bfloat16: 14 };
/** Sizes and steps that it takes. */
const most = 2 ** 31 - 1;

/** Where factors, result and bias stand among the numbers of a product (native/addon/addon.cc). */
const at = { a: 3, b: 9, d: 15, bias: 21 } as const;

export class Blas {
  readonly name: string;
  readonly #native: NativeDevice;
  readonly #tf32: boolean;
  /** Of the call under way; the addon copies them. */
  readonly #numbers = new Float64Array(22);

  constructor(native: NativeDevice, version: number, tf32: boolean) {
    // 120800 is 12.8, as 130000 is 13.0: up to 11 it was 11803
    const unit = version >= 100000 ? 10000 : 1000;
    this.name = `cuBLASLt ${Math.floor(version / unit)}.${Math.floor(((version % unit) / unit) * 100)}`;
    this.#native = native;
    this.#tf32 = tf32;
  }

  /**
   * d[n] = a[n] b[n] + bias, or false where cuBLASLt has not what it takes: own kernels make the product then. It thinks in columns, where our
   * result is transposed: d^T = b^T a^T.
   */
  run(a: View, b: View, d: View, bias: View | undefined): boolean {
    const type = types[d.dtype];
    if (type === undefined || a.dtype !== d.dtype || b.dtype !== d.dtype) return false;
    const [batch, m, n] = d.shape;
    const k = a.shape[2];
    if (k === 0 || Math.max(batch, m, n, k) > most) return false;
    if (!this.#put(at.a, b, k, n) || !this.#put(at.b, a, m, k) || !this.#put(at.d, d, m, n)) return false;
    const numbers = this.#numbers;
    if (numbers[at.d + 5] !== 0 || (batch > 1 && numbers[at.d + 4] < (m - 1) * numbers[at.d + 3] + n)) return false;
    numbers[0] = type;
    numbers[1] = this.#tf32 && d.dtype === "float32" ? 1 : 0;
    numbers[2] = batch;
    numbers[at.bias] = bias === undefined ? 0 : addressOf(bias);
    return this.#native.product(numbers);
  }
  /** Writes a matrix of rows and columns, which it sees exchanged. False: neither its rows nor its columns lie without gaps. */
  #put(place: number, view: View, rows: number, columns: number): boolean {
    const [step, down, along] = view.strides;
    const numbers = this.#numbers;
    const byRows = (along === 1 || columns === 1) && (down >= columns || rows === 1);
    const byColumns = (down === 1 || rows === 1) && (along >= rows || columns === 1);
    if ((!byRows && !byColumns) || down > most || along > most) return false;
    numbers[place] = addressOf(view);
    numbers[place + 1] = byRows ? columns : rows;
    numbers[place + 2] = byRows ? rows : columns;
    numbers[place + 3] = byRows ? (rows === 1 ? columns : down) : columns === 1 ? rows : along;
    numbers[place + 4] = step;
    numbers[place + 5] = byRows ? 0 : 1;
    return true;
  }
}

/**
 * cuBLASLt for a card of a compute capability; or why there is none.
 *
 * @throws UnavailableError when there is none under the given path
 */
export function openBlas(
  path: string | false | undefined,
  allowTf32: boolean,
  native: NativeDevice,
  capability: number,
): Blas | string {
  if (path === false) return "by request";
  let problem = "";
  for (const library of path === undefined ? places : [path]) {
    try {
      return new Blas(native, native.useCublas(library), allowTf32 && capability >= tf32Capability);
    } catch (error) {
      if (errors.isCublasFailure(error))
        problem = error.message; // it is there, and not for this driver or card
      else if (path !== undefined)
        throw errors.unavailable(
          error instanceof Error ? error.message : String(error),
          "leave out cublas, or give false",
        );
      else problem ||= "cuBLASLt is not there";
    }
  }
  return problem;
}
