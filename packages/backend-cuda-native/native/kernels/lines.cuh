#pragma once
// Along one dimension: positions of extremes.
#include "combine.cuh"

/** What the kernels of this file are given first. words: kind, lines, length, loops over lines, input, its step */
struct AlongDim {
  int kind;
  int64 lines, length;
  Loops loops;
  View input;
  int64 step;
  DEVICE explicit AlongDim(Words& words)
      : kind(int(words.next())), lines(words.next()), length(words.next()), loops(words), input(words, loops.rank), step(words.next()) {}
  DEVICE int64 start(int64 line) const { return loops.place(input.steps, uint32(line)); }
  template <class T> DEVICE T get(int64 start, int64 k) const { return input.get<T>(start + k * step); }
};

/** Whether `x` comes before `held` as the extreme: a NaN wins. */
template <class T> DEVICE bool beats(int kind, T x, T held) {
  if (held != held) return false;
  return x != x || (kind == Max ? x > held : x < held);
}

// A thread goes along each line. words: the line's, output
template <class T> DEVICE void argReduce(const Args& args) {
  Words words(args);
  const AlongDim along(words);
  const View output(words, along.loops.rank);
  for (int64 line = threadNumber(); line < along.lines; line += threadCount()) {
    const int64 start = along.start(line);
    int64 best = 0;
    T held = along.get<T>(start, 0);
    for (int64 k = 1; k < along.length; k++) {
      const T x = along.get<T>(start, k);
      if (!beats(along.kind, x, held)) continue;
      held = x;
      best = k;
    }
    output.set(along.loops.place(output.steps, uint32(line)), int32(best));
  }
}
FOR_EACH_SCALAR(KERNEL, arg_reduce, argReduce)

// A block for each line, with the same words: few long ones.
template <class T> DEVICE void argReduceLong(const Args& args) {
  SHARED(T, extremes, [256]);
  SHARED(int64, positions, [256]);
  Words words(args);
  const AlongDim along(words);
  const int kind = along.kind;
  const View output(words, along.loops.rank);
  const unsigned self = threadIdx.x;
  for (int64 line = blockIdx.x; line < along.lines; line += gridDim.x) {
    const int64 start = along.start(line);
    // lines are longer than blocks: each thread has an element
    int64 best = self;
    T held = along.get<T>(start, best);
    for (int64 k = best + blockDim.x; k < along.length; k += blockDim.x) {
      const T x = along.get<T>(start, k);
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
    if (self == 0) output.set(along.loops.place(output.steps, uint32(line)), int32(positions[0]));
    BARRIER();
  }
}
FOR_EACH_SCALAR(BLOCK_KERNEL, arg_reduce_long, argReduceLong)
