// lgamma for |x| < 8 and beyond: after FreeBSD's msun/src/e_lgamma_r.c, Copyright (C) 1993 by Sun Microsystems, Inc.
// All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

/** sin(πx), exact at the integers. */
function sinPi(x: f64): f64 {
  x = 2.0 * (x * 0.5 - floor<f64>(x * 0.5)); // in [0, 2)
  const n = <i32>(x * 4.0);
  const quarter = (n + 1) / 2;
  x = (x - <f64>quarter * 0.5) * 3.14159265358979311600;
  switch (quarter) {
    case 1: return NativeMath.cos(x);
    case 2: return NativeMath.sin(0.0 - x);
    case 3: return -NativeMath.cos(x);
    default: return NativeMath.sin(x);
  }
}

/** log |Γ(x)|. */
export function lgamma(x: f64): f64 {
  if (x != x) return x;
  let a = abs(x);
  if (a == Infinity) return Infinity;
  if (a < 2.938735877055719e-39) return a == 0.0 ? Infinity : -NativeMath.log(a);
  let reflected: f64 = 0.0;
  const negative = x < 0.0;
  if (negative) {
    const t = sinPi(a);
    if (t == 0.0) return Infinity;
    reflected = NativeMath.log(3.14159265358979311600 / abs(t * a));
  }
  let r: f64;
  if (a == 1.0 || a == 2.0) r = 0.0;
  else if (a < 2.0) {
    let y: f64, i: i32;
    if (a <= 0.9) {
      r = -NativeMath.log(a);
      if (a >= 0.7315998077392578) { y = 1.0 - a; i = 0; }
      else if (a >= 0.2316399812698364) { y = a - (1.46163214496836224576 - 1.0); i = 1; }
      else { y = a; i = 2; }
    } else {
      r = 0.0;
      if (a >= 1.7316312789916992) { y = 2.0 - a; i = 0; }
      else if (a >= 1.2316322326660156) { y = a - 1.46163214496836224576; i = 1; }
      else { y = a - 1.0; i = 2; }
    }
    if (i == 0) {
      const z = y * y;
      const p1 = 7.72156649015328655494e-2 + z * (6.73523010531292681824e-2 + z * (7.38555086081402883957e-3
        + z * (1.19270763183362067845e-3 + z * (2.20862790713908385557e-4 + z * 2.52144565451257326939e-5))));
      const p2 = z * (3.22467033424113591611e-1 + z * (2.05808084325167332806e-2 + z * (2.89051383673415629091e-3
        + z * (5.10069792153511336608e-4 + z * (1.08011567247583939954e-4 + z * 4.48640949618915160150e-5)))));
      r += y * p1 + p2 - 0.5 * y;
    } else if (i == 1) {
      const z = y * y, w = z * y;
      const p1 = 4.83836122723810047042e-1 + w * (-3.27885410759859649565e-2 + w * (6.10053870246291332635e-3
        + w * (-1.40346469989232843813e-3 + w * 3.15632070903625950361e-4)));
      const p2 = -1.47587722994593911752e-1 + w * (1.79706750811820387126e-2 + w * (-3.68452016781138256760e-3
        + w * (8.81081882437654011382e-4 + w * -3.12754168375120860518e-4)));
      const p3 = 6.46249402391333854778e-2 + w * (-1.03142241298341437450e-2 + w * (2.25964780900612472250e-3
        + w * (-5.38595305356740546715e-4 + w * 3.35529192635519073543e-4)));
      const p = z * p1 - (-3.63867699703950536541e-18 - w * (p2 + y * p3));
      r += -1.21486290535849611461e-1 + p;
    } else {
      const p1 = y * (-7.72156649015328655494e-2 + y * (6.32827064025093366517e-1 + y * (1.45492250137234768737
        + y * (9.77717527963372745603e-1 + y * (2.28963728064692451092e-1 + y * 1.33810918536787660377e-2)))));
      const p2 = 1.0 + y * (2.45597793713041134822 + y * (2.12848976379893395361 + y * (7.69285150456672783825e-1
        + y * (1.04222645593369134254e-1 + y * 3.21709242282423911810e-3))));
      r += -0.5 * y + p1 / p2;
    }
  } else if (a < 8.0) {
    const i = <i32>a;
    const y = a - <f64>i;
    const p = y * (-7.72156649015328655494e-2 + y * (2.14982415960608852501e-1 + y * (3.25778796408930981787e-1
      + y * (1.46350472652464452805e-1 + y * (2.66422703033638609560e-2 + y * (1.84028451407337715652e-3
      + y * 3.19475326584100867617e-5))))));
    const q = 1.0 + y * (1.39200533467621045958 + y * (7.21935547567138069525e-1 + y * (1.71933865632803078993e-1
      + y * (1.86459191715652901344e-2 + y * (7.77942496381893596434e-4 + y * 7.32668430744625636189e-6)))));
    r = 0.5 * y + p / q;
    let z: f64 = 1.0;
    for (let j = i - 1; j >= 2; j--) z *= y + <f64>j;
    r += NativeMath.log(z);
  } else if (a < 2.8823037615171174e17) {
    const t = NativeMath.log(a), z = 1.0 / a, y = z * z;
    const w = 4.18938533204672725052e-1 + z * (8.33333333333329678849e-2 + y * (-2.77777777728775536470e-3
      + y * (7.93650558643019558500e-4 + y * (-5.95187557450339963135e-4 + y * (8.36339918996282139126e-4
      + y * -1.63092934096575273989e-3)))));
    r = (a - 0.5) * (t - 1.0) + w;
  } else {
    r = a * (NativeMath.log(a) - 1.0);
  }
  return negative ? reflected - r : r;
}

/** Γ'(x)/Γ(x), by reflection, recurrence up to 10 and the asymptotic series; ∓∞ at ±0, NaN at negative integers. */
export function digamma(x: f64): f64 {
  if (x == 0.0) return copysign<f64>(Infinity, -x);
  if (x == Infinity) return x;
  let r: f64 = 0.0;
  if (x < 0.0) {
    // the distance to the nearest pole is exact
    const f = x - nearest<f64>(x);
    if (f == 0.0) return NaN;
    r = -3.14159265358979323846 / NativeMath.tan(3.14159265358979323846 * f);
    x = 1.0 - x;
  }
  while (x < 10.0) {
    r -= 1.0 / x;
    x += 1.0;
  }
  if (x == 10.0) return r + 2.25175258906672110764;
  const z = 1.0 / (x * x);
  const series = z * (8.33333333333333333333e-2 + z * (-8.33333333333333333333e-3 + z * (3.96825396825396825397e-3
    + z * (-4.16666666666666666667e-3 + z * (7.57575757575757575758e-3 + z * (-2.10927960927960927961e-2
    + z * 8.33333333333333333333e-2))))));
  return r + NativeMath.log(x) - 0.5 / x - (x < 1e17 ? series : 0.0);
}
