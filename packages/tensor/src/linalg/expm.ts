import { luFactor, luSolve } from "./lu.ts";
import { addTo } from "./rows.ts";

const product = (a: Float64Array, b: Float64Array, n: number): Float64Array => {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const f = a[i * n + k];
      if (f !== 0) addTo(out, i * n, f, b, k * n, n);
    }
  return out;
};

/** Numerator coefficients of the [13/13] Padé approximant of exp. */
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];

/**
 * The exponential of a matrix (n × n) by scaling, a Padé approximant and squaring.
 *
 * @see N. Higham, "The Scaling and Squaring Method for the Matrix Exponential Revisited", SIAM J. Matrix Anal. 26 (2005)
 */
export function matrixExponential(matrix: Float64Array, n: number): Float64Array {
  if (n === 1) return matrix.map(Math.exp);
  let norm = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(matrix[i * n + j]);
    norm = Math.max(norm, sum);
  }
  // no number of halvings brings an infinity down
  if (!Number.isFinite(norm)) return new Float64Array(n * n).fill(Number.NaN);
  const squarings = norm > 5.37 ? Math.ceil(Math.log2(norm / 5.37)) : 0;
  const a = matrix.map((x) => x / 2 ** squarings);
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * n + i] = 1;
  const square = product(a, a, n);
  let even: Float64Array = new Float64Array(n * n);
  let odd: Float64Array = new Float64Array(n * n);
  let power: Float64Array = identity;
  for (let k = 0; k < pade.length; k += 2) {
    even = even.map((x, i) => x + pade[k] * power[i]);
    odd = odd.map((x, i) => x + pade[k + 1] * power[i]);
    power = product(power, square, n);
  }
  odd = product(a, odd, n);
  const denominator = even.map((x, i) => x - odd[i]);
  let result: Float64Array = even.map((x, i) => x + odd[i]);
  const lu = luFactor(denominator, n, n);
  luSolve(denominator, lu, n, result, n);
  for (let k = 0; k < squarings; k++) result = product(result, result, n);
  return result;
}
