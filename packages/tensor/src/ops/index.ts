export * from "./aliases.ts";
export {
  alias,
  clone,
  contiguous,
  copy_,
  detach,
  fill_,
  type Placement,
  to,
  toAsync,
  zero_,
} from "./create/copy.ts";
export {
  arange,
  empty,
  emptyLike,
  eye,
  type FromDataOptions,
  fromBytes,
  full,
  fullLike,
  type HalfArray,
  linspace,
  logspace,
  type Nested,
  ones,
  onesLike,
  scalarTensor,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./create/creation.ts";
export type { GeneratorOptions, RandomOptions } from "./create/drawing.ts";
export { fill } from "./create/filling.ts";
export * from "./create/native.ts";
export {
  bernoulli,
  defaultGenerator,
  getRngState,
  initialSeed,
  type MultinomialOptions,
  manualSeed,
  multinomial,
  normal,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  setRngState,
} from "./create/random.ts";
export {
  bernoulli_,
  cauchy_,
  exponential_,
  geometric_,
  logNormal_,
  normal_,
  random_,
  truncNormal_,
  uniform_,
} from "./create/random-in-place.ts";
export { fromTransferable, type TransferableTensor, toTransferable } from "./create/transferable.ts";
export * from "./index/gather-scatter.ts";
export * from "./index/index-along.ts";
export * from "./index/indexing.ts";
export {
  argwhere,
  maskedFill,
  maskedFill_,
  maskedScatter,
  maskedScatter_,
  maskedSelect,
  type NonzeroOptions,
  nonzero,
} from "./index/masked.ts";
export type { Picked } from "./index/picking.ts";
export {
  type ScatterReduceOptions,
  type ScatterReduction,
  scatterReduce,
  scatterReduce_,
} from "./index/scatter-reduce.ts";
export * from "./index/taking.ts";
export { type CholeskyOptions, cholesky, choleskyEx, choleskyInverse, choleskySolve } from "./linalg/cholesky.ts";
export { det, logdet, slogdet } from "./linalg/determinants.ts";
export {
  type CosineSimilarityOptions,
  cdist,
  cosineSimilarity,
  type NormalizeOptions,
  normalize,
  type PairwiseDistanceOptions,
  pairwiseDistance,
  pdist,
} from "./linalg/distances.ts";
export { type EighOptions, eigh, eigvalsh } from "./linalg/eigen.ts";
export * from "./linalg/einsum.ts";
export { type LuSolveOptions, lu, luFactor, luFactorEx, luSolve, luUnpack } from "./linalg/lu.ts";
export { bmm, dot, matmul, mm, mv } from "./linalg/matmul.ts";
export {
  matrixExp,
  matrixPower,
  type TensorinvOptions,
  type TensorsolveOptions,
  tensorinv,
  tensorsolve,
} from "./linalg/matrix-functions.ts";
export * from "./linalg/products.ts";
export { type QrOptions, qr } from "./linalg/qr.ts";
export {
  inv,
  invEx,
  inverse,
  type SolveOptions,
  type SolveTriangularOptions,
  solve,
  solveEx,
  solveTriangular,
} from "./linalg/solving.ts";
export { cond, matrixRank, pinv, type RankOptions, type SvdOptions, svd, svdvals } from "./linalg/svd.ts";
export { cross, type VanderOptions, type VectorOptions, vander } from "./linalg/vectors.ts";
export * from "./nn/adaptive-pooling.ts";
export { type AttentionOptions, scaledDotProductAttention } from "./nn/attention.ts";
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type Spatial,
} from "./nn/conv.ts";
export { alphaDropout, dropout, dropout_, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "./nn/dropout.ts";
export { type EmbeddingOptions, embedding, oneHot } from "./nn/embedding.ts";
export { type EmbeddingBagOptions, embeddingBag } from "./nn/embedding-bag.ts";
export {
  type FractionalMaxPoolOptions,
  fractionalMaxPool2d,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3d,
  fractionalMaxPool3dWithIndices,
} from "./nn/fractional-pooling.ts";
export { type AffineGridOptions, affineGrid, type GridSampleOptions, gridSample } from "./nn/grid-sampling.ts";
export * from "./nn/gumbel-softmax.ts";
export {
  type InstanceNormOptions,
  instanceNorm,
  type LocalResponseNormOptions,
  localResponseNorm,
} from "./nn/instance-norm.ts";
export {
  type InterpolateOptions,
  type InterpolationMode,
  interpolate,
  upsampleBilinear,
  upsampleNearest,
} from "./nn/interpolation.ts";
export { linear } from "./nn/linear.ts";
export { type LpPoolOptions, lpPool1d, lpPool2d, lpPool3d } from "./nn/lp-pooling.ts";
export { type MultiHeadAttentionOptions, multiHeadAttentionForward } from "./nn/multi-head-attention.ts";
export {
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  layerNorm,
  type NormalizationOptions,
  type RmsNormOptions,
  rmsNorm,
} from "./nn/normalization.ts";
export { col2im, im2col, type PatchOptions } from "./nn/patches.ts";
export * from "./nn/pixels.ts";
export {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
} from "./nn/pooling.ts";
export { logSoftmax, type SoftmaxOptions, softmax, softmin } from "./nn/softmax.ts";
export * from "./nn/unpooling.ts";
export {
  celu,
  celu_,
  elu,
  elu_,
  type GeluOptions,
  gelu,
  gelu_,
  glu,
  hardshrink,
  hardsigmoid,
  hardsigmoid_,
  hardswish,
  hardswish_,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  logsigmoid,
  mish,
  mish_,
  prelu,
  relu,
  relu_,
  relu6,
  relu6_,
  selu,
  selu_,
  silu,
  silu_,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
  threshold_,
} from "./pointwise/activation.ts";
export {
  type AlphaOptions,
  abs,
  abs_,
  add,
  add_,
  addcdiv,
  addcdiv_,
  addcmul,
  addcmul_,
  type DivOptions,
  div,
  div_,
  floorDivide,
  floorDivide_,
  fmod,
  fmod_,
  lerp,
  lerp_,
  maximum,
  minimum,
  mul,
  mul_,
  neg,
  neg_,
  pow,
  pow_,
  reciprocal,
  reciprocal_,
  remainder,
  remainder_,
  rsub,
  sign,
  sign_,
  square,
  square_,
  sub,
  sub_,
  type ValueOptions,
} from "./pointwise/arithmetic.ts";
export {
  bitwiseAnd,
  bitwiseAnd_,
  bitwiseLeftShift,
  bitwiseLeftShift_,
  bitwiseNot,
  bitwiseNot_,
  bitwiseOr,
  bitwiseOr_,
  bitwiseRightShift,
  bitwiseRightShift_,
  bitwiseXor,
  bitwiseXor_,
  gcd,
  lcm,
} from "./pointwise/bits.ts";
export {
  clamp,
  clamp_,
  clampMax,
  clampMax_,
  clampMin,
  clampMin_,
  clip,
  clip_,
  fmax,
  fmin,
  type NanToNumOptions,
  nanToNum,
  nanToNum_,
} from "./pointwise/clamp.ts";
export { allclose, type CloseOptions, equal, isclose } from "./pointwise/closeness.ts";
export {
  eq,
  eq_,
  ge,
  ge_,
  gt,
  gt_,
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  le,
  le_,
  logicalAnd,
  logicalAnd_,
  logicalNot,
  logicalNot_,
  logicalOr,
  logicalOr_,
  logicalXor,
  logicalXor_,
  lt,
  lt_,
  ne,
  ne_,
  where,
} from "./pointwise/comparison.ts";
export {
  exp,
  exp_,
  exp2,
  exp2_,
  expit,
  expm1,
  expm1_,
  floatPower,
  frexp,
  ldexp,
  ldexp_,
  log,
  log_,
  log1p,
  log1p_,
  log2,
  log2_,
  log10,
  log10_,
  logaddexp,
  logaddexp2,
  logit,
  logit_,
  rsqrt,
  rsqrt_,
  sigmoid,
  sigmoid_,
  sqrt,
  sqrt_,
  xlog1py,
  xlogy,
  xlogy_,
} from "./pointwise/exponential.ts";
export { angle, conj, conjPhysical, isreal, positive, real, resolveConj, resolveNeg } from "./pointwise/real.ts";
export {
  ceil,
  ceil_,
  fix,
  fix_,
  floor,
  floor_,
  frac,
  frac_,
  type RoundOptions,
  round,
  round_,
  trunc,
  trunc_,
} from "./pointwise/rounding.ts";
export { type RreluOptions, rrelu, rrelu_ } from "./pointwise/rrelu.ts";
export {
  copysign,
  copysign_,
  heaviside,
  heaviside_,
  nextafter,
  nextafter_,
  sgn,
  sgn_,
  signbit,
} from "./pointwise/sign.ts";
export * from "./pointwise/special/index.ts";
export {
  acos,
  acos_,
  acosh,
  acosh_,
  asin,
  asin_,
  asinh,
  asinh_,
  atan,
  atan_,
  atan2,
  atan2_,
  atanh,
  atanh_,
  cos,
  cos_,
  cosh,
  cosh_,
  deg2rad,
  deg2rad_,
  hypot,
  hypot_,
  rad2deg,
  rad2deg_,
  sin,
  sin_,
  sinc,
  sinc_,
  sinh,
  sinh_,
  tan,
  tan_,
  tanh,
  tanh_,
} from "./pointwise/trigonometric.ts";
export { isFloatingPoint, numel } from "./read/questions.ts";
export { type CumulativeOptions, cummax, cummin, cumprod, cumsum, logcumsumexp } from "./reduce/cumulative.ts";
export * from "./reduce/differences.ts";
export {
  type AminmaxOptions,
  aminmax,
  argmax,
  argmin,
  max,
  min,
} from "./reduce/extreme.ts";
export * from "./reduce/gradient.ts";
export { type HistogramOptions, histogram, histogramdd } from "./reduce/histogram.ts";
export { logsumexp } from "./reduce/logsumexp.ts";
export * from "./reduce/masked-reduction.ts";
export { mode } from "./reduce/mode.ts";
export { nanmean, nansum } from "./reduce/nan-reduction.ts";
export { dist, type MatrixNorm, matrixNorm, norm, renorm, vectorNorm } from "./reduce/norm.ts";
export { kthvalue, median, nanmedian } from "./reduce/order-statistics.ts";
export { prod } from "./reduce/product.ts";
export { nanquantile, type QuantileOptions, quantile } from "./reduce/quantile.ts";
export {
  all,
  amax,
  amin,
  any,
  countNonzero,
  type Dims,
  type KeepdimOptions,
  mean,
  type ReduceOptions,
  sum,
  sumTo,
} from "./reduce/reduction.ts";
export {
  type BucketizeOptions,
  bucketize,
  type IsinOptions,
  isin,
  type SearchsortedOptions,
  searchsorted,
} from "./reduce/search.ts";
export { argsort, msort, type SortOptions, sort, type TopkOptions, topk } from "./reduce/sorting.ts";
export { type BincountOptions, bincount, type CovOptions, corrcoef, cov, histc, trace } from "./reduce/statistics.ts";
export * from "./reduce/unique.ts";
export { std, stdMean, type VarianceOptions, var, variance, varMean } from "./reduce/variance.ts";
export { asStrided } from "./shape/as-strided.ts";
export * from "./shape/combining.ts";
export * from "./shape/diagonals.ts";
export { flip, fliplr, flipud, roll, rot90 } from "./shape/flipping.ts";
export { cat, concat, concatenate, stack } from "./shape/joining.ts";
export { constantPadNd, type PadOptions, pad } from "./shape/padding.ts";
export * from "./shape/repeating.ts";
export {
  chunk,
  dsplit,
  type Each,
  hsplit,
  type Sectioned,
  type Sections,
  split,
  type Times,
  tensorSplit,
  unbind,
  vsplit,
} from "./shape/splitting.ts";
export * from "./shape/stacking.ts";
export * from "./shape/transposes.ts";
export { tril, tril_, trilIndices, triu, triu_, triuIndices } from "./shape/triangular.ts";
export {
  broadcastTo,
  diagonal,
  expand,
  flatten,
  movedim,
  narrow,
  permute,
  reshape,
  select,
  slice,
  squeeze,
  t,
  transpose,
  unflatten,
  unfold,
  unsqueeze,
  viewAs,
} from "./shape/view.ts";
export * from "./shape/view-copies.ts";
export { asStridedScatter, diagonalScatter, selectScatter, sliceScatter } from "./shape/window-scatter.ts";
