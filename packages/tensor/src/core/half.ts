const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/** The number that 16 bits of IEEE binary16 stand for. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest binary16, ties to even. */
export function floatToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const x = Math.abs(value);
  if (x >= 65520) return sign | 0x7c00;
  if (x < 2 ** -14) return sign | roundEven(x * 2 ** 24); // may carry into the first normal number, which is right
  const exponent = Math.floor(Math.log2(x));
  const e = 2 ** exponent > x ? exponent - 1 : 2 ** (exponent + 1) <= x ? exponent + 1 : exponent;
  return sign | (((e + 15) << 10) + roundEven((x / 2 ** e - 1) * 1024));
}
function roundEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** The number that 16 bits of bfloat16 stand for. */
export function bfloatToFloat(bits: number): number {
  u32[0] = bits << 16;
  return f32[0];
}
/** The nearest bfloat16, ties to even. */
export function floatToBfloat(value: number): number {
  f32[0] = value;
  const bits = u32[0];
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
