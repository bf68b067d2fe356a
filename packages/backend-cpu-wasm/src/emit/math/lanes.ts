import type { Graph, Node } from "../graph.ts";
import { f32x4, i32x4, v128 } from "../opcodes.ts";

/** Four float32 lanes at a time, in a notation that formulas can be read in. Masks are lanes of all ones or zeros. */
export class Lanes {
  readonly g: Graph;
  constructor(g: Graph) {
    this.g = g;
  }
  c(value: number): Node {
    return this.g.vf(value);
  }
  /** Lanes of one bit pattern. */
  bits(value: number): Node {
    return this.g.vi(value);
  }
  add(x: Node, y: Node): Node {
    return this.g.v(f32x4.add, x, y);
  }
  sub(x: Node, y: Node): Node {
    return this.g.v(f32x4.sub, x, y);
  }
  mul(x: Node, y: Node): Node {
    return this.g.v(f32x4.mul, x, y);
  }
  div(x: Node, y: Node): Node {
    return this.g.v(f32x4.div, x, y);
  }
  sqrt(x: Node): Node {
    return this.g.v(f32x4.sqrt, x);
  }
  abs(x: Node): Node {
    return this.g.v(f32x4.abs, x);
  }
  neg(x: Node): Node {
    return this.g.v(f32x4.neg, x);
  }
  /** x y + z, rounded once or twice as the target has it. */
  fma(x: Node, y: Node, z: Node): Node {
    if (this.g.relaxed) return this.g.v(f32x4.relaxedMadd, x, y, z);
    return this.add(this.mul(x, y), z);
  }
  /** z - x y, rounded once or twice as the target has it. */
  fnma(x: Node, y: Node, z: Node): Node {
    if (this.g.relaxed) return this.g.v(f32x4.relaxedNmadd, x, y, z);
    return this.sub(z, this.mul(x, y));
  }
  /**
   * A polynomial, highest coefficient first, by Horner's rule; a long one in x^2, of pairs, since each step waits for the one before it
   * and a processor looks only so far ahead for other work.
   */
  poly(x: Node, ...coefficients: readonly number[]): Node {
    const terms = coefficients.map((k) => this.c(k));
    if (terms.length < 7) return this.horner(x, terms);
    const odd = terms.length % 2;
    const pairs = terms.slice(0, odd);
    for (let i = odd; i < terms.length; i += 2) pairs.push(this.fma(terms[i], x, terms[i + 1]));
    return this.horner(this.mul(x, x), pairs);
  }
  /** A polynomial whose highest coefficient is 1, of the others. */
  monic(x: Node, next: number, ...rest: readonly number[]): Node {
    return this.horner(x, [this.add(x, this.c(next)), ...rest.map((k) => this.c(k))]);
  }
  private horner(x: Node, terms: readonly Node[]): Node {
    return terms.reduce((p, k) => this.fma(p, x, k));
  }
  /** The smaller; x where either is NaN. */
  min(x: Node, y: Node): Node {
    return this.g.v(f32x4.pmin, x, y);
  }
  /** The larger; x where either is NaN. */
  max(x: Node, y: Node): Node {
    return this.g.v(f32x4.pmax, x, y);
  }
  lt(x: Node, y: Node): Node {
    return this.g.v(f32x4.lt, x, y);
  }
  le(x: Node, y: Node): Node {
    return this.g.v(f32x4.le, x, y);
  }
  gt(x: Node, y: Node): Node {
    return this.g.v(f32x4.gt, x, y);
  }
  eq(x: Node, y: Node): Node {
    return this.g.v(f32x4.eq, x, y);
  }
  ne(x: Node, y: Node): Node {
    return this.g.v(f32x4.ne, x, y);
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
    return this.g.v(v128.bitselect, x, y, this.bits(0x7fffffff));
  }
  /** x, which is not negative, with y's sign. */
  signed(x: Node, y: Node): Node {
    return this.or(x, this.and(y, this.bits(0x80000000)));
  }
  iadd(x: Node, y: Node): Node {
    return this.g.v(i32x4.add, x, y);
  }
  isub(x: Node, y: Node): Node {
    return this.g.v(i32x4.sub, x, y);
  }
  shl(x: Node, by: number): Node {
    return this.g.v(i32x4.shl, x, this.g.ic(by));
  }
  shr(x: Node, by: number): Node {
    return this.g.v(i32x4.shrS, x, this.g.ic(by));
  }
}

/** 1.5 * 2^23: adding it rounds a float of up to 2^22 to an integer, which then stands in the low bits. */
export const roundingBias = 12582912;

/** ln 2 in two parts, of which multiples of the first are exact. */
export const ln2High = 0.693359375;
export const ln2Low = -2.1219444e-4;
