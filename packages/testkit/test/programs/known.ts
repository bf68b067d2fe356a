/**
 * Programs that are known to go otherwise, by reason. One that no longer does is to be taken out: the test names it.
 */
export const known: readonly (readonly [reason: string, ids: readonly number[]])[] = [
  [
    "a last digit of an earlier step, amplified: a difference of near numbers, a tangent near its pole, a remainder, the edge of a bin",
    [112012, 115007, 116300, 116703, 119529],
  ],
  ["the sign of a NaN, which copysign takes over", [111567]],
  ["a cast of a number beyond the integer dtype, which C leaves open: the nearest here, the least there", [110304]],
  [
    "a half rounded once, where PyTorch rounds between the steps (1e-12 to 0, a power of a deviation to infinity)",
    [110794, 112177, 112213, 113036, 114184, 114802, 115902],
  ],
  ["a gradient of zeros where PyTorch has none: the norm of order 0", [114660]],
  [
    "logSoftmax keeps its result, which was filled; a 0-d result of PyTorch is another tensor than what it keeps",
    [114525],
  ],
  ["the squares of 1e30 overflow float32; PyTorch accumulates in float64 on the cpu", [116678, 117989]],
  [
    "the gradient of a product is that of the other factors, where PyTorch divides the product by each, or leaves it out at two zeros",
    [110625, 112735, 115226, 115500, 119550],
  ],
  ["a second derivative of what is masked at 0, where PyTorch has 0 times an infinity", [112343, 115651, 117501]],
  ["zeros of the padding times an infinity or NaN of the weight, which PyTorch's library leaves out", [112922, 114374]],
  ["an element of weight 0 is left out of an interpolation; an infinity there is NaN in PyTorch", [118043, 119534]],
  ["a window that sees padding alone: PyTorch's position of its maximum lies elsewhere in memory", [114888, 117523]],
  ["the mean beside a variance of infinities is the mean; NaN in PyTorch", [111110]],
  ["mode beside NaN, which PyTorch's sort finds in no order", [115568]],
  ["the slope of relu6 at NaN, which in PyTorch is 0 in whole vectors and 1 in the rest of them", [117743]],
  ["the slope of trigamma at a pole, where it has either sign", [118950]],
  ["alpha = 0 leaves the product out, as in PyTorch's addmm, but not in its baddbmm of few elements", [116673]],
  ["a gradient of logcumsumexp at 1e30, which PyTorch takes from differences of logarithms", [117752]],
];
