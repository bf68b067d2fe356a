import { DTypeError } from "../../../core/errors.ts";
import type { Tensor } from "../../../core/tensor.ts";
import { pointwiseCall } from "../../../door/calls.ts";
import { type Operand, pointwise } from "../../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../../expr/expr.ts";
import { numbersFor } from "../../../lower/host.ts";
import { PointwiseFamily } from "./family.ts";
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

/** The op of a family: x, the degree, and the highest degree that it can be asked for, to which the recurrence is unrolled. */
const polynomialOp = (family: Family): PointwiseFamily =>
  new PointwiseFamily(family.name, 3, 2, (most) =>
    pointwise(
      family.name,
      (x, degree, _) => {
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
      },
      { category: "float", differentiable: false },
    ),
  );

function evaluate(op: PointwiseFamily, x: Operand, n: Operand): Tensor {
  refuseGradient(op.name, "x", x);
  let degree = 2;
  if (typeof n === "number") {
    if (typeof x === "number") throw new DTypeError(op.name, "at least one operand must be a tensor, got two numbers");
    degree = Math.max(degree, Math.trunc(n));
  } else {
    const why = "the number of terms depends on the degrees";
    for (const d of Array.from<number | bigint>(numbersFor(op.name, n, why, "pass the degree as a number")))
      degree = Math.max(degree, Number(d) < 4096 ? Math.trunc(Number(d)) : 0);
  }
  // few distinct kernels: degrees up to a power of two share one
  const most = 2 ** Math.ceil(Math.log2(degree));
  return pointwiseCall(op.member(most), [x, n, most]);
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
function chebyshevOp(kind: Kind, shifted: boolean): PointwiseFamily {
  const y = (x: Expr): Expr => (shifted ? x.mul(2).sub(1) : x);
  return polynomialOp({
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
  });
}
export const [chebyshevTOp, chebyshevUOp, chebyshevVOp, chebyshevWOp] = kinds.map((k) => chebyshevOp(k, false));
export const [shiftedTOp, shiftedUOp, shiftedVOp, shiftedWOp] = kinds.map((k) => chebyshevOp(k, true));
export const hermiteHOp = polynomialOp({
  name: "hermitePolynomialH",
  first: (x) => x.mul(2),
  next: (x, k, q, p) =>
    x
      .mul(2)
      .mul(q)
      .sub(p.mul(2 * (k - 1))),
});
export const hermiteHeOp = polynomialOp({
  name: "hermitePolynomialHe",
  first: (x) => x,
  next: (x, k, q, p) => x.mul(q).sub(p.mul(k - 1)),
});
export const laguerreLOp = polynomialOp({
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
});
export const legendrePOp = polynomialOp({
  name: "legendrePolynomialP",
  first: (x) => x,
  next: (x, k, q, p) =>
    x
      .mul(2 * k - 1)
      .mul(q)
      .sub(p.mul(k - 1))
      .div(k),
  instead: (x, n, value) => choose(x.eq(1), 1, choose(x.eq(-1), signOf(n, constant(1)), value)),
});

/** Chebyshev's polynomial of the first kind and degree n (0 for negative n): cos(n acos(x)) in [-1, 1]. No gradient, as in PyTorch. */
export const chebyshevPolynomialT = (x: Operand, n: Operand): Tensor => evaluate(chebyshevTOp, x, n);
/** Chebyshev's polynomial of the second kind and degree n. */
export const chebyshevPolynomialU = (x: Operand, n: Operand): Tensor => evaluate(chebyshevUOp, x, n);
/** Chebyshev's polynomial of the third kind and degree n. */
export const chebyshevPolynomialV = (x: Operand, n: Operand): Tensor => evaluate(chebyshevVOp, x, n);
/** Chebyshev's polynomial of the fourth kind and degree n. */
export const chebyshevPolynomialW = (x: Operand, n: Operand): Tensor => evaluate(chebyshevWOp, x, n);
/** chebyshevPolynomialT(2x - 1, n). */
export const shiftedChebyshevPolynomialT = (x: Operand, n: Operand): Tensor => evaluate(shiftedTOp, x, n);
/** chebyshevPolynomialU(2x - 1, n). */
export const shiftedChebyshevPolynomialU = (x: Operand, n: Operand): Tensor => evaluate(shiftedUOp, x, n);
/** chebyshevPolynomialV(2x - 1, n). */
export const shiftedChebyshevPolynomialV = (x: Operand, n: Operand): Tensor => evaluate(shiftedVOp, x, n);
/** chebyshevPolynomialW(2x - 1, n). */
export const shiftedChebyshevPolynomialW = (x: Operand, n: Operand): Tensor => evaluate(shiftedWOp, x, n);
/** The physicists' Hermite polynomial of degree n: H(n) = 2x H(n-1) - 2(n-1) H(n-2). */
export const hermitePolynomialH = (x: Operand, n: Operand): Tensor => evaluate(hermiteHOp, x, n);
/** The probabilists' Hermite polynomial of degree n: He(n) = x He(n-1) - (n-1) He(n-2). */
export const hermitePolynomialHe = (x: Operand, n: Operand): Tensor => evaluate(hermiteHeOp, x, n);
/** Laguerre's polynomial of degree n. */
export const laguerrePolynomialL = (x: Operand, n: Operand): Tensor => evaluate(laguerreLOp, x, n);
/** Legendre's polynomial of degree n. */
export const legendrePolynomialP = (x: Operand, n: Operand): Tensor => evaluate(legendrePOp, x, n);
