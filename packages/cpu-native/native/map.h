// Pointwise programs of float32: a list of operations, each of which runs over a block of values that stays in the first cache.
// A program is words: 0 inputs  1 numbers  2 constants  3 registers  4 operations; then how the output and each input are stored (half.h: what is
// not float32 is widened block by block, and the result narrowed), the constants' bits, and for each operation its
// place in `operations`, where its result goes, and four sources, of which it reads as many as it has. Sources are numbered inputs first, then numbers, constants and
// registers; results go to a register, or, as number `registers`, to the output. Truths are lanes of all ones or zeros.
// Slots: 0 program  1 loops; then, as src/emit/layout.ts has it, of the output and the inputs the addresses, the steps along each loop (the
// innermost first), the loops' sizes, and from the next multiple of 8 on the numbers as float64. Index = an element of the output.

ALWAYS_INLINE vec<float> at(const Source& s, uint64_t o) { return load<float>(s.at + (o & s.moves)); }

template <vec<float> (*F)(vec<float>)>
NOINLINE void unary(uint8_t* to, const Source* s, uint64_t bytes) {
  const Source x = s[0];
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) store<float>(to + o, F(at(x, o)));
}
template <vec<float> (*F)(vec<float>, vec<float>)>
NOINLINE void binary(uint8_t* to, const Source* s, uint64_t bytes) {
  const Source x = s[0], y = s[1];
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) store<float>(to + o, F(at(x, o), at(y, o)));
}
template <vec<float> (*F)(vec<float>, vec<float>, vec<float>)>
NOINLINE void ternary(uint8_t* to, const Source* s, uint64_t bytes) {
  const Source x = s[0], y = s[1], z = s[2];
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) store<float>(to + o, F(at(x, o), at(y, o), at(z, o)));
}
/** F(x·scale) + shift, where those two do not move; and times y. */
template <vec<float> (*F)(vec<float>)>
NOINLINE void affine(uint8_t* to, const Source* s, uint64_t bytes) {
  const Source x = s[0];
  const vec<float> scale = at(s[1], 0), shift = at(s[2], 0);
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) store<float>(to + o, settled(F(settled(at(x, o) * scale))) + shift);
}
template <vec<float> (*F)(vec<float>)>
NOINLINE void affineProduct(uint8_t* to, const Source* s, uint64_t bytes) {
  const Source x = s[0], y = s[3];
  const vec<float> scale = at(s[1], 0), shift = at(s[2], 0);
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) store<float>(to + o, (settled(F(settled(at(x, o) * scale))) + shift) * at(y, o));
}
NOINLINE void whereSteps(uint8_t* to, const Source* s, uint64_t bytes) {
  const Source c = s[0], x = s[1], y = s[2];
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) {
    const vec<int32_t> mask = bits(at(c, o));
    store<float>(to + o, mask ? at(x, o) : at(y, o));
  }
}

#define UNARY(name, expression) \
  ALWAYS_INLINE vec<float> name(vec<float> x) { return expression; }
#define BINARY(name, expression) \
  ALWAYS_INLINE vec<float> name(vec<float> x, vec<float> y) { return expression; }
#define TRUE_WHERE(condition) asFloats(vec<int32_t>(condition))
UNARY(same, x)
UNARY(negOf, asFloats(bits(x) ^ INT32_MIN))
UNARY(signOf, (x > 0.0f ? all(1) : vec<float>{}) - (x < 0.0f ? all(1) : vec<float>{}))
UNARY(recipOf, 1.0f / x)
UNARY(notNumber, TRUE_WHERE(x != x))
UNARY(notZero, TRUE_WHERE(x != 0.0f))
UNARY(numberOfTruth, asFloats(bits(x) & bitsOfNumber(1)))
UNARY(notTrue, asFloats(~bits(x)))
BINARY(addOf, x + y)
BINARY(subOf, x - y)
BINARY(mulOf, x * y)
BINARY(divOf, x / y)
BINARY(quotientOf, rounded<toZero>(x / y))
BINARY(minOf, x != x ? x : smaller(x, y))
BINARY(maxOf, x != x ? x : larger(x, y))
#define TERNARY(name, expression) \
  ALWAYS_INLINE vec<float> name(vec<float> x, vec<float> y, vec<float> z) { return expression; }
// each is rounded, as the two operations are that a program has: a compiler would fuse them
TERNARY(productPlus, settled(x * y) + z)
TERNARY(productMinus, settled(x * y) - z)
TERNARY(minusProduct, z - settled(x * y))
BINARY(isEqual, TRUE_WHERE(x == y))
BINARY(isUnequal, TRUE_WHERE(x != y))
BINARY(isLess, TRUE_WHERE(x < y))
BINARY(isAtMost, TRUE_WHERE(x <= y))
BINARY(isGreater, TRUE_WHERE(x > y))
BINARY(isAtLeast, TRUE_WHERE(x >= y))
BINARY(andOf, asFloats(bits(x) & bits(y)))
BINARY(orOf, asFloats(bits(x) | bits(y)))
BINARY(xorOf, asFloats(bits(x) ^ bits(y)))

#define IN_ALL_FORMS(name, F) {name, unary<F>}, {"affine." name, affine<F>}, {"product." name, affineProduct<F>}
/** By the names that programs have for them; those of truths have "bool." before it. */
const Operation operations[] = {
    {"copy", unary<same>},
    {"neg", unary<negOf>},
    {"abs", unary<magnitude>},
    {"sign", unary<signOf>},
    {"floor", unary<rounded<toFloor>>},
    {"ceil", unary<rounded<toCeiling>>},
    {"round", unary<rounded<toNearest>>},
    {"trunc", unary<rounded<toZero>>},
    IN_ALL_FORMS("sqrt", squareRoot),
    {"recip", unary<recipOf>},
    IN_ALL_FORMS("exp", fullExp),
    {"exp2", unary<fullExp2>},
    IN_ALL_FORMS("expm1", fullExpm1),
    IN_ALL_FORMS("log", logarithm<Natural>),
    {"log2", unary<logarithm<Binary>>},
    {"log10", unary<logarithm<Decimal>>},
    IN_ALL_FORMS("log1p", log1pOf),
    IN_ALL_FORMS("sin", sine<0>),
    IN_ALL_FORMS("cos", sine<1>),
    {"tan", unary<tanOf>},
    {"asin", unary<asinOf>},
    {"acos", unary<acosOf>},
    {"atan", unary<atanOf>},
    {"sinh", unary<sinhOf>},
    {"cosh", unary<coshOf>},
    IN_ALL_FORMS("tanh", tanhOf),
    {"asinh", unary<asinhOf>},
    {"acosh", unary<acoshOf>},
    {"atanh", unary<atanhOf>},
    IN_ALL_FORMS("sigmoid", sigmoidOf),
    IN_ALL_FORMS("erf", erfOf),
    {"erfc", unary<erfcOf>},
    {"isnan", unary<notNumber>},
    {"cast", unary<notZero>},
    {"add", binary<addOf>},
    {"sub", binary<subOf>},
    {"mul", binary<mulOf>},
    {"div", binary<divOf>},
    {"idiv", binary<quotientOf>},
    {"min", binary<minOf>},
    {"max", binary<maxOf>},
    {"atan2", binary<atan2Of>},
    {"copysign", binary<copySign>},
    {"eq", binary<isEqual>},
    {"ne", binary<isUnequal>},
    {"lt", binary<isLess>},
    {"le", binary<isAtMost>},
    {"gt", binary<isGreater>},
    {"ge", binary<isAtLeast>},
    {"where", whereSteps},
    {"productPlus", ternary<productPlus>},
    {"productMinus", ternary<productMinus>},
    {"minusProduct", ternary<minusProduct>},
    {"bool.cast", unary<numberOfTruth>},
    {"bool.not", unary<notTrue>},
    {"bool.and", binary<andOf>},
    {"bool.or", binary<orOf>},
    {"bool.xor", binary<xorOf>},
};
constexpr int operationCount = sizeof operations / sizeof operations[0];

constexpr int stepSources = 4;
constexpr int mostLoops = 16, mostInputs = 32, mostSources = 512, mostRegisters = 64, mostSteps = 1024;

const char* mapFloats(const Call& call) {
  constexpr const char* unknown = "its program is none";
  struct Step {
    uint32_t operation, to, sources[stepSources];
  };
  const uint64_t at = call.offset(0);
  if (at % 4 != 0 || !call.holds(at, 20)) return outside;
  const uint32_t* words = reinterpret_cast<const uint32_t*>(call.at(at));
  const uint32_t inputs = words[0], numbers = words[1], constants = words[2], registers = words[3], count = words[4];
  if (inputs > mostInputs || numbers > mostSources || constants > mostSources || registers > mostRegisters || count == 0 || count > mostSteps)
    return unknown;
  const uint32_t firstRegister = inputs + numbers + constants, sources = firstRegister + registers;
  if (sources > mostSources) return unknown;
  const uint32_t constantsAt = 6 + inputs;
  if (!call.holds(at, (constantsAt + constants) * 4 + count * sizeof(Step))) return outside;
  const uint32_t* types = words + 5;
  const uint32_t* bitsOfConstants = words + constantsAt;
  const Step* steps = reinterpret_cast<const Step*>(bitsOfConstants + constants);
  uint32_t narrows = 0;
  for (uint32_t v = 0; v <= inputs; v++) {
    if (types[v] > brainFloat) return unknown;
    narrows += types[v] != wholeFloat;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (steps[i].operation >= operationCount || steps[i].to > registers) return unknown;
    for (uint32_t source : steps[i].sources)
      if (source >= sources) return unknown;
  }
  // the views
  const int loops = call.slot(1), views = static_cast<int>(inputs) + 1, stepsAt = 2 + views;
  if (loops < 1 || loops > mostLoops || call.start < 0) return nothing;
  const int sizesAt = stepsAt + loops * views, numbersAt = (sizesAt + loops + 1) & ~1;
  if ((numbersAt + 2 * static_cast<int>(numbers)) * uint64_t(4) > descriptorBytes) return outside;
  const auto stepOf = [&](int loop, int view) { return call.offset(stepsAt + loop * views + view); };
  uint64_t total = 1;
  for (int d = 0; d < loops; d++)
    if (call.slot(sizesAt + d) <= 0 || __builtin_mul_overflow(total, call.offset(sizesAt + d), &total)) return nothing;
  if (call.end > 0 && uint64_t(call.end) > total) return nothing;
  for (int v = 0; v < views; v++) {
    const uint64_t width = types[v] == wholeFloat ? 4 : 2;
    uint64_t reach = width;
    for (int d = 0; d < loops; d++) {
      const uint64_t way = extent(0, Steps{call.slot(sizesAt + d), stepOf(d, v)});
      reach += way;
    }
    if (!call.holds(call.offset(2 + v), reach)) return outside;
    if (stepOf(0, v) != width && (v == 0 || stepOf(0, v) != 0)) return "its values are no neighbours";
  }
  // private: what does not move, a vector each; registers; blocks of what is stored in 16 bits; a last part of each view
  alignas(64) Source table[mostSources];
  uint8_t* still = call.scratch;
  uint8_t* blocks = still + firstRegister * vectorBytes;
  const uint64_t blockBytes = most(uint64_t(1024), least(uint64_t(4096), uint64_t(16384) / (registers + narrows + 1))) & ~uint64_t(vectorBytes - 1);
  uint8_t* wide[mostInputs + 1];
  uint8_t* parts = blocks + registers * blockBytes;
  for (uint32_t v = 0; v <= inputs; v++) {
    wide[v] = parts;
    if (types[v] != wholeFloat) parts += blockBytes;
  }
  static_assert(mostSources * 64 + (mostRegisters + mostInputs + 1) * 4096 + (mostInputs + 1) * 64 < scratchBytes, "");
  const auto keep = [&](uint32_t source, float value) {
    store<float>(still + source * vectorBytes, all(value));
    table[source] = {still + source * vectorBytes, 0};
  };
  for (uint32_t i = 0; i < numbers; i++) {
    double value;
    __builtin_memcpy(&value, call.slots + numbersAt + 2 * i, sizeof value);
    keep(inputs + i, static_cast<float>(value));
  }
  for (uint32_t i = 0; i < constants; i++) {
    const vec<int32_t> pattern = static_cast<int32_t>(bitsOfConstants[i]) - vec<int32_t>{};
    store<int32_t>(still + (inputs + numbers + i) * vectorBytes, pattern);
    table[inputs + numbers + i] = {still + (inputs + numbers + i) * vectorBytes, 0};
  }
  for (uint32_t i = 0; i < registers; i++) table[firstRegister + i] = {blocks + i * blockBytes, ~uint64_t(0)};
  const auto run = [&](uint8_t* out, uint64_t bytes) {
    for (uint32_t i = 0; i < count; i++) {
      const Step& step = steps[i];
      Source of[stepSources];
      for (int j = 0; j < stepSources; j++) of[j] = table[step.sources[j]];
      operations[step.operation].run(step.to == registers ? out : blocks + step.to * blockBytes, of, bytes);
    }
  };
  const int64_t size = call.slot(sizesAt);
  for (int64_t index = call.start; index < call.end;) {
    const int64_t inner = index % size;
    uint64_t place[mostInputs + 1];
    for (int v = 0; v < views; v++) place[v] = call.offset(2 + v) + inner * stepOf(0, v);
    int64_t outer = index / size;
    for (int d = 1; d < loops; d++) {
      const int64_t i = outer % call.slot(sizesAt + d);
      outer /= call.slot(sizesAt + d);
      for (int v = 0; v < views; v++) place[v] += i * stepOf(d, v);
    }
    const uint64_t bytes = least(size - inner, call.end - index) * 4, whole = bytes & ~uint64_t(vectorBytes - 1);
    const int64_t rest = (bytes - whole) / 4;
    /** Where a view's value stands that is `o` bytes of floats further on. */
    const auto placed = [&](uint32_t v, uint64_t o) { return call.at(place[v]) + (types[v] == wholeFloat ? o : o / 2); };
    for (uint32_t v = 0; v < inputs; v++) {
      if (stepOf(0, v + 1) != 0) continue;
      if (types[v + 1] == wholeFloat) keep(v, scalar<float>(call.at(place[v + 1])));
      else keep(v, wideOf(types[v + 1], loadSomeShorts(call.at(place[v + 1]), 1))[0]);
    }
    for (uint64_t o = 0; o < whole; o += blockBytes) {
      const uint64_t block = least(blockBytes, whole - o);
      for (uint32_t v = 0; v < inputs; v++) {
        if (stepOf(0, v + 1) == 0) continue;
        table[v] = {types[v + 1] == wholeFloat ? placed(v + 1, o) : wide[v + 1], ~uint64_t(0)};
        if (types[v + 1] != wholeFloat) widen(types[v + 1], wide[v + 1], placed(v + 1, o), block);
      }
      run(types[0] == wholeFloat ? placed(0, o) : wide[0], block);
      if (types[0] != wholeFloat) narrow(types[0], placed(0, o), wide[0], block);
    }
    if (rest > 0) {
      const Some part{static_cast<int>(rest)};
      for (uint32_t v = 0; v < inputs; v++) {
        if (stepOf(0, v + 1) == 0) continue;
        const uint8_t* from = placed(v + 1, whole);
        store<float>(parts + v * vectorBytes,
                     types[v + 1] == wholeFloat ? part.get(from) : wideOf(types[v + 1], loadSomeShorts(from, rest)));
        table[v] = {parts + v * vectorBytes, ~uint64_t(0)};
      }
      uint8_t* result = parts + inputs * vectorBytes;
      run(result, vectorBytes);
      if (types[0] == wholeFloat) part.set(placed(0, whole), load<float>(result));
      else storeSomeShorts(placed(0, whole), rest, narrowOf(types[0], load<float>(result)));
    }
    index += bytes / 4;
  }
  return nullptr;
}
