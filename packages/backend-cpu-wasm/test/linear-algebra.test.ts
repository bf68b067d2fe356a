import type { LinearAlgebra } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, it } from "vitest";
import { hostAlgebra } from "../../tensor/src/ops/linalg/host-algebra.ts";
import { CpuWasmBackend } from "../src/backend.ts";
import { builds } from "./engine/builds.ts";
import { generator } from "./memory.ts";

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 16, 23, 32, 33, 64, 65, 101];
const random = generator(5);
const matrix = (m: number, n: number) => Float64Array.from({ length: m * n }, () => random.uniform() * 2 - 1);
/** a (m × k) times b (k × n). */
function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let l = 0; l < k; l++) for (let j = 0; j < n; j++) out[i * n + j] += a[i * k + l] * b[l * n + j];
  return out;
}
const transposed = (a: Float64Array, m: number, n: number) =>
  Float64Array.from({ length: m * n }, (_, i) => a[(i % m) * n + Math.floor(i / m)]);
const identity = (n: number) => Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
function expectClose(got: Float64Array, want: Float64Array, limit: number): void {
  expect(got.length).toBe(want.length);
  let most = 0;
  for (let i = 0; i < got.length; i++) most = Math.max(most, Math.abs(got[i] - want[i]));
  expect(most).toBeLessThanOrEqual(limit);
}
const eps = Number.EPSILON;

describe.each(builds)("linear algebra by kernels (%s)", (build) => {
  const backend = new CpuWasmBackend({ threads: 1, native: build === "wasm" ? false : build });
  const ours: LinearAlgebra = backend.linearAlgebra;
  afterAll(() => backend.dispose());

  it.each(sizes)("factors and solves as the host does, of size %d", (n) => {
    for (const m of new Set([n, n + 3, Math.max(1, n - 2)])) {
      const a = matrix(m, n);
      const [here, there] = [a.slice(), a.slice()];
      const [mine, host] = [ours.luFactor(here, m, n), hostAlgebra.luFactor(there, m, n)];
      expect(mine).toEqual(host);
      expectClose(here, there, 64 * n * eps);
    }
    const [a, r] = [matrix(n, n), n % 11 === 0 ? 43 : (n % 5) + 1];
    const x = matrix(n, r);
    const b = product(a, x, n, n, r);
    const factors = a.slice();
    const lu = ours.luFactor(factors, n, n);
    ours.luSolve(factors, lu, n, b, r);
    const host = product(a, x, n, n, r);
    hostAlgebra.luSolve(factors, lu, n, host, r);
    const scale = host.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    expectClose(b, host, 1e-10 * scale);
    for (const upper of [false, true])
      for (const unit of [false, true]) {
        // small beside the diagonal: solutions do not grow
        const t = a.map((v, i) => (i % (n + 1) === 0 ? 2 + v : v / n));
        const [p, q] = [matrix(n, r), new Float64Array(n * r)];
        q.set(p);
        ours.triangularSolve(t, n, p, r, { upper, unit });
        hostAlgebra.triangularSolve(t, n, q, r, { upper, unit });
        expectClose(p, q, 64 * n * eps);
      }
  });
  it("names the first pivot that is 0, and exchanges rows", () => {
    const a = Float64Array.of(0, 1, 2, 0, 3, 4, 0, 5, 6, 0, 7, 8);
    const b = a.slice();
    expect(ours.luFactor(a, 4, 3)).toEqual(hostAlgebra.luFactor(b, 4, 3));
    expectClose(a, b, 0);
    const n = 9;
    const c = product(matrix(n, 4), matrix(4, n), n, 4, n);
    for (let i = 0; i < n; i++) c[i * n + 5] = 0;
    const d = c.slice();
    expect(ours.luFactor(c, n, n).info).toBe(hostAlgebra.luFactor(d, n, n).info);
  });

  it.each(sizes)("takes the root of a positive definite matrix of size %d", (n) => {
    const a = matrix(n, n);
    const s = product(a, transposed(a, n, n), n, n, n).map((v, i) => v + Number(i % (n + 1) === 0));
    const l = s.slice();
    expect(ours.cholesky(l, n)).toBe(0);
    expectClose(product(l, transposed(l, n, n), n, n, n), s, 64 * n * eps);
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBe(0);
    s[(n >> 1) * (n + 1)] = -1;
    expect(ours.cholesky(s.slice(), n)).toBe(hostAlgebra.cholesky(s.slice(), n));
  });

  it.each(sizes)("finds Q and R of size %d", (n) => {
    for (const m of new Set([n, n + 4, Math.max(1, n - 1)])) {
      const a = matrix(m, n).map((v) => v * 1e200);
      const factors = a.slice();
      const taus = ours.householder(factors, m, n);
      const k = Math.min(m, n);
      for (const columns of new Set([k, m])) {
        const q = ours.reflected(factors, taus, m, n, columns);
        const r = Float64Array.from({ length: columns * n }, (_, i) => {
          const [row, column] = [Math.floor(i / n), i % n];
          return row <= column && row < k ? factors[row * n + column] : 0;
        });
        expectClose(product(q, r, m, columns, n), a, 64 * n * eps * 1e200);
        expectClose(product(transposed(q, m, columns), q, columns, m, columns), identity(columns), 64 * m * eps);
      }
    }
  });

  it.each(sizes)("finds eigenvalues and eigenvectors of size %d", (n) => {
    const g = matrix(n, n);
    for (const scale of [1, 1e-300, 1e300]) {
      const a = Float64Array.from({ length: n * n }, (_, i) => (g[i] + g[(i % n) * n + Math.floor(i / n)]) * scale);
      const { values, vectors } = ours.symmetricEigen(a.slice(), n);
      expectClose(values, hostAlgebra.symmetricEigen(a.slice(), n).values, 64 * n * eps * scale);
      expectClose(
        product(a, vectors, n, n, n),
        vectors.map((v, i) => v * values[i % n]),
        64 * n * eps * scale,
      );
      expectClose(product(transposed(vectors, n, n), vectors, n, n, n), identity(n), 64 * n * eps);
    }
  });
  it("of matrices with equal eigenvalues, too", () => {
    for (const a of [identity(20), new Float64Array(400), identity(20).map((v, i) => v * Math.floor(i / 100))]) {
      const { values, vectors } = ours.symmetricEigen(a.slice(), 20);
      expectClose(values, hostAlgebra.symmetricEigen(a.slice(), 20).values, 0);
      expectClose(product(transposed(vectors, 20, 20), vectors, 20, 20, 20), identity(20), 64 * eps);
    }
  });

  it.each(sizes)("finds singular values and vectors of size %d", (n) => {
    for (const m of new Set([n, n + 5, 3 * n]))
      for (const kind of ["full", "lower rank", "zeros in the diagonal", "large"]) {
        const a =
          kind === "lower rank"
            ? product(matrix(m, 1), matrix(1, n), m, 1, n)
            : matrix(m, n).map((v, i) =>
                kind === "large"
                  ? v * 1e290
                  : kind === "full" || i % n >= Math.floor(i / n)
                    ? v * Number(kind === "full" || i % (n + 1) > 0)
                    : 0,
              );
        const scale = kind === "large" ? 1e290 : 1;
        const { u, s, vh } = ours.tallSvd(a.slice(), m, n);
        expectClose(s, hostAlgebra.tallSvd(a.slice(), m, n).s, 256 * m * eps * scale);
        for (let i = 1; i < n; i++) expect(s[i]).toBeLessThanOrEqual(s[i - 1]);
        expectClose(
          product(
            u.map((v, i) => v * s[i % n]),
            vh,
            m,
            n,
            n,
          ),
          a,
          256 * m * eps * scale,
        );
        expectClose(product(transposed(u, m, n), u, n, m, n), identity(n), 256 * m * eps);
        expectClose(product(vh, transposed(vh, n, n), n, n, n), identity(n), 256 * m * eps);
      }
  });
});
