import type { Generator } from "./generator.ts";

/** The arrays a real-valued distribution can fill. */
export type FloatArray = Float32Array | Float64Array;

/**
 * Fill `out` with uniforms in [from, to), in the precision of `out`: `u * (to - from) + from`.
 *
 * float32 takes one word a value (24 bits), float64 two (53 bits). A value that rounds up to `to` becomes `from`.
 * PyTorch draws float16 and bfloat16 as float32 and rounds afterwards, with the same rule for `to`.
 * @throws RangeError when `from > to` or the width is not finite.
 *
 * @example
 * fillUniform(new Float32Array(2), new Generator(0)); // [0.4963, 0.7682]
 */
export function fillUniform<T extends FloatArray>(out: T, generator: Generator, from = 0, to = 1): T {
  const width = to - from;
  if (!(width >= 0 && width < Infinity)) {
    throw new RangeError(`uniform: expected from <= to with a finite width, got from=${from}, to=${to}`);
  }
  if (out instanceof Float32Array) fillUniform24(out, generator, Math.fround(from), Math.fround(to));
  else fillUniform53(out, generator, from, to);
  return out;
}

// The words are drawn into the very memory that receives the values: value i never lies past word i.
function fillUniform24(out: Float32Array, generator: Generator, from: number, to: number): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
  generator.fill32(words);
  if (from === 0 && to === 1) {
    for (let i = 0; i < out.length; i++) out[i] = (words[i] & 0xffffff) * 2 ** -24;
    return;
  }
  // product and sum are rounded once, as by the fused multiply-add that PyTorch's build contracts them to: a product of two
  // float32 values is exact in float64
  const [low, high] = [Math.fround(from), Math.fround(to)];
  const width = Math.fround(high - low);
  for (let i = 0; i < out.length; i++) {
    const value = Math.fround((words[i] & 0xffffff) * 2 ** -24 * width + low);
    out[i] = value === high ? low : value;
  }
}

function fillUniform53(out: Float64Array, generator: Generator, from: number, to: number): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, 2 * out.length);
  generator.fill32(words);
  const width = to - from;
  for (let i = 0; i < out.length; i++) {
    const unit = ((words[2 * i] & 0x1fffff) * 2 ** 32 + words[2 * i + 1]) * 2 ** -53;
    const value = from === 0 ? unit * width : multiplyAdd(unit, width, from);
    out[i] = value === to ? from : value;
  }
}

// unit * width + from, rounded once: the product's error by Dekker's splitting, the sum's by Knuth's two-sum.
function multiplyAdd(unit: number, width: number, from: number): number {
  const product = unit * width;
  const splitUnit = unit * 134217729;
  const splitWidth = width * 134217729;
  // beyond 2^996 the split overflows, and nobody tells the last bit of such a uniform
  if (splitWidth === Infinity) return product + from;
  const unitHigh = splitUnit - (splitUnit - unit);
  const unitLow = unit - unitHigh;
  const widthHigh = splitWidth - (splitWidth - width);
  const widthLow = width - widthHigh;
  const productError =
    unitLow * widthLow - (product - unitHigh * widthHigh - unitLow * widthHigh - unitHigh * widthLow);
  const sum = product + from;
  const shadow = sum - product;
  const sumError = product - (sum - shadow) + (from - shadow);
  return sum + (sumError + productError);
}
