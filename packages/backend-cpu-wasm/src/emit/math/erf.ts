import type { Node } from "../graph.ts";
import { exp, expInside } from "./exp.ts";
import type { Lanes } from "./lanes.ts";

/** Near 0 an odd polynomial, beyond 1 - e^p(|x|) (approximations published by N. Juffa; below one unit in the last place). */
export function erf(l: Lanes, x: Node): Node {
  const t = l.abs(x);
  const s = l.mul(x, x);
  const near = l.poly(s, -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1);
  const capped = l.min(t, l.c(4));
  const p = l.poly(
    capped,
    -1.7285347e-5,
    3.83197126e-4,
    -3.88396438e-3,
    2.42546219e-2,
    -1.06777877e-1,
    -6.34846687e-1,
    -1.28717512e-1,
  );
  const far = l.sub(l.c(1), expInside(l, l.fma(p, capped, l.sub(l.c(0), capped))));
  return l.select(l.gt(t, l.c(0.927734375)), l.signed(far, x), l.fma(near, x, x));
}

/**
 * (1 + 2a) e^(a^2) erfc(a) is a smooth function of (a - 2) / (a + 2) (N. Juffa's polynomial, after Shepherd and Laframboise,
 * Math. Comp. 36, 1981). The square's rounding error is put back into the exponential to first order.
 */
export function erfc(l: Lanes, x: Node): Node {
  const a = l.min(l.abs(x), l.c(12));
  const q = l.div(l.sub(a, l.c(2)), l.add(a, l.c(2)));
  const p = l.poly(
    q,
    -4.01139259e-4,
    -1.2307521e-3,
    1.31355342e-3,
    8.63227434e-3,
    -8.05991981e-3,
    -5.42046614e-2,
    1.64055392e-1,
    -1.66031361e-1,
    -9.27639827e-2,
    2.76978403e-1,
  );
  const r = l.div(l.add(p, l.c(1)), l.fma(a, l.c(2), l.c(1)));
  const s = l.mul(a, a);
  const high = l.and(a, l.bits(0xfffff000));
  const lost = l.add(l.sub(l.mul(high, high), s), l.mul(l.sub(a, high), l.add(a, high)));
  const e = exp(l, l.neg(s));
  const scaled = l.mul(r, e);
  const y = l.fnma(scaled, lost, scaled);
  return l.select(l.nan(x), x, l.select(l.lt(x, l.c(0)), l.sub(l.c(2), y), y));
}
