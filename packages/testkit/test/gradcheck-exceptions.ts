const rounds = "the result is rounded to fewer bits: its values are steps, and the gradient is that of the identity";
const draws = "random: PyTorch defines the gradient with respect to the parameters as zero";

const factor = "only one triangle of the factor is read, and PyTorch gives the other one a gradient as well";

const triangle =
  "reads one triangle of a symmetric matrix and, as PyTorch, gives the gradient of the symmetric whole: half of each side's slope";

const repeats = "where positions repeat the last value stays, and PyTorch gives all of them its gradient";

/** Ops whose gradient is on purpose no slope of their values. */
export const noDerivative: { readonly [op: string]: string } = {
  bfloat16: rounds,
  cholesky: triangle,
  "linalg.cholesky": triangle,
  "linalg.cholesky_ex": triangle,
  "linalg.eigh": triangle,
  "linalg.eigvalsh": triangle,
  "linalg.pinv__hermitian": triangle,
  cholesky_inverse: factor,
  cholesky_solve: factor,
  float: rounds,
  half: rounds,
  "nn.functional.max_unpool1d": repeats,
  "nn.functional.max_unpool2d": repeats,
  "nn.functional.max_unpool3d": repeats,
  normal: draws,
  normal__number_mean: draws,
};

/** Ops without a second derivative. */
export const noSecondDerivative: { readonly [op: string]: string } = {};
