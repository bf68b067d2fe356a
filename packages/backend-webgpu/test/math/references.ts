import { digamma, erf, erfc, lgamma } from "../../../../examples/backend-template/src/special.ts";

export type Reference = (x: number, y: number) => number;

/** A float function of the library: what it should give, in float64, and by how many units in the last place it may miss. */
export interface Case {
  readonly reference: Reference;
  /** 0: the rounded reference itself. */
  readonly ulps: number;
  /** An error that is allowed to results for negative x whatever their size: reflection subtracts. */
  readonly absolute?: number;
  /** Whether subnormal arguments are right as well, where hardware takes them for 0. */
  readonly subnormal?: true;
  readonly binary?: true;
}

const truth = (b: boolean): number => Number(b);
const zeroLike = (x: number): number => (x < 0 || Object.is(x, -0) ? -0 : 0);

/** To the nearest integer, halfway cases to even, with x's sign. */
function roundEven(x: number): number {
  const low = Math.floor(x);
  const even = x - low === 0.5 ? low + Math.abs(low % 2) : x - low < 0.5 ? low : low + 1;
  return Number.isFinite(x) ? even || zeroLike(x) : x;
}

function nextAfter(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === y) return y;
  if (x === 0) return Math.sign(y) * 2 ** -149;
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  view.setInt32(0, view.getInt32(0) + (y > x === x > 0 ? 1 : -1));
  return view.getFloat32(0);
}

const anyArgument = (c: Case): Case => ({ ...c, subnormal: true });
const exact = (reference: Reference): Case => ({ reference, ulps: 0 });
const within = (ulps: number, reference: Reference): Case => ({ reference, ulps });
const exact2 = (reference: Reference): Case => ({ reference, ulps: 0, binary: true });
const within2 = (ulps: number, reference: Reference): Case => ({ reference, ulps, binary: true });

export const cases: { readonly [name: string]: Case } = {
  f_abs: anyArgument(exact(Math.abs)),
  f_sign: anyArgument(exact((x) => truth(x > 0) - truth(x < 0))),
  f_floor: exact(Math.floor),
  f_ceil: exact(Math.ceil),
  f_round: exact(roundEven),
  f_trunc: exact(Math.trunc),
  f_sqrt: within(1, Math.sqrt),
  f_recip: within(1, (x) => 1 / x),
  f_div: within2(1, (x, y) => x / y),
  f_idiv: exact2((x, y) => Math.trunc(Math.fround(x / y))),
  f_rem: anyArgument(exact2((x, y) => x % y)),
  f_min: exact2(Math.min),
  f_max: exact2(Math.max),
  f_copysign: anyArgument(exact2((x, y) => (Object.is(zeroLike(y), -0) ? -Math.abs(x) : Math.abs(x)))),
  f_nextafter: anyArgument(exact2(nextAfter)),
  // C: 1 to any power is 1, and so is -1 to an infinite one
  f_pow: anyArgument(within2(4, (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y))),
  f_atan2: anyArgument(within2(3, Math.atan2)),
  f_exp: within(2, Math.exp),
  f_exp2: within(2, (x) => 2 ** x),
  f_expm1: within(3, Math.expm1),
  f_log: anyArgument(within(2, Math.log)),
  f_log2: anyArgument(within(3, Math.log2)),
  f_log10: anyArgument(within(3, Math.log10)),
  f_log1p: within(2, Math.log1p),
  f_sin: within(2, Math.sin),
  f_cos: within(2, Math.cos),
  f_tan: within(4, Math.tan),
  f_asin: within(3, Math.asin),
  f_acos: within(3, Math.acos),
  f_atan: within(3, Math.atan),
  f_sinh: within(3, Math.sinh),
  f_cosh: within(3, Math.cosh),
  f_tanh: within(3, Math.tanh),
  f_asinh: within(3, Math.asinh),
  f_acosh: within(4, Math.acosh),
  f_atanh: within(4, Math.atanh),
  f_sigmoid: within(3, (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))),
  f_erf: within(3, erf),
  f_erfc: within(5, erfc),
  f_lgamma: { reference: (x) => (x === 1 || x === 2 ? 0 : lgamma(x)), ulps: 5, absolute: 1e-6, subnormal: true },
  f_digamma: { reference: digamma, ulps: 4, absolute: 2e-6 },
};

export const specials = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  3,
  -3,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
  -2.5,
  Infinity,
  -Infinity,
  Number.NaN,
  2 ** -126,
  -(2 ** -126),
  2 ** -149,
  -(2 ** -149),
  1e-40,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  2 ** 23,
  2 ** 23 - 0.5,
  2 ** 24,
  -(2 ** 24) + 1,
  2 ** 31,
  -(2 ** 31),
  88.72283935546875,
  88.72284698486328,
  -87.5,
  -103.9,
  -104.5,
  89.41598510742188,
  127.99999,
  128,
  -126,
  -149,
  1.4616321,
  1e-20,
  10,
  9.999999,
  8,
  0.99999994,
  -0.99999994,
  1.0000001,
  Math.PI,
  Math.PI / 2,
  Math.PI / 4,
  1e6,
  1e10,
  1e20,
  1e30,
].map(Math.fround);

/** A deterministic stream of 32-bit words (xorshift). */
export function words(seed: number): () => number {
  let s = seed;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return s >>> 0;
  };
}

/** Floats of every magnitude: random bits, even spreads over several ranges, neighbourhoods of 1, 2 and other points; and the specials. */
export function samples(count: number, seed: number): Float32Array<ArrayBuffer> {
  const next = words(seed);
  const unit = () => next() / 2 ** 32;
  const ranges = [1, 3, 10, 100, 1000].map((r) => () => (2 * unit() - 1) * r);
  const bits = new DataView(new ArrayBuffer(4));
  const any = () => {
    do bits.setUint32(0, next());
    while (Number.isNaN(bits.getFloat32(0)));
    return bits.getFloat32(0);
  };
  const near = () => [1, -1, 2, 1.4616321, -0.5, 10, 8, 0][next() % 8] + (unit() - 0.5) * 2 ** -(next() % 24);
  const kinds = [any, any, near, near, ...ranges];
  const out = new Float32Array(specials.length + count);
  out.set(specials);
  for (let i = 0; i < count; i++) out[specials.length + i] = kinds[i % kinds.length]();
  return out;
}

/** Pairs: samples with samples in another order, then every special with every special. */
export function pairs(count: number): { x: Float32Array<ArrayBuffer>; y: Float32Array<ArrayBuffer> } {
  const x = [...samples(count, 7)];
  const y = [...samples(count, 11)];
  // another order, so that like magnitudes meet unlike ones; every tenth an integer, for powers
  for (let i = 0; i < y.length; i++) if (i % 10 === 0) y[i] = Math.round(y[i]);
  for (const a of specials)
    for (const b of specials) {
      x.push(a);
      y.push(b);
    }
  return { x: new Float32Array(x), y: new Float32Array(y) };
}

/** How far `got` is from `wanted` in units of the last place of float32; subnormal numbers count as 0, infinity as 2^128. */
export function ulpsApart(got: number, wanted: number): number {
  const rounded = Math.fround(wanted);
  if (Number.isNaN(wanted) || Number.isNaN(got)) return Number.isNaN(wanted) && Number.isNaN(got) ? 0 : Infinity;
  if (Object.is(got, rounded)) return 0;
  const smallest = 2 ** -126;
  if (Math.abs(wanted) < smallest && Math.abs(got) <= smallest) return 0;
  // the right infinity, of which the other side of the rounding is one step away
  const size = (v: number) => Math.max(-(2 ** 128), Math.min(2 ** 128, v));
  const ulp = 2 ** (Math.floor(Math.log2(Math.max(smallest, Math.min(Math.abs(wanted), 2 ** 127.9)))) - 23);
  return Math.abs(size(got) - size(wanted)) / ulp;
}
