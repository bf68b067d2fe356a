import type { Tensor } from "../../../core/tensor.ts";
import { binary } from "../../../door/calls.ts";
import { type Operand, type Pointwise, pointwise } from "../../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../../expr/expr.ts";
import { valuesFor } from "../../../lower/host.ts";
import { refuseGradient } from "./series.ts";

/** One family of orthogonal polynomials: its first members and what leads from two of them to the next. */
interface Family {
  readonly name: string;
  first(x: Expr): Expr;
  /** The polynomial of degree k from those of degrees k - 1 (q) and k - 2 (p). */
  next(x: Expr, k: number, q: Expr, p: Expr): Expr;
  /** Takes the place of the recurrence's value where it holds a better one. */
  instead?(x: Expr, n: Expr, value: Expr): Expr;
}

const ops = new Map<Family, Map<number, Pointwise>>();
/** The op for degrees up to `most`: the recurrence, unrolled. */
function opFor(family: Family, most: number): Pointwise {
  let byDegree = ops.get(family);
  if (!byDegree) ops.set(family, (byDegree = new Map()));
  let op = byDegree.get(most);
  if (!op) {
    const value = (x: Expr, degree: Expr): Expr => {
      const n = scalar.trunc(degree);
      let p: Expr = constant(1);
      let q = family.first(x);
      let out = choose(n.eq(0), 1, q);
      for (let k = 2; k <= most; k++) {
        [p, q] = [q, family.next(x, k, q, p)];
        out = choose(n.ge(k), q, out);
      }
      const better = family.instead?.(x, n, out) ?? out;
      return choose(n.lt(0), 0, better);
    };
    byDegree.set(most, (op = pointwise(family.name, value, { category: "float", differentiable: false })));
  }
  return op;
}

function evaluate(family: Family, x: Operand, n: Operand): Tensor {
  refuseGradient(family.name, "x", x);
  let degree = 2;
  if (typeof n === "number") degree = Math.max(degree, Math.trunc(n));
  else {
    const why = "the number of terms depends on the degrees";
    for (const d of valuesFor(family.name, n, why, "pass the degree as a number"))
      degree = Math.max(degree, Number(d) < 4096 ? Math.trunc(Number(d)) : 0);
  }
  // few distinct kernels: degrees up to a power of two share one
  return binary(opFor(family, 2 ** Math.ceil(Math.log2(degree))), x, n);
}

const isEven = (n: Expr): Expr => scalar.rem(n, 2).eq(0);
const signOf = (n: Expr, value: Expr): Expr => choose(isEven(n), value, value.neg());
const odd = (n: Expr): Expr => n.mul(2).add(1);

interface Kind {
  readonly letter: string;
  first(y: Expr): Expr;
  /** Values at 1 and at -1. */
  ends(n: Expr): readonly [Expr, Expr];
  /** Inside (-1, 1), by the angle whose cosine y is. */
  wave(n: Expr, angle: Expr, y: Expr): Expr;
  /** Degrees above which the wave takes over: of the plain and of the shifted polynomials. */
  readonly from: readonly [number, number];
}
const kinds: readonly Kind[] = [
  {
    letter: "T",
    first: (y) => y,
    ends: (n) => [constant(1), signOf(n, constant(1))],
    wave: (n, angle) => scalar.cos(n.mul(angle)),
    from: [6, 6],
  },
  {
    letter: "U",
    first: (y) => y.mul(2),
    ends: (n) => [n.add(1), signOf(n, n.add(1))],
    wave: (n, angle, y) => {
      const s = scalar.sin(angle);
      const turned = n.add(1).mul(angle);
      return choose(s.ne(0), scalar.sin(turned).div(s), n.add(1).mul(scalar.cos(turned)).div(y));
    },
    from: [8, 6],
  },
  {
    letter: "V",
    first: (y) => y.mul(2).sub(1),
    ends: (n) => [constant(1), signOf(n, odd(n))],
    wave: (n, angle) => scalar.cos(n.add(0.5).mul(angle)).div(scalar.cos(angle.mul(0.5))),
    from: [8, 6],
  },
  {
    letter: "W",
    first: (y) => y.mul(2).add(1),
    ends: (n) => [odd(n), signOf(n, constant(1))],
    wave: (n, angle) => scalar.sin(n.add(0.5).mul(angle)).div(scalar.sin(angle.mul(0.5))),
    from: [8, 4],
  },
];
function chebyshevFamily(kind: Kind, shifted: boolean): Family {
  const y = (x: Expr): Expr => (shifted ? x.mul(2).sub(1) : x);
  return {
    name: shifted ? `shiftedChebyshevPolynomial${kind.letter}` : `chebyshevPolynomial${kind.letter}`,
    first: (x) => kind.first(y(x)),
    next: (x, _, q, p) => y(x).mul(2).mul(q).sub(p),
    instead(x, n, value) {
      const at = y(x);
      const [high, low] = kind.ends(n);
      const inside = n.gt(kind.from[shifted ? 1 : 0]).and(scalar.abs(at).lt(1));
      return choose(
        x.eq(1),
        high,
        choose(x.eq(shifted ? 0 : -1), low, choose(inside, kind.wave(n, scalar.acos(at), at), value)),
      );
    },
  };
}
const [chebyshevT, chebyshevU, chebyshevV, chebyshevW] = kinds.map((k) => chebyshevFamily(k, false));
const [shiftedT, shiftedU, shiftedV, shiftedW] = kinds.map((k) => chebyshevFamily(k, true));
const hermiteH: Family = {
  name: "hermitePolynomialH",
  first: (x) => x.mul(2),
  next: (x, k, q, p) =>
    x
      .mul(2)
      .mul(q)
      .sub(p.mul(2 * (k - 1))),
};
const hermiteHe: Family = {
  name: "hermitePolynomialHe",
  first: (x) => x,
  next: (x, k, q, p) => x.mul(q).sub(p.mul(k - 1)),
};
const laguerreL: Family = {
  name: "laguerrePolynomialL",
  first: (x) => constant(1).sub(x),
  next: (x, k, q, p) =>
    constant(1)
      .sub(x)
      .add(2 * (k - 1))
      .mul(q)
      .sub(p.mul(k - 1))
      .div(k),
  instead: (x, _, value) => choose(x.eq(0), 1, value),
};
const legendreP: Family = {
  name: "legendrePolynomialP",
  first: (x) => x,
  next: (x, k, q, p) =>
    x
      .mul(2 * k - 1)
      .mul(q)
      .sub(p.mul(k - 1))
      .div(k),
  instead: (x, n, value) => choose(x.eq(1), 1, choose(x.eq(-1), signOf(n, constant(1)), value)),
};

/** Chebyshev's polynomial of the first kind and degree n (0 for negative n): cos(n acos(x)) in [-1, 1]. No gradient, as in PyTorch. */
export const chebyshevPolynomialT = (x: Operand, n: Operand): Tensor => evaluate(chebyshevT, x, n);
/** Chebyshev's polynomial of the second kind and degree n. */
export const chebyshevPolynomialU = (x: Operand, n: Operand): Tensor => evaluate(chebyshevU, x, n);
/** Chebyshev's polynomial of the third kind and degree n. */
export const chebyshevPolynomialV = (x: Operand, n: Operand): Tensor => evaluate(chebyshevV, x, n);
/** Chebyshev's polynomial of the fourth kind and degree n. */
export const chebyshevPolynomialW = (x: Operand, n: Operand): Tensor => evaluate(chebyshevW, x, n);
/** chebyshevPolynomialT(2x - 1, n). */
export const shiftedChebyshevPolynomialT = (x: Operand, n: Operand): Tensor => evaluate(shiftedT, x, n);
/** chebyshevPolynomialU(2x - 1, n). */
export const shiftedChebyshevPolynomialU = (x: Operand, n: Operand): Tensor => evaluate(shiftedU, x, n);
/** chebyshevPolynomialV(2x - 1, n). */
export const shiftedChebyshevPolynomialV = (x: Operand, n: Operand): Tensor => evaluate(shiftedV, x, n);
/** chebyshevPolynomialW(2x - 1, n). */
export const shiftedChebyshevPolynomialW = (x: Operand, n: Operand): Tensor => evaluate(shiftedW, x, n);
/** The physicists' Hermite polynomial of degree n: H(n) = 2x H(n-1) - 2(n-1) H(n-2). */
export const hermitePolynomialH = (x: Operand, n: Operand): Tensor => evaluate(hermiteH, x, n);
/** The probabilists' Hermite polynomial of degree n: He(n) = x He(n-1) - (n-1) He(n-2). */
export const hermitePolynomialHe = (x: Operand, n: Operand): Tensor => evaluate(hermiteHe, x, n);
/** Laguerre's polynomial of degree n. */
export const laguerrePolynomialL = (x: Operand, n: Operand): Tensor => evaluate(laguerreL, x, n);
/** Legendre's polynomial of degree n. */
export const legendrePolynomialP = (x: Operand, n: Operand): Tensor => evaluate(legendreP, x, n);
