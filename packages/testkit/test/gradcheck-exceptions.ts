const rounds = "the result is rounded to fewer bits: its values are steps, and the gradient is that of the identity";
const draws = "random: PyTorch defines the gradient with respect to the parameters as zero";

/** Ops whose gradient is on purpose no slope of their values. */
export const noDerivative: { readonly [op: string]: string } = {
  bfloat16: rounds,
  float: rounds,
  half: rounds,
  normal: draws,
  normal__number_mean: draws,
};

const zero = "the gradient is zero everywhere and no function of anything";

/** Ops without a second derivative. */
export const noSecondDerivative: { readonly [op: string]: string } = {
  bernoulli: zero,
  div__floor_rounding: zero,
  div__trunc_rounding: zero,
};
