import { addTo, scaleOf } from "./rows.ts";

/**
 * Householder QR in place (m × n), as LAPACK's geqrf: R on and above the diagonal, below it the vectors v of the reflections
 * I - tau v v^T, whose first element 1 is left out. Gives the taus.
 */
export function householder(a: Float64Array, m: number, n: number): Float64Array {
  const k = Math.min(m, n);
  const taus = new Float64Array(k);
  const [v, w] = [new Float64Array(m), new Float64Array(n)];
  const scale = scaleOf(a);
  for (let i = 0; i < a.length; i++) a[i] /= scale;
  for (let j = 0; j < k; j++) {
    const alpha = a[j * n + j];
    let below = 0;
    for (let i = j + 1; i < m; i++) below += a[i * n + j] * a[i * n + j];
    if (below === 0) continue;
    const beta = -Math.sign(alpha || 1) * Math.sqrt(alpha * alpha + below);
    const tau = (beta - alpha) / beta;
    taus[j] = tau;
    for (let i = j + 1; i < m; i++) a[i * n + j] /= alpha - beta;
    a[j * n + j] = beta;
    const [from, count] = [j + 1, n - j - 1];
    for (let i = j + 1; i < m; i++) v[i] = a[i * n + j];
    turn(a, n, from, count, v, j, m, tau, w);
  }
  for (let i = 0; i < k; i++) for (let j = i; j < n; j++) a[i * n + j] *= scale;
  return taus;
}

/** Applies I - tau v v^T, v from `top` to m with a first element of 1, to `count` columns of `a` from `from` on; `w` is room for sums. */
function turn(
  a: Float64Array,
  n: number,
  from: number,
  count: number,
  v: Float64Array,
  top: number,
  m: number,
  tau: number,
  w: Float64Array,
): void {
  if (count === 0) return;
  v[top] = 1;
  w.fill(0, from, from + count);
  for (let i = top; i < m; i++) addTo(w, from, v[i], a, i * n + from, count);
  for (let i = top; i < m; i++) addTo(a, i * n + from, -tau * v[i], w, from, count);
}

/** The first `columns` columns of Q (m × columns) from {@link householder}'s result. */
export function reflected(a: Float64Array, taus: Float64Array, m: number, n: number, columns: number): Float64Array {
  const q = new Float64Array(m * columns);
  const [v, w] = [new Float64Array(m), new Float64Array(columns)];
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  // columns before j are those of the identity still, which reflection j leaves as they are
  for (let j = Math.min(taus.length, columns) - 1; j >= 0; j--) {
    for (let i = j + 1; i < m; i++) v[i] = a[i * n + j];
    turn(q, columns, j, columns - j, v, j, m, taus[j], w);
  }
  return q;
}
