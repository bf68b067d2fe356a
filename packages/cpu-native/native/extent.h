// How many bytes arguments speak of, to compare with the heap. Nothing here overflows.

/** More than any heap holds. */
constexpr uint64_t endless = uint64_t(1) << 62;

ALWAYS_INLINE uint64_t times(uint64_t a, int64_t b) {
  uint64_t product;
  return b < 0 || __builtin_mul_overflow(a, static_cast<uint64_t>(b), &product) || product > endless ? endless : product;
}

/** The bytes of an array of floats of that many in each direction; endless if a number is negative. */
template <class... N>
ALWAYS_INLINE uint64_t floats(N... counts) {
  uint64_t bytes = sizeof(float);
  ((bytes = times(bytes, counts)), ...);
  return bytes;
}

/** From where to where steps lead that may go down. */
struct Span {
  int64_t low = 0, high = 0;
  bool ends = true, empty = false;
  void step(int64_t count, int64_t bytes) {
    empty = empty || count == 0;
    const int64_t all = (count - 1) * bytes; // of 32-bit numbers both
    if (all < 0) low += all;
    else high += all;
    ends = ends && count >= 0 && all > -(int64_t(1) << 40) && all < (int64_t(1) << 40);
  }
  /** Whether the heap holds the floats that lie there, seen from an address on. */
  bool within(const Call& call, uint64_t from) const {
    return ends && (empty || (static_cast<int64_t>(from) + low >= 0 &&
                              call.holds(from + low, static_cast<uint64_t>(high - low) + sizeof(float))));
  }
};

/** How many there are of something, and the bytes from one to the next. */
struct Steps {
  int64_t count;
  uint64_t step;
};

/** Bytes from the first to behind the last of values of `bytes` each that lie so; 0 where there are none, and more than any heap where that would wrap. */
template <class... S>
ALWAYS_INLINE uint64_t extent(uint64_t bytes, S... steps) {
  uint64_t total = bytes;
  bool none = false;
  const auto add = [&](Steps s) {
    none |= s.count <= 0;
    uint64_t way;
    if (s.count > 0 && __builtin_mul_overflow(static_cast<uint64_t>(s.count - 1), s.step, &way)) way = uint64_t(1) << 60;
    if (s.count > 0) total += least(way, uint64_t(1) << 60);
  };
  (add(steps), ...);
  return none ? 0 : total;
}

constexpr const char* outside = "its operands leave the heap";
constexpr const char* nothing = "its sizes are not those of anything";
