import type { Node } from "../graph.ts";
import { exp } from "./exp.ts";
import type { Lanes } from "./lanes.ts";

/**
 * x times a minimax quotient of polynomials in x^2 (relative error 2e-8 before rounding); from 3.965 on erf is 1. The lower one is scaled
 * so that it begins with an addition, which does not take a multiplier's place.
 */
export function erf(l: Lanes, x: Node): Node {
  const a = l.min(l.abs(x), l.c(3.965));
  const z = l.mul(a, a);
  const p = l.poly(
    z,
    0.05373014273417376,
    7.494185056981157,
    99.45372483964644,
    1389.0801522123027,
    5020.137424989364,
    29691.230165351975,
  );
  const q = l.monic(
    z,
    30.660427928585296,
    394.6305440192081,
    3006.4808944946394,
    13220.020847895832,
    26313.16812938504,
  );
  return l.signed(l.min(l.div(l.mul(a, p), q), l.c(1)), x);
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
