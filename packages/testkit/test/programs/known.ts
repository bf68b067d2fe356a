/**
 * Programs that are known to go otherwise, by reason. One that no longer does is to be taken out: the test names it.
 */
export const known: readonly (readonly [reason: string, ids: readonly number[]])[] = [
  [
    "a half rounded once, where PyTorch rounds between the steps (1e-12 to 0, a power of a deviation to infinity)",
    [110794, 111276, 112131, 112177, 112213, 113036, 113952, 114184, 114802, 115902, 116235],
  ],
  [
    "logSoftmax of a half keeps its input, to compute the result again unrounded; PyTorch keeps the result, and the input may change",
    [114525],
  ],
  [
    "a last digit of an earlier step, of which ours is the nearest, amplified: a difference of near numbers, a tangent near its pole",
    [112012, 115007, 116300],
  ],
  [
    "a cast of a number beyond the integer dtype, which C leaves open: the nearest here, the least of PyTorch on x86",
    [110304, 112353, 114111],
  ],
  [
    "zeros of the padding times an infinity or NaN of the weight, which PyTorch's library for float32 leaves out",
    [112922, 114374],
  ],
  [
    "a write in place to a window that shows elements twice is refused; PyTorch's check of overlaps is given up there",
    [110149, 117203],
  ],
  ["a factor of kron changed in place is an error; PyTorch computes with its new values, unseen", [115891]],
  ["mode beside NaN, which PyTorch's sort finds in no order", [115568]],
  [
    "a gradient of logcumsumexp at 1e30, which PyTorch takes from differences of logarithms, where all signs are lost",
    [117752],
  ],
  ["a second derivative of a product at 1e30, which PyTorch divides by the factors: a part of it is lost", [119550]],
];
