// Steps of recurrent layers and back: what happens to the sums of the gates between two products. All tensors are row-major, of the same step
// where they have one; [N, H] where nothing else is said. Where an address is 0, there is no such tensor.
#include "teams.cuh"

template <class T> DEVICE T logistic(T x) { return T(1) / (T(1) + exp(-x)); }

/** What all kernels of this file are given first. words: sequences, features, the step's number, the sequences' lengths or 0, their dtype */
struct Step {
  int64 count, width, number;
  Memory lengths;
  DEVICE explicit Step(Words& words)
      : count(words.next()), width(words.next()), number(words.next()), lengths{words.next(), int(words.next())} {}
  /** Whether a sequence has that step. */
  DEVICE bool has(int64 sequence, int64 step) const { return !lengths.pointer || step < lengths.get<int64>(sequence); }
  DEVICE bool has(int64 sequence) const { return has(sequence, number); }
};

/** The state h after a step: where a sequence has none it stays, and the output is 0. words: output, the state after and before */
template <class T> struct Taken {
  T *output, *after;
  const T* before;
  DEVICE explicit Taken(Words& words) : output(elements<T>(words)), after(elements<T>(words)), before(elements<const T>(words)) {}
  DEVICE void operator()(int64 i, bool active, T h) const {
    output[i] = active ? h : T(0);
    after[i] = active ? h : before[i];
  }
};

// words: step, h, whether relu, the input's share, the state's
template <class T> DEVICE void rnnStep(const Args& args) {
  Words words(args);
  const Step step(words);
  const Taken<T> take(words);
  const bool relu = words.next() != 0;
  const T* x = elements<const T>(words);
  const T* s = elements<const T>(words);
  for (int64 i = threadNumber(); i < step.count * step.width; i += threadCount()) {
    const T sum = x[i] + s[i];
    take(i, step.has(i / step.width), relu ? greater(sum, T(0)) : tanh(sum));
  }
}
FOR_EACH_FLOAT(KERNEL, rnn_step, rnnStep)

// words: step, h, what is projected or 0, gates (to which the state's share is added) [N, 4 H], that share, c before, c after, the last c
template <class T> DEVICE void lstmStep(const Args& args) {
  Words words(args);
  const Step step(words);
  const Taken<T> take(words);
  T* hidden = elements<T>(words);
  T* gates = elements<T>(words);
  const T* s = elements<const T>(words);
  const T* before = elements<const T>(words);
  T* cells = elements<T>(words);
  T* last = elements<T>(words);
  for (int64 i = threadNumber(); i < step.count * step.width; i += threadCount()) {
    const int64 first = i / step.width * 4 * step.width + i % step.width;
    T sums[4];
    for (int gate = 0; gate < 4; gate++) {
      const int64 at = first + gate * step.width;
      gates[at] = sums[gate] = gates[at] + s[at];
    }
    const bool active = step.has(i / step.width);
    const T c = active ? logistic(sums[1]) * before[i] + logistic(sums[0]) * tanh(sums[2]) : before[i];
    const T h = logistic(sums[3]) * tanh(c);
    cells[i] = last[i] = c;
    if (hidden) hidden[i] = h;
    else take(i, active, h);
  }
}
FOR_EACH_FLOAT(KERNEL, lstm_step, lstmStep)

// words: step, h, what it becomes
template <class T> DEVICE void projectedStep(const Args& args) {
  Words words(args);
  const Step step(words);
  const Taken<T> take(words);
  const T* h = elements<const T>(words);
  for (int64 i = threadNumber(); i < step.count * step.width; i += threadCount()) take(i, step.has(i / step.width), h[i]);
}
FOR_EACH_FLOAT(KERNEL, projected_step, projectedStep)

// words: step, h, gates r and z (to which the state's share is added) with the input's share of n [N, 3 H], the state's share [N, 3 H], its part of n
template <class T> DEVICE void gruStep(const Args& args) {
  Words words(args);
  const Step step(words);
  const Taken<T> take(words);
  T* gates = elements<T>(words);
  const T* s = elements<const T>(words);
  T* shares = elements<T>(words);
  for (int64 i = threadNumber(); i < step.count * step.width; i += threadCount()) {
    const int64 r = i / step.width * 3 * step.width + i % step.width, z = r + step.width, n = z + step.width;
    const T reset = gates[r] = gates[r] + s[r], update = gates[z] = gates[z] + s[z];
    const T share = shares[i] = s[n];
    const T fresh = tanh(gates[n] + logistic(reset) * share);
    take(i, step.has(i / step.width), fresh + logistic(update) * (take.before[i] - fresh));
  }
}
FOR_EACH_FLOAT(KERNEL, gru_step, gruStep)

/**
 * The gradient that comes to h after a step: the output's, and what came back through the step behind it, by the product and past it. Past a step
 * goes all of it where a sequence has none. words: the output's, the last state's (behind the last step) or 0, through the product or 0, past it
 */
template <class T> struct Arriving {
  const T *g, *last, *through;
  T* past;
  DEVICE explicit Arriving(Words& words)
      : g(elements<const T>(words)), last(elements<const T>(words)), through(elements<const T>(words)), past(elements<T>(words)) {}
  DEVICE T operator()(int64 i, bool active) const {
    const T own = active ? g[i] : T(0);
    return last ? own + last[i] : through ? own + (through[i] + past[i]) : own;
  }
  /** Where none of it goes past a step that a sequence has. */
  DEVICE void goesThrough(int64 i, bool active, T h) const { past[i] = active ? T(0) : h; }
};
/** `take(i, active, h)` of each element of the state: whether its sequence has the step, and what comes to it. */
template <class T, class Take> DEVICE void eachArriving(const Step& step, const Arriving<T>& arriving, const Take& take) {
  for (int64 i = threadNumber(); i < step.count * step.width; i += threadCount()) {
    const bool active = step.has(i / step.width);
    take(i, active, arriving(i, active));
  }
}

// words: step, arriving, whether relu, output, gradient of the sums
template <class T> DEVICE void rnnStepBack(const Args& args) {
  Words words(args);
  const Step step(words);
  const Arriving<T> arriving(words);
  const bool relu = words.next() != 0;
  const T* output = elements<const T>(words);
  T* sums = elements<T>(words);
  eachArriving(step, arriving, [&](int64 i, bool active, T h) {
    const T y = output[i];
    sums[i] = active ? h * (relu ? T(y > T(0)) : T(1) - y * y) : T(0);
    arriving.goesThrough(i, active, h);
  });
}
FOR_EACH_FLOAT(KERNEL, rnn_step_back, rnnStepBack)

// words: step, arriving, gates, c before, c after, gradient of c behind the step and before it, of the gates, what was projected or 0
template <class T> DEVICE void lstmStepBack(const Args& args) {
  Words words(args);
  const Step step(words);
  const Arriving<T> arriving(words);
  const T* gates = elements<const T>(words);
  const T* before = elements<const T>(words);
  const T* cells = elements<const T>(words);
  const T* behind = elements<const T>(words);
  T* dc = elements<T>(words);
  T* sums = elements<T>(words);
  T* hidden = elements<T>(words);
  eachArriving(step, arriving, [&](int64 i, bool active, T h) {
    const int64 first = i / step.width * 4 * step.width + i % step.width;
    const T c = behind[i];
    T of[4] = {T(0), T(0), T(0), T(0)}, toBefore = c, made = T(0);
    if (active) {
      const T in = logistic(gates[first]), forget = logistic(gates[first + step.width]);
      const T fresh = tanh(gates[first + 2 * step.width]), out = logistic(gates[first + 3 * step.width]), cell = tanh(cells[i]);
      const T all = c + h * out * (T(1) - cell * cell);
      of[0] = all * fresh * in * (T(1) - in);
      of[1] = all * before[i] * forget * (T(1) - forget);
      of[2] = all * in * (T(1) - fresh * fresh);
      of[3] = h * cell * out * (T(1) - out);
      toBefore = all * forget;
      made = out * cell;
    }
    for (int gate = 0; gate < 4; gate++) sums[first + gate * step.width] = of[gate];
    dc[i] = toBefore;
    if (hidden) hidden[i] = made;
    else arriving.goesThrough(i, active, h);
  });
}
FOR_EACH_FLOAT(KERNEL, lstm_step_back, lstmStepBack)

// What comes to h after a step, before its projection is undone. words: step, arriving, that
template <class T> DEVICE void projectedStepBack(const Args& args) {
  Words words(args);
  const Step step(words);
  const Arriving<T> arriving(words);
  T* outputs = elements<T>(words);
  eachArriving(step, arriving, [&](int64 i, bool active, T h) {
    outputs[i] = active ? h : T(0);
    arriving.goesThrough(i, active, h);
  });
}
FOR_EACH_FLOAT(KERNEL, projected_step_back, projectedStepBack)

// words: step, arriving, gates, the state's share of n, h before, gradient of the input's shares and of the state's
template <class T> DEVICE void gruStepBack(const Args& args) {
  Words words(args);
  const Step step(words);
  const Arriving<T> arriving(words);
  const T* gates = elements<const T>(words);
  const T* shares = elements<const T>(words);
  const T* before = elements<const T>(words);
  T* input = elements<T>(words);
  T* state = elements<T>(words);
  eachArriving(step, arriving, [&](int64 i, bool active, T h) {
    const int64 r = i / step.width * 3 * step.width + i % step.width, z = r + step.width, n = z + step.width;
    T toReset = T(0), toUpdate = T(0), toFresh = T(0), toShare = T(0), past = h;
    if (active) {
      const T reset = logistic(gates[r]), update = logistic(gates[z]), share = shares[i];
      const T fresh = tanh(gates[n] + reset * share);
      toFresh = h * (T(1) - update) * (T(1) - fresh * fresh);
      toShare = toFresh * reset;
      toReset = toFresh * share * reset * (T(1) - reset);
      toUpdate = h * (before[i] - fresh) * update * (T(1) - update);
      past = h * update;
    }
    input[r] = state[r] = toReset;
    input[z] = state[z] = toUpdate;
    input[n] = toFresh;
    state[n] = toShare;
    arriving.past[i] = past;
  });
}
FOR_EACH_FLOAT(KERNEL, gru_step_back, gruStepBack)

// The gradient of the first state. words: step, arriving, that; there is no output, so no sequence has the step
template <class T> DEVICE void firstState(const Args& args) {
  Words words(args);
  const Step step(words);
  const Arriving<T> arriving(words);
  T* dh = elements<T>(words);
  for (int64 i = threadNumber(); i < step.count * step.width; i += threadCount()) dh[i] = arriving(i, false);
}
FOR_EACH_FLOAT(KERNEL, first_state, firstState)

/**
 * x of all steps where a sequence has one, else 0; with a first state what each step began with: the one before it (by `back` steps), or that state
 * where none is. words: step (its number is how many there are), back or 0, to, x, the first state
 */
template <class T> DEVICE void steps(const Args& args) {
  Words words(args);
  const Step step(words);
  const int64 back = words.next();
  T* to = elements<T>(words);
  const T* x = elements<const T>(words);
  const T* first = elements<const T>(words);
  const int64 one = step.count * step.width;
  for (int64 i = threadNumber(); i < step.number * one; i += threadCount()) {
    const int64 sequence = i % one / step.width, from = i / one - back;
    const bool there = from >= 0 && from < step.number && step.has(sequence, from);
    const bool active = step.has(sequence, i / one);
    to[i] = !active ? T(0) : there ? x[from * one + i % one] : first[i % one];
  }
}
FOR_EACH_FLOAT(KERNEL, steps, steps)
