import * as host from "./host.ts";
import * as activation from "./ops/activation.ts";
import * as adaptivePooling from "./ops/adaptive-pooling.ts";
import * as aliases from "./ops/aliases.ts";
import * as arithmetic from "./ops/arithmetic.ts";
import { asStrided } from "./ops/as-strided.ts";
import * as bits from "./ops/bits.ts";
import { cholesky } from "./ops/cholesky.ts";
import * as clamp from "./ops/clamp.ts";
import * as closeness from "./ops/closeness.ts";
import * as comparison from "./ops/comparison.ts";
import { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "./ops/conv.ts";
import * as copy from "./ops/copy.ts";
import * as cumulative from "./ops/cumulative.ts";
import { det, logdet, slogdet } from "./ops/determinants.ts";
import * as diagonals from "./ops/diagonals.ts";
import * as differences from "./ops/differences.ts";
import { cdist, cosineSimilarity } from "./ops/distances.ts";
import { dropout, dropout_ } from "./ops/dropout.ts";
import { oneHot } from "./ops/embedding.ts";
import * as exponential from "./ops/exponential.ts";
import * as extreme from "./ops/extreme.ts";
import { fill } from "./ops/filling.ts";
import * as flipping from "./ops/flipping.ts";
import * as gatherScatter from "./ops/gather-scatter.ts";
import { gradient } from "./ops/gradient.ts";
import { histogram } from "./ops/histogram.ts";
import * as indexAlong from "./ops/index-along.ts";
import * as indexing from "./ops/indexing.ts";
import { instanceNorm, localResponseNorm } from "./ops/instance-norm.ts";
import { interpolate } from "./ops/interpolation.ts";
import { linear } from "./ops/linear.ts";
import * as logsumexp from "./ops/logsumexp.ts";
import * as lpPooling from "./ops/lp-pooling.ts";
import { lu } from "./ops/lu.ts";
import * as masked from "./ops/masked.ts";
import * as matmul from "./ops/matmul.ts";
import { matrixExp, matrixPower } from "./ops/matrix-functions.ts";
import * as mode from "./ops/mode.ts";
import * as nanReduction from "./ops/nan-reduction.ts";
import * as norms from "./ops/norm.ts";
import { layerNorm, rmsNorm } from "./ops/normalization.ts";
import * as orderStatistics from "./ops/order-statistics.ts";
import { constantPadNd, pad } from "./ops/padding.ts";
import { pixelShuffle, pixelUnshuffle } from "./ops/pixels.ts";
import * as pooling from "./ops/pooling.ts";
import * as product from "./ops/product.ts";
import { addbmm, addmm, addmv, addr, baddbmm, inner, kron, outer, tensordot, vdot, vecdot } from "./ops/products.ts";
import { qr } from "./ops/qr.ts";
import * as quantile from "./ops/quantile.ts";
import { bernoulli, multinomial } from "./ops/random.ts";
import * as randomInPlace from "./ops/random-in-place.ts";
import * as real from "./ops/real.ts";
import * as reduction from "./ops/reduction.ts";
import * as repeating from "./ops/repeating.ts";
import * as rounding from "./ops/rounding.ts";
import { rrelu, rrelu_ } from "./ops/rrelu.ts";
import * as scatterReduction from "./ops/scatter-reduce.ts";
import * as search from "./ops/search.ts";
import * as sign from "./ops/sign.ts";
import * as softmax from "./ops/softmax.ts";
import { inv, inverse } from "./ops/solving.ts";
import * as sorting from "./ops/sorting.ts";
import { erf, erf_, erfc, erfc_, erfinv, erfinv_ } from "./ops/special/error-function.ts";
import { digamma, digamma_, lgamma, lgamma_, mvlgamma, polygamma } from "./ops/special/gamma.ts";
import { i0, i0_ } from "./ops/special/modified-bessel.ts";
import * as splitting from "./ops/splitting.ts";
import * as statistics from "./ops/statistics.ts";
import { pinv, svd } from "./ops/svd.ts";
import * as taking from "./ops/taking.ts";
import * as transposes from "./ops/transposes.ts";
import { tril, tril_, triu, triu_ } from "./ops/triangular.ts";
import * as trigonometric from "./ops/trigonometric.ts";
import * as uniques from "./ops/unique.ts";
import * as unpooling from "./ops/unpooling.ts";
import * as variance from "./ops/variance.ts";
import { cross } from "./ops/vectors.ts";
import * as views from "./ops/view.ts";
import * as viewCopies from "./ops/view-copies.ts";
import * as windowScatter from "./ops/window-scatter.ts";
import type { Tensor } from "./tensor.ts";
import { item, itemAsync, tolist, tolistAsync } from "./values.ts";

const { broadcastTo, viewAs, ...viewMethods } = views;
const { toDType: _td, toDevice: _tv, ...copies } = copy;
const { where: _wh, ...comparisons } = comparison;
const { productOfOthers: _po, ...cumulatives } = cumulative;
const { sorted: _so, ...sorts } = sorting;

/** Sizes or dimensions as PyTorch's methods take them: one after another, or in one list. */
type Sizes = number[] | [list: readonly number[]];
/** The method of a function that takes a list of sizes: `x.reshape(3, 4)` is `x.reshape([3, 4])`. */
const spread =
  (f: (x: Tensor, list: readonly number[]) => Tensor) =>
  (x: Tensor, ...sizes: Sizes): Tensor =>
    f(x, isList(sizes) ? sizes[0] : sizes);
const isList = (sizes: Sizes): sizes is [list: readonly number[]] => typeof sizes[0] === "object";

/** The methods with several forms, whose types cannot be taken from the functions. */
export type OverloadedMethods = extreme.ExtremeMethods & orderStatistics.MedianMethods & uniques.UniqueMethods;

/** Every function that is also a method of Tensor, by method name. Its first parameter is the tensor. */
export const methods = {
  ...arithmetic,
  ...closeness,
  ...comparisons,
  ...viewMethods,
  asStrided,
  ...reduction,
  ...copies,
  ...matmul,
  ...activation,
  ...bits,
  ...clamp,
  ...exponential,
  ...rounding,
  ...sign,
  ...trigonometric,
  ...pooling,
  ...adaptivePooling,
  ...lpPooling,
  ...unpooling,
  interpolate,
  instanceNorm,
  localResponseNorm,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  layerNorm,
  rmsNorm,
  ...diagonals,
  fill,
  ...flipping,
  ...repeating,
  ...transposes,
  ...viewCopies,
  ...windowScatter,
  constantPadNd,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  addbmm,
  addmm,
  addmv,
  addr,
  baddbmm,
  inner,
  kron,
  outer,
  tensordot,
  vdot,
  vecdot,
  cdist,
  cosineSimilarity,
  cross,
  cholesky,
  det,
  logdet,
  slogdet,
  lu,
  matrixExp,
  matrixPower,
  qr,
  inv,
  inverse,
  pinv,
  svd,
  ...gatherScatter,
  ...indexAlong,
  ...indexing,
  ...masked,
  ...randomInPlace,
  ...scatterReduction,
  ...splitting,
  ...taking,
  linear,
  dropout,
  dropout_,
  bernoulli,
  multinomial,
  oneHot,
  tril,
  tril_,
  triu,
  triu_,
  ...softmax,
  ...cumulatives,
  ...extreme,
  ...logsumexp,
  ...product,
  ...sorts,
  ...variance,
  ...differences,
  ...mode,
  ...nanReduction,
  ...norms,
  ...orderStatistics,
  ...quantile,
  ...search,
  ...statistics,
  ...uniques,
  // of torch.special those that are methods in PyTorch too: who does not use the others does not load them
  digamma,
  digamma_,
  erf,
  erf_,
  erfc,
  erfc_,
  erfinv,
  erfinv_,
  i0,
  i0_,
  lgamma,
  lgamma_,
  mvlgamma,
  polygamma: (x: Tensor, n: number): Tensor => polygamma(n, x),
  ...aliases,
  ...real,
  gradient,
  histogram,
  rrelu,
  rrelu_,
  view: spread(viewAs),
  reshape: spread(views.reshape),
  permute: spread(views.permute),
  expand: spread(views.expand),
  repeat: spread(repeating.repeat),
  tile: spread(repeating.tile),
  flip: spread(flipping.flip),
  expandTo: broadcastTo,
  dataSync: host.dataSync,
  data: host.data,
  item,
  itemAsync,
  tolist,
  tolistAsync,
};
