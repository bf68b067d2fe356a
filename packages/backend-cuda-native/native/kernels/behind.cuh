#pragma once
// Where a kernel's results go: into memory, or through a program (an epilogue) whose first input they are.
#include "program.cuh"

/** As they are. */
template <class S> struct Stored {
  S* to;
  DEVICE Stored(Words&, S* to) : to(to) {}
  DEVICE void operator()(int64 at, Computed<S> x) const { to[at] = x; }
};

/** A program's inputs at a position: the result itself, then other views. */
template <class T> struct AtResult {
  const Loops& loops;
  const int64* views; // each is an address, a dtype and steps
  uint32 position;
  T result;
  DEVICE Value operator()(int k, int type) const {
    if (k == 0) return valueOf(result, type);
    const int64* view = views + (k - 1) * (2 + loops.rank);
    return Memory{view[0], int(view[1])}.load(loops.place(view + 2, position), type);
  }
};
/** Through a program. words: loops over the result, output, how many other views, they, program */
template <class T> struct Mapped {
  Loops loops;
  View output;
  int others;
  const int64* views;
  Program program;
  Value own[ownSlots];
  DEVICE explicit Mapped(Words& words, const void* = nullptr)
      : loops(words), output(words, loops.rank), others(int(words.next())), views(words.list(others * (2 + loops.rank))), program(words) {}
  DEVICE_APART void operator()(int64 at, T x) {
    const uint32 position = uint32(at);
    output.store(loops.place(output.steps, position), program.run(own, position, AtResult<T>{loops, views, position, x}));
  }
};
