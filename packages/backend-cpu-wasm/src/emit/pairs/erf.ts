import type { Node } from "../graph.ts";
import { exp } from "./exp.ts";
import type { Pairs } from "./pairs.ts";

/** erf(a) / a in a^2 for 0 <= a <= 1/2, near the minimax polynomial; relative error 2e-17. */
const nearCurve = (l: Pairs, z: Node): Node =>
  l.poly(
    z,
    -1.462091340945175e-7,
    1.637123442577e-6,
    -1.4923003368152099e-5,
    0.00012055286202005714,
    -0.0008548326510724796,
    0.0052239776220169365,
    -0.02686617064499972,
    0.1128379167095487,
    -0.3761263890318375,
    1.1283791670955126,
  );

/**
 * erfc(a) for 0.47 <= a <= 28: (1 + 2a) e^(a^2) erfc(a) is a smooth function of (a - 4) / (a + 4) (the form is that of Shepherd and Laframboise,
 * Math. Comp. 36, 1981), here near its minimax polynomial; relative error 6e-17. The square's rounding error is put back into the exponential to
 * first order.
 */
function farCurve(l: Pairs, a: Node): Node {
  const q = l.div(l.sub(a, l.c(4)), l.add(a, l.c(4)));
  const p = l.poly(
    q,
    -8.073407353785177e-9,
    7.38104690728236e-8,
    5.5453841721676743e-8,
    -7.809052066242849e-7,
    3.1323699821528193e-7,
    5.678091182452181e-6,
    -1.1233662974433672e-5,
    -2.4385206730248593e-5,
    0.0001506260082110279,
    -0.00019926064777598215,
    -0.0007577743010075491,
    0.0050319706819574326,
    -0.016197733912895102,
    0.037167515461719876,
    -0.06633036582414714,
    0.09373283500285297,
    -0.10103906603580642,
    0.06809705425456938,
    0.015379652102611715,
    -0.13962111684056153,
    1.2329951186255526,
  );
  const s = l.mul(a, a);
  const high = l.and(a, l.bits(0xffffffff00000000n));
  const lost = l.add(l.sub(l.mul(high, high), s), l.mul(l.sub(a, high), l.add(a, high)));
  const scaled = l.mul(l.div(p, l.fma(a, l.c(2), l.c(1))), exp(l, l.neg(s)));
  return l.fnma(scaled, lost, scaled);
}

const split = 0.5;

/** Both take the same parts of their argument: a formula with erf and erfc computes them once. */
const clamped = (l: Pairs, x: Node): Node => l.min(l.abs(x), l.c(28));

export function erf(l: Pairs, x: Node): Node {
  const a = clamped(l, x);
  const near = l.mul(a, nearCurve(l, l.mul(a, a)));
  const far = l.sub(l.c(1), farCurve(l, l.max(a, l.c(split))));
  return l.signed(l.select(l.gt(a, l.c(split)), far, near), x);
}

/** 1 - erf(x), without cancellation. */
export function erfc(l: Pairs, x: Node): Node {
  const a = clamped(l, x);
  const far = farCurve(l, l.max(a, l.c(split)));
  const outer = l.select(l.lt(x, l.c(0)), l.sub(l.c(2), far), far);
  const inner = l.fnma(x, nearCurve(l, l.mul(a, a)), l.c(1));
  return l.select(l.nan(x), x, l.select(l.gt(a, l.c(split)), outer, inner));
}
