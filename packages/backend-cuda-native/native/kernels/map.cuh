// output[i] = program(inputs[0][i], ..., params)
#include "program.cuh"

/** The inputs' elements at one position. */
struct AtPosition {
  const Loops& loops;
  const int64* inputs; // each is an address, a dtype and steps
  uint32 position;
  DEVICE Value operator()(int k, int type) const {
    const int64* input = inputs + k * (2 + loops.rank);
    return Memory{input[0], int(input[1])}.load(loops.place(input + 2, position), type);
  }
};

// words: elements, loops, output, inputs' number, inputs, program
KERNEL(map) {
  Words words(args);
  const int64 count = words.next();
  const Loops loops(words);
  const View output(words, loops.rank);
  const int inputs = int(words.next());
  const int64* views = words.list(inputs * (2 + loops.rank));
  const Program program(words);
  Value own[ownSlots];
  for (int64 i = threadNumber(); i < count; i += threadCount()) {
    const uint32 position = uint32(i);
    const Value v = program.run(own, position, AtPosition{loops, views, position});
    output.store(loops.place(output.steps, position), v);
  }
}
