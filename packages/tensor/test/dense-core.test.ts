import { describe, expect, it } from "vitest";
import { symmetricEigen } from "../src/linalg/eigen.ts";
import { householder, reflected } from "../src/linalg/qr.ts";
import { tallSvd } from "../src/linalg/svd.ts";

/** Numbers from -1 to 1. */
function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}
const matrix = (m: number, n: number, at: (i: number, j: number) => number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, i) => at(Math.floor(i / n), i % n));
/** The largest difference of x^T y (of m rows) and what it should be. */
function off(x: Float64Array, y: Float64Array, m: number, n: number, wanted: (i: number, j: number) => number): number {
  let most = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += x[k * n + i] * y[k * n + j];
      most = Math.max(most, Math.abs(sum - wanted(i, j)));
    }
  return most;
}
const identity = (i: number, j: number): number => Number(i === j);

const kinds: [name: string, at: (random: () => number) => (i: number, j: number) => number][] = [
  ["random", (random) => () => random()],
  ["of ones", () => () => 1],
  ["zero", () => () => 0],
  ["of rank 2", () => (i, j) => (i + 1) * (j + 2) + (i % 2) * (j % 3)],
  ["graded over 24 orders", (random) => (i, j) => random() * 10 ** -(i + j)],
  ["diagonal with equal values", () => (i, j) => (i === j ? 1 + (i % 2) : 0)],
  ["large", (random) => () => 1e300 * random()],
  ["small", (random) => () => 1e-300 * random()],
  ["triangular with zeros on its diagonal", (random) => (i, j) => (i < j ? random() : 0)],
];

describe("eigenvalues of symmetric matrices", () => {
  it.each(kinds)("%s", (_, make) => {
    for (const n of [1, 2, 3, 7, 12, 33]) {
      const at = make(numbers(n));
      const a = matrix(n, n, at);
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
      const { values, vectors } = symmetricEigen(a.slice(), n);
      const size = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
      const scaled = a.map((x) => x / size);
      expect(off(vectors, vectors, n, n, identity)).toBeLessThan(n * 2e-15);
      // A V, which is A^T V, against V diag(w)
      const av = matrix(n, n, (i, j) => {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += scaled[i * n + k] * vectors[k * n + j];
        return sum;
      });
      for (let i = 0; i < n * n; i++)
        expect(Math.abs(av[i] - (values[i % n] / size) * vectors[i])).toBeLessThan(n * n * 1e-15);
      for (let i = 1; i < n; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]);
    }
  });
  it("are NaN where the matrix is not finite", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { values, vectors } = symmetricEigen(
        matrix(9, 9, (i, j) => (i === 4 && j === 4 ? bad : 1 + i + j)),
        9,
      );
      expect([...values, ...vectors].every(Number.isNaN)).toBe(true);
    }
  });
});

describe("singular values", () => {
  it.each(kinds)("%s", (_, make) => {
    for (const [m, n] of [
      [1, 1],
      [2, 1],
      [5, 5],
      [9, 4],
      [12, 12],
      [40, 17],
      [33, 33],
    ]) {
      const a = matrix(m, n, make(numbers(m + n)));
      const { u, s, vh } = tallSvd(a.slice(), m, n);
      const size = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
      expect(off(u, u, m, n, identity)).toBeLessThan(m * 2e-15);
      const v = matrix(n, n, (i, j) => vh[j * n + i]);
      expect(off(v, v, n, n, identity)).toBeLessThan(m * 2e-15);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) sum += u[i * n + k] * (s[k] / size) * vh[k * n + j];
          expect(Math.abs(sum - a[i * n + j] / size)).toBeLessThan(m * n * 1e-15);
        }
      for (let i = 0; i < n; i++) expect(s[i]).toBeGreaterThanOrEqual(0);
      for (let i = 1; i < n; i++) expect(s[i]).toBeLessThanOrEqual(s[i - 1]);
    }
  });
  it("are NaN where the matrix is not finite", () => {
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const { s } = tallSvd(
        matrix(8, 5, (i, j) => (i === 6 && j === 2 ? bad : i - j)),
        8,
        5,
      );
      expect([...s].every(Number.isNaN)).toBe(true);
    }
  });
});

it("reflections give Q and R of any matrix", () => {
  for (const [, make] of kinds)
    for (const [m, n] of [
      [1, 1],
      [4, 7],
      [7, 4],
      [20, 20],
    ]) {
      const a = matrix(m, n, make(numbers(m - n)));
      const size = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
      const r = a.slice();
      const q = reflected(r, householder(r, m, n), m, n, m);
      expect(off(q, q, m, m, identity)).toBeLessThan(m * 2e-15);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k <= Math.min(j, m - 1); k++) sum += q[i * m + k] * (r[k * n + j] / size);
          expect(Math.abs(sum - a[i * n + j] / size)).toBeLessThan(m * n * 1e-15);
        }
    }
});
