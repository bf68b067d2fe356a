import { addTo } from "./rows.ts";

/** A factored matrix: unit lower and upper triangle in one, and what was done on the way. */
export interface Lu {
  /** Row i was swapped with row pivots[i] (counted from 0), in this order. */
  readonly pivots: Int32Array;
  /** 0, or the number of the first pivot that is 0, counted from 1. */
  readonly info: number;
}

/** Factors a (m × n, row-major) in place by Gaussian elimination with partial pivoting, as LAPACK's getrf does. */
export function luFactor(a: Float64Array, m: number, n: number): Lu {
  const k = Math.min(m, n);
  const pivots = new Int32Array(k);
  let info = 0;
  for (let j = 0; j < k; j++) {
    let p = j;
    for (let i = j + 1; i < m; i++) if (Math.abs(a[i * n + j]) > Math.abs(a[p * n + j])) p = i;
    pivots[j] = p;
    const pivot = a[p * n + j];
    if (pivot === 0) {
      if (info === 0) info = j + 1;
      continue;
    }
    if (p !== j)
      for (let c = 0; c < n; c++) {
        const kept = a[j * n + c];
        a[j * n + c] = a[p * n + c];
        a[p * n + c] = kept;
      }
    for (let i = j + 1; i < m; i++) {
      const f = a[i * n + j] / pivot;
      a[i * n + j] = f;
      if (f !== 0) addTo(a, i * n + j + 1, -f, a, j * n + j + 1, n - j - 1);
    }
  }
  return { pivots, info };
}

/** The rows of the identity in the order that the pivots give: row i of P^T A is row permutation[i] of A. */
export function permutationOf(pivots: ArrayLike<number>, m: number): Int32Array {
  const rows = Int32Array.from({ length: m }, (_, i) => i);
  for (let i = 0; i < pivots.length; i++) {
    const kept = rows[i];
    rows[i] = rows[pivots[i]];
    rows[pivots[i]] = kept;
  }
  return rows;
}

/** Solves A x = b for the columns of b (n × r), A factored; the solution takes b's place. */
export function luSolve(lu: Float64Array, { pivots }: Lu, n: number, b: Float64Array, r: number): void {
  for (let i = 0; i < n; i++) {
    const p = pivots[i];
    if (p === i) continue;
    for (let c = 0; c < r; c++) {
      const kept = b[i * r + c];
      b[i * r + c] = b[p * r + c];
      b[p * r + c] = kept;
    }
  }
  triangularSolve(lu, n, b, r, { upper: false, unit: true });
  triangularSolve(lu, n, b, r, { upper: true, unit: false });
}

/** Solves T x = b for the columns of b (n × r), T the named triangle of `a`; the solution takes b's place. */
export function triangularSolve(
  a: Float64Array,
  n: number,
  b: Float64Array,
  r: number,
  { upper, unit }: { readonly upper: boolean; readonly unit: boolean },
): void {
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const [from, to] = upper ? [i + 1, n] : [0, i];
    for (let j = from; j < to; j++) {
      const f = a[i * n + j];
      if (f !== 0) addTo(b, i * r, -f, b, j * r, r);
    }
    if (!unit) for (let c = 0; c < r; c++) b[i * r + c] /= a[i * n + i];
  }
}

/** Sign and logarithm of the determinant's size, from the factors. */
export function luDeterminant(
  lu: Float64Array,
  { pivots }: Lu,
  n: number,
): { sign: number; logAbs: number; det: number } {
  let sign = 1;
  let logAbs = 0;
  let det = 1;
  for (let i = 0; i < n; i++) {
    const d = lu[i * n + i];
    det *= pivots[i] === i ? d : -d;
    if (d < 0) sign = -sign;
    else if (d === 0) sign = 0;
    if (pivots[i] !== i) sign = -sign;
    logAbs += Math.log(Math.abs(d));
  }
  return { sign: sign === 0 ? 0 : sign, logAbs, det };
}
