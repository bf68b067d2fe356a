import type { Graph, Node } from "../graph.ts";
import { f64x2, i64x2, v128 } from "../opcodes.ts";

/** Two float64 lanes at a time, in a notation that formulas can be read in. Masks are lanes of all ones or zeros. */
export class Pairs {
  readonly g: Graph;
  constructor(g: Graph) {
    this.g = g;
  }
  c(value: number): Node {
    return this.g.vd(value);
  }
  /** Lanes of one bit pattern. */
  bits(value: bigint): Node {
    const [low, high] = [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
    return this.g.lanes(low, high, low, high);
  }
  add(x: Node, y: Node): Node {
    return this.g.v(f64x2.add, x, y);
  }
  sub(x: Node, y: Node): Node {
    return this.g.v(f64x2.sub, x, y);
  }
  mul(x: Node, y: Node): Node {
    return this.g.v(f64x2.mul, x, y);
  }
  div(x: Node, y: Node): Node {
    return this.g.v(f64x2.div, x, y);
  }
  abs(x: Node): Node {
    return this.g.v(f64x2.abs, x);
  }
  neg(x: Node): Node {
    return this.g.v(f64x2.neg, x);
  }
  nearest(x: Node): Node {
    return this.g.v(f64x2.nearest, x);
  }
  /** x y + z, rounded once or twice as the target has it. */
  fma(x: Node, y: Node, z: Node): Node {
    if (this.g.relaxed) return this.g.v(f64x2.relaxedMadd, x, y, z);
    return this.add(this.mul(x, y), z);
  }
  /** z - x y, rounded once or twice as the target has it. */
  fnma(x: Node, y: Node, z: Node): Node {
    if (this.g.relaxed) return this.g.v(f64x2.relaxedNmadd, x, y, z);
    return this.sub(z, this.mul(x, y));
  }
  /**
   * A polynomial by Horner's rule, highest coefficient first. Long ones as their even and odd halves in x^2: half as many steps wait for
   * each other.
   */
  poly(x: Node, ...coefficients: number[]): Node {
    if (coefficients.length < 8) return this.horner(x, coefficients);
    const square = this.mul(x, x);
    const half = (from: number) => coefficients.filter((_, i) => (coefficients.length - 1 - i) % 2 === from);
    return this.fma(this.horner(square, half(1)), x, this.horner(square, half(0)));
  }
  private horner(x: Node, [first, ...rest]: readonly number[]): Node {
    return rest.reduce((p, k) => this.fma(p, x, this.c(k)), this.c(first));
  }
  /** The smaller; x where either is NaN. */
  min(x: Node, y: Node): Node {
    return this.g.v(f64x2.pmin, x, y);
  }
  /** The larger; x where either is NaN. */
  max(x: Node, y: Node): Node {
    return this.g.v(f64x2.pmax, x, y);
  }
  lt(x: Node, y: Node): Node {
    return this.g.v(f64x2.lt, x, y);
  }
  le(x: Node, y: Node): Node {
    return this.g.v(f64x2.le, x, y);
  }
  ge(x: Node, y: Node): Node {
    return this.g.v(f64x2.ge, x, y);
  }
  gt(x: Node, y: Node): Node {
    return this.g.v(f64x2.gt, x, y);
  }
  eq(x: Node, y: Node): Node {
    return this.g.v(f64x2.eq, x, y);
  }
  ne(x: Node, y: Node): Node {
    return this.g.v(f64x2.ne, x, y);
  }
  nan(x: Node): Node {
    return this.ne(x, x);
  }
  select(mask: Node, x: Node, y: Node): Node {
    return this.g.v(v128.bitselect, x, y, mask);
  }
  and(x: Node, y: Node): Node {
    return this.g.v(v128.and, x, y);
  }
  or(x: Node, y: Node): Node {
    return this.g.v(v128.or, x, y);
  }
  xor(x: Node, y: Node): Node {
    return this.g.v(v128.xor, x, y);
  }
  not(x: Node): Node {
    return this.g.v(v128.not, x);
  }
  /** |x| with y's sign. */
  copysign(x: Node, y: Node): Node {
    return this.g.v(v128.bitselect, x, y, this.bits(0x7fffffffffffffffn));
  }
  /** x, which is not negative, with y's sign. */
  signed(x: Node, y: Node): Node {
    return this.or(x, this.and(y, this.bits(0x8000000000000000n)));
  }
  iadd(x: Node, y: Node): Node {
    return this.g.v(i64x2.add, x, y);
  }
  isub(x: Node, y: Node): Node {
    return this.g.v(i64x2.sub, x, y);
  }
  shl(x: Node, by: number): Node {
    return this.g.v(i64x2.shl, x, this.g.ic(by));
  }
  shrU(x: Node, by: number): Node {
    return this.g.v(i64x2.shrU, x, this.g.ic(by));
  }
  /** All ones where an integer is odd. */
  odd(x: Node): Node {
    return this.isub(this.bits(0n), this.and(x, this.bits(1n)));
  }
  /** A number up to 2^51, plus `more`, rounded to an integer in the low bits; what stands above them is not part of it. */
  integer(x: Node, more = 0): Node {
    return this.add(x, this.c(roundingBias + more));
  }
  /** 2^k of a whole number k that a float64's exponent can be. */
  power(k: Node): Node {
    return this.shl(this.integer(k, 1023), 52);
  }
}

/** 1.5 * 2^52: adding it leaves an integer in the low bits. */
export const roundingBias = 6755399441055744;

/** ln 2 in two parts, of which multiples of the first up to 2^20 are exact. */
export const ln2High = 0.6931471803691238;
export const ln2Low = 1.9082149292705877e-10;
