// The special functions that JavaScript lacks, by textbook methods (W. J. Cody's rational forms would be faster).

/** Gauss-Legendre nodes and weights on [-1, 1], positive half, 16 points. */
const nodes = [
  0.09501250983763744, 0.2816035507792589, 0.45801677765722737, 0.6178762444026438, 0.755404408355003,
  0.8656312023878318, 0.9445750230732326, 0.9894009349916499,
]; // prettier-ignore
const weights = [
  0.1894506104550685, 0.1826034150449236, 0.1691565193950025, 0.1495959888165767, 0.1246289712555339,
  0.0951585116824928, 0.0622535239386479, 0.0271524594117541,
]; // prettier-ignore
function integrate(f: (t: number) => number, from: number, to: number): number {
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  return half * nodes.reduce((sum, x, i) => sum + weights[i] * (f(middle + half * x) + f(middle - half * x)), 0);
}

/** 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, in pieces of at most 1. */
export function erf(x: number): number {
  if (Number.isNaN(x) || x === 0) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  let sum = 0;
  const pieces = Math.ceil(Math.abs(x));
  for (let k = 0; k < pieces; k++) sum += integrate((t) => Math.exp(-t * t), (x * k) / pieces, (x * (k + 1)) / pieces);
  return (2 / Math.sqrt(Math.PI)) * sum;
}
/** 1 - erf(x); for x > 0.5 as exp(-x^2) times the integral of exp(-s^2 - 2 s x) over s > 0, which loses nothing. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0.5) return 1 - erf(x);
  if (x > 28) return 0;
  let sum = 0;
  const step = Math.min(1, 4 / x);
  for (let s = 0; s < 10; s += step) sum += integrate((t) => Math.exp(-t * (t + 2 * x)), s, s + step);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Lanczos's coefficients for g = 7. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]; // prettier-ignore
const sinPi = (x: number): number => Math.sin(Math.PI * (x - 2 * Math.round(x / 2)));

/** log |gamma(x)|, by Lanczos's formula and reflection. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  const z = x - 1;
  const t = z + 7.5;
  const sum = lanczos.reduce((s, c, i) => (i === 0 ? c : s + c / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The derivative of lgamma: recurrence to x >= 8, then its asymptotic series. */
export function digamma(x: number): number {
  if (Number.isNaN(x) || x === -Infinity) return Number.NaN;
  if (x === Infinity) return x;
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (x < 0 && Number.isInteger(x)) return Number.NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  if (x < 8) return digamma(x + 1) - 1 / x;
  const r = 1 / (x * x);
  const tail = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12].reduceRight(
    (s, c) => (s + c) * r,
    0,
  );
  return Math.log(x) - 0.5 / x - tail;
}
