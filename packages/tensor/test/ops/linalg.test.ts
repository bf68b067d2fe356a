import { gradcheck, gradgradcheck } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { registerBackend } from "../../src/core/context.ts";
import * as f from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
  f.manualSeed(0);
});

const random = (...shape: number[]): f.Tensor =>
  f.randn(shape, { dtype: "float64", generator: new f.Generator(shape.length + shape[0]) });
const symmetric = (x: f.Tensor): f.Tensor => f.add(x, f.mT(x));
const positive = (x: f.Tensor): f.Tensor =>
  f.add(f.matmul(x, f.mT(x)), f.eye(x.shape[x.ndim - 1], x.shape[x.ndim - 1], { dtype: "float64" }));
const identity = (n: number): f.Tensor => f.eye(n, n, { dtype: "float64" });
function close(a: f.Tensor, b: f.Tensor): void {
  expect(a.shape).toEqual(b.shape);
  expect(f.amax(f.abs(f.sub(a, b))).item()).toBeLessThan(1e-11);
}
const product = (...ms: f.Tensor[]): f.Tensor => ms.reduce((a, b) => f.matmul(a, b));
const batch = (x: f.Tensor, like: f.Tensor): f.Tensor => f.expand(x, [...like.shape.slice(0, -2), ...x.shape]);

describe.each([[[4, 4]], [[2, 3, 5, 5]], [[1, 1]]])("square matrices of shape %s", (shape) => {
  const x = () => random(...shape);
  const n = shape[shape.length - 1];
  test("an inverse times its matrix is the identity", () => {
    close(f.matmul(f.inv(x()), x()), batch(identity(n), x()));
  });
  test("a solution satisfies its equation, from either side", () => {
    const b = random(...shape.slice(0, -1), 2);
    close(f.matmul(x(), f.solve(x(), b)), b);
    close(f.matmul(f.solve(x(), f.mT(b), { left: false }), x()), f.mT(b));
    const { LU, pivots } = f.luFactor(x());
    close(f.luSolve(LU, pivots, b), f.solve(x(), b));
    close(f.luSolve(LU, pivots, b, { adjoint: true }), f.solve(f.mT(x()), b));
  });
  test("the determinant of a product is the product of determinants", () => {
    const y = f.mul(x(), 0.5);
    close(f.det(f.matmul(x(), y)), f.mul(f.det(x()), f.det(y)));
    const { sign, logabsdet } = f.slogdet(x());
    close(f.mul(sign, f.exp(logabsdet)), f.det(x()));
  });
  test("a Cholesky factor times its transpose is the matrix", () => {
    const a = positive(x());
    const l = f.cholesky(a);
    close(f.matmul(l, f.mT(l)), a);
    close(f.triu(l, 1), f.zerosLike(l));
    close(f.cholesky(a, { upper: true }), f.mT(l));
    close(f.choleskyInverse(l), f.inv(a));
  });
  test("eigenvectors are orthonormal and diagonalize", () => {
    const a = symmetric(x());
    const { eigenvalues, eigenvectors: v } = f.eigh(a);
    close(product(v, f.diagEmbed(eigenvalues), f.mT(v)), a);
    close(f.matmul(f.mT(v), v), batch(identity(n), v));
    close(f.sort(eigenvalues, -1).values, eigenvalues);
    // the other triangle is not read
    close(f.eigvalsh(f.tril(a)), eigenvalues);
    close(f.eigvalsh(f.triu(a), { UPLO: "U" }), eigenvalues);
  });
  test("the matrix exponential is the exponential of the eigenvalues", () => {
    const a = symmetric(x());
    const { eigenvalues, eigenvectors: v } = f.eigh(a);
    const wanted = product(v, f.diagEmbed(f.exp(eigenvalues)), f.mT(v));
    const largest = f.amax(f.abs(wanted)).item();
    close(f.div(f.matrixExp(a), largest), f.div(wanted, largest));
  });
  test("powers multiply, and negative ones undo them", () => {
    close(f.matrixPower(x(), 3), product(x(), x(), x()));
    close(f.matmul(f.matrixPower(x(), -2), f.matrixPower(x(), 2)), f.matrixPower(x(), 0));
  });
});

test("the exponential of a matrix that is not finite is NaN, as in PyTorch, but that of one number its own", () => {
  for (const v of [Infinity, -Infinity, Number.NaN]) {
    const out = f.matrixExp(f.tensor(Float64Array.of(v, 1, 0, 1), { shape: [2, 2] }));
    expect(Array.from(f.dataSync(out), Number).every(Number.isNaN), `${v}`).toBe(true);
  }
  expect(f.matrixExp(f.tensor([[[Infinity]], [[-Infinity]]])).tolist()).toEqual([[[Infinity]], [[0]]]);
});

describe.each([[[3, 5]], [[5, 3]], [[2, 4, 4]], [[6, 1]]])("matrices of shape %s", (shape) => {
  const x = () => random(...shape);
  const [m, n] = shape.slice(-2);
  test("P L U is the matrix", () => {
    const { P, L, U } = f.lu(x());
    close(product(P, L, U), x());
    close(f.triu(L), f.expand(f.eye(m, Math.min(m, n), { dtype: "float64" }), L.shape));
    close(f.tril(U, -1), f.zerosLike(U));
  });
  test.each(["reduced", "complete"] as const)("Q R is the matrix, %s", (mode) => {
    const { Q, R } = f.qr(x(), { mode });
    close(f.matmul(Q, R), x());
    close(f.matmul(f.mT(Q), Q), batch(identity(Q.shape[Q.ndim - 1]), Q));
    close(f.tril(R, -1), f.zerosLike(R));
    close(f.qr(x(), { mode: "r" }).R, f.qr(x()).R);
  });
  test.each([true, false])("U S Vh is the matrix, fullMatrices %s", (fullMatrices) => {
    const { U, S, Vh } = f.svd(x(), { fullMatrices });
    const k = Math.min(m, n);
    close(product(f.narrow(U, -1, 0, k), f.diagEmbed(S), f.narrow(Vh, -2, 0, k)), x());
    close(f.matmul(f.mT(U), U), batch(identity(U.shape[U.ndim - 1]), U));
    close(f.matmul(Vh, f.mT(Vh)), batch(identity(Vh.shape[Vh.ndim - 2]), Vh));
    close(f.sort(S, -1, { descending: true }).values, S);
  });
  test("the pseudo-inverse meets Penrose's four conditions", () => {
    const p = f.pinv(x());
    close(product(x(), p, x()), x());
    close(product(p, x(), p), p);
    close(f.mT(f.matmul(x(), p)), f.matmul(x(), p));
    close(f.mT(f.matmul(p, x())), f.matmul(p, x()));
  });
});

test("a matrix of lower rank keeps orthonormal singular vectors", () => {
  const x = f.matmul(random(5, 2), random(2, 4));
  const { U, S, Vh } = f.svd(x);
  close(f.matmul(f.mT(U), U), identity(5));
  close(f.matmul(Vh, f.mT(Vh)), identity(4));
  close(product(f.narrow(U, -1, 0, 4), f.diagEmbed(S), Vh), x);
  expect(f.matrixRank(x).item()).toBe(2);
});
test.each([[[4, 4]], [[2, 3, 5]]])("norms by singular values, of shape %s", (shape) => {
  const x = random(...shape);
  const s = f.svdvals(x);
  close(f.matrixNorm(x, "nuc"), f.sum(s, -1));
  close(f.matrixNorm(x, 2), f.amax(s, -1));
  close(f.matrixNorm(x, -2, [-1, -2], { keepdim: true }), f.reshape(f.amin(s, -1), [...shape.slice(0, -2), 1, 1]));
  close(f.square(f.matrixNorm(x)), f.sum(f.square(s), -1));
});
test("a singular matrix has a determinant's gradient: its cofactors", () => {
  const x = f.tensor(
    [
      [1, 2, 3],
      [2, 4, 6],
      [1, 0, 1],
    ],
    { dtype: "float64", requiresGrad: true },
  );
  f.det(x).backward();
  close(
    x.grad as f.Tensor,
    f.tensor(
      [
        [4, 4, -4],
        [-2, -2, 2],
        [0, 0, 0],
      ],
      { dtype: "float64" },
    ),
  );
});

// A symmetric matrix has half as many degrees of freedom as elements: derivatives are checked through one that is made symmetric.
describe("gradients of symmetric matrices' factors", () => {
  const leaf = () => {
    const x = random(3, 3);
    x.requiresGrad = true;
    return x;
  };
  const functions: Record<string, (x: f.Tensor) => f.Tensor> = {
    cholesky: (x) => f.cholesky(positive(x)),
    choleskySolve: (x) => f.choleskySolve(random(3, 2), f.cholesky(positive(x))),
    choleskyInverse: (x) => f.choleskyInverse(f.cholesky(positive(x))),
    eigvalsh: (x) => f.eigvalsh(symmetric(x)),
    "eigh, through what signs do not change": (x) => {
      const { eigenvalues: w, eigenvectors: v } = f.eigh(symmetric(x));
      return f.mul(f.square(v), f.unsqueeze(w, -2));
    },
    "svd, through what signs do not change": (x) => {
      const { U, S, Vh } = f.svd(f.narrow(x, 0, 0, 2), { fullMatrices: false });
      return f.cat([f.matmul(f.square(U), f.diagEmbed(S)), f.square(Vh)], 1);
    },
    "pinv of symmetric": (x) => f.pinv(symmetric(x), { hermitian: true }),
  };
  test.each(Object.keys(functions))("%s", (name) => {
    expect(gradcheck(functions[name], [leaf()])).toBe(true);
    expect(gradgradcheck(functions[name], [leaf()])).toBe(true);
  });
});

describe("errors", () => {
  const singular = () =>
    f.tensor([
      [1, 2],
      [2, 4],
    ]);
  test.each<[string, () => unknown, RegExp]>([
    [
      "the inverse of a singular matrix",
      () => f.inv(f.stack([f.eye(2), singular()])),
      /^inv: the matrix is singular: it has no inverse \(matrix 1 of the batch\)\n {2}hint: pinv\(\)/,
    ],
    [
      "a system without solution",
      () => f.solve(singular(), f.ones([2])),
      /^solve: the matrix is singular: it has no inverse\n/,
    ],
    ["a matrix that is not square", () => f.det(f.ones([2, 3])), /^det: needs square matrices, got \[2,3\]$/],
    ["integers", () => f.qr(f.ones([2, 2], { dtype: "int32" })), /^qr: needs a floating-point tensor, got int32/],
    [
      "a matrix that is not positive definite",
      () =>
        f.cholesky(
          f.tensor([
            [1, 2],
            [2, 1],
          ]),
        ),
      /^cholesky: the matrix is not positive definite: its leading minor of order 2 is not positive$/,
    ],
    [
      "a right side of another size",
      () => f.solve(f.eye(2), f.ones([3, 1])),
      /^solve: b \[3,1\] does not fit a \[2,2\]$/,
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
  test("the forms with info report instead", () => {
    expect(f.invEx(singular()).info.item()).toBe(2);
    expect(f.solveEx(singular(), f.ones([2])).info.item()).toBe(2);
    expect(f.luFactorEx(singular()).info.item()).toBe(2);
    expect(
      f
        .choleskyEx(
          f.tensor([
            [1, 2],
            [2, 1],
          ]),
        )
        .info.item(),
    ).toBe(2);
  });
});
