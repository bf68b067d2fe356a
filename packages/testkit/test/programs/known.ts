/**
 * Programs that are known to go otherwise, by reason. One that no longer does is to be taken out: the test names it.
 */
export const known: readonly (readonly [reason: string, ids: readonly number[]])[] = [
  [
    "a last digit of an earlier step, amplified: a difference of near numbers, a tangent near its pole, a comparison, the sign of a zero",
    [111567, 112012, 115007, 116300, 116703, 119529],
  ],
  ["of equal elements another was selected, and what follows used its position", [113416]],
  ["a cast of a number beyond the integer dtype, which C leaves open: the nearest here, the least there", [110304]],
  ["a half rounded once, where PyTorch rounds between the steps", [112177, 112213, 113036, 114184, 114802]],
  ["a gradient of zeros where PyTorch has none: the norm of order 0", [114660]],
  [
    "logSoftmax keeps its result, which was filled; a 0-d result of PyTorch is another tensor than what it keeps",
    [114525],
  ],
  ["the squares of 1e30 overflow float32; PyTorch accumulates in float64 on the cpu", [116678, 117989]],
  [
    "NaN, an infinity, a kink or a zero factor on the way: other branches of formulas that agree elsewhere",
    [
      110229, 110440, 110625, 110731, 110794, 111103, 111110, 111275, 111827, 111868, 112145, 112147, 112735, 112922,
      113259, 113391, 114114, 114364, 114374, 114734, 115098, 115226, 115500, 115568, 115898, 115902, 116075, 116118,
      116164, 117157, 117368, 117450, 117523, 117752, 117754, 118043, 118562, 118950, 119019, 119534, 119550, 119872,
      119900,
    ],
  ],
];
