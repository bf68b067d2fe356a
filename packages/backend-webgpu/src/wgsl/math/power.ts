// pow: after FreeBSD's msun/src/e_powf.c, conversion to float by Ian Lance Taylor, Cygnus Support. Copyright (C) 1993 by
// Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc. business. Permission to use,
// copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { polynomial, type WgslFunctions } from "./function.ts";

export const power: WgslFunctions = {
  // the upper 12 bits of a significand: products of two such are exact
  upper: { source: "fn upper(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }" },
  // log2(x) in two parts, the first of 12 bits, for positive finite x. With c = 1 or 3/2 nearest to the significand m and
  // s = (m - c) / (m + c) it is n + log2(c) + 2 / (3 ln 2) s (3 + s^2 + ...). Each clamp bounds a difference that is already
  // within: it keeps a compiler in fast-math mode from rearranging what it stands between
  log2_parts: {
    source: `fn log2_parts(x: f32) -> vec2<f32> {
  let b = bitcast<u32>(x);
  let tiny = b < 0x800000u;
  let bits = select(b, bitcast<u32>(f32(b)), tiny);
  let j = bits & 0x7fffffu;
  let next = j >= 0x5db3d7u;
  let k = (j > 0x1cc471u) & !next;
  let n = f32(i32(bits >> 23u) - select(127, 276, tiny) + i32(next));
  let word = (j | 0x3f800000u) - select(0u, 0x800000u, next);
  let m = bitcast<f32>(word);
  let c = select(1f, 1.5f, k);
  let u = m - c;
  let v = 1f / (m + c);
  let s = u * v;
  let s_h = upper(s);
  // m + c, in two parts
  let sum_h = bitcast<f32>((((word >> 1u) & 0xfffff000u) | 0x20000000u) + 0x400000u + select(0u, 0x200000u, k));
  let sum_l = m - clamp(sum_h - c, 0f, 4f);
  let s_l = v * fma(-s_h, sum_l, fma(-s_h, sum_h, u));
  let z = s * s;
  let p = ${polynomial("z", [0.20697501302, 0.23066075146, 0.27272811532, 0.33333334327, 0.42857143283, 0.60000002384])};
  let r = fma(z * z, p, s_l * (s_h + s));
  let square = s_h * s_h;
  let t_h = upper(3f + square + r);
  let t_l = r - (clamp(t_h - 3f, -1f, 1f) - square);
  // s (3 + s^2 + ...)
  let q = s_h * t_h;
  let w = fma(s_l, t_h, t_l * s);
  let p_h = upper(q + w);
  let p_l = w - clamp(p_h - q, -1f, 1f);
  let c_h = select(0f, 0.584960938f, k);
  let z_h = 0.96191406250f * p_h;
  let z_l = fma(-1.1736857402e-4f, p_h, p_l * 0.96179670095f) + select(0f, 1.56322085e-6f, k);
  let high = upper(((z_h + z_l) + c_h) + n);
  let inner = clamp(clamp(high - n, -2f, 2f) - c_h, -2f, 2f);
  return vec2<f32>(high, z_l - clamp(inner - z_h, -1f, 1f));
}`,
    uses: ["upper"],
  },
  // 2^(y log2 |x|), then C's special cases
  f_pow: {
    source: `fn f_pow(x: f32, y: f32) -> f32 {
  let bx = bitcast<u32>(x);
  let ax = bx & 0x7fffffffu;
  let ay = bitcast<u32>(y) & 0x7fffffffu;
  let edge = (ax == 0u) | (ax >= 0x7f800000u) | (ay >= 0x7f800000u);
  let l = log2_parts(bitcast<f32>(select(ax, 0x3f800000u, edge)));
  // beyond 2^40 every power but of 1 is 0 or infinite
  let c = select(clamp(y, -1099511627776f, 1099511627776f), 1f, edge);
  let c_h = upper(c);
  let p_l = fma(c - c_h, l.x, c * l.y);
  let p_h = c_h * l.x;
  let k = clamp(round(p_h + p_l), -151f, 129f);
  let r = clamp(p_h - k, -1f, 1f) + p_l;
  let inside = bitcast<u32>(scale(1f + expm1_curve(${Math.LN2}f * clamp(r, -0.6f, 0.6f)), i32(k)));
  let over = (k == 129f) | ((k == 128f) & (r >= 0f));
  let finite = select(select(inside, 0x7f800000u, over), 0u, k == -151f);
  // 0, infinity: which one depends on the base's side of 1 and the exponent's sign
  let grows = (ax > 0x3f800000u) == (bitcast<u32>(y) < 0x80000000u);
  let magnitude = select(finite, select(0u, 0x7f800000u, grows), edge);
  // floats from 2^24 on are even
  let whole = (ay >= 0x4b800000u) | (ay == 0u) | ((ay >= 0x3f800000u) & (trunc(y) == y));
  let odd = (ay < 0x4b800000u) & whole & ((i32(clamp(y, -16777216f, 16777216f)) & 1) == 1);
  let negative = bx >= 0x80000000u;
  let signed = magnitude | select(0u, 0x80000000u, negative & odd);
  let complex = negative & !whole & (ax != 0u) & (ax < 0x7f800000u);
  let nan = complex | (ax > 0x7f800000u) | (ay > 0x7f800000u);
  let one = (ay == 0u) | (bx == 0x3f800000u) | ((ax == 0x3f800000u) & (ay == 0x7f800000u));
  return bitcast<f32>(select(select(signed, 0x7fc00000u, nan), 0x3f800000u, one));
}`,
    uses: ["log2_parts", "upper", "expm1_curve", "scale"],
  },
};
