import type { Node } from "../graph.ts";
import { exp } from "./exp.ts";
import type { Lanes } from "./lanes.ts";

/** x times a minimax quotient of polynomials in x^2 (relative error 2e-8 before rounding); from 3.93 on erf is 1. */
export function erf(l: Lanes, x: Node): Node {
  const a = l.min(l.abs(x), l.c(3.93));
  const z = l.mul(a, a);
  const p = l.poly(
    z,
    2.0419488246332075e-6,
    0.0002848074021391624,
    0.003779618035753825,
    0.05279030428346853,
    0.1907842263730745,
    1.128379145352494,
  );
  const q = l.poly(
    z,
    3.8003785598255545e-5,
    0.001165212329348722,
    0.014997454585428933,
    0.11425765531962583,
    0.5024108379079016,
    1,
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
