// Along one dimension: positions of extremes, running values.
#include "combine.cuh"

/** Whether `x` comes before `held` as the extreme: a NaN wins. */
template <class T> DEVICE bool beats(int kind, T x, T held) {
  if (held != held) return false;
  return x != x || (kind == Max ? x > held : x < held);
}

// A thread goes along each line. words: kind, lines, length, loops over lines, input, its step, output
template <class T> DEVICE void argReduce(const Args& args) {
  Words words(args);
  const int kind = int(words.next());
  const int64 lines = words.next(), length = words.next();
  const Loops loops(words);
  const View input(words, loops.rank);
  const int64 step = words.next();
  const View output(words, loops.rank);
  for (int64 line = threadNumber(); line < lines; line += threadCount()) {
    const int64 start = loops.place(input.steps, uint32(line));
    int64 best = 0;
    T held = input.get<T>(start);
    for (int64 k = 1; k < length; k++) {
      const T x = input.get<T>(start + k * step);
      if (!beats(kind, x, held)) continue;
      held = x;
      best = k;
    }
    output.set(loops.place(output.steps, uint32(line)), int32(best));
  }
}
FOR_EACH_SCALAR(KERNEL, arg_reduce, argReduce)

// A block for each line, with the same words: few long ones.
template <class T> DEVICE void argReduceLong(const Args& args) {
  SHARED(T, extremes, [256]);
  SHARED(int64, positions, [256]);
  Words words(args);
  const int kind = int(words.next());
  const int64 lines = words.next(), length = words.next();
  const Loops loops(words);
  const View input(words, loops.rank);
  const int64 step = words.next();
  const View output(words, loops.rank);
  const unsigned self = threadIdx.x;
  for (int64 line = blockIdx.x; line < lines; line += gridDim.x) {
    const int64 start = loops.place(input.steps, uint32(line));
    // lines are longer than blocks: each thread has an element
    int64 best = self;
    T held = input.get<T>(start + best * step);
    for (int64 k = best + blockDim.x; k < length; k += blockDim.x) {
      const T x = input.get<T>(start + k * step);
      if (!beats(kind, x, held)) continue;
      held = x;
      best = k;
    }
    extremes[self] = held;
    positions[self] = best;
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
      BARRIER();
      if (self >= half) continue;
      const T other = extremes[self + half];
      const bool equal = !beats(kind, other, extremes[self]) && !beats(kind, extremes[self], other);
      if (equal ? positions[self + half] >= positions[self] : !beats(kind, other, extremes[self])) continue;
      extremes[self] = other;
      positions[self] = positions[self + half];
    }
    if (self == 0) output.set(loops.place(output.steps, uint32(line)), int32(positions[0]));
    BARRIER();
  }
}
FOR_EACH_SCALAR(BLOCK_KERNEL, arg_reduce_long, argReduceLong)

// words: kind, lines, length, loops over lines, input, its step, output, its step, whether there are indices, they, their step
template <class T> DEVICE void scan(const Args& args) {
  Words words(args);
  const int kind = int(words.next());
  const int64 lines = words.next(), length = words.next();
  const Loops loops(words);
  const View input(words, loops.rank);
  const int64 inputStep = words.next();
  const View output(words, loops.rank);
  const int64 outputStep = words.next();
  const bool indexed = words.next() != 0;
  const View indices(words, loops.rank);
  const int64 indexStep = words.next();
  for (int64 line = threadNumber(); line < lines; line += threadCount()) {
    int64 from = loops.place(input.steps, uint32(line));
    int64 to = loops.place(output.steps, uint32(line));
    int64 at = indexed ? loops.place(indices.steps, uint32(line)) : 0;
    T value = T(0);
    int32 last = 0;
    for (int64 k = 0; k < length; k++) {
      const T x = input.get<T>(from);
      value = k == 0 ? x : combined(kind, value, x);
      if (x == value || x != x) last = int32(k);
      output.set(to, value);
      if (indexed) indices.set(at, last);
      from += inputStep;
      to += outputStep;
      at += indexStep;
    }
  }
}
FOR_EACH_SCALAR(KERNEL, scan, scan)
