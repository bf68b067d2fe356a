// output[o] = program(inputs[o, r], ...) combined over r. The order in which values are combined depends on sizes alone.
#include "combine.cuh"
#ifndef GENERATED
#include "program.cuh"
#endif

/** The inputs' elements at an output position and a position in what is reduced. */
struct AtBoth {
  const Loops& kept;
  const Loops& reduced;
  const int64* inputs; // each is an address, a dtype, steps along the kept loops and along the reduced ones
  uint32 outer, inner;
  DEVICE const int64* input(int k) const { return inputs + k * (2 + kept.rank + reduced.rank); }
  DEVICE int64 place(const int64* input) const { return kept.place(input + 2, outer) + reduced.place(input + 2 + kept.rank, inner); }
  DEVICE Value operator()(int k, int type) const { return Memory{input(k)[0], int(input(k)[1])}.load(place(input(k)), type); }
  /** Of an input whose dtype is known. */
  template <class T> DEVICE auto as(int k, int dtype) const { return withElement(input(k)[0], dtype, place(input(k)), As<T>{}); }
};

/**
 * What both kernels below are given. words: kind, outputs, values of each, slices of these, kept loops, reduced loops, the output's
 * address and dtype, inputs' number, inputs, the position's steps (as an input's), program
 */
template <class Program> struct Reduction {
  Words words;
  int kind;
  int64 outputs, count, slices;
  Loops kept, reduced;
  Memory output;
  int inputs;
  const int64* views;
  const int64* positions;
  Program program;
  DEVICE explicit Reduction(const Args& args)
      : words(args), kind(Program::combination(words.next())), outputs(words.next()), count(words.next()), slices(words.next()), kept(words), reduced(words),
        output{words.next(), int(words.next())}, inputs(int(words.next())),
        views(words.list(inputs * (2 + kept.rank + reduced.rank))), positions(words.list(kept.rank + reduced.rank)), program(words) {}

  /** Values first, first + step... before `end` of an output combined. */
  template <class T> DEVICE T partial(Value* own, uint32 outer, int64 first, int64 step, int64 end) const {
    T total = neutral<T>(kind);
    const int64 start = kept.place(positions, outer);
    for (int64 r = first; r < end; r += step) {
      const uint32 inner = uint32(r);
      const uint32 position = uint32(start + reduced.place(positions + kept.rank, inner));
      total = combined(kind, total, program.template result<T>(own, position, AtBoth{kept, reduced, views, outer, inner}));
    }
    return total;
  }
};

/** A thread for each output: many short reductions. */
template <class Program, class T> DEVICE void reduceShortWith(const Args& args) {
  const Reduction<Program> reduction(args);
  Value own[ownSlots];
  for (int64 o = threadNumber(); o < reduction.outputs; o += threadCount())
    reduction.output.set(o, reduction.template partial<T>(own, uint32(o), 0, 1, reduction.count));
}
/** A block for each slice of an output's values: the output, or where there are several slices as many parts of it. */
template <class Program, class T> DEVICE void reduceLongWith(const Args& args) {
  SHARED(T, totals, [256]);
  const Reduction<Program> reduction(args);
  const int64 length = (reduction.count + reduction.slices - 1) / reduction.slices;
  Value own[ownSlots];
  for (int64 part = blockIdx.x; part < reduction.outputs * reduction.slices; part += gridDim.x) {
    const int64 start = part % reduction.slices * length;
    const int64 end = start + length < reduction.count ? start + length : reduction.count;
    const uint32 output = uint32(part / reduction.slices);
    totals[threadIdx.x] = reduction.template partial<T>(own, output, start + threadIdx.x, blockDim.x, end);
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
      BARRIER();
      if (threadIdx.x < half) totals[threadIdx.x] = combined(reduction.kind, totals[threadIdx.x], totals[threadIdx.x + half]);
    }
    if (threadIdx.x == 0) reduction.output.set(part, totals[0]);
    BARRIER();
  }
}
#ifndef GENERATED
template <class T> DEVICE void reduceShort(const Args& args) { reduceShortWith<Program, T>(args); }
template <class T> DEVICE void reduceLong(const Args& args) { reduceLongWith<Program, T>(args); }
FOR_EACH_SCALAR(KERNEL, reduce_short, reduceShort)
FOR_EACH_SCALAR(BLOCK_KERNEL, reduce_long, reduceLong)
#endif
