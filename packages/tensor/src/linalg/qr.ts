/**
 * Householder QR in place (m × n), as LAPACK's geqrf: R on and above the diagonal, below it the vectors v of the reflections
 * I - tau v v^T, whose first element 1 is left out. Gives the taus.
 */
export function householder(a: Float64Array, m: number, n: number): Float64Array {
  const k = Math.min(m, n);
  const taus = new Float64Array(k);
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
    for (let c = j + 1; c < n; c++) {
      let s = a[j * n + c];
      for (let i = j + 1; i < m; i++) s += a[i * n + j] * a[i * n + c];
      s *= tau;
      a[j * n + c] -= s;
      for (let i = j + 1; i < m; i++) a[i * n + c] -= s * a[i * n + j];
    }
  }
  return taus;
}

/** The first `columns` columns of Q (m × columns) from {@link householder}'s result. */
export function reflected(a: Float64Array, taus: Float64Array, m: number, n: number, columns: number): Float64Array {
  const q = new Float64Array(m * columns);
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  for (let j = taus.length - 1; j >= 0; j--)
    for (let c = 0; c < columns; c++) {
      let s = q[j * columns + c];
      for (let i = j + 1; i < m; i++) s += a[i * n + j] * q[i * columns + c];
      s *= taus[j];
      q[j * columns + c] -= s;
      for (let i = j + 1; i < m; i++) q[i * columns + c] -= s * a[i * n + j];
    }
  return q;
}
