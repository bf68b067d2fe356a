import type { Node } from "../graph.ts";
import { i32x4 } from "../opcodes.ts";
import { logInside } from "../pairs/log.ts";
import { Pairs } from "../pairs/pairs.ts";
import { inFloat64 } from "../wide.ts";
import type { Lanes } from "./lanes.ts";

/**
 * log Γ(x) for x > 0; relative error 3e-10. Below 4 it is s p(s) with s = x - 2, or for the least x + 1 - 2 or x + 2 - 2, less the logarithm of
 * what lies between (Γ(x + 1) = x Γ(x)), so that near both zeros s is small and exact; from 4 on it is Stirling's series. p is log Γ(2 + s) / s
 * at Chebyshev's points of [-0.5, 2]. All of them take one logarithm.
 */
function logGamma(l: Pairs, x: Node): Node {
  const one = l.c(1);
  const [low, middle, small] = [0.5, 1.5, 4].map((limit) => l.lt(x, l.c(limit)));
  const between = l.select(middle, l.mul(x, l.add(one, l.and(low, x))), one);
  const log = logInside(l, l.select(small, between, x));
  const s = l.add(l.add(l.sub(x, l.c(2)), l.and(middle, one)), l.and(low, one));
  const p = l.poly(
    s,
    -4.870522219674938e-8,
    6.541965589655939e-7,
    -4.02069533190089e-6,
    1.5373385664899068e-5,
    -4.299773624810669e-5,
    0.0001010592177597177,
    -0.00022532720408322495,
    0.0005102196344964688,
    -0.0011923492993716216,
    0.0028902883307487946,
    -0.007385567487239978,
    0.020580830531833454,
    -0.06735230156356802,
    0.3224670328498952,
    0.4227843351072759,
  );
  const z = l.div(one, x);
  const series = l.poly(l.mul(z, z), 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12);
  const far = l.fma(l.sub(x, l.c(0.5)), l.sub(log, one), l.fma(z, series, l.c((Math.log(2 * Math.PI) - 1) / 2)));
  return l.select(small, l.fma(s, p, l.neg(log)), far);
}

/** log |Γ(x)|; lanes where x is not a positive number are left to `slow`. */
export function lgamma(l: Lanes, x: Node, slow: Node): Node {
  const { g } = l;
  const pairs = new Pairs(g);
  const unusual = g.v(i32x4.geU, l.isub(x, l.bits(1)), l.bits(0x7f7fffff));
  return g.patch(
    inFloat64(g, [x], (half) => logGamma(pairs, half)),
    unusual,
    slow,
  );
}
