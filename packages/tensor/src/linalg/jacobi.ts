const sweeps = 60;

/**
 * Eigenvalues (rising) and eigenvectors (columns of v) of a symmetric matrix (n × n) by cyclic Jacobi rotations: to the last bit
 * or two, at n^3 a sweep.
 *
 * @see G. Golub, C. Van Loan, Matrix Computations, 4th ed., 8.5
 */
export function symmetricEigen(
  a: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  let size = 0;
  for (let i = 0; i < n * n; i++) size += a[i] * a[i];
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off += a[i * n + j] * a[i * n + j];
    if (off <= 1e-32 * size) break;
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q];
        if (apq === 0) continue;
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k * n + p], a[k * n + q]];
          a[k * n + p] = c * x - s * y;
          a[k * n + q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p * n + k], a[q * n + k]];
          a[p * n + k] = c * x - s * y;
          a[q * n + k] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [v[k * n + p], v[k * n + q]];
          v[k * n + p] = c * x - s * y;
          v[k * n + q] = s * x + c * y;
        }
      }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i] - a[j * n + j]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let k = 0; k < n; k++) vectors[k * n + to] = v[k * n + from];
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}

/**
 * Thin singular value decomposition of a tall matrix (m × n, m >= n) by one-sided Jacobi rotations: A = U diag(s) V^T with s
 * falling, U (m × n) and V (n × n). Columns of U for singular values 0 are 0.
 *
 * @see G. Golub, C. Van Loan, Matrix Computations, 4th ed., 8.6.3
 */
export function tallSvd(
  a: Float64Array,
  m: number,
  n: number,
): { readonly u: Float64Array; readonly s: Float64Array; readonly v: Float64Array } {
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        let [alpha, beta, gamma] = [0, 0, 0];
        for (let k = 0; k < m; k++) {
          const [x, y] = [a[k * n + p], a[k * n + q]];
          alpha += x * x;
          beta += y * y;
          gamma += x * y;
        }
        if (gamma === 0 || Math.abs(gamma) <= 1e-16 * Math.sqrt(alpha * beta)) continue;
        rotated = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        const s = c * t;
        rotate(a, m, n, p, q, c, s);
        rotate(v, n, n, p, q, c, s);
      }
    if (!rotated) break;
  }
  const lengths = Float64Array.from({ length: n }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < m; k++) sum += a[k * n + j] * a[k * n + j];
    return Math.sqrt(sum);
  });
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => lengths[j] - lengths[i]);
  const [u, w] = [new Float64Array(m * n), new Float64Array(n * n)];
  order.forEach((from, to) => {
    for (let k = 0; k < m; k++) u[k * n + to] = lengths[from] === 0 ? 0 : a[k * n + from] / lengths[from];
    for (let k = 0; k < n; k++) w[k * n + to] = v[k * n + from];
  });
  return { u, s: Float64Array.from(order, (i) => lengths[i]), v: w };
}
function rotate(a: Float64Array, rows: number, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < rows; k++) {
    const [x, y] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
}
