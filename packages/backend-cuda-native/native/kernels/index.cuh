#pragma once
// Elements by position: gather, and the check of positions.
#include "combine.cuh"

/** A position as the index has it, or one inside where it lies outside: the check has told it then. */
DEVICE int64 inside(int64 position, int64 size) { return position < 0 || position >= size ? 0 : position; }

// words: elements, loops, input without its step along dim, that step, its size along dim, index, output
KERNEL(gather) {
  Words words(args);
  const int64 count = words.next();
  const Loops loops(words);
  const View input(words, loops.rank);
  const int64 step = words.next(), size = words.next();
  const View index(words, loops.rank);
  const View output(words, loops.rank);
  for (int64 i = threadNumber(); i < count; i += threadCount()) {
    const uint32 position = uint32(i);
    const int64 chosen = inside(index.get<int64>(loops.place(index.steps, position)), size);
    const int64 from = loops.place(input.steps, position) + chosen * step;
    const int64 to = loops.place(output.steps, position);
    // bytes as they are: a NaN keeps its own
    switch (input.dtype) {
      case Bool:
      case UInt8:
      case Int8: reinterpret_cast<uint8*>(output.pointer)[to] = reinterpret_cast<const uint8*>(input.pointer)[from]; break;
      case Int16:
      case Float16:
      case BFloat16: reinterpret_cast<uint16*>(output.pointer)[to] = reinterpret_cast<const uint16*>(input.pointer)[from]; break;
      case Int32:
      case Float32: reinterpret_cast<uint32*>(output.pointer)[to] = reinterpret_cast<const uint32*>(input.pointer)[from]; break;
      default: reinterpret_cast<uint64*>(output.pointer)[to] = reinterpret_cast<const uint64*>(input.pointer)[from];
    }
  }
}

/** Says in `found` that a position lies outside, and which. words: elements, loops, index, size, found's address */
KERNEL(check_indices) {
  Words words(args);
  const int64 count = words.next();
  const Loops loops(words);
  const View index(words, loops.rank);
  const int64 size = words.next();
  int64* found = reinterpret_cast<int64*>(words.next());
  for (int64 i = threadNumber(); i < count; i += threadCount()) {
    const int64 position = index.get<int64>(loops.place(index.steps, uint32(i)));
    if (position >= 0 && position < size) continue;
    if (atomicCAS(reinterpret_cast<int*>(found), 0, 1) == 0) found[1] = position;
  }
}
