// Independent float64 references of the special functions that JavaScript lacks.

/** The error function: a series of positive terms up to 3, the continued fraction of erfc beyond (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  return Math.abs(x) < 3 ? series(x) : Math.sign(x) * (1 - tail(Math.abs(x)));
}
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  return x < 1 ? (x < -3 ? 2 - tail(-x) : 1 - series(x)) : tail(x);
}
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term !== 0 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
function tail(x: number): number {
  if (x > 30) return 0;
  let fraction = 0;
  for (let k = x < 2 ? 300 : 120; k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

/** log |gamma(x)|: reflection for x < 0.5, recurrence up to 20, Stirling's series (Abramowitz & Stegun 6.1.41). */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Infinity;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x - Math.round(x))))) - lgamma(1 - x);
  let z = x;
  let product = 1;
  for (; z < 20; z++) product *= z;
  const r = 1 / (z * z);
  const stirling = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - r * (691 / 360360)))))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + stirling - Math.log(product);
}

/** The slope of lgamma: reflection, recurrence, the asymptotic series (Abramowitz & Stegun 6.3.18). */
export function digamma(x: number): number {
  if (Number.isNaN(x) || x === -Infinity) return Number.NaN;
  if (x === Infinity) return x;
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (x < 0 && Number.isInteger(x)) return Number.NaN;
  if (x < 0.5) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  let z = x;
  let sum = 0;
  for (; z < 20; z++) sum -= 1 / z;
  const r = 1 / (z * z);
  return sum + Math.log(z) - 0.5 / z - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132)))));
}
