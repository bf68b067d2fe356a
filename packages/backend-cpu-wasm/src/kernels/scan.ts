import type { ScanKind, View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { elementsOf, forEachLine, type Scalar } from "./elements.ts";

const isNaN = (x: Scalar): boolean => x !== x; // biome-ignore lint/suspicious/noSelfCompare: the test for NaN that bigints stand too

/** log(exp(a) + exp(b)) without overflow. */
export function logAddExp(a: number, b: number): number {
  if (a === b) return a + Math.LN2;
  const high = Math.max(a, b);
  return Number.isFinite(high) ? high + Math.log1p(Math.exp(Math.min(a, b) - high)) : high;
}

/** The `scan` primitive: the running value along `dim` in the output's dtype, and for extremes its position. */
export function scan(engine: Engine, kind: ScanKind, input: View, output: View, dim: number, indices?: View): void {
  const from = elementsOf(engine, input);
  const to = elementsOf(engine, output);
  const at = indices && elementsOf(engine, indices);
  const size = input.shape[dim] ?? 1;
  const stride = input.strides[dim] ?? 0;
  const outStride = output.strides[dim] ?? 0;
  const indexStride = indices?.strides[dim] ?? 0;
  const wide = output.dtype === "int64";
  const int32 = output.dtype === "int32" || output.dtype === "int16" || output.dtype === "int8" || output.dtype === "uint8";
  const convert = (x: Scalar): Scalar => (wide ? (typeof x === "bigint" ? x : BigInt(Math.trunc(x))) : Number(x));
  const next = (a: Scalar, x: Scalar): Scalar => {
    if (typeof a === "bigint" && typeof x === "bigint") {
      if (kind === "sum") return BigInt.asIntN(64, a + x);
      return BigInt.asIntN(64, a * x);
    }
    const m = a as number; // both are numbers where they are not both bigints
    const n = x as number;
    if (kind === "logsumexp") return logAddExp(m, n);
    if (int32) return kind === "sum" ? (m + n) | 0 : Math.imul(m, n);
    return kind === "sum" ? m + n : m * n;
  };
  forEachLine(input.shape, dim, [input.strides, output.strides, indices?.strides ?? input.strides], ([i, o, p]) => {
    let value = convert(from.get(i));
    let position = 0;
    for (let k = 0; k < size; k++) {
      if (k > 0) {
        const x = convert(from.get(i + k * stride));
        if (kind === "max" || kind === "min") {
          // the last of equal extremes counts, and a NaN stays
          if (isNaN(x) || (!isNaN(value) && (kind === "max" ? x >= value : x <= value))) {
            value = x;
            position = k;
          }
        } else value = next(value, x);
      }
      to.set(o + k * outStride, value);
      at?.set(p + k * indexStride, indices?.dtype === "int64" ? BigInt(position) : position);
    }
  });
}
