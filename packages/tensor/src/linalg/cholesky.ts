import { dot } from "./rows.ts";

/**
 * The lower factor L of a symmetric positive definite matrix (n × n, its lower triangle read), A = L L^T, in place; the upper
 * triangle is cleared. Gives 0, or the order of the first leading minor that is not positive, counted from 1.
 */
export function cholesky(a: Float64Array, n: number): number {
  for (let j = 0; j < n; j++) {
    const d = a[j * n + j] - dot(a, j * n, a, j * n, j);
    if (!(d > 0)) return j + 1;
    const root = Math.sqrt(d);
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) a[i * n + j] = (a[i * n + j] - dot(a, i * n, a, j * n, j)) / root;
    for (let c = j + 1; c < n; c++) a[j * n + c] = 0;
  }
  return 0;
}
