// output[i] = program(inputs[0][i], ..., params)
#include "combine.cuh"
#ifndef GENERATED
#include "program.cuh"
#endif

/** The inputs' elements at one position. */
struct AtPosition {
  const Loops& loops;
  const int64* inputs; // each is an address, a dtype and steps
  uint32 position;
  DEVICE int64 place(const int64* steps) const { return loops.place(steps, position); }
  DEVICE Value operator()(int k, int type) const {
    const int64* input = inputs + k * (2 + loops.rank);
    return Memory{input[0], int(input[1])}.load(place(input + 2), type);
  }
  /** Of an input whose dtype is known. */
  template <class T> DEVICE auto as(int k, int dtype) const {
    const int64* input = inputs + k * (2 + loops.rank);
    return withElement(input[0], dtype, place(input + 2), As<T>{});
  }
};
/** The same where all views are rows without gaps: a position is a place. */
struct AtPlace {
  const Loops& loops;
  const int64* inputs;
  uint32 position;
  DEVICE int64 place(const int64*) const { return position; }
  template <class T> DEVICE auto as(int k, int dtype) const { return withElement(inputs[3 * k], dtype, position, As<T>{}); }
};

// words: elements, loops, output, inputs' number, inputs, program
template <class Program, class At> DEVICE void mapWith(const Args& args) {
  Words words(args);
  const int64 count = words.next();
  const Loops loops(words);
  const View output(words, loops.rank);
  const int inputs = int(words.next());
  const int64* views = words.list(inputs * (2 + loops.rank));
  const Program program(words);
  Value own[ownSlots];
  for (int64 i = threadNumber(); i < count; i += threadCount()) {
    const At at{loops, views, uint32(i)};
    program.put(output, at.place(output.steps), own, at.position, at);
  }
}
#ifndef GENERATED
KERNEL(map) { mapWith<Program, AtPosition>(args); }
#endif
