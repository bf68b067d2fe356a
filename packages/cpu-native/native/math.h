// Functions of vectors of float32, by the polynomials of the WebAssembly ones (assembly/core/exp.ts), and with their limits.

/** 1.5 · 2²³: adding it rounds to an integer, which then stands in the low bits. */
constexpr float roundingBias = 12582912.0f;
constexpr float ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;

/** A polynomial, highest coefficient first, by Horner's rule; a long one in x², of pairs: the WebAssembly kernels' order, and so their bits. */
template <class... C>
ALWAYS_INLINE vec<float> poly(vec<float> x, C... coefficients) {
  constexpr int n = sizeof...(C);
  const float terms[] = {static_cast<float>(coefficients)...};
  if constexpr (n < 7) {
    vec<float> p = all(terms[0]);
#pragma GCC unroll 8
    for (int i = 1; i < n; i++) p = p * x + terms[i];
    return p;
  } else {
    const vec<float> square = x * x;
    vec<float> p = n % 2 ? all(terms[0]) : terms[0] * x + terms[1];
#pragma GCC unroll 8
    for (int i = 2 - n % 2; i < n; i += 2) p = p * square + (terms[i] * x + terms[i + 1]);
    return p;
  }
}

/** exp of x <= 88.7, within 3 ulp; 0 below -87.33 (no denormals), NaN stays NaN. */
ALWAYS_INLINE vec<float> expBelow(vec<float> x) {
  const vec<float> c = larger(x, all(-87.33654f));
  const vec<float> shifted = c * 1.44269504088896341f + roundingBias;
  const vec<float> n = shifted - roundingBias;
  const vec<float> r = c - n * ln2High - n * ln2Low;
  const vec<float> p = poly(r, 8.312520571053028e-3f, 4.189015552401543e-2f, 1.6667114198207855e-1f, 4.99992311000824e-1f);
  const vec<float> e = asFloats(bits(r * r * p + (r + 1.0f)) + (bits(shifted) << 23));
  const vec<float> inside = x < -87.33654f ? vec<float>{} : e;
  return x != x ? x : inside;
}

/** exp, +∞ above 88.72. */
ALWAYS_INLINE vec<float> expOf(vec<float> x) {
  return x > 88.72283f ? all(__builtin_inff()) : expBelow(smaller(x, all(88.72283f)));
}

/** log of a float64 that is normal and positive, or ∞ or NaN: 2 atanh((m - 1) / (m + 1)) with m between √½ and √2; relative error 1e-13. */
inline double logOf(double x) {
  if (!(x < __builtin_inf())) return x;
  int64_t word;
  __builtin_memcpy(&word, &x, sizeof word);
  const int64_t shifted = word - 0x3fe6a09e667f3bcd;
  word = (shifted & 0xfffffffffffff) + 0x3fe6a09e667f3bcd;
  double m;
  __builtin_memcpy(&m, &word, sizeof m);
  const double s = (m - 1) / (m + 1), z = s * s;
  const double p =
      2.0 / 3 + z * (2.0 / 5 + z * (2.0 / 7 + z * (2.0 / 9 + z * (2.0 / 11 + z * (2.0 / 13 + z * (2.0 / 15 + z * (2.0 / 17)))))));
  return static_cast<double>(shifted >> 52) * 0.69314718055994530942 + (2 * s + s * z * p);
}

// The functions of pointwise programs: those of src/emit/math of the WebAssembly backend, with its coefficients and its care for edges.

/** x, as it is in memory: nothing that it was computed from may be joined to what it is used for. */
ALWAYS_INLINE vec<float> settled(vec<float> x) {
#if defined(__x86_64__)
  __asm__("" : "+v"(x));
#else
  __asm__("" : "+w"(x));
#endif
  return x;
}
constexpr int32_t bitsOfNumber(float x) {
  return __builtin_bit_cast(int32_t, x);
}
ALWAYS_INLINE vec<float> magnitude(vec<float> x) { return asFloats(bits(x) & 0x7fffffff); }
/** x, which is not negative, with y's sign. */
ALWAYS_INLINE vec<float> signedAs(vec<float> x, vec<float> y) { return asFloats(bits(x) | (bits(y) & INT32_MIN)); }
ALWAYS_INLINE vec<float> copySign(vec<float> x, vec<float> y) { return signedAs(magnitude(x), y); }
/** The smaller and the larger of a number and x, NaN where x is. */
ALWAYS_INLINE vec<float> upTo(float most, vec<float> x) { return smaller(all(most), x); }
ALWAYS_INLINE vec<float> from(float least, vec<float> x) { return larger(all(least), x); }
/** `usual`, and in lanes of the mask, which are rare, what `slow` makes. */
template <class Slow>
ALWAYS_INLINE vec<float> patched(vec<float> usual, vec<int32_t> mask, Slow slow) {
  if (__builtin_expect(!anyLane(mask), 1)) return usual;
  return mask ? slow() : usual;
}
/** A function of one float64, lane by lane. */
template <class F>
NOINLINE vec<float> byLane(vec<float> x, F f) {
  for (int i = 0; i < Lanes<float>::count; i++) x[i] = static_cast<float>(f(static_cast<double>(x[i])));
  return x;
}

/** x = k ln 2 + r with |r| <= ln 2 / 2; `biased` holds the integer k in its low bits. */
struct Halved {
  vec<float> biased, r;
  ALWAYS_INLINE explicit Halved(vec<float> x) {
    biased = x * 1.44269504088896341f + roundingBias;
    const vec<float> k = biased - roundingBias;
    r = x - k * ln2High - k * ln2Low;
  }
};
/** e^r for |r| <= ln 2 / 2: minimax, relative error 9.2e-8. */
ALWAYS_INLINE vec<float> power(vec<float> r) {
  return poly(r, 0.008290318161352556, 0.041897959021348886, 0.16667636343977504, 0.49999149314315033, 0.9999997070964838, 1);
}
/** 2^r for |r| <= 1/2: the same in r ln 2. */
ALWAYS_INLINE vec<float> power2(vec<float> r) {
  constexpr double l = 0.69314718055994530942;
  return poly(r, 0.008290318161352556 * l * l * l * l * l, 0.041897959021348886 * l * l * l * l, 0.16667636343977504 * l * l * l,
              0.49999149314315033 * l * l, 0.9999997070964838 * l, 1);
}
/** e^r - 1 for |r| <= ln 2 / 2: relative error 1.4e-8. */
ALWAYS_INLINE vec<float> powerMinusOne(vec<float> r) {
  return r * r * poly(r, 0.001388252722075641, 0.00836651712615929, 0.041667199692158, 0.16666543646647747, 0.4999999815472973) + r;
}
/** y 2^(k + shift) in two steps, so that neither the scale of the largest results nor that of subnormal ones is out of range. */
ALWAYS_INLINE vec<float> scaled(vec<float> y, vec<float> biased, int shift) {
  const vec<int32_t> k = bits(biased), half = k >> 1;
  return settled(y * asFloats((half << 23) + (127 << 23))) * asFloats(((k - half) << 23) + ((127 + shift) << 23));
}
ALWAYS_INLINE vec<int32_t> beyond(vec<float> x, float limit) { return (bits(x) & 0x7fffffff) > bitsOfNumber(limit); }
ALWAYS_INLINE vec<float> expAnywhere(vec<float> x, int shift) {
  const Halved h(upTo(shift < 0 ? 90.0f : 88.8f, from(-104, x)));
  return scaled(power(h.r), h.biased, shift);
}
ALWAYS_INLINE vec<float> fullExp(vec<float> x) {
  const Halved h(x);
  return patched(asFloats(bits(power(h.r)) + (bits(h.biased) << 23)), beyond(x, 87), [&] { return expAnywhere(x, 0); });
}
ALWAYS_INLINE vec<float> fullExp2(vec<float> x) {
  const vec<float> biased = x + roundingBias, p = power2(x - (biased - roundingBias));
  return patched(asFloats(bits(p) + (bits(biased) << 23)), beyond(x, 125), [&] {
    const vec<float> c = upTo(128.5f, from(-151, x)), b = c + roundingBias;
    return scaled(power2(c - (b - roundingBias)), b, 0);
  });
}
/** e^x - 1 = 2^k (e^r - 1) + 2^k - 1, at half size so that 2^k stays finite. It has x's sign, also at -0. */
ALWAYS_INLINE vec<float> fullExpm1(vec<float> x) {
  const Halved h(upTo(88.8f, from(-40, x)));
  const vec<float> s = asFloats((bits(h.biased) << 23) + (126 << 23)), y = s * powerMinusOne(h.r) + (s - 0.5f);
  return signedAs(y + y, x);
}

ALWAYS_INLINE vec<float> sigmoidOf(vec<float> x) {
  const vec<float> e = fullExp(asFloats(bits(x) | INT32_MIN));
  return (bits(x) < 0 ? e : all(1)) / (1.0f + e);
}
/** t / (t + 2) with t = e^2|x| - 1, which does not cancel near 0; from 10 on tanh is 1. */
ALWAYS_INLINE vec<float> tanhOf(vec<float> x) {
  const vec<float> a = upTo(10, magnitude(x));
  const Halved h(a + a);
  const vec<float> s = asFloats((bits(h.biased) << 23) + bitsOfNumber(1)), t = s * powerMinusOne(h.r) + (s - 1.0f);
  return signedAs(t / (t + 2.0f), x);
}
ALWAYS_INLINE vec<float> coshOf(vec<float> x) {
  const vec<float> half = expAnywhere(magnitude(x), -1);
  return half + 0.25f / half;
}
ALWAYS_INLINE vec<float> sinhOf(vec<float> x) {
  const vec<float> a = magnitude(x), half = expAnywhere(a, -1), z = x * x;
  const vec<float> far = signedAs(half - 0.25f / half, x);
  const vec<float> near = z * x * poly(z, 1.0 / 362880, 1.0 / 5040, 1.0 / 120, 1.0 / 6) + x;
  return a > 1.0f ? far : near;
}

/** x = 2^e (1 + f) with √½ <= 1 + f <= √2, for normal positive x. */
struct Parts {
  vec<int32_t> exponent;
  vec<float> e, f;
  ALWAYS_INLINE explicit Parts(vec<float> x) {
    const vec<int32_t> shifted = bits(x) - 0x3f3504f3;
    exponent = shifted >> 23;
    e = __builtin_convertvector(exponent, vec<float>);
    f = asFloats((shifted & 0x7fffff) + 0x3f3504f3) - 1.0f;
  }
};
/** log(1 + f) - f (Cephes' logf), plus `more`. */
ALWAYS_INLINE vec<float> logCurve(vec<float> f, vec<float> more) {
  const vec<float> z = f * f;
  const vec<float> p = poly(f, 7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
                            2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1);
  return (f * z * p + more) - z * 0.5f;
}
struct Natural {
  static ALWAYS_INLINE vec<float> of(vec<float> e, vec<float> f) { return e * ln2High + (f + logCurve(f, settled(e * ln2Low))); }
};
struct Binary {
  static ALWAYS_INLINE vec<float> of(vec<float> e, vec<float> f) { return (f + logCurve(f, vec<float>{})) * 1.44269504088896341f + e; }
};
struct Decimal {
  static ALWAYS_INLINE vec<float> of(vec<float> e, vec<float> f) {
    const vec<float> small = e * 2.487456639811952e-4f + settled((f + logCurve(f, vec<float>{})) * 0.43429448190325182765f);
    return e * 0.30078125f + small;
  }
};
/** Lanes outside [smallest normal, infinity). */
ALWAYS_INLINE vec<int32_t> unusual(vec<float> x) { return (bits(x) < 0x00800000) | (bits(x) >= 0x7f800000); }
/** What a logarithm is at 0, below, at infinity and NaN; elsewhere `y`. */
ALWAYS_INLINE vec<float> atEdges(vec<float> x, vec<float> y) {
  const vec<float> zero = x == 0.0f ? all(-__builtin_inff()) : y;
  const vec<float> negative = x < 0.0f ? all(__builtin_nanf("")) : zero;
  return (x != x) | (x == __builtin_inff()) ? x : negative;
}
template <class From>
ALWAYS_INLINE vec<float> logarithm(vec<float> x) {
  const Parts p(x);
  return patched(From::of(p.e, p.f), unusual(x), [&] {
    const vec<int32_t> tiny = x < 0x1p-126f;
    const Parts lifted(tiny ? x * 0x1p23f : x);
    return atEdges(x, From::of(lifted.e - (tiny ? all(23) : vec<float>{}), lifted.f));
  });
}
/** log(1 + x): what rounding 1 + x to u lost is added to u's fraction. It has x's sign, also at -0. */
ALWAYS_INLINE vec<float> log1pOf(vec<float> x) {
  const vec<float> u = 1.0f + x;
  const Parts p(u);
  const vec<float> lost = x - (u - 1.0f);
  const vec<int32_t> power = 127 - p.exponent;
  const vec<float> y = signedAs(Natural::of(p.e, lost * asFloats((power > 0 ? power : vec<int32_t>{}) << 23) + p.f), x);
  return patched(y, unusual(u), [&] { return atEdges(u, y); });
}
ALWAYS_INLINE vec<float> asinhOf(vec<float> x) {
  const vec<float> a = magnitude(x), square = a * a;
  const vec<int32_t> big = a > 0x1p30f;
  const vec<float> u = a + square / (1.0f + squareRoot(square + 1.0f));
  return copySign(log1pOf(big ? a : u) + (big ? all(0.69314718055994530942f) : vec<float>{}), x);
}
ALWAYS_INLINE vec<float> acoshOf(vec<float> x) {
  const vec<float> t = x - 1.0f;
  const vec<int32_t> big = x > 0x1p30f;
  const vec<float> u = t + squareRoot(t * (t + 2.0f));
  const vec<float> y = log1pOf(big ? t : u) + (big ? all(0.69314718055994530942f) : vec<float>{});
  return x < 1.0f ? all(__builtin_nanf("")) : y;
}
ALWAYS_INLINE vec<float> atanhOf(vec<float> x) {
  const vec<float> a = magnitude(x);
  return copySign(0.5f * log1pOf((a + a) / (1.0f - a)), x);
}

/** x times a minimax quotient of polynomials in x² (relative error 2e-8 before rounding); from 3.965 on erf is 1. */
ALWAYS_INLINE vec<float> erfOf(vec<float> x) {
  const vec<float> a = upTo(3.965f, magnitude(x)), z = a * a;
  const vec<float> p = poly(z, 0.05373014273417376, 7.494185056981157, 99.45372483964644, 1389.0801522123027, 5020.137424989364,
                            29691.230165351975);
  const vec<float> q = poly(z, 1, 30.660427928585296, 394.6305440192081, 3006.4808944946394, 13220.020847895832, 26313.16812938504);
  return signedAs(upTo(1, a * p / q), x);
}
/** (1 + 2a) e^(a²) erfc(a) is smooth in (a - 2) / (a + 2) (N. Juffa's polynomial); the square's rounding error goes back into the exponential. */
ALWAYS_INLINE vec<float> erfcOf(vec<float> x) {
  const vec<float> a = upTo(12, magnitude(x)), q = (a - 2.0f) / (a + 2.0f);
  const vec<float> p = poly(q, -4.01139259e-4, -1.2307521e-3, 1.31355342e-3, 8.63227434e-3, -8.05991981e-3, -5.42046614e-2, 1.64055392e-1,
                            -1.66031361e-1, -9.27639827e-2, 2.76978403e-1);
  const vec<float> r = (p + 1.0f) / (a * 2.0f + 1.0f), s = settled(a * a), high = asFloats(bits(a) & static_cast<int32_t>(0xfffff000));
  const vec<float> lost = (high * high - s) + (a - high) * (a + high);
  const vec<float> e = r * fullExp(-s), y = e - e * lost;
  return x != x ? x : x < 0.0f ? 2.0f - y : y;
}

/** x - k π/2 with |r| <= π/4 (Cody and Waite; π/2 in three parts); `quadrant` holds k in its low bits. Exact up to 8192. */
struct Turned {
  vec<int32_t> quadrant, large;
  vec<float> r, z;
  ALWAYS_INLINE explicit Turned(vec<float> x) {
    const vec<float> biased = x * 0.63661977236758134308f + roundingBias, k = biased - roundingBias;
    quadrant = bits(biased);
    r = x - k * 1.5703125f - k * 4.837512969970703e-4f - k * 7.549789948768648e-8f;
    z = r * r;
    large = ~(magnitude(x) <= 8192.0f);
  }
};
template <int QUARTERS>
ALWAYS_INLINE vec<float> sine(vec<float> x) {
  const Turned t(x);
  const vec<int32_t> q = t.quadrant + QUARTERS;
  const vec<float> s = signedAs(magnitude(t.z * t.r * poly(t.z, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1) + t.r), t.r);
  const vec<float> c =
      t.z * t.z * poly(t.z, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2) + (1.0f - t.z * 0.5f);
  const vec<float> y = asFloats(bits((q & 1) != 0 ? c : s) ^ ((q >> 1) << 31));
  return patched(y, t.large, [&] {
    return byLane(x, [](double v) { return QUARTERS ? __builtin_cos(v) : __builtin_sin(v); });
  });
}
ALWAYS_INLINE vec<float> tanOf(vec<float> x) {
  const Turned t(x);
  const vec<float> p =
      poly(t.z, 9.38540185543e-3, 3.11992232697e-3, 2.44301354525e-2, 5.34112807005e-2, 1.33387994085e-1, 3.33331568548e-1);
  const vec<float> y = t.z * t.r * p + t.r;
  return patched((t.quadrant & 1) != 0 ? -1.0f / y : y, t.large, [&] { return byLane(x, [](double v) { return __builtin_tan(v); }); });
}

constexpr double pi = 3.14159265358979323846;
/** Of a = |x|: where a > ½ (`outer`), half of what asin(a) = π/2 - 2 asin(√((1 - a) / 2)) takes from π/2 (Cephes' asinf). */
struct ArcSine {
  vec<int32_t> outer;
  vec<float> p;
  ALWAYS_INLINE explicit ArcSine(vec<float> a) {
    outer = a > 0.5f;
    const vec<float> z = outer ? 0.5f - a * 0.5f : a * a, s = outer ? squareRoot(z) : a;
    p = z * s * poly(z, 4.2163199048e-2, 2.4181311049e-2, 4.5470025998e-2, 7.4953002686e-2, 1.6666752422e-1) + s;
  }
};
ALWAYS_INLINE vec<float> asinOf(vec<float> x) {
  const vec<float> a = magnitude(x);
  const ArcSine s(a);
  const vec<float> y = s.outer ? static_cast<float>(pi / 2) - s.p * 2.0f : s.p;
  return a > 1.0f ? all(__builtin_nanf("")) : asFloats(bits(y) ^ (bits(x) & INT32_MIN));
}
ALWAYS_INLINE vec<float> acosOf(vec<float> x) {
  const vec<float> a = magnitude(x);
  const ArcSine s(a);
  const vec<float> twice = s.p + s.p, outside = bits(x) < 0 ? static_cast<float>(pi) - twice : twice;
  const vec<float> inside = static_cast<float>(pi / 2) - asFloats(bits(s.p) ^ (bits(x) & INT32_MIN));
  return a > 1.0f ? all(__builtin_nanf("")) : s.outer ? outside : inside;
}
/** What atan(t) is of t besides t, over t, for 0 <= t <= 1, by a minimax polynomial. */
ALWAYS_INLINE vec<float> atanBend(vec<float> t) {
  const vec<float> z = t * t;
  return poly(z, 2.78569828e-3, -1.58660226e-2, 4.24722321e-2, -7.49753043e-2, 1.06448799e-1, -1.42070308e-1, 1.99934542e-1,
              -3.33331466e-1) * z;
}
ALWAYS_INLINE vec<float> atanOf(vec<float> x) {
  const vec<float> a = magnitude(x);
  const vec<int32_t> outer = a > 1.0f;
  const vec<float> t = outer ? 1.0f / a : a, bend = settled(atanBend(t));
  // π/2 as float32 has it is too large by what the small part takes away again
  const vec<float> rest = static_cast<float>(pi / 2) - (t + (bend * t + static_cast<float>(static_cast<float>(pi / 2) - pi / 2)));
  return signedAs(outer ? rest : bend * t + t, x);
}
/** The angle of (x, y): atan of the smaller coordinate over the larger, put into its octant. */
ALWAYS_INLINE vec<float> atan2Of(vec<float> y, vec<float> x) {
  const vec<float> ax = magnitude(x), ay = magnitude(y), high = larger(ay, ax), low = smaller(ax, ay);
  const vec<float> ratio = low == high ? all(1) : low / high, t = high == 0.0f ? vec<float>{} : ratio;
  const vec<float> one = settled(atanBend(t)) * t + t, two = ay > ax ? static_cast<float>(pi / 2) - one : one;
  const vec<float> three = bits(x) < 0 ? static_cast<float>(pi) - two : two;
  return (x != x) | (y != y) ? all(__builtin_nanf("")) : signedAs(three, y);
}
