import { DTypeError } from "../../../core/errors.ts";
import { checkTensor, type Tensor } from "../../../core/tensor.ts";
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
  if (typeof n !== "object") {
    if (typeof x !== "object") throw new DTypeError(op.name, "at least one operand must be a tensor, got two numbers");
    degree = Math.max(degree, Math.trunc(Number(n)));
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

/**
 * Chebyshev's polynomial of the first kind and degree `n`: `T(n) = 2 x T(n - 1) - T(n - 2)` from `T(0) = 1` and `T(1) = x`, which is
 * `cos(n acos(x))` in [-1, 1]. The degree loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.chebyshev_polynomial_t
 * @example
 * chebyshevPolynomialT(tensor([-1, 0.5, 2]), 3).tolist(); // [-1, -1.0000, 26]
 * chebyshevPolynomialT(0.5, tensor([0, 1, 2, -1])).tolist(); // [1, 0.5, -0.5, 0]
 */
export const chebyshevPolynomialT = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("chebyshevPolynomialT", "x", x);
  if (typeof n !== "number") checkTensor("chebyshevPolynomialT", "n", n);
  return evaluate(chebyshevTOp, x, n);
};
/**
 * Chebyshev's polynomial of the second kind and degree `n`: `U(n) = 2 x U(n - 1) - U(n - 2)` from `U(0) = 1` and `U(1) = 2 x`, which is
 * `sin((n + 1) t) / sin(t)` at `x = cos(t)`. The degree loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.chebyshev_polynomial_u
 * @example
 * chebyshevPolynomialU(tensor([-1, 0.5, 2]), 2).tolist(); // [3, 0, 15]
 */
export const chebyshevPolynomialU = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("chebyshevPolynomialU", "x", x);
  if (typeof n !== "number") checkTensor("chebyshevPolynomialU", "n", n);
  return evaluate(chebyshevUOp, x, n);
};
/**
 * Chebyshev's polynomial of the third kind and degree `n`: `V(n) = 2 x V(n - 1) - V(n - 2)` from `V(0) = 1` and `V(1) = 2 x - 1`, which is
 * `cos((n + 1/2) t) / cos(t / 2)` at `x = cos(t)`. The degree loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.chebyshev_polynomial_v
 * @example
 * chebyshevPolynomialV(tensor([1, 0.5, 2]), 2).tolist(); // [1, -1, 11]
 */
export const chebyshevPolynomialV = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("chebyshevPolynomialV", "x", x);
  if (typeof n !== "number") checkTensor("chebyshevPolynomialV", "n", n);
  return evaluate(chebyshevVOp, x, n);
};
/**
 * Chebyshev's polynomial of the fourth kind and degree `n`: `W(n) = 2 x W(n - 1) - W(n - 2)` from `W(0) = 1` and `W(1) = 2 x + 1`, which is
 * `sin((n + 1/2) t) / sin(t / 2)` at `x = cos(t)`. The degree loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.chebyshev_polynomial_w
 * @example
 * chebyshevPolynomialW(tensor([1, 0.5, 2]), 2).tolist(); // [5, 1, 19]
 */
export const chebyshevPolynomialW = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("chebyshevPolynomialW", "x", x);
  if (typeof n !== "number") checkTensor("chebyshevPolynomialW", "n", n);
  return evaluate(chebyshevWOp, x, n);
};
/**
 * {@link chebyshevPolynomialT} of the first kind, shifted from [-1, 1] to [0, 1]: `y = chebyshevPolynomialT(2 x - 1, n)`.
 *
 * @example
 * shiftedChebyshevPolynomialT(tensor([1, 0.75, 0.5]), 2).tolist(); // [1, -0.5, -1]
 */
export const shiftedChebyshevPolynomialT = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("shiftedChebyshevPolynomialT", "x", x);
  if (typeof n !== "number") checkTensor("shiftedChebyshevPolynomialT", "n", n);
  return evaluate(shiftedTOp, x, n);
};
/**
 * {@link chebyshevPolynomialU} of the second kind, shifted from [-1, 1] to [0, 1]: `y = chebyshevPolynomialU(2 x - 1, n)`.
 *
 * @example
 * shiftedChebyshevPolynomialU(tensor([1, 0.75, 0.5]), 2).tolist(); // [3, 0, -1]
 */
export const shiftedChebyshevPolynomialU = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("shiftedChebyshevPolynomialU", "x", x);
  if (typeof n !== "number") checkTensor("shiftedChebyshevPolynomialU", "n", n);
  return evaluate(shiftedUOp, x, n);
};
/**
 * {@link chebyshevPolynomialV} of the third kind, shifted from [-1, 1] to [0, 1]: `y = chebyshevPolynomialV(2 x - 1, n)`.
 *
 * @example
 * shiftedChebyshevPolynomialV(tensor([1, 0.75, 0.5]), 2).tolist(); // [1, -1, -1]
 */
export const shiftedChebyshevPolynomialV = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("shiftedChebyshevPolynomialV", "x", x);
  if (typeof n !== "number") checkTensor("shiftedChebyshevPolynomialV", "n", n);
  return evaluate(shiftedVOp, x, n);
};
/**
 * {@link chebyshevPolynomialW} of the fourth kind, shifted from [-1, 1] to [0, 1]: `y = chebyshevPolynomialW(2 x - 1, n)`.
 *
 * @example
 * shiftedChebyshevPolynomialW(tensor([1, 0.75, 0.5]), 2).tolist(); // [5, 1, -1]
 */
export const shiftedChebyshevPolynomialW = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("shiftedChebyshevPolynomialW", "x", x);
  if (typeof n !== "number") checkTensor("shiftedChebyshevPolynomialW", "n", n);
  return evaluate(shiftedWOp, x, n);
};
/**
 * The physicists' Hermite polynomial of degree `n`: `H(n) = 2 x H(n - 1) - 2 (n - 1) H(n - 2)` from `H(0) = 1` and `H(1) = 2 x`. The degree
 * loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.hermite_polynomial_h
 * @example
 * hermitePolynomialH(tensor([0, 1, 2]), 2).tolist(); // [-2, 2, 14]
 * hermitePolynomialH(1, tensor([0, 1, 2, 3])).tolist(); // [1, 2, 2, -4]
 */
export const hermitePolynomialH = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("hermitePolynomialH", "x", x);
  if (typeof n !== "number") checkTensor("hermitePolynomialH", "n", n);
  return evaluate(hermiteHOp, x, n);
};
/**
 * The probabilists' Hermite polynomial of degree `n`: `He(n) = x He(n - 1) - (n - 1) He(n - 2)` from `He(0) = 1` and `He(1) = x`. The
 * degree loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.hermite_polynomial_he
 * @example
 * hermitePolynomialHe(tensor([0, 1, 2]), 2).tolist(); // [-1, 0, 3]
 * hermitePolynomialHe(2, tensor([0, 1, 2, 3])).tolist(); // [1, 2, 3, 2]
 */
export const hermitePolynomialHe = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("hermitePolynomialHe", "x", x);
  if (typeof n !== "number") checkTensor("hermitePolynomialHe", "n", n);
  return evaluate(hermiteHeOp, x, n);
};
/**
 * Laguerre's polynomial of degree `n`: `L(n) = ((2 n - 1 - x) L(n - 1) - (n - 1) L(n - 2)) / n` from `L(0) = 1` and `L(1) = 1 - x`. The
 * degree loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.laguerre_polynomial_l
 * @example
 * laguerrePolynomialL(tensor([0, 1, 2]), 2).tolist(); // [1, -0.5, -1]
 */
export const laguerrePolynomialL = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("laguerrePolynomialL", "x", x);
  if (typeof n !== "number") checkTensor("laguerrePolynomialL", "n", n);
  return evaluate(laguerreLOp, x, n);
};
/**
 * Legendre's polynomial of degree `n`: `P(n) = ((2 n - 1) x P(n - 1) - (n - 1) P(n - 2)) / n` from `P(0) = 1` and `P(1) = x`. The degree
 * loses its fraction, and a negative one gives 0.
 *
 * Shapes: `x` and `n` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws UnavailableError when `n` is a tensor on a device that cannot be read synchronously: pass a number.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.legendre_polynomial_p
 * @example
 * legendrePolynomialP(tensor([0, 0.5, 1]), 2).tolist(); // [-0.5, -0.1250, 1]
 * legendrePolynomialP(0.5, tensor([0, 1, 2, 3])).tolist(); // [1, 0.5, -0.1250, -0.4375]
 */
export const legendrePolynomialP = (x: Operand, n: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("legendrePolynomialP", "x", x);
  if (typeof n !== "number") checkTensor("legendrePolynomialP", "n", n);
  return evaluate(legendrePOp, x, n);
};
