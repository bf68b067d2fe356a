// lgamma: after FreeBSD's msun/src/e_lgammaf_r.c, conversion to float by Ian Lance Taylor, Cygnus Support. Copyright (C) 1993
// by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc. business. Permission to use,
// copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { polynomial, type WgslFunctions } from "./function.ts";

const nearOne = {
  p: [
    1.33810918536787660377e-2, 2.28963728064692451092e-1, 9.77717527963372745603e-1, 1.4549225013723476873,
    6.32827064025093366517e-1, -7.72156649015328655494e-2,
  ],
  q: [
    3.2170924228242391181e-3, 1.04222645593369134254e-1, 7.69285150456672783825e-1, 2.12848976379893395361,
    2.45597793713041134822, 1,
  ],
};
const overTwo = {
  p: [
    3.19475326584100867617e-5, 1.84028451407337715652e-3, 2.6642270303363860956e-2, 1.46350472652464452805e-1,
    3.25778796408930981787e-1, 2.14982415960608852501e-1, -7.72156649015328655494e-2,
  ],
  q: [
    7.32668430744625636189e-6, 7.77942496381893596434e-4, 1.86459191715652901344e-2, 1.71933865632803078993e-1,
    7.21935547567138069525e-1, 1.39200533467621045958, 1,
  ],
};

export const gamma: WgslFunctions = {
  // sin(pi d) and cos(pi d) for |d| <= 1/2, the distance to the nearest integer
  circle: {
    source: `fn circle(d: f32) -> vec2<f32> {
  let a = abs(d);
  let steep = a > 0.25f;
  let r = 3.1415927f * select(a, 0.5f - a, steep);
  let s = sin_curve(r);
  let c = cos_curve(r);
  return vec2<f32>(f_copysign(select(s, c, steep), d), select(c, s, steep));
}`,
    uses: ["sin_curve", "cos_curve", "f_copysign"],
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
        2.52144565451257326939e-5, 2.20862790713908385557e-4, 1.19270763183362067845e-3, 7.38555086081402883957e-3,
        6.73523010531292681824e-2, 7.72156649015328655494e-2,
      ],
    )};
    let q = ${polynomial(
      "z",
      [
        4.4864094961891516015e-5, 1.08011567247583939954e-4, 5.10069792153511336608e-4, 2.89051383673415629091e-3,
        2.05808084325167332806e-2, 3.22467033424113591611e-1,
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
        3.15632070903625950361e-4, -1.40346469989232843813e-3, 6.10053870246291332635e-3, -3.27885410759859649565e-2,
        4.8383612272381004704e-1,
      ],
    )};
    let p2 = ${polynomial(
      "w",
      [
        -3.12754168375120860518e-4, 8.81081882437654011382e-4, -3.6845201678113825676e-3, 1.79706750811820387126e-2,
        -1.47587722994593911752e-1,
      ],
    )};
    let p3 = ${polynomial(
      "w",
      [
        3.35529192635519073543e-4, -5.38595305356740546715e-4, 2.2596478090061247225e-3, -1.0314224129834143745e-2,
        6.46249402391333854778e-2,
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
  let inside = clamp(a, 1e-9f, 4e36f);
  var y: f32;
  if (inside < 2f) { y = lgamma_below_two(inside); } else { y = lgamma_from_two(inside); }
  let d = a - round(a);
  let s = abs(circle(d).x);
  if (x < 0f) { y = f_log(3.1415927f / (inside * max(s, 1e-30f))) - y; }
  // near 0 it is -log |x|
  y = select(y, -f_log(a), a < 1e-9f);
  let infinite = bits == 0u || (bits == 0x7f800000u) || a > 4e36f || (x < 0f && d == 0f);
  let special = select(bitcast<u32>(y), 0x7f800000u, infinite);
  return bitcast<f32>(select(special, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["lgamma_below_two", "lgamma_from_two", "circle", "f_log", "f_isnan"],
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
  var sum = 0f;
  while (y > 2f) {
    y -= 1f;
    sum += 1f / y;
  }
  if (y < 1f) {
    sum = -1f / y;
    y += 1f;
  }
  // the root in two parts
  let g = (y - 1.4616317749f) - 3.7006601859e-7f;
  let t = y - 1f;
  let p = ${polynomial("t", [-0.061041765350579073, -0.43916936919946835, -0.44981331915268368, 0.25479851023250261])};
  let q = ${polynomial("t", [0.063851690523355715, 0.65341249856146947, 1.5890202430554952, 1])};
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
  var y = digamma_positive(clamp(select(x, 1f - x, below), 1e-30f, 1e38f));
  let d = x - round(x);
  if (below) {
    let c = circle(d);
    y -= 3.1415927f * (c.y / f_copysign(max(abs(c.x), 1e-30f), d));
  }
  // at the pole, also where -1 / x is out of the range of division's accuracy
  y = select(y, -1f / x, a < 0x1e3ce508u && a != 0u);
  let pole = select(bitcast<u32>(y), 0x7f800000u | (~bits & 0x80000000u), a < 0x00200000u);
  let nan = a > 0x7f800000u || bits == 0xff800000u || (below && d == 0f && a != 0u);
  return bitcast<f32>(select(select(pole, 0x7f800000u, bits == 0x7f800000u), 0x7fc00000u, nan));
}`,
    uses: ["digamma_positive", "circle", "f_copysign"],
  },
};
