// Running values along one dimension.
#include "lines.cuh"

// A thread goes along each line. words: the line's, output, its step, whether there are indices, they, their step
template <class T> DEVICE void scan(const Args& args) {
  Words words(args);
  const AlongDim along(words);
  const View output(words, along.loops.rank);
  const int64 outputStep = words.next();
  const bool indexed = words.next() != 0;
  const View indices(words, along.loops.rank);
  const int64 indexStep = words.next();
  for (int64 line = threadNumber(); line < along.lines; line += threadCount()) {
    const int64 start = along.start(line);
    int64 to = along.loops.place(output.steps, uint32(line));
    int64 at = indexed ? along.loops.place(indices.steps, uint32(line)) : 0;
    T value = T(0);
    int32 last = 0;
    for (int64 k = 0; k < along.length; k++) {
      const T x = along.get<T>(start, k);
      value = k == 0 ? x : combined(along.kind, value, x);
      if (x == value || x != x) last = int32(k);
      output.set(to, value);
      if (indexed) indices.set(at, last);
      to += outputStep;
      at += indexStep;
    }
  }
}
FOR_EACH_SCALAR(KERNEL, scan, scan)

/** A running value, and for extremes the position of the last one so far. */
template <class T> struct Running {
  T value;
  int32 last;
};
/** That of two neighbours, of which `next` lies behind. */
template <class T> DEVICE Running<T> behind(int kind, const Running<T>& first, const Running<T>& next) {
  const T value = combined(kind, first.value, next.value);
  return {value, next.value == value || next.value != next.value ? next.last : first.last};
}
/** Running values in memory, one after the other: pieces of lines. No positions where their address is 0. */
template <class T> struct Pieces {
  T* values;
  int32* positions;
  DEVICE explicit Pieces(Words& words) : values(reinterpret_cast<T*>(words.next())), positions(reinterpret_cast<int32*>(words.next())) {}
  DEVICE Running<T> get(int64 at) const { return {values[at], positions ? positions[at] : 0}; }
  DEVICE void set(int64 at, const Running<T>& running) const {
    values[at] = running.value;
    if (positions) positions[at] = running.last;
  }
};

constexpr int scanThreads = 256;
/** Neighbours that a thread of a block goes along by itself, and a block at a time. */
constexpr int scanEach = 4;
constexpr int scanSpan = scanThreads * scanEach;

/**
 * A block for each piece of a line, for few long ones: it goes along it in spans. Three launches make a line in pieces: what each piece comes to,
 * the running values of these (as lines of one piece, in place), and the elements, each piece from what the one before it has come to.
 * words: the line's, pieces of a line, output or 0 and its step, indices or 0 and their step, each element's own position (int32, a line after
 * the other) or 0 where it is its place, what the pieces have come to or 0, what they come to or 0
 */
template <class T> DEVICE void scanLong(const Args& args) {
  SHARED(T, values, [scanSpan]);
  SHARED(int32, lasts, [scanSpan]);
  SHARED(T, threadValues, [scanThreads]);
  SHARED(int32, threadLasts, [scanThreads]);
  Words words(args);
  const AlongDim along(words);
  const int kind = along.kind;
  const int64 pieces = words.next();
  const View output(words, along.loops.rank);
  const int64 outputStep = words.next();
  const View indices(words, along.loops.rank);
  const int64 indexStep = words.next();
  const int32* own = reinterpret_cast<const int32*>(words.next());
  const Pieces<T> before(words), totals(words);
  const int64 length = (along.length + pieces - 1) / pieces;
  const int self = int(threadIdx.x), size = int(blockDim.x), span = size * scanEach;
  for (int64 piece = blockIdx.x; piece < along.lines * pieces; piece += gridDim.x) {
    const int64 line = piece / pieces, from = piece % pieces * length;
    const int64 end = from + length < along.length ? from + length : along.length;
    const int64 input = along.start(line), to = along.loops.place(output.steps, uint32(line)), at = along.loops.place(indices.steps, uint32(line));
    bool some = before.values && from > 0;
    Running<T> carry{T(0), 0};
    if (some) carry = before.get(piece - 1);
    for (int64 start = from; start < end; start += span) {
      const int count = end - start < span ? int(end - start) : span;
      for (int k = self; k < count; k += size) {
        values[k] = along.get<T>(input, start + k);
        lasts[k] = own ? own[line * along.length + start + k] : int32(start + k);
      }
      BARRIER();
      // each thread's neighbours, then in doubling steps what the threads before it have come to
      const int first = self * scanEach, last = first + scanEach < count ? first + scanEach : count;
      Running<T> total{T(0), 0};
      for (int k = first; k < last; k++) {
        const Running<T> element{values[k], lasts[k]};
        total = k == first ? element : behind(kind, total, element);
        values[k] = total.value;
        lasts[k] = total.last;
      }
      threadValues[self] = total.value;
      threadLasts[self] = total.last;
      const int threads = (count + scanEach - 1) / scanEach;
      for (int reach = 1; reach < threads; reach *= 2) {
        BARRIER();
        const bool joins = self >= reach && self < threads;
        if (joins) total = behind(kind, Running<T>{threadValues[self - reach], threadLasts[self - reach]}, total);
        BARRIER();
        threadValues[self] = total.value;
        threadLasts[self] = total.last;
      }
      BARRIER();
      for (int k = self; k < count; k += size) {
        Running<T> running{values[k], lasts[k]};
        const int thread = k / scanEach;
        if (thread > 0) running = behind(kind, Running<T>{threadValues[thread - 1], threadLasts[thread - 1]}, running);
        if (some) running = behind(kind, carry, running);
        if (output.pointer) output.set(to + (start + k) * outputStep, running.value);
        if (indices.pointer) indices.set(at + (start + k) * indexStep, running.last);
      }
      const Running<T> all{threadValues[threads - 1], threadLasts[threads - 1]};
      carry = some ? behind(kind, carry, all) : all;
      some = true;
      BARRIER(); // before the span's memory is used again
    }
    if (totals.values && self == 0 && from < end) totals.set(piece, carry);
  }
}
FOR_EACH_SCALAR(BLOCK_KERNEL, scan_long, scanLong)
