// How far operands reach: kernels look before they write.

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

/** Bytes of `count` times `each` values of `bytes`, side by side. */
ALWAYS_INLINE uint64_t bytesOf(int64_t count, int64_t each, uint64_t bytes = 4) {
  return extent(bytes, Steps{count, each > 0 ? each * bytes : 0}, Steps{each, bytes});
}

constexpr const char* outside = "its operands leave the heap";
constexpr const char* nothing = "its sizes are not those of anything";
