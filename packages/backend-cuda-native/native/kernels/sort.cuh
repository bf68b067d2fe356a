// Stable sorting of lines by merging: each pass merges runs of twice the length, and every element finds its place in the merged run by
// itself, by a search in the other half. What is sorted are positions (int32); values are gathered at the end.
#include "combine.cuh"

/** Whether a comes before b; equal ones stay as they are. A NaN is largest. */
template <class T> DEVICE bool before(T a, T b, bool descending) {
  if (descending) return a != a ? b == b : b == b && a > b;
  return b != b ? a == a : a == a && a < b;
}

// words: lines, length, loops over lines, input, its step, the positions' addresses before and behind, a run's length (0: write 0, 1, 2...), descending
template <class T> DEVICE void mergePass(const Args& args) {
  Words words(args);
  const int64 lines = words.next(), length = words.next();
  const Loops loops(words);
  const View input(words, loops.rank);
  const int64 step = words.next();
  const int32* from = reinterpret_cast<const int32*>(words.next());
  int32* to = reinterpret_cast<int32*>(words.next());
  const int64 run = words.next();
  const bool descending = words.next() != 0;
  for (int64 i = threadNumber(); i < lines * length; i += threadCount()) {
    const int64 line = i / length, k = i % length;
    if (run == 0) {
      to[i] = int32(k);
      continue;
    }
    const int64 values = loops.place(input.steps, uint32(line));
    const int32* positions = from + line * length;
    const int64 pair = k / (2 * run) * (2 * run);
    const bool left = k < pair + run;
    const int64 other = left ? pair + run : pair;
    int64 low = other < length ? other : length;
    const int64 start = low;
    int64 high = other + run < length ? other + run : length;
    const int32 self = positions[k];
    const T x = input.get<T>(values + self * step);
    // how many of the other half come first: of equal ones those on the left
    while (low < high) {
      const int64 middle = (low + high) / 2;
      const T y = input.get<T>(values + positions[middle] * step);
      const bool first = left ? before(y, x, descending) : !before(x, y, descending);
      if (first) low = middle + 1;
      else high = middle;
    }
    to[line * length + pair + (k - (left ? pair : pair + run)) + (low - start)] = self;
  }
}
FOR_EACH_SCALAR(KERNEL, merge_pass, mergePass)
