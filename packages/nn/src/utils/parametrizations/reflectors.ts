import { type Tensor, tensor } from "@flambeau/tensor/functional";
import { numbersFor } from "@flambeau/tensor/plugin";

/**
 * The vectors of the reflections of a QR factorization below the diagonal, and on it the signs of R's, turned where there is nothing to
 * reflect: a product of reflections makes `x` of it again, where that is orthogonal. For tall matrices, on the host.
 *
 * @throws UnavailableError on a device that cannot be read synchronously.
 */
export function reflectorsOf(x: Tensor): Tensor {
  const [n, k] = x.shape.slice(-2);
  const all = Float64Array.from(
    numbersFor("orthogonal", x, "its factors are computed on the host") as ArrayLike<number>,
  );
  for (let start = 0; start < all.length; start += n * k) reflect(all.subarray(start, start + n * k), n, k);
  return tensor(all, { dtype: x.dtype, device: x.device, shape: x.shape });
}
/** Householder's algorithm in place, as LAPACK's geqrf. */
function reflect(a: Float64Array, n: number, k: number): void {
  for (let j = 0; j < k; j++) {
    const alpha = a[j * k + j];
    let below = 0;
    for (let i = j + 1; i < n; i++) below += a[i * k + j] ** 2;
    if (below === 0) {
      a[j * k + j] = -Math.sign(alpha);
      continue;
    }
    const beta = -Math.sign(alpha || 1) * Math.sqrt(alpha ** 2 + below);
    const tau = (beta - alpha) / beta;
    for (let i = j + 1; i < n; i++) a[i * k + j] /= alpha - beta;
    for (let c = j + 1; c < k; c++) {
      let s = a[j * k + c];
      for (let i = j + 1; i < n; i++) s += a[i * k + j] * a[i * k + c];
      s *= tau;
      a[j * k + c] -= s;
      for (let i = j + 1; i < n; i++) a[i * k + c] -= s * a[i * k + j];
    }
    a[j * k + j] = Math.sign(beta);
  }
}
