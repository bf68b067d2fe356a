import type { Tensor } from "../core/tensor.ts";
import * as host from "../lower/host.ts";
import * as aliases from "../ops/aliases.ts";
import * as converting from "../ops/create/converting.ts";
import * as copy from "../ops/create/copy.ts";
import { fill } from "../ops/create/filling.ts";
import * as news from "../ops/create/new.ts";
import { bernoulli, multinomial } from "../ops/create/random.ts";
import * as randomInPlace from "../ops/create/random-in-place.ts";
import { toTransferable } from "../ops/create/transferable.ts";
import * as gatherScatter from "../ops/index/gather-scatter.ts";
import * as indexAlong from "../ops/index/index-along.ts";
import * as indexing from "../ops/index/indexing.ts";
import * as masked from "../ops/index/masked.ts";
import * as scatterReduction from "../ops/index/scatter-reduce.ts";
import * as taking from "../ops/index/taking.ts";
import { cholesky } from "../ops/linalg/cholesky.ts";
import { det, logdet, slogdet } from "../ops/linalg/determinants.ts";
import { cdist, cosineSimilarity } from "../ops/linalg/distances.ts";
import { lu } from "../ops/linalg/lu.ts";
import * as matmul from "../ops/linalg/matmul.ts";
import { matrixExp, matrixPower } from "../ops/linalg/matrix-functions.ts";
import {
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
} from "../ops/linalg/products.ts";
import { qr } from "../ops/linalg/qr.ts";
import { inv, inverse } from "../ops/linalg/solving.ts";
import { pinv, svd } from "../ops/linalg/svd.ts";
import { cross } from "../ops/linalg/vectors.ts";
import * as adaptivePooling from "../ops/nn/adaptive-pooling.ts";
import { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "../ops/nn/conv.ts";
import { dropout, dropout_ } from "../ops/nn/dropout.ts";
import { oneHot } from "../ops/nn/embedding.ts";
import { instanceNorm, localResponseNorm } from "../ops/nn/instance-norm.ts";
import { interpolate } from "../ops/nn/interpolation.ts";
import { linear } from "../ops/nn/linear.ts";
import * as lpPooling from "../ops/nn/lp-pooling.ts";
import { layerNorm, rmsNorm } from "../ops/nn/normalization.ts";
import { pixelShuffle, pixelUnshuffle } from "../ops/nn/pixels.ts";
import * as pooling from "../ops/nn/pooling.ts";
import * as softmax from "../ops/nn/softmax.ts";
import * as unpooling from "../ops/nn/unpooling.ts";
import * as activation from "../ops/pointwise/activation.ts";
import * as arithmetic from "../ops/pointwise/arithmetic.ts";
import * as bits from "../ops/pointwise/bits.ts";
import * as clamp from "../ops/pointwise/clamp.ts";
import * as closeness from "../ops/pointwise/closeness.ts";
import * as comparison from "../ops/pointwise/comparison.ts";
import * as exponential from "../ops/pointwise/exponential.ts";
import * as real from "../ops/pointwise/real.ts";
import * as rounding from "../ops/pointwise/rounding.ts";
import { rrelu, rrelu_ } from "../ops/pointwise/rrelu.ts";
import * as sign from "../ops/pointwise/sign.ts";
import { erf, erf_, erfc, erfc_, erfinv, erfinv_ } from "../ops/pointwise/special/error-function.ts";
import { digamma, digamma_, lgamma, lgamma_, mvlgamma, polygamma } from "../ops/pointwise/special/gamma.ts";
import { i0, i0_ } from "../ops/pointwise/special/modified-bessel.ts";
import * as trigonometric from "../ops/pointwise/trigonometric.ts";
import * as questions from "../ops/read/questions.ts";
import { item, itemAsync, toJSON, tolist, tolistAsync } from "../ops/read/values.ts";
import * as cumulative from "../ops/reduce/cumulative.ts";
import * as differences from "../ops/reduce/differences.ts";
import * as extreme from "../ops/reduce/extreme.ts";
import { gradient } from "../ops/reduce/gradient.ts";
import { histogram } from "../ops/reduce/histogram.ts";
import * as logsumexp from "../ops/reduce/logsumexp.ts";
import * as mode from "../ops/reduce/mode.ts";
import * as nanReduction from "../ops/reduce/nan-reduction.ts";
import * as norms from "../ops/reduce/norm.ts";
import * as orderStatistics from "../ops/reduce/order-statistics.ts";
import * as product from "../ops/reduce/product.ts";
import * as quantile from "../ops/reduce/quantile.ts";
import * as reduction from "../ops/reduce/reduction.ts";
import * as search from "../ops/reduce/search.ts";
import * as sorting from "../ops/reduce/sorting.ts";
import * as statistics from "../ops/reduce/statistics.ts";
import * as uniques from "../ops/reduce/unique.ts";
import * as variance from "../ops/reduce/variance.ts";
import { asStrided } from "../ops/shape/as-strided.ts";
import * as diagonals from "../ops/shape/diagonals.ts";
import * as flipping from "../ops/shape/flipping.ts";
import { constantPadNd, pad } from "../ops/shape/padding.ts";
import * as repeating from "../ops/shape/repeating.ts";
import * as splitting from "../ops/shape/splitting.ts";
import * as transposes from "../ops/shape/transposes.ts";
import { tril, tril_, triu, triu_ } from "../ops/shape/triangular.ts";
import * as views from "../ops/shape/view.ts";
import * as viewCopies from "../ops/shape/view-copies.ts";
import * as viewsInPlace from "../ops/shape/view-in-place.ts";
import * as windowScatter from "../ops/shape/window-scatter.ts";
import { spread } from "./spread.ts";

const { viewOpOf: _vo, ...viewMethods } = views;
const { where: _wh, ...comparisons } = comparison;
const { productOfOthers: _po, ...cumulatives } = cumulative;
const { sorted: _so, ...sorts } = sorting;

/** The functions of a module. Its op records and the kinds of its options, whose names end in `Op` and `Kinds`, are no methods. */
type FunctionsOf<M> = { readonly [K in keyof M as K extends `${string}${"Op" | "Kinds"}` ? never : K]: M[K] };
const functionsOf = <M extends object>(module: M): FunctionsOf<M> =>
  Object.fromEntries(Object.entries(module).filter(([name]) => !/(Op|Kinds)$/.test(name))) as FunctionsOf<M>;

/** Every function that is also a method of Tensor, by method name. Its first parameter is the tensor. */
export const methods = {
  ...functionsOf(arithmetic),
  ...functionsOf(closeness),
  ...functionsOf(comparisons),
  ...functionsOf(viewMethods),
  asStrided,
  ...functionsOf(reduction),
  ...functionsOf(copy),
  ...functionsOf(matmul),
  ...functionsOf(activation),
  ...functionsOf(bits),
  ...functionsOf(clamp),
  ...functionsOf(exponential),
  ...functionsOf(rounding),
  ...functionsOf(sign),
  ...functionsOf(trigonometric),
  ...functionsOf(pooling),
  ...functionsOf(adaptivePooling),
  ...functionsOf(lpPooling),
  ...functionsOf(unpooling),
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
  ...functionsOf(diagonals),
  fill,
  ...functionsOf(flipping),
  ...functionsOf(repeating),
  ...functionsOf(transposes),
  ...functionsOf(viewCopies),
  ...functionsOf(windowScatter),
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
  ...functionsOf(gatherScatter),
  ...functionsOf(indexAlong),
  ...functionsOf(indexing),
  ...functionsOf(masked),
  ...functionsOf(randomInPlace),
  ...functionsOf(scatterReduction),
  ...functionsOf(splitting),
  ...functionsOf(taking),
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
  ...functionsOf(softmax),
  ...functionsOf(cumulatives),
  ...functionsOf(extreme),
  ...functionsOf(logsumexp),
  ...functionsOf(product),
  ...functionsOf(sorts),
  ...functionsOf(variance),
  ...functionsOf(differences),
  ...functionsOf(mode),
  ...functionsOf(nanReduction),
  ...functionsOf(norms),
  ...functionsOf(orderStatistics),
  ...functionsOf(quantile),
  ...functionsOf(search),
  ...functionsOf(statistics),
  ...functionsOf(uniques),
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
  ...functionsOf(aliases),
  ...functionsOf(real),
  gradient,
  histogram,
  rrelu,
  rrelu_,
  ...functionsOf(converting),
  ...functionsOf(news),
  ...functionsOf(questions),
  ...functionsOf(viewsInPlace),
  view: spread(views.viewAs),
  reshape: spread(views.reshape),
  permute: spread(views.permute),
  expand: spread(views.expand),
  repeat: spread(repeating.repeat),
  tile: spread(repeating.tile),
  flip: spread(flipping.flip),
  dataSync: host.dataSync,
  data: host.data,
  item,
  itemAsync,
  toJSON,
  toTransferable,
  tolist,
  tolistAsync,
};
