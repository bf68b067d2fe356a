// lgamma: after FreeBSD's msun/src/e_lgammaf_r.c, conversion to float by Ian Lance Taylor, Cygnus Support. Copyright (C) 1993
// by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc. business. Permission to use,
// copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { polynomial, type WgslFunctions } from "./function.ts";

const nearOne = {
  p: [
    0.013381091853678766, 0.22896372806469245, 0.9777175279633727, 1.4549225013723477, 0.6328270640250934,
    -0.07721566490153287,
  ],
  q: [0.003217092422824239, 0.10422264559336913, 0.7692851504566728, 2.128489763798934, 2.4559779371304113, 1],
};
const overTwo = {
  p: [
    3.194753265841009e-5, 0.0018402845140733772, 0.02664227030336386, 0.14635047265246445, 0.325778796408931,
    0.21498241596060885, -0.07721566490153287,
  ],
  q: [
    7.326684307446256e-6, 0.0007779424963818936, 0.01864591917156529, 0.17193386563280308, 0.7219355475671381,
    1.3920053346762105, 1,
  ],
};

/** zeta(14) - 1, zeta(12) - 1, ... zeta(2) - 1. */
const zetasLessOne = [
  6.124813505870483e-5, 0.00024608655330804827, 9.945751278180853e-4, 4.07735619794434e-3, 1.734306198444914e-2,
  8.232323371113819e-2, 6.449340668482264e-1,
];

export const gamma: WgslFunctions = {
  // |sin(pi d)| for |d| <= 1/2, the distance to the nearest integer
  sin_pi: {
    source: `fn sin_pi(d: f32) -> f32 {
  let a = abs(d);
  return select(sin_curve(3.1415927f * a), cos_curve(3.1415927f * (0.5f - a)), a > 0.25f);
}`,
    uses: ["sin_curve", "cos_curve"],
  },
  // pi / tan(pi d) for |d| <= 1/2, not 0: its poles at 0 and +-1, and the series of the rest: 2 d times (zeta(2n) - 1) d^(2n - 2)
  cot_pi: {
    source: `fn cot_pi(d: f32) -> f32 {
  let z = d * d;
  let rest = ${polynomial("z", zetasLessOne)};
  return fma(-2f * d, 1f / (1f - z) + rest, 1f / d);
}`,
  },
  // lgamma(a) for 0 < a < 2, in three intervals around 2, its minimum and 1; below 0.9 from lgamma(a + 1)
  lgamma_below_two: {
    source: `fn lgamma_below_two(a: f32) -> f32 {
  let lift = a <= 0.9f;
  let base = select(0f, -f_log(a), lift);
  // distances from 2, from the minimum and from 1, of a or a + 1
  let from_two = select(2f - a, 1f - a, lift);
  let from_least = a - select(1.4616321325f, 0.4616321325f, lift);
  let from_one = select(a - 1f, a, lift);
  if (from_two <= 0.26840013f) {
    let y = from_two;
    let z = y * y;
    let p = ${polynomial(
      "z",
      [
        2.5214456545125733e-5, 0.00022086279071390839, 0.0011927076318336207, 0.007385550860814029, 0.06735230105312927,
        0.07721566490153287,
      ],
    )};
    let q = ${polynomial(
      "z",
      [
        4.4864094961891516e-5, 0.00010801156724758394, 0.0005100697921535113, 0.0028905138367341563,
        0.020580808432516733, 0.3224670334241136,
      ],
    )};
    return base + (fma(z, q, y * p) - 0.5f * y);
  }
  if (from_one >= 0.23163998f) {
    let y = from_least;
    let z = y * y;
    let w = z * y;
    let p1 = ${polynomial(
      "w",
      [
        0.00031563207090362595, -0.0014034646998923284, 0.006100538702462913, -0.032788541075985965,
        0.48383612272381005,
      ],
    )};
    let p2 = ${polynomial(
      "w",
      [-0.00031275416837512086, 0.000881081882437654, -0.0036845201678113826, 0.01797067508118204, -0.1475877229945939],
    )};
    let p3 = ${polynomial(
      "w",
      [
        0.0003355291926355191, -0.0005385953053567405, 0.0022596478090061247, -0.010314224129834144,
        0.06462494023913339,
      ],
    )};
    // the minimum's value in two parts
    return base + (fma(z, p1, fma(w, fma(y, p3, p2), -6.6971006518e-9f)) - 0.12148628384f);
  }
  let y = from_one;
  let p = ${polynomial("y", nearOne.p)};
  let q = ${polynomial("y", nearOne.q)};
  return base + fma(y, -0.5f, (y * p) / q);
}`,
    uses: ["f_log"],
  },
  // lgamma(a) for a >= 2: by the recurrence from lgamma in [2, 3), from 8 on Stirling's series
  lgamma_from_two: {
    source: `fn lgamma_from_two(a: f32) -> f32 {
  if (a < 8f) {
    let i = floor(a);
    let y = a - i;
    var product = 1f;
    for (var j = i - 1f; j >= 2f; j -= 1f) { product *= y + j; }
    let p = ${polynomial("y", overTwo.p)};
    let q = ${polynomial("y", overTwo.q)};
    return fma(y, 0.5f, (y * p) / q) + f_log(product);
  }
  let z = 1f / min(a, 1e9f);
  let y = z * z;
  let w = ${polynomial("y", [7.9365055865e-4, -2.777777845e-3, 8.3333335817e-2])};
  return fma(a - 0.5f, f_log(a) - 1f, fma(z, w, 0.41893854737f));
}`,
    uses: ["f_log"],
  },
  // below 0 by reflection: log |pi / (x sin(pi x))| - lgamma(-x)
  f_lgamma: {
    source: `fn f_lgamma(x: f32) -> f32 {
  let a = abs(x);
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let inside = clamp(a, 1e-9f, 4.085003e36f);
  var y: f32;
  if (inside < 2f) { y = lgamma_below_two(inside); } else { y = lgamma_from_two(inside); }
  let d = a - round(a);
  let s = sin_pi(d);
  if (x < 0f) { y = f_log(3.1415927f / (inside * max(s, 1e-30f))) - y; }
  // near 0 it is -log |x|
  y = select(y, -f_log(a), a < 1e-9f);
  let infinite = (bits == 0u) | (bits == 0x7f800000u) | (a > 4.085003e36f) | ((x < 0f) & (d == 0f));
  let special = select(bitcast<u32>(y), 0x7f800000u, infinite);
  return bitcast<f32>(select(special, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["lgamma_below_two", "lgamma_from_two", "sin_pi", "f_log", "f_isnan"],
  },
  // digamma(x) for x > 0: by recurrence into [1, 2], where it is the distance from its root times a quotient of polynomials
  // (J. Maddock's, Boost.Math), from 10 on the asymptotic series
  digamma_positive: {
    source: `fn digamma_positive(x: f32) -> f32 {
  if (x >= 10f) {
    let r = 1f / min(x, 1e9f);
    let z = r * r;
    let p = ${polynomial("z", [1 / 252, -1 / 120, 1 / 12])};
    return f_log(x) - fma(z, p, 0.5f * r);
  }
  var y = x;
  // what the root's two parts leave, times the slope there
  var sum = -1.3628993e-14f;
  while (y > 2f) {
    y -= 1f;
    sum += 1f / y;
  }
  if (y < 1f) {
    sum = -1f / y;
    y += 1f;
  }
  // the root in two parts; the clamp, within which y - root is, keeps a compiler from adding them up
  let g = clamp(y - 1.4616317749f, -1f, 1f) - 3.7006601859e-7f;
  let t = y - 1f;
  let p = ${polynomial("t", [-0.06104176535057907, -0.43916936919946836, -0.4498133191526837, 0.2547985102325026])};
  let q = ${polynomial("t", [0.06385169052335571, 0.6534124985614694, 1.5890202430554952, 1])};
  return fma(g, 0.99558162689208984f, g * (p / q)) + sum;
}`,
    uses: ["f_log"],
  },
  // below 0 by reflection: digamma(1 - x) - pi / tan(pi x)
  f_digamma: {
    source: `fn f_digamma(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let a = bits & 0x7fffffffu;
  let below = x < 0f;
  var y = digamma_positive(clamp(select(x, 1f - x, below), 1e-30f, 3.4028234e38f));
  let d = x - round(x);
  y -= select(0f, cot_pi(select(0.5f, d, below & (d != 0f))), below);
  // at the pole, also where -1 / x is out of the range of division's accuracy
  y = select(y, -1f / x, (a < 0x1e3ce508u) & (a != 0u));
  let pole = select(bitcast<u32>(y), 0x7f800000u | (~bits & 0x80000000u), a < 0x00200000u);
  let nan = (a > 0x7f800000u) | (bits == 0xff800000u) | (below & (d == 0f) & (a != 0u));
  return bitcast<f32>(select(select(pole, 0x7f800000u, bits == 0x7f800000u), 0x7fc00000u, nan));
}`,
    uses: ["digamma_positive", "cot_pi"],
  },
};
