import type { TensorData } from "../tensor-data.ts";

/** How a float of 8 bits is made: its exponent's bits, what the exponent is counted from, and which codes are no numbers. */
interface Form {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** `ieee`: the highest exponent is infinity and NaN; `fn`: all bits set are NaN; `fnuz`: -0 is the one NaN. */
  readonly special: "ieee" | "fn" | "fnuz";
  readonly unsigned?: boolean;
}

/**
 * Source: P. Micikevicius et al. 2022, "FP8 formats for deep learning" (arXiv:2209.05433); B. Noune et al. 2022, "8-bit numerical formats for
 * deep neural networks" (arXiv:2206.02915), for FNUZ; OCP Microscaling Formats 1.0, for E8M0.
 */
const forms: { readonly [name: string]: Form } = {
  F8_E4M3: { exponentBits: 4, mantissaBits: 3, bias: 7, special: "fn" },
  F8_E5M2: { exponentBits: 5, mantissaBits: 2, bias: 15, special: "ieee" },
  F8_E4M3FNUZ: { exponentBits: 4, mantissaBits: 3, bias: 8, special: "fnuz" },
  F8_E5M2FNUZ: { exponentBits: 5, mantissaBits: 2, bias: 16, special: "fnuz" },
  F8_E8M0: { exponentBits: 8, mantissaBits: 0, bias: 127, special: "fn", unsigned: true },
};

export const isFloat8 = (name: string): boolean => Object.hasOwn(forms, name);

/** Floats of 8 bits as float32, which holds each of them exactly. */
export function widenFloat8(name: string, bytes: Uint8Array, shape: readonly number[]): TensorData {
  const bits = bitsOf(forms[name]);
  const wide = Uint32Array.from(bytes, (code) => bits[code]);
  return { dtype: "float32", shape, bytes: new Uint8Array(wide.buffer) };
}

/** The float32 of each code, by its bits: an engine may change those of a NaN that it takes for a number. */
function bitsOf(form: Form): Uint32Array {
  const values = Float32Array.from({ length: 256 }, (_, code) => valueOf(form, code));
  const bits = new Uint32Array(values.buffer);
  for (const code of bits.keys()) if (Number.isNaN(values[code])) bits[code] = nanOf(form, code);
  return bits;
}

/** The bits that PyTorch gives a NaN: its sign and mantissa, made quiet, where it has one. */
const nanOf = ({ mantissaBits, special, unsigned }: Form, code: number): number =>
  unsigned || special === "fnuz"
    ? 0x7f800001
    : (((code & 128) << 24) | 0x7fc00000 | ((code & ((1 << mantissaBits) - 1)) << (23 - mantissaBits))) >>> 0;

function valueOf({ exponentBits, mantissaBits, bias, special, unsigned }: Form, code: number): number {
  if (unsigned) return code === 255 ? Number.NaN : 2 ** (code - bias);
  const sign = code & 128 ? -1 : 1;
  const exponent = (code & 127) >> mantissaBits;
  const mantissa = code & ((1 << mantissaBits) - 1);
  if (special === "fnuz" && code === 128) return Number.NaN;
  if (special === "fn" && (code & 127) === 127) return Number.NaN;
  if (special === "ieee" && exponent === (1 << exponentBits) - 1)
    return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const fraction = mantissa / (1 << mantissaBits);
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}
