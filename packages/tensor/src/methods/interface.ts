// Generated from the functions in table.ts and their docstrings by `npm run tables`. A test holds it to them.
// biome-ignore-all lint: what the sources say
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { TypedArray } from "../core/dtype.ts";
import type { Scalar } from "../core/element.ts";
import type { Pair, Triple } from "../core/named.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Operand } from "../door/variant.ts";
import type { Dims } from "../lower/reduce.ts";
import type { Sizes } from "./spread.ts";
import type { TensorOptions } from "../ops/create/allocation.ts";
import type { Placement } from "../ops/create/copy.ts";
import type { FromDataOptions, Nested, TensorData } from "../ops/create/creation.ts";
import type { GeneratorOptions } from "../ops/create/drawing.ts";
import type { MultinomialOptions } from "../ops/create/random.ts";
import type { TransferableTensor } from "../ops/create/transferable.ts";
import type { ScatterOptions } from "../ops/index/gather-scatter.ts";
import type { IndexAddOptions } from "../ops/index/index-along.ts";
import type { Index, IndexPutOptions } from "../ops/index/indexing.ts";
import type { Picked } from "../ops/index/picking.ts";
import type { ScatterReduceOptions, ScatterReduction } from "../ops/index/scatter-reduce.ts";
import type { PutOptions } from "../ops/index/taking.ts";
import type { CholeskyOptions } from "../ops/linalg/cholesky.ts";
import type { CosineSimilarityOptions } from "../ops/linalg/distances.ts";
import type { ScaledSumOptions } from "../ops/linalg/products.ts";
import type { QrOptions } from "../ops/linalg/qr.ts";
import type { RankOptions, SvdOptions } from "../ops/linalg/svd.ts";
import type { VectorOptions } from "../ops/linalg/vectors.ts";
import type { OutputSize } from "../ops/nn/adaptive-pooling.ts";
import type { ConvOptions, ConvTransposeOptions, Spatial } from "../ops/nn/conv.ts";
import type { InstanceNormOptions, LocalResponseNormOptions } from "../ops/nn/instance-norm.ts";
import type { InterpolateOptions } from "../ops/nn/interpolation.ts";
import type { LpPoolOptions } from "../ops/nn/lp-pooling.ts";
import type { NormalizationOptions, RmsNormOptions } from "../ops/nn/normalization.ts";
import type { AvgPoolOptions, MaxPoolOptions } from "../ops/nn/pooling.ts";
import type { SoftmaxOptions } from "../ops/nn/softmax.ts";
import type { MaxUnpoolOptions } from "../ops/nn/unpooling.ts";
import type { GeluOptions } from "../ops/pointwise/activation.ts";
import type { AlphaOptions, DivOptions, ValueOptions } from "../ops/pointwise/arithmetic.ts";
import type { NanToNumOptions } from "../ops/pointwise/clamp.ts";
import type { CloseOptions } from "../ops/pointwise/closeness.ts";
import type { RoundOptions } from "../ops/pointwise/rounding.ts";
import type { RreluOptions } from "../ops/pointwise/rrelu.ts";
import type { Json } from "../ops/read/values.ts";
import type { CumulativeOptions } from "../ops/reduce/cumulative.ts";
import type { DiffOptions, TrapezoidOptions } from "../ops/reduce/differences.ts";
import type { AminmaxOptions } from "../ops/reduce/extreme.ts";
import type { GradientOptions } from "../ops/reduce/gradient.ts";
import type { HistogramOptions } from "../ops/reduce/histogram.ts";
import type { MatrixNorm } from "../ops/reduce/norm.ts";
import type { QuantileOptions } from "../ops/reduce/quantile.ts";
import type { KeepdimOptions, ReduceOptions } from "../ops/reduce/reduction.ts";
import type { BucketizeOptions, IsinOptions, SearchsortedOptions } from "../ops/reduce/search.ts";
import type { SortOptions, TopkOptions } from "../ops/reduce/sorting.ts";
import type { BincountOptions, CovOptions } from "../ops/reduce/statistics.ts";
import type { Unique, UniqueConsecutiveOptions, UniqueOptions } from "../ops/reduce/unique.ts";
import type { VarianceOptions } from "../ops/reduce/variance.ts";
import type { PadOptions } from "../ops/shape/padding.ts";
import type { RepeatInterleaveOptions } from "../ops/shape/repeating.ts";
import type { Each, Sectioned, Sections, Times } from "../ops/shape/splitting.ts";

/** Every op that is a method of a tensor, which is the function's first argument. */
export interface TensorMethods {
  /**
   * All dimensions in reverse order: `y[k, j, i] = x[i, j, k]`. A view.
   *
   * Shapes: [a, b, c] gives [c, b, a]. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor.T
   * @example
   * zeros([2, 3, 4]).T().shape; // [4, 3, 2]
   */
  T(): Tensor;
  /**
   * The absolute value, `y = |x|`.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.abs.html
   * @example
   * tensor([-3, 0, 2]).abs().tolist(); // [3, 0, 2]
   */
  abs(): Tensor;
  /** In place {@link abs}: `x = |x|`. */
  abs_(): Tensor;
  /** {@link abs} under NumPy's name. */
  absolute(): Tensor;
  /** {@link abs_} under NumPy's name. */
  absolute_(): Tensor;
  /**
   * Inverse cosine in radians, `cos(y) = x` with y in [0, pi]; NaN outside [-1, 1].
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.acos.html
   * @example
   * tensor([-1, 0, 1, 2]).acos().tolist(); // [3.1416, 1.5708, 0, NaN]
   */
  acos(): Tensor;
  /** In place {@link acos}: `x = acos(x)`. */
  acos_(): Tensor;
  /**
   * Inverse hyperbolic cosine, `y = log(x + sqrt(x^2 - 1))`; NaN below 1.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.acosh.html
   * @example
   * tensor([0, 1, 2]).acosh().tolist(); // [NaN, 0, 1.3170]
   */
  acosh(): Tensor;
  /** In place {@link acosh}: `x = acosh(x)`. */
  acosh_(): Tensor;
  /**
   * Mean over windows that share one dimension as evenly as they can:
   * `y[n, c, i] = mean(x[n, c, floor(i * L / o) .. ceil((i + 1) * L / o) - 1])` for a size of o. Windows overlap by an element where the size
   * does not divide. For `outputSize` give one size; null keeps the input's.
   *
   * Shape: [N, C, L] or [C, L] -> [N, C, o] or [C, o]. Dtype: that of `x`, a floating-point one.
   *
   * @throws ShapeError when `x` has another rank or a dimension of size 0.
   * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
   * @throws DTypeError when `x` is no floating-point tensor.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html
   * @example
   * adaptiveAvgPool1d(tensor([[[1, 2, 3, 4, 5]]]), 2).tolist(); // [[[2, 4]]]
   */
  adaptiveAvgPool1d(outputSize: OutputSize): Tensor;
  /**
   * Mean over windows that share two dimensions as evenly as they can:
   * `y[n, c, i, j] = mean(x[n, c, floor(i * H / o) .. ceil((i + 1) * H / o) - 1, ...])` for a size of o, and likewise along W. Windows
   * overlap by an element where the size does not divide. For `outputSize` give one size for all or 2 sizes; null keeps the input's.
   *
   * Shape: [N, C, H, W] or [C, H, W] -> [N, C, oh, ow] or [C, oh, ow]. Dtype: that of `x`, a floating-point one.
   *
   * @throws ShapeError when `x` has another rank or a dimension of size 0.
   * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
   * @throws DTypeError when `x` is no floating-point tensor.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
   * @example
   * import { adaptiveAvgPool2d, ones, tensor } from "@flambeau/tensor";
   * adaptiveAvgPool2d(tensor([[[1, 2, 3]]]), [1, 2]).tolist(); // [[[1.5, 2.5]]]
   * adaptiveAvgPool2d(ones([8, 64, 7, 9]), [null, 1]).shape; // [8, 64, 7, 1]
   */
  adaptiveAvgPool2d(outputSize: OutputSize): Tensor;
  /**
   * Mean over windows that share three dimensions as evenly as they can:
   * `y[n, c, i, j, k] = mean(x[n, c, floor(i * D / o) .. ceil((i + 1) * D / o) - 1, ...])` for a size of o, and likewise along H and W.
   * Windows overlap by an element where the size does not divide. For `outputSize` give one size for all or 3 sizes; null keeps the input's.
   *
   * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, od, oh, ow] or [C, od, oh, ow]. Dtype: that of `x`, a floating-point one.
   *
   * @throws ShapeError when `x` has another rank or a dimension of size 0.
   * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
   * @throws DTypeError when `x` is no floating-point tensor.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool3d.html
   * @example
   * adaptiveAvgPool3d(tensor([[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]]), [1, 1, 2]).tolist(); // [[[[3, 4]]]]
   * adaptiveAvgPool3d(ones([1, 4, 5, 6, 7]), 2).shape; // [1, 4, 2, 2, 2]
   */
  adaptiveAvgPool3d(outputSize: OutputSize): Tensor;
  /**
   * Maximum over windows that share one dimension as evenly as they can:
   * `y[n, c, i] = max(x[n, c, floor(i * L / o) .. ceil((i + 1) * L / o) - 1])` for a size of o. For `outputSize` give one size; null keeps
   * the input's.
   *
   * Shape: [N, C, L] or [C, L] -> [N, C, o] or [C, o]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has another rank or a dimension of size 0.
   * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
   * @example
   * adaptiveMaxPool1d(tensor([[[5, 1, 2, 4, 3]]]), 2).tolist(); // [[[5, 4]]]
   */
  adaptiveMaxPool1d(outputSize: OutputSize): Tensor;
  /**
   * {@link adaptiveMaxPool1d} with the positions of the maxima: `x.flatten(-1)[indices] = values` in each plane.
   *
   * Shapes: `values` and `indices` both have the shape of the result of {@link adaptiveMaxPool1d}. Dtype: that of `x`, and int32 for the
   * positions (PyTorch: int64).
   *
   * @throws ShapeError, ArgumentError when {@link adaptiveMaxPool1d} does.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
   * @example
   * const { values, indices } = adaptiveMaxPool1dWithIndices(tensor([[[5, 1, 2, 4, 3]]]), 2);
   * values.tolist(); // [[[5, 4]]]
   * indices.tolist(); // [[[0, 3]]]
   */
  adaptiveMaxPool1dWithIndices(outputSize: OutputSize): Picked;
  /**
   * Maximum over windows that share two dimensions as evenly as they can:
   * `y[n, c, i, j] = max(x[n, c, floor(i * H / o) .. ceil((i + 1) * H / o) - 1, ...])` for a size of o, and likewise along W. For
   * `outputSize` give one size for all or 2 sizes; null keeps the input's.
   *
   * Shape: [N, C, H, W] or [C, H, W] -> [N, C, oh, ow] or [C, oh, ow]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has another rank or a dimension of size 0.
   * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
   * @example
   * adaptiveMaxPool2d(tensor([[[1, 7, 3], [4, 5, 6]]]), [1, 2]).tolist(); // [[[7, 7]]]
   */
  adaptiveMaxPool2d(outputSize: OutputSize): Tensor;
  /**
   * {@link adaptiveMaxPool2d} with the positions of the maxima: `x.flatten(-2)[indices] = values` in each plane.
   *
   * Shapes: `values` and `indices` both have the shape of the result of {@link adaptiveMaxPool2d}. Dtype: that of `x`, and int32 for the
   * positions (PyTorch: int64).
   *
   * @throws ShapeError, ArgumentError when {@link adaptiveMaxPool2d} does.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
   * @example
   * const { values, indices } = adaptiveMaxPool2dWithIndices(tensor([[[1, 2, 3], [7, 5, 6]]]), [1, 2]);
   * values.tolist(); // [[[7, 6]]]
   * indices.tolist(); // [[[3, 5]]]
   */
  adaptiveMaxPool2dWithIndices(outputSize: OutputSize): Picked;
  /**
   * Maximum over windows that share three dimensions as evenly as they can:
   * `y[n, c, i, j, k] = max(x[n, c, floor(i * D / o) .. ceil((i + 1) * D / o) - 1, ...])` for a size of o, and likewise along H and W. For
   * `outputSize` give one size for all or 3 sizes; null keeps the input's.
   *
   * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, od, oh, ow] or [C, od, oh, ow]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has another rank or a dimension of size 0.
   * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
   * @example
   * adaptiveMaxPool3d(arange(8).reshape([1, 2, 2, 2]), [1, 1, 2]).tolist(); // [[[[6, 7]]]]
   */
  adaptiveMaxPool3d(outputSize: OutputSize): Tensor;
  /**
   * {@link adaptiveMaxPool3d} with the positions of the maxima: `x.flatten(-3)[indices] = values` in each plane.
   *
   * Shapes: `values` and `indices` both have the shape of the result of {@link adaptiveMaxPool3d}. Dtype: that of `x`, and int32 for the
   * positions (PyTorch: int64).
   *
   * @throws ShapeError, ArgumentError when {@link adaptiveMaxPool3d} does.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
   * @example
   * const { indices } = adaptiveMaxPool3dWithIndices(arange(8).reshape([1, 2, 2, 2]), [2, 1, 1]);
   * indices.tolist(); // [[[[3]], [[7]]]]
   */
  adaptiveMaxPool3dWithIndices(outputSize: OutputSize): Picked;
  /**
   * `x + alpha * y`, broadcast and promoted as in PyTorch.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, of which tensors with dimensions decide, 0-d ones and
   * numbers only where theirs is a higher kind (bool, integer, floating point).
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices; 0-d ones on the cpu go with any.
   * @throws DTypeError for a boolean `alpha`, unless both are bools; for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.add.html
   * @example
   * tensor([[1, 2], [3, 4]]).add(tensor([10, 20])).tolist(); // [[11, 22], [13, 24]]
   * add(1, tensor([2, 3]), { alpha: 10 }).tolist(); // [21, 31]
   * tensor([1, 2], { dtype: "int32" }).add(0.5).dtype; // "float32"
   */
  add(y: Operand, options?: AlphaOptions): Tensor;
  /** In place {@link add}: `x += alpha * y`. */
  add_(y: Operand, options?: AlphaOptions): Tensor;
  /**
   * A matrix plus the sum over the batch of products of matrices: `beta * x + alpha * sum(a[n] @ b[n] over n)`.
   * Shapes: `a` [B, N, K], `b` [B, K, M], `x` broadcasts to the result [N, M]. Dtype: one for all.
   *
   * @throws ShapeError when `a` or `b` is not 3-d, the batches or inner sizes differ, or `x` does not broadcast.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.addbmm.html
   * @example
   * const a = tensor([[[1, 2]], [[3, 4]]]);
   * const b = tensor([[[1], [1]], [[10], [1]]]);
   * tensor([[100]]).addbmm(a, b).tolist(); // [[137]]
   */
  addbmm(a: Tensor, b: Tensor, options?: ScaledSumOptions): Tensor;
  /**
   * `x + value * a / b`, in one pass.
   *
   * Shapes: `x`, `a` and `b` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.addcdiv.html
   * @example
   * tensor([1, 2]).addcdiv(tensor([1, 1]), tensor([2, 4]), { value: 2 }).tolist(); // [2, 2.5]
   */
  addcdiv(a: Operand, b: Operand, options?: ValueOptions): Tensor;
  /** In place {@link addcdiv}: `x += value * a / b`. */
  addcdiv_(a: Operand, b: Operand, options?: ValueOptions): Tensor;
  /**
   * `x + value * a * b`, in one pass.
   *
   * Shapes: `x`, `a` and `b` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.addcmul.html
   * @example
   * tensor([1, 2]).addcmul(tensor([[1], [2]]), 3, { value: 0.5 }).tolist(); // [[2.5, 3.5], [4, 5]]
   */
  addcmul(a: Operand, b: Operand, options?: ValueOptions): Tensor;
  /** In place {@link addcmul}: `x += value * a * b`. */
  addcmul_(a: Operand, b: Operand, options?: ValueOptions): Tensor;
  /**
   * A matrix plus a product of matrices: `beta * x + alpha * (a @ b)`. Integers take whole factors, cut off as in PyTorch.
   * Shapes: `a` [N, K], `b` [K, M], `x` broadcasts to the result [N, M]. Dtype: one for all.
   *
   * @throws ShapeError when `a` or `b` is not a matrix, the inner sizes differ, or `x` does not broadcast.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.addmm.html
   * @example
   * const a = tensor([[1, 2], [3, 4]]);
   * tensor([100, 200]).addmm(a, a).tolist(); // [[107, 210], [115, 222]]
   * tensor([100, 200]).addmm(a, a, { beta: 0, alpha: 2 }).tolist(); // [[14, 20], [30, 44]]
   */
  addmm(a: Tensor, b: Tensor, options?: ScaledSumOptions): Tensor;
  /**
   * A vector plus a product of matrix and vector: `beta * x + alpha * (a @ v)`.
   * Shapes: `a` [N, K], `v` [K], `x` broadcasts to the result [N]. Dtype: one for all.
   *
   * @throws ShapeError when `a` is not a matrix or `v` not a vector, the sizes differ, or `x` does not broadcast.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.addmv.html
   * @example
   * tensor([100, 200]).addmv(tensor([[1, 2], [3, 4]]), tensor([1, 10])).tolist(); // [121, 243]
   */
  addmv(a: Tensor, v: Tensor, options?: ScaledSumOptions): Tensor;
  /**
   * A matrix plus the outer product of two vectors: `y[i, j] = beta * x[i, j] + alpha * u[i] * v[j]`.
   * Shapes: `u` [N], `v` [M], `x` broadcasts to the result [N, M]. Dtype: that of `x`, which is what `u` and `v` promote to.
   *
   * @throws ShapeError when `u` or `v` is not a vector, or `x` does not broadcast.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.addr.html
   * @example
   * zeros([2, 2]).addr(tensor([1, 2]), tensor([1, 10]), { alpha: 3 }).tolist(); // [[3, 30], [6, 60]]
   */
  addr(u: Tensor, v: Tensor, options?: ScaledSumOptions): Tensor;
  /** The conjugate transpose; of real tensors the same as {@link mT}. */
  adjoint(): Tensor;
  /**
   * Another handle on the same memory, in the graph: `y[i] = x[i]`, and gradients flow back unchanged. A view.
   *
   * Shape: that of `x`, with its strides. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/tensor_view.html
   * @example
   * const x = tensor([1, 2]);
   * alias(x).fill_(5);
   * x.tolist(); // [5, 5]
   */
  alias(): Tensor;
  /**
   * Whether all elements are not zero, over `dim` or of all: `y[i] = x[i, 0] != 0 and x[i, 1] != 0 and ...` for `dim` 1. Of none it is true.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: bool, of uint8 uint8.
   *
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.all.html
   * @example
   * tensor([[1, 2], [0, 3]]).all(1).tolist(); // [true, false]
   */
  all(dim?: Dims, options?: KeepdimOptions): Tensor;
  /**
   * Whether all elements are close, `|x - y| <= atol + rtol * |y|` as in {@link isclose}.
   *
   * Shapes: `x` and `y` broadcast together. The result is a boolean.
   *
   * @throws UnavailableError where the device cannot be read synchronously: write `await all(isclose(x, y)).itemAsync()`.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.allclose.html
   * @example
   * allclose(tensor([1, 2]), tensor([1, 2.1])); // false
   * allclose(tensor([1, 2]), tensor([1, 2.1]), { atol: 0.2 }); // true
   */
  allclose(y: Tensor, options?: CloseOptions): boolean;
  /**
   * Largest element over `dim`, or of all: `y[i] = max(x[i, 0], x[i, 1], ...)` for `dim` 1. NaN wins; equal ones share the gradient.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
   *
   * @throws IndexError when a dimension that is reduced has size 0, is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.amax.html
   * @example
   * tensor([[1, 5], [7, 3]]).amax(1).tolist(); // [5, 7]
   * tensor([[1, 5], [7, 3]]).amax([0, 1]).item(); // 7
   */
  amax(dim?: Dims, options?: KeepdimOptions): Tensor;
  /**
   * Smallest element over `dim`, or of all: `y[i] = min(x[i, 0], x[i, 1], ...)` for `dim` 1. NaN wins; equal ones share the gradient.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
   *
   * @throws IndexError when a dimension that is reduced has size 0, is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.amin.html
   * @example
   * tensor([[1, 5], [7, 3]]).amin(0, { keepdim: true }).tolist(); // [[1, 3]]
   */
  amin(dim?: Dims, options?: KeepdimOptions): Tensor;
  /**
   * Smallest and largest element, of all or along `dim`: `{ min: amin(x, dim), max: amax(x, dim) }`. NaN wins.
   * Shapes: both 0-d, or `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: that of `x`.
   *
   * @throws ArgumentError when `x` has no elements and no `dim` is given.
   * @throws IndexError when `dim` is out of range, or a dimension that is reduced has size 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.aminmax.html
   * @example
   * const { min, max } = tensor([[1, 5], [7, 3]]).aminmax({ dim: 0 });
   * min.tolist(); // [1, 3]
   * max.tolist(); // [7, 5]
   */
  aminmax(options?: AminmaxOptions): Pair & { min: Tensor; max: Tensor; };
  /**
   * The angle of a real number in the complex plane, `y = x < 0 ? pi : 0`, in radians; NaN stays.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.angle.html
   * @example
   * tensor([-2, 0, 3, NaN]).angle().tolist(); // [3.1416, 0, 0, NaN]
   */
  angle(): Tensor;
  /**
   * Whether any element is not zero, over `dim` or of all: `y[i] = x[i, 0] != 0 or x[i, 1] != 0 or ...` for `dim` 1. Of none it is false.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: bool, of uint8 uint8.
   *
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.any.html
   * @example
   * tensor([[0, 2], [0, 0]]).any(1).tolist(); // [true, false]
   */
  any(dim?: Dims, options?: KeepdimOptions): Tensor;
  /** {@link acos} under NumPy's name. */
  arccos(): Tensor;
  /** {@link acos_} under NumPy's name. */
  arccos_(): Tensor;
  /** {@link acosh} under NumPy's name. */
  arccosh(): Tensor;
  /** {@link acosh_} under NumPy's name. */
  arccosh_(): Tensor;
  /** {@link asin} under NumPy's name. */
  arcsin(): Tensor;
  /** {@link asin_} under NumPy's name. */
  arcsin_(): Tensor;
  /** {@link asinh} under NumPy's name. */
  arcsinh(): Tensor;
  /** {@link asinh_} under NumPy's name. */
  arcsinh_(): Tensor;
  /** {@link atan} under NumPy's name. */
  arctan(): Tensor;
  /** {@link atan2} under NumPy's name. */
  arctan2(x: Operand): Tensor;
  /** {@link atan2_} under NumPy's name. */
  arctan2_(x: Operand): Tensor;
  /** {@link atan_} under NumPy's name. */
  arctan_(): Tensor;
  /** {@link atanh} under NumPy's name. */
  arctanh(): Tensor;
  /** {@link atanh_} under NumPy's name. */
  arctanh_(): Tensor;
  /**
   * Position of the first largest element, in the flattened tensor or along `dim`: the least i with `x[i] = max(x)`. NaN counts as largest.
   * Shape: 0-d, or `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range or has size 0, or when `x` has no elements.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.argmax.html
   * @example
   * const x = tensor([[1, 9, 9], [4, 2, 0]]);
   * x.argmax().item(); // 1
   * x.argmax(1).tolist(); // [1, 0]
   */
  argmax(dim?: number | null, options?: KeepdimOptions): Tensor;
  /**
   * Position of the first smallest element, in the flattened tensor or along `dim`: the least i with `x[i] = min(x)`. NaN counts as smallest.
   * Shape: 0-d, or `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range or has size 0, or when `x` has no elements.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.argmin.html
   * @example
   * const x = tensor([[1, 9, 9], [4, 2, 0]]);
   * x.argmin().item(); // 5
   * x.argmin(0, { keepdim: true }).tolist(); // [[0, 1, 1]]
   */
  argmin(dim?: number | null, options?: KeepdimOptions): Tensor;
  /**
   * The positions that put each line along `dim` in order: `x[y[0]] <= x[y[1]] <= x[y[2]]` and so on. Equal elements keep their order; NaN
   * counts as largest.
   * Shape: that of `x`. Dtype: int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.argsort.html
   * @example
   * tensor([30, 10, 20]).argsort().tolist(); // [1, 2, 0]
   * tensor([30, 10, 20]).argsort(0, { descending: true }).tolist(); // [0, 2, 1]
   */
  argsort(dim?: number, options?: SortOptions): Tensor;
  /**
   * Positions of the elements that are not 0, as the rows of a matrix: `nonzero(x)`, of {@link nonzero}.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.argwhere.html
   * @example
   * argwhere(tensor([[0, 5], [6, 0]])).tolist(); // [[0, 1], [1, 0]]
   */
  argwhere(): Tensor;
  /**
   * A window on the memory of `x` with any shape, strides and storage offset, all in elements:
   * `y[i, j] = memory[offset + i * strides[0] + j * strides[1]]`; `offset` is that of `x` when it is not given. A view; elements of it may
   * share places.
   *
   * Shape: `shape`. Dtype: that of `x`.
   *
   * @throws ShapeError when the window leaves the storage, strides are negative or not as many as sizes, or a size is no non-negative
   * integer.
   * @throws ArgumentError when a stride or the offset is no integer.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.as_strided.html
   * @example
   * const x = arange(5);
   * x.asStrided([2, 2], [1, 2]).tolist(); // [[0, 2], [1, 3]]
   * x.asStrided([3, 3], [1, 1]).tolist(); // [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
   */
  asStrided(shape: readonly number[], strides: readonly number[], offset?: number): Tensor;
  /** {@link asStrided}, as a copy. */
  asStridedCopy(shape: readonly number[], strides: readonly number[], offset?: number | undefined): Tensor;
  /**
   * A copy of `x`, row-major, with `source` in the elements that {@link asStrided} gives of it: `y[offset + i * strides[0]] = source[i]`,
   * counted in row-major order from the first element.
   *
   * Shapes: that of `x`; `source` has `shape`. Dtype: that of both.
   *
   * @throws ShapeError when `source` does not have the window's shape, or the window leaves `x`.
   * @throws DTypeError when `source` has another dtype than `x`.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.as_strided_scatter.html
   * @example
   * zeros([5]).asStridedScatter(tensor([1, 2]), [2], [2], 1).tolist(); // [0, 1, 0, 2, 0]
   */
  asStridedScatter(source: Tensor, shape: readonly number[], strides: readonly number[], offset?: number): Tensor;
  /**
   * Inverse sine in radians, `sin(y) = x` with y in [-pi/2, pi/2]; NaN outside [-1, 1].
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.asin.html
   * @example
   * tensor([-1, 0, 0.5, 2]).asin().tolist(); // [-1.5708, 0, 0.5236, NaN]
   */
  asin(): Tensor;
  /** In place {@link asin}: `x = asin(x)`. */
  asin_(): Tensor;
  /**
   * Inverse hyperbolic sine, `y = log(x + sqrt(x^2 + 1))`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.asinh.html
   * @example
   * tensor([-1, 0, 2]).asinh().tolist(); // [-0.8814, 0, 1.4436]
   */
  asinh(): Tensor;
  /** In place {@link asinh}: `x = asinh(x)`. */
  asinh_(): Tensor;
  /**
   * Elements by position, as `x[...]` in NumPy and PyTorch: integers (negative from the end), ranges `{ from, to, step }`, `"..."` for the
   * dimensions in between, `null` for a new one; these give a view. Lists, integer tensors and bool masks pick elements (a copy).
   * Shapes: an integer takes its dimension away, a range shortens it, `null` adds one of size 1. Lists and tensors broadcast together, and
   * their common shape takes the place of the dimensions they index, or comes first when other dimensions lie between these; a mask counts as
   * the positions of its true elements. Dtype: that of `x`.
   *
   * @throws IndexError when a position is out of range, for too many indices, two "..." and masks of another size.
   * @throws ArgumentError when the step of a range is not positive, or the range has other fields.
   * @throws ShapeError when lists and tensors do not broadcast.
   * @throws UnavailableError for a mask on a device that cannot be read synchronously (WebGPU).
   * @see https://numpy.org/doc/stable/user/basics.indexing.html
   * @example
   * import { tensor } from "flambeau";
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * x.at(0, { from: 1 }).tolist(); // [2, 3]
   * x.at("...", -1).tolist(); // [3, 6]
   * x.at([0, 1], [2, 0]).tolist(); // [3, 4]
   * x.at(x.gt(2)).tolist(); // [3, 4, 5, 6]
   */
  at(...indices: Index[]): Tensor;
  /**
   * Inverse tangent in radians, `tan(y) = x` with y in [-pi/2, pi/2].
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.atan.html
   * @example
   * tensor([-1, 0, Infinity]).atan().tolist(); // [-0.7854, 0, 1.5708]
   */
  atan(): Tensor;
  /**
   * Angle of the point (x, y) from the positive x axis in radians, `atan(y / x)` in the right quadrant, in [-pi, pi].
   *
   * Shapes: `y` and `x` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.atan2.html
   * @example
   * tensor([1, 1, -1]).atan2(tensor([1, -1, -1])).tolist(); // [0.7854, 2.3562, -2.3562]
   * tensor([0, 1]).atan2(0).tolist(); // [0, 1.5708]
   */
  atan2(x: Operand): Tensor;
  /** In place {@link atan2}: `y = atan2(y, x)`. */
  atan2_(x: Operand): Tensor;
  /** In place {@link atan}: `x = atan(x)`. */
  atan_(): Tensor;
  /**
   * Inverse hyperbolic tangent, `y = log((1 + x) / (1 - x)) / 2`; infinite at -1 and 1, NaN beyond.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.atanh.html
   * @example
   * tensor([0, 0.5, 1, 2]).atanh().tolist(); // [0, 0.5493, Infinity, NaN]
   */
  atanh(): Tensor;
  /** In place {@link atanh}: `x = atanh(x)`. */
  atanh_(): Tensor;
  /**
   * Mean over sliding windows in one dimension: `y[n, c, i] = sum over k of x[n, c, i * stride + k - padding] / kernelSize`. Cells beyond the
   * padding do not count, padded zeros do unless `countIncludePad` is false.
   *
   * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L + 2 * padding - kernelSize) / stride) + 1`; `ceilMode` rounds up
   * instead. Dtype: that of `x`; means of integers are rounded towards 0.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
   * @throws ArgumentError when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or `divisorOverride` 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
   * @example
   * avgPool1d(tensor([[[1, 3, 2, 6]]]), 2).tolist(); // [[[2, 4]]]
   * avgPool1d(tensor([[[1, 3, 2, 6]]]), 2, { padding: 1, countIncludePad: false }).tolist(); // [[[1, 2.5, 6]]]
   */
  avgPool1d(kernelSize: Spatial, options?: AvgPoolOptions): Tensor;
  /**
   * Mean over sliding windows in two dimensions:
   * `y[n, c, h, w] = sum over i, j of x[n, c, h * stride + i - padding, w * stride + j - padding] / (kh * kw)`. Cells beyond the padding do
   * not count, padded zeros do unless `countIncludePad` is false.
   *
   * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with `H' = floor((H + 2 * padding - kernelSize) / stride) + 1`, W'
   * likewise; `ceilMode` rounds up instead. Dtype: that of `x`; means of integers are rounded towards 0.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
   * @throws ArgumentError when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or `divisorOverride` 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
   * @example
   * import { avgPool2d, ones, tensor } from "@flambeau/tensor";
   * avgPool2d(tensor([[[1, 2, 5, 0], [4, 3, 1, 2]]]), 2).tolist(); // [[[2.5, 2]]]
   * avgPool2d(ones([1, 2, 2]), 2, { stride: 1, padding: 1 }).tolist(); // [[[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]]]
   */
  avgPool2d(kernelSize: Spatial, options?: AvgPoolOptions): Tensor;
  /**
   * Mean over sliding windows in three dimensions: `y[n, c, p] = sum over k of x[n, c, p * stride + k - padding] / (kd * kh * kw)`, where p
   * and k are positions of three coordinates. Cells beyond the padding do not count, padded zeros do unless `countIncludePad` is false.
   *
   * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with
   * `D' = floor((D + 2 * padding - kernelSize) / stride) + 1`, H' and W' likewise; `ceilMode` rounds up instead. Dtype: that of `x`; means of
   * integers are rounded towards 0.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
   * @throws ArgumentError when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or `divisorOverride` 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html
   * @example
   * const x = tensor([[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]]);
   * avgPool3d(x, 2).tolist(); // [[[[3.5]]]]
   * avgPool3d(x, [2, 1, 1]).tolist(); // [[[[2, 3], [4, 5]]]]
   */
  avgPool3d(kernelSize: Spatial, options?: AvgPoolOptions): Tensor;
  /**
   * A batch of matrices plus the products of two batches, one by one: `y[n] = beta * x[n] + alpha * (a[n] @ b[n])`.
   * Shapes: `a` [B, N, K], `b` [B, K, M], `x` broadcasts to the result [B, N, M]. Dtype: one for all.
   *
   * @throws ShapeError when `a` or `b` is not 3-d, the batches or inner sizes differ, or `x` does not broadcast.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.baddbmm.html
   * @example
   * const a = tensor([[[1, 2]], [[3, 4]]]);
   * const b = tensor([[[1], [1]], [[10], [1]]]);
   * tensor([[[100]]]).baddbmm(a, b, { beta: 0.5 }).tolist(); // [[[53]], [[84]]]
   */
  baddbmm(a: Tensor, b: Tensor, options?: ScaledSumOptions): Tensor;
  /**
   * Coin flips: `y[i] = 1` with probability `x[i]`, else `0`; with a number `p`, with probability `p` in `x`'s shape. Its gradient is 0.
   *
   * Shape: that of `x`. Dtype: that of `x`; a floating one where `x` holds the probabilities.
   *
   * @throws DTypeError when `p` is not given and `x` is not floating-point.
   * @throws ArgumentError for probabilities outside [0, 1] (those on a device that cannot be read synchronously are not looked at).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bernoulli.html
   * @example
   * bernoulli(tensor([0, 1, 1])).tolist(); // [0, 1, 1]
   * manualSeed(0);
   * zeros([5]).bernoulli(0.5).tolist(); // [0, 0, 1, 0, 0]
   */
  bernoulli(p?: number | null, options?: GeneratorOptions): Tensor;
  /**
   * Fills `x` with coin flips: `x[i] = 1` with probability `p` (a number, or a tensor that broadcasts to `x`), else `0`. The gradient of what
   * was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, any.
   *
   * @throws ArgumentError for probabilities outside [0, 1] (those on a device that cannot be read synchronously are not looked at).
   * @throws ShapeError when a tensor `p` does not broadcast to `x`.
   * @throws DTypeError when a tensor `p` is neither float32 nor float64.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
   * @example
   * zeros([2, 2]).bernoulli_(tensor([0, 1])).tolist(); // [[0, 1], [0, 1]]
   */
  bernoulli_(p?: number | Tensor, options?: GeneratorOptions): Tensor;
  /**
   * As bfloat16: `x.to("bfloat16")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.bfloat16.html
   */
  bfloat16(): Tensor;
  /**
   * How often each non-negative integer occurs in `x`: `y[v]` is the count of `x == v`, or the sum of `weights` there.
   * Shapes: `x` [N], `weights` [N]; the result has max(x) + 1 elements, at least `minlength`. Dtype: int32 (PyTorch: int64), or that of
   * `weights`, float64 where these are integers.
   *
   * @throws DTypeError when `x` is no vector of integers.
   * @throws ArgumentError when an element is negative, or `minlength` is no non-negative integer.
   * @throws ShapeError when `weights` has another shape.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU): the size of the result depends on the values.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bincount.html
   * @example
   * const x = tensor([0, 3, 1, 3], { dtype: "int32" });
   * x.bincount().tolist(); // [1, 1, 0, 2]
   * x.bincount({ weights: tensor([0.5, 1, 2, 4]), minlength: 5 }).tolist(); // [0.5, 2, 0, 5, 0]
   */
  bincount(options?: BincountOptions): Tensor;
  /**
   * Bits set in both, `z = x & y`; of bools, the truth of both.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, bool or an integer.
   *
   * @throws DTypeError for floating-point operands; for two numbers.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_and.html
   * @example
   * tensor([12, 10], { dtype: "int32" }).bitwiseAnd(6).tolist(); // [4, 2]
   * tensor([true, true]).bitwiseAnd(tensor([true, false])).tolist(); // [true, false]
   */
  bitwiseAnd(y: Operand): Tensor;
  /** In place {@link bitwiseAnd}: `x = x & y`. */
  bitwiseAnd_(y: Operand): Tensor;
  /**
   * Bits moved up by n, `x * 2^n`; those beyond the width of the dtype fall away.
   *
   * Shapes: `x` and `n` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws DTypeError for floating-point operands, bools and two numbers.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_left_shift.html
   * @example
   * tensor([1, 3], { dtype: "int32" }).bitwiseLeftShift(4).tolist(); // [16, 48]
   * tensor([1, 255], { dtype: "uint8" }).bitwiseLeftShift(1).tolist(); // [2, 254]
   */
  bitwiseLeftShift(n: Operand): Tensor;
  /** In place {@link bitwiseLeftShift}: `x = x << n`. */
  bitwiseLeftShift_(n: Operand): Tensor;
  /**
   * All bits flipped, `y = ~x`; of bools, the opposite truth.
   *
   * Shape: that of `x`. Dtype: that of `x`, bool or an integer.
   *
   * @throws DTypeError for floating-point tensors.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_not.html
   * @example
   * tensor([0, 5], { dtype: "int32" }).bitwiseNot().tolist(); // [-1, -6]
   * tensor([0, 5], { dtype: "uint8" }).bitwiseNot().tolist(); // [255, 250]
   */
  bitwiseNot(): Tensor;
  /** In place {@link bitwiseNot}: `x = ~x`. */
  bitwiseNot_(): Tensor;
  /**
   * Bits set in either, `z = x | y`; of bools, the truth of either.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, bool or an integer.
   *
   * @throws DTypeError for floating-point operands; for two numbers.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_or.html
   * @example
   * tensor([12, 10], { dtype: "int32" }).bitwiseOr(6).tolist(); // [14, 14]
   */
  bitwiseOr(y: Operand): Tensor;
  /** In place {@link bitwiseOr}: `x = x | y`. */
  bitwiseOr_(y: Operand): Tensor;
  /**
   * Bits moved down by n, `floor(x / 2^n)`; the sign is kept.
   *
   * Shapes: `x` and `n` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws DTypeError for floating-point operands, bools and two numbers.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_right_shift.html
   * @example
   * tensor([-8, -1, 7], { dtype: "int32" }).bitwiseRightShift(1).tolist(); // [-4, -1, 3]
   */
  bitwiseRightShift(n: Operand): Tensor;
  /** In place {@link bitwiseRightShift}: `x = x >> n`. */
  bitwiseRightShift_(n: Operand): Tensor;
  /**
   * Bits set in exactly one, `z = x ^ y`; of bools, whether they differ.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, bool or an integer.
   *
   * @throws DTypeError for floating-point operands; for two numbers.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_xor.html
   * @example
   * tensor([12, 10], { dtype: "int32" }).bitwiseXor(6).tolist(); // [10, 12]
   */
  bitwiseXor(y: Operand): Tensor;
  /** In place {@link bitwiseXor}: `x = x ^ y`. */
  bitwiseXor_(y: Operand): Tensor;
  /**
   * Products of two batches of matrices, one by one: `y[n, i, j] = sum(a[n, i, k] * b[n, k, j] over k)`. {@link matmul} broadcasts.
   * Shapes: `a` [B, N, K], `b` [B, K, M], the result [B, N, M]. Dtype: one for both.
   *
   * @throws ShapeError when either is not 3-d, or the batches or inner sizes differ.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bmm.html
   * @example
   * tensor([[[1, 2]], [[3, 4]]]).bmm(tensor([[[1], [1]], [[10], [1]]])).tolist(); // [[[3]], [[34]]]
   */
  bmm(b: Tensor): Tensor;
  /**
   * As bool, `x[i] != 0`: `x.to("bool")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.bool.html
   */
  bool(): Tensor;
  /**
   * {@link expand} to `shape`, or `x` itself when it has that shape already: `y[i, j] = x[0, j]`. Its name as a method is `expandTo`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.broadcast_to.html
   * @example
   * broadcastTo(tensor([1, 2]), [2, 2]).tolist(); // [[1, 2], [1, 2]]
   */
  broadcastTo(shape: readonly number[]): Tensor;
  /**
   * The bucket between ascending `boundaries` b of each element of `x`: the i with `b[i - 1] < x <= b[i]`, or with `right` the i with
   * `b[i - 1] <= x < b[i]`. It is {@link searchsorted} with the arguments swapped.
   * Shapes: `boundaries` [N]; the result has the shape of `x`. Dtype: int32 (PyTorch: int64).
   *
   * @throws ShapeError when `boundaries` is not 1-d.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.bucketize.html
   * @example
   * bucketize(tensor([[3, 6, 9], [0, 2, 3]]), tensor([1, 3, 5])).tolist(); // [[1, 3, 3], [0, 1, 1]]
   * bucketize(tensor([3]), tensor([1, 3, 5]), { right: true }).tolist(); // [2]
   */
  bucketize(boundaries: Tensor, options?: BucketizeOptions): Tensor;
  /**
   * As uint8, without fractions: `x.to("uint8")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.byte.html
   */
  byte(): Tensor;
  /**
   * Fills `x` with Cauchy-distributed numbers: `x[i] ~ sigma / (pi (sigma^2 + (x - median)^2))`. The gradient of what was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
   *
   * @throws ArgumentError when `sigma` is not positive.
   * @throws DTypeError when `x` is not floating-point.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.cauchy_.html
   * @example
   * manualSeed(0);
   * zeros([3]).cauchy_(1, 2).tolist(); // [22.1955, 2.5295, 0.7434]
   */
  cauchy_(median?: number, sigma?: number, options?: GeneratorOptions): Tensor;
  /**
   * Distances between all rows of `x` and all rows of `y` in the p-norm: `d[..., i, j] = sum(|x[..., i, k] - y[..., j, k]|^p)^(1 / p)`.
   * Infinity gives the largest difference, 0 the count of those that are not 0.
   * Shapes: `x` [..., P, M], `y` [..., R, M], batches broadcast; the result [..., P, R]. Dtype: one for both.
   *
   * @throws ShapeError when either has fewer than two dimensions, M differs, or the batches do not broadcast.
   * @throws DTypeError when the dtypes differ or are not floating-point.
   * @throws ArgumentError when `p` is negative.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cdist.html
   * @example
   * tensor([[0, 0], [3, 4]]).cdist(tensor([[0, 0], [3, 0]])).tolist(); // [[0, 3.0000], [5, 4]]
   */
  cdist(y: Tensor, p?: number): Tensor;
  /**
   * The smallest integer not below x, `y = ceil(x)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers are copied.
   *
   * @throws DTypeError for bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.ceil.html
   * @example
   * tensor([1.5, -1.5, 2]).ceil().tolist(); // [2, -1, 2]
   */
  ceil(): Tensor;
  /** In place {@link ceil}: `x = ceil(x)`. */
  ceil_(): Tensor;
  /**
   * An {@link elu} whose slope has no jump at 0 for any alpha, `y = max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))` (Barron 2017).
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws ArgumentError when `alpha` is 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.celu.html
   * @example
   * const x = tensor([-1, 0, 2]);
   * x.celu(2).tolist(); // [-0.7869, 0, 2]
   * x.celu(1).tolist(); // [-0.6321, 0, 2]
   */
  celu(alpha?: number): Tensor;
  /** In place {@link celu}: `x = max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`. */
  celu_(alpha?: number): Tensor;
  /**
   * As int8, without fractions: `x.to("int8")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.char.html
   */
  char(): Tensor;
  /**
   * The lower triangular factor of symmetric positive definite matrices: the L with `L @ L^T = x`, or with `upper` the U with `U^T @ U = x`.
   * Only the lower triangle of `x` is read (`upper`: the upper one).
   * Shapes: `x` [..., N, N], the result as well. Dtype: that of `x`.
   *
   * @throws ArgumentError when a matrix is not positive definite.
   * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.cholesky.html
   * @example
   * import { tensor } from "flambeau";
   * const x = tensor([[4, 2], [2, 10]]);
   * const L = x.cholesky();
   * L.tolist(); // [[2, 0], [1, 3]]
   * L.matmul(L.mT()).tolist(); // [[4, 2], [2, 10]]
   */
  cholesky(options?: CholeskyOptions): Tensor;
  /**
   * At most `chunks` parts of equal size along `dim`: `parts[k][i] = x[k size + i]` with `size = ceil(n / chunks)`; the last one may be
   * smaller, and there may be fewer, as in PyTorch (the type of the result, for a literal number, says that none is missing). Views.
   *
   * Shapes: [n, c] gives [size, c], [size, c], ... for `dim = 0`. Dtype: that of `x`.
   *
   * @throws ArgumentError when `chunks` is no positive integer.
   * @throws ShapeError when `x` is 0-d.
   * @throws IndexError when `dim` is out of range.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.chunk.html
   * @example
   * arange(5).chunk(3).map((part) => part.tolist()); // [[0, 1], [2, 3], [4]]
   * arange(6).chunk(4).length; // 3
   */
  chunk<const N extends number>(chunks: N, dim?: number): Times<N>;
  /**
   * `min(max(x, min), max)`, either bound a number, a tensor or null. NaN stays; where min is above max the result is max.
   *
   * Shapes: `x` and bounds that are tensors broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ArgumentError when neither bound is given.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
   * @example
   * const x = tensor([-3, 0.5, 4]);
   * x.clamp(-1, 1).tolist(); // [-1, 0.5, 1]
   * x.clamp(null, 1).tolist(); // [-3, 0.5, 1]
   * x.clamp(tensor([0, 1, 2])).tolist(); // [0, 1, 4]
   */
  clamp(min?: Operand | null, max?: Operand | null): Tensor;
  /**
   * Elements lowered to a greatest value, `min(x, max)`; NaN stays.
   *
   * Shapes: `x` and `max` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
   * @example
   * tensor([-3, 0.5, 4]).clampMax(1).tolist(); // [-3, 0.5, 1]
   */
  clampMax(max: Operand): Tensor;
  /** In place {@link clampMax}: `x = min(x, max)`. */
  clampMax_(max: Operand): Tensor;
  /**
   * Elements raised to a least value, `max(x, min)`; NaN stays.
   *
   * Shapes: `x` and `min` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
   * @example
   * tensor([-3, 0.5, 4]).clampMin(0).tolist(); // [0, 0.5, 4]
   */
  clampMin(min: Operand): Tensor;
  /** In place {@link clampMin}: `x = max(x, min)`. */
  clampMin_(min: Operand): Tensor;
  /** In place {@link clamp}: `x = min(max(x, min), max)`. */
  clamp_(min?: Operand | null, max?: Operand | null): Tensor;
  /** {@link clamp} under NumPy's name. */
  clip(min?: Operand | null, max?: Operand | null): Tensor;
  /** {@link clamp_} under NumPy's name. */
  clip_(min?: Operand | null, max?: Operand | null): Tensor;
  /**
   * A copy in memory of its own, row-major, through which gradients flow: `y[i] = x[i]`.
   *
   * Shape and dtype: those of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.clone.html
   * @example
   * const x = tensor([1, 2]);
   * const y = x.clone();
   * y.mul_(10);
   * x.tolist(); // [1, 2]
   */
  clone(): Tensor;
  /**
   * The complex conjugate, `conj(x) = x`: no dtype here is complex, so it is `x` itself.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws nothing: `x` is handed back as it is, even a disposed one.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.conj.html
   * @example
   * const x = tensor([1, -2]);
   * conj(x) === x; // true
   */
  conj(): Tensor;
  /**
   * The complex conjugate, computed, `conj(x) = x`: no dtype here is complex, so it is `x` itself.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws nothing: `x` is handed back as it is, even a disposed one.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.conj_physical.html
   * @example
   * const x = tensor([1, -2]);
   * conjPhysical(x) === x; // true
   */
  conjPhysical(): Tensor;
  /**
   * {@link pad} with a constant: `y[i] = x[i - before]` inside of `x`, else `value`. Negative padding crops.
   *
   * @example
   * constantPadNd(tensor([1, 2, 3]), [-1, 2], 9).tolist(); // [2, 3, 9, 9]
   */
  constantPadNd(padding: readonly number[], value?: Scalar): Tensor;
  /**
   * `x` with its elements in row-major order without gaps: `x` itself when they lie so already, else a copy, `y[i, j] = x[i, j]`.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws MemoryError when there must be a copy and `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html
   * @example
   * const x = tensor([[1, 2], [3, 4]]).t();
   * x.strides; // [1, 2]
   * x.contiguous().strides; // [2, 1]
   */
  contiguous(): Tensor;
  /**
   * Cross-correlation of `x` with the kernels of `weight` over one dimension:
   * `y[n, o, l] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, l * stride + k * dilation - padding]`.
   *
   * Shapes: `x` [N, C, L] or [C, L], `weight` [O, C / groups, K], `bias` [O]; result [N, O, L'] or [O, L'] with
   * `L' = floor((L + 2 * padding - dilation * (K - 1) - 1) / stride) + 1`. Dtype: all have the same one, which the result has, too.
   *
   * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the kernel is larger than the padded input.
   * @throws ArgumentError when `groups` does not divide O, `stride` or `dilation` is not positive, `padding` is negative, or "same" meets a
   * stride other than 1.
   * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
   * @example
   * import { conv1d, tensor } from "@flambeau/tensor";
   * const x = tensor([[[1, 2, 4, 8]]]);
   * conv1d(x, tensor([[[1, -1]]])).tolist(); // [[[-1, -2, -4]]]
   * conv1d(x, tensor([[[1, 1, 1]]]), tensor([10]), { padding: 1, stride: 2 }).tolist(); // [[[13, 24]]]
   */
  conv1d(weight: Tensor, bias?: Tensor | null, options?: ConvOptions): Tensor;
  /**
   * Cross-correlation of `x` with the kernels of `weight` over two dimensions:
   * `y[n, o, h, w] = bias[o] + sum over c, i, j of weight[o, c, i, j] * x[n, c, h * s + i * d - p, w * s + j * d - p]` with s the stride, d
   * the dilation and p the padding.
   *
   * Shapes: `x` [N, C, H, W] or [C, H, W], `weight` [O, C / groups, KH, KW], `bias` [O]; result [N, O, H', W'] or [O, H', W'] with
   * `H' = floor((H + 2 * padding - dilation * (KH - 1) - 1) / stride) + 1`, W' likewise. Dtype: all have the same one, which the result has,
   * too.
   *
   * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the kernel is larger than the padded input.
   * @throws ArgumentError when `groups` does not divide O, `stride` or `dilation` is not positive, `padding` is negative, or "same" meets a
   * stride other than 1.
   * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
   * @example
   * import { conv2d, ones } from "@flambeau/tensor";
   * conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2])).tolist(); // [[[[4, 4], [4, 4]]]]
   * const depthwise = conv2d(ones([8, 6, 32, 32]), ones([6, 1, 3, 3]), null, { padding: "same", groups: 6 });
   * depthwise.shape; // [8, 6, 32, 32]
   */
  conv2d(weight: Tensor, bias?: Tensor | null, options?: ConvOptions): Tensor;
  /**
   * Cross-correlation of `x` with the kernels of `weight` over three dimensions:
   * `y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]`, where p and k are positions of
   * three coordinates.
   *
   * Shapes: `x` [N, C, D, H, W] or [C, D, H, W], `weight` [O, C / groups, KD, KH, KW], `bias` [O]; result [N, O, D', H', W'] or [O, D', H',
   * W'] with `D' = floor((D + 2 * padding - dilation * (KD - 1) - 1) / stride) + 1`, H' and W' likewise. Dtype: all have the same one, which
   * the result has, too.
   *
   * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the kernel is larger than the padded input.
   * @throws ArgumentError when `groups` does not divide O, `stride` or `dilation` is not positive, `padding` is negative, or "same" meets a
   * stride other than 1.
   * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html
   * @example
   * conv3d(ones([1, 2, 3, 3, 3]), ones([1, 2, 2, 2, 3])).tolist(); // [[[[[24], [24]], [[24], [24]]]]]
   * conv3d(ones([1, 2, 8, 8, 8]), ones([4, 2, 3, 3, 3]), null, { stride: [1, 2, 2] }).shape; // [1, 4, 6, 3, 3]
   */
  conv3d(weight: Tensor, bias?: Tensor | null, options?: ConvOptions): Tensor;
  /**
   * Transposed convolution over one dimension, which lays each element's kernel into the result and adds up:
   * `y[n, o, l * stride + k * dilation - padding] += x[n, c, l] * weight[c, o, k]`, plus `bias[o]`. It maps sizes back to those that
   * {@link conv1d} takes to them, and is that function's gradient.
   *
   * Shapes: `x` [N, C, L] or [C, L], `weight` [C, O / groups, K], `bias` [O]; result [N, O, L'] or [O, L'] with
   * `L' = (L - 1) * stride - 2 * padding + dilation * (K - 1) + outputPadding + 1`. Dtype: all have the same one, which the result has, too.
   *
   * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the result would have no elements.
   * @throws ArgumentError when `groups` does not divide C, `stride` or `dilation` is not positive, `padding` is negative, or `outputPadding`
   * is smaller than neither.
   * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
   * @example
   * import { convTranspose1d, tensor } from "@flambeau/tensor";
   * convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10, 100]]])).tolist(); // [[[1, 12, 120, 200]]]
   * convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10]]]), null, { stride: 2 }).tolist(); // [[[1, 10, 2, 20]]]
   */
  convTranspose1d(weight: Tensor, bias?: Tensor | null, options?: ConvTransposeOptions): Tensor;
  /**
   * Transposed convolution over two dimensions, which lays each element's kernel into the result and adds up:
   * `y[n, o, h * stride + i * dilation - padding, w * stride + j * dilation - padding] += x[n, c, h, w] * weight[c, o, i, j]`, plus
   * `bias[o]`. It maps sizes back to those that {@link conv2d} takes to them, and is that function's gradient.
   *
   * Shapes: `x` [N, C, H, W] or [C, H, W], `weight` [C, O / groups, KH, KW], `bias` [O]; result [N, O, H', W'] or [O, H', W'] with
   * `H' = (H - 1) * stride - 2 * padding + dilation * (KH - 1) + outputPadding + 1`, W' likewise. Dtype: all have the same one, which the
   * result has, too.
   *
   * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the result would have no elements.
   * @throws ArgumentError when `groups` does not divide C, `stride` or `dilation` is not positive, `padding` is negative, or `outputPadding`
   * is smaller than neither.
   * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
   * @example
   * import { convTranspose2d, ones, tensor } from "@flambeau/tensor";
   * convTranspose2d(tensor([[[[1, 2]]]]), ones([1, 1, 2, 2])).tolist(); // [[[[1, 3, 2], [1, 3, 2]]]]
   * convTranspose2d(ones([1, 4, 16, 16]), ones([4, 2, 2, 2]), null, { stride: 2 }).shape; // [1, 2, 32, 32]
   */
  convTranspose2d(weight: Tensor, bias?: Tensor | null, options?: ConvTransposeOptions): Tensor;
  /**
   * Transposed convolution over three dimensions, which lays each element's kernel into the result and adds up:
   * `y[n, o, p * stride + k * dilation - padding] += x[n, c, p] * weight[c, o, k]`, where p and k are positions of three coordinates, plus
   * `bias[o]`. It maps sizes back to those that {@link conv3d} takes to them, and is that function's gradient.
   *
   * Shapes: `x` [N, C, D, H, W] or [C, D, H, W], `weight` [C, O / groups, KD, KH, KW], `bias` [O]; result [N, O, D', H', W'] or [O, D', H',
   * W'] with `D' = (D - 1) * stride - 2 * padding + dilation * (KD - 1) + outputPadding + 1`, H' and W' likewise. Dtype: all have the same
   * one, which the result has, too.
   *
   * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the result would have no elements.
   * @throws ArgumentError when `groups` does not divide C, `stride` or `dilation` is not positive, `padding` is negative, or `outputPadding`
   * is smaller than neither.
   * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose3d.html
   * @example
   * convTranspose3d(ones([1, 1, 1, 1, 2]), ones([1, 1, 1, 1, 2])).tolist(); // [[[[[1, 2, 1]]]]]
   * convTranspose3d(ones([1, 4, 4, 4, 4]), ones([4, 2, 2, 2, 2]), null, { stride: 2 }).shape; // [1, 2, 8, 8, 8]
   */
  convTranspose3d(weight: Tensor, bias?: Tensor | null, options?: ConvTransposeOptions): Tensor;
  /**
   * Writes `source`, broadcast and converted, into `target`: `target[i, j] = source[i, j]`. It comes from whichever device it is on.
   * Gradients flow back to `source`.
   *
   * Shapes: that of `source` broadcasts to that of `target`, which stays as it is, like its dtype. Returns `target`.
   *
   * @throws ShapeError when `source` does not broadcast to `target`.
   * @throws AutogradError while recording, when `target` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `target` share one place in memory (an expanded view).
   * @throws UnavailableError when `source` is on another device, which cannot be read synchronously.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.copy_.html
   * @example
   * zeros([2, 3]).copy_(tensor([1, 2, 3])).tolist(); // [[1, 2, 3], [1, 2, 3]]
   * tensor([0], { dtype: "int32" }).copy_(tensor([2.7])).tolist(); // [2]
   */
  copy_(source: Tensor): Tensor;
  /**
   * The size of `x` with the sign of `y`, `y < 0 ? -|x| : |x|`; the sign of -0 counts.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.copysign.html
   * @example
   * tensor([1, -2, 3]).copysign(tensor([-0, 1, -5])).tolist(); // [-1, 2, -3]
   */
  copysign(y: Operand): Tensor;
  /** In place {@link copysign}: `x = y < 0 ? -|x| : |x|`. */
  copysign_(y: Operand): Tensor;
  /**
   * Correlation coefficients of the variables in the rows of `x`, whose columns are observations:
   * `y[i, j] = c[i, j] / sqrt(c[i, i] * c[j, j])` for their covariance matrix c, cut to [-1, 1].
   * Shapes: `x` [D, N], the result [D, D]; a vector is one variable, its result 0-d. Integers give the default floating dtype.
   *
   * @throws ShapeError when `x` has more than two dimensions.
   * @throws DTypeError for bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.corrcoef.html
   * @example
   * tensor([[0, 1, 2], [2, 1, 3]]).corrcoef().tolist(); // [[1, 0.5000], [0.5000, 1]]
   */
  corrcoef(): Tensor;
  /**
   * Cosine of radians, `y = cos(x)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cos.html
   * @example
   * tensor([0, Math.PI / 3, Math.PI]).cos().tolist(); // [1, 0.5000, -1]
   */
  cos(): Tensor;
  /** In place {@link cos}: `x = cos(x)`. */
  cos_(): Tensor;
  /**
   * Hyperbolic cosine, `y = (exp(x) + exp(-x)) / 2`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cosh.html
   * @example
   * tensor([-1, 0, 2]).cosh().tolist(); // [1.5431, 1, 3.7622]
   */
  cosh(): Tensor;
  /** In place {@link cosh}: `x = cosh(x)`. */
  cosh_(): Tensor;
  /**
   * Cosine of the angle between vectors along `dim`: `sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps))`, in [-1, 1].
   * Shapes: `x1` and `x2` broadcast; the result lacks `dim`. Dtype: what they promote to.
   *
   * @throws ShapeError when they do not broadcast.
   * @throws DTypeError when they are not floating-point.
   * @throws IndexError when `dim` is out of range.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
   * @example
   * const x = tensor([[1, 0], [1, 1], [1, 0]]);
   * x.cosineSimilarity(tensor([[2, 0], [3, 0], [0, 5]])).tolist(); // [1, 0.7071, 0]
   */
  cosineSimilarity(x2: Tensor, options?: CosineSimilarityOptions): Tensor;
  /**
   * Number of elements that are not zero, over `dim` or of all: `sum(x != 0)`. NaN is not zero.
   * Shape: `x` without the dimensions reduced. Dtype: int32 (PyTorch: int64).
   *
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.count_nonzero.html
   * @example
   * tensor([[0, 2], [5, -1]]).countNonzero().item(); // 3
   * tensor([[0, 2], [5, -1]]).countNonzero(0).tolist(); // [1, 2]
   */
  countNonzero(dim?: Dims): Tensor;
  /**
   * Covariance matrix of the variables in the rows of `x`, whose columns are observations:
   * `y[i, j] = sum((x[i] - mean(x[i])) * (x[j] - mean(x[j]))) / (n - correction)`. Weights make the mean and the sum weighted ones.
   * Shapes: `x` [D, N], the result [D, D]; a vector is one variable, its result 0-d; weights [N]. Integers give the default floating dtype.
   *
   * @throws ShapeError when `x` has more than two dimensions, or weights do not have N elements.
   * @throws DTypeError for bools, `fweights` that are not integers and `aweights` that are not floating-point.
   * @throws ArgumentError when `correction` is no integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cov.html
   * @example
   * const x = tensor([[0, 1, 2], [2, 1, 0]]);
   * x.cov().tolist(); // [[1, -1], [-1, 1]]
   * x.cov({ correction: 0 }).tolist(); // [[0.6667, -0.6667], [-0.6667, 0.6667]]
   */
  cov(options?: CovOptions): Tensor;
  /**
   * On the device "cpu": `x.to("cpu")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.cpu.html
   */
  cpu(): Tensor;
  /**
   * Cross product of vectors of three elements along `dim` (default -1): `z[0] = x[1] * y[2] - x[2] * y[1]`, and so on in turn.
   * Shapes: `x` and `y` broadcast, with size 3 at `dim`; so is the result. Dtype: what they promote to.
   *
   * @throws ShapeError when they do not broadcast, or `dim` has another size.
   * @throws IndexError when `dim` is out of range.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.cross.html
   * @example
   * tensor([1, 0, 0]).cross(tensor([[0, 1, 0], [0, 0, 1]])).tolist(); // [[0, 0, 1], [0, -1, 0]]
   */
  cross(y: Tensor, options?: VectorOptions): Tensor;
  /**
   * Running maximum along `dim` and the position of the last one so far: `values[i] = max(x[0], ..., x[i])`. From a NaN on, all are NaN.
   * Shape: that of `x`, for values and indices. Dtype: that of `x`; indices are int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cummax.html
   * @example
   * const { values, indices } = tensor([1, 3, 2, 3, 0]).cummax(0);
   * values.tolist(); // [1, 3, 3, 3, 3]
   * indices.tolist(); // [0, 1, 1, 3, 3]
   */
  cummax(dim: number): Picked;
  /**
   * Running minimum along `dim` and the position of the last one so far: `values[i] = min(x[0], ..., x[i])`. From a NaN on, all are NaN.
   * Shape: that of `x`, for values and indices. Dtype: that of `x`; indices are int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cummin.html
   * @example
   * const { values, indices } = tensor([[5, 1], [2, 3]]).cummin(1);
   * values.tolist(); // [[5, 1], [2, 2]]
   * indices.tolist(); // [[0, 1], [0, 0]]
   */
  cummin(dim: number): Picked;
  /**
   * Running product along `dim`: `y[i] = x[0] * x[1] * ... * x[i]`. Its gradient divides by nothing, so zeros have their right ones.
   * Shape: that of `x`. Dtype: the option `dtype`, else that of `x`, where bools and integers below 32 bits give int32.
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cumprod.html
   * @example
   * tensor([[1, 2], [3, 4], [5, 6]]).cumprod(0).tolist(); // [[1, 2], [3, 8], [15, 48]]
   */
  cumprod(dim: number, options?: CumulativeOptions): Tensor;
  /**
   * Running sum along `dim`: `y[i] = x[0] + x[1] + ... + x[i]`.
   * Shape: that of `x`. Dtype: the option `dtype`, else that of `x`, where bools and integers below 32 bits give int32.
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cumsum.html
   * @example
   * tensor([[1, 2], [3, 4], [5, 6]]).cumsum(0).tolist(); // [[1, 2], [4, 6], [9, 12]]
   * tensor([true, false, true]).cumsum(0).tolist(); // [1, 1, 2]
   */
  cumsum(dim: number, options?: CumulativeOptions): Tensor;
  /**
   * Running integral of `y` along `dim` by the trapezoidal rule: `z[j]` is the sum of `(y[i] + y[i + 1]) / 2 * (x[i + 1] - x[i])` for i from
   * 0 to j, with `dx` for the differences where no places `x` are given.
   * Shapes: as of {@link trapezoid}, but the result has N - 1 elements along `dim`.
   *
   * @throws ShapeError when `y` is 0-d, or when `x` has another number of points along `dim`.
   * @throws IndexError when `dim` is out of range.
   * @throws DeviceError when `x` and `y` live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.cumulative_trapezoid.html
   * @example
   * tensor([1, 5, 10]).cumulativeTrapezoid().tolist(); // [3, 10.5]
   * tensor([1, 5, 10]).cumulativeTrapezoid(tensor([1, 3, 6])).tolist(); // [6, 28.5]
   */
  cumulativeTrapezoid(x?: Tensor | null, options?: TrapezoidOptions): Tensor;
  /** {@link dataSync} that waits for the device; works on every backend. The values are those at the time of the call. */
  data(): Promise<TypedArray>;
  /**
   * The elements, in row-major order, as a typed array of the dtype (float16 and bfloat16 as their bits). A copy.
   *
   * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `await x.data()`.
   */
  dataSync(): TypedArray;
  /**
   * Degrees to radians, `y = x * pi / 180`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.deg2rad.html
   * @example
   * tensor([180, -90]).deg2rad().tolist(); // [3.1416, -1.5708]
   */
  deg2rad(): Tensor;
  /** In place {@link deg2rad}: `x = x * pi / 180`. */
  deg2rad_(): Tensor;
  /**
   * The determinant of each square matrix: of two rows `x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]`; in general the product of the pivots of an LU
   * factorization, with the sign of its row swaps.
   * Shapes: `x` [..., N, N], the result [...]. Dtype: that of `x`.
   *
   * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.det.html
   * @example
   * tensor([[1, 2], [3, 4]]).det().item(); // -2
   */
  det(): Tensor;
  /**
   * The same memory outside the graph: `y[i] = x[i]`, through which no gradient flows back. What is written into one shows in the other.
   *
   * Shape: that of `x`, with its strides. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html
   * @example
   * const x = tensor([1, 2], { requiresGrad: true });
   * const y = x.mul(2).detach();
   * y.requiresGrad; // false
   */
  detach(): Tensor;
  /**
   * Takes the tensor itself out of the graph: it becomes a leaf without a gradient.
   *
   * @throws AutogradError for a view, whose memory is another's: use {@link detach}.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach_.html
   * @example
   * const y = tensor([1, 2], { requiresGrad: true }).mul(2);
   * y.detach_().requiresGrad; // false
   */
  detach_(): Tensor;
  /**
   * A vector on a matrix's diagonal, `y[i, i + offset] = x[i]` and 0 elsewhere, or a matrix's diagonal as a vector,
   * `y[i] = x[i, i + offset]`. A copy.
   *
   * Shapes: [n] gives [m, m] with `m = n + |offset|`; [n, m] gives [min(n, m)] for `offset = 0`. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` is neither a vector nor a matrix.
   * @throws ArgumentError when `offset` is no integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.diag.html
   * @example
   * tensor([1, 2]).diag().tolist(); // [[1, 0], [0, 2]]
   * tensor([[1, 2], [3, 4]]).diag().tolist(); // [1, 4]
   * tensor([[1, 2], [3, 4]]).diag(1).tolist(); // [2]
   */
  diag(offset?: number): Tensor;
  /**
   * The last dimension laid on the diagonal, `offset` above the main one, of two new dimensions `dim1` and `dim2`: `y[i, i + offset] = x[i]`,
   * and 0 elsewhere.
   *
   * Shapes: [b, n] gives [b, m, m] with `m = n + |offset|`. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` is 0-d.
   * @throws ArgumentError when `dim1` and `dim2` are the same, or `offset` is no integer.
   * @throws IndexError when a dimension is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.diag_embed.html
   * @example
   * import { diagEmbed, tensor } from "@flambeau/tensor";
   * console.log(diagEmbed(tensor([1, 2])).tolist()); // [[1, 0], [0, 2]]
   * console.log(diagEmbed(tensor([1, 2]), 1).tolist()); // [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
   */
  diagEmbed(offset?: number, dim1?: number, dim2?: number): Tensor;
  /**
   * All elements, in row-major order, on a matrix's diagonal: `y[i, i + offset] = x.flatten()[i]`, and 0 elsewhere.
   *
   * Shape: [m, m], where `m` is the number of elements `+ |offset|`. Dtype: that of `x`.
   *
   * @throws ArgumentError when `offset` is no integer.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.diagflat.html
   * @example
   * tensor([[1, 2]]).diagflat().tolist(); // [[1, 0], [0, 2]]
   * tensor([[1, 2]]).diagflat(-1).tolist(); // [[0, 0, 0], [1, 0, 0], [0, 2, 0]]
   */
  diagflat(offset?: number): Tensor;
  /**
   * The diagonal `offset` above the main one of dimensions `dim1` and `dim2`, as a last dimension: `y[i] = x[i, i + offset]`, for a negative
   * offset `x[i - offset, i]`. A view.
   *
   * Shapes: [n, m] gives [min(n, m)] for `offset = 0`; [b, n, m] gives [b, min(n, m)] for `dim1 = 1` and `dim2 = 2`. Dtype: that of `x`.
   *
   * @throws ArgumentError when `dim1` and `dim2` are the same, or `offset` is no integer.
   * @throws IndexError when a dimension is out of range.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.diagonal.html
   * @example
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * x.diagonal().tolist(); // [1, 5]
   * x.diagonal(1).tolist(); // [2, 6]
   * x.diagonal(-1).tolist(); // [4]
   */
  diagonal(offset?: number, dim1?: number, dim2?: number): Tensor;
  /** {@link diagonal}, as a copy. */
  diagonalCopy(offset?: number | undefined, dim1?: number | undefined, dim2?: number | undefined): Tensor;
  /**
   * A copy of `x` with `source` on a {@link diagonal} of it: `y[i, i + offset] = source[i]`, else `x[i, j]`.
   *
   * Shapes: that of `x`; `source` has that of the diagonal. Dtype: that of both.
   *
   * @throws ShapeError when `source` does not have the window's shape.
   * @throws DTypeError when `source` has another dtype than `x`.
   * @throws DeviceError when the tensors live on different devices.
   * @throws IndexError when a dimension is out of range.
   * @throws ArgumentError when `dim1` and `dim2` are the same, or `offset` is no integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.diagonal_scatter.html
   * @example
   * zeros([3, 3]).diagonalScatter(tensor([1, 2]), 1).tolist(); // [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
   */
  diagonalScatter(source: Tensor, offset?: number, dim1?: number, dim2?: number): Tensor;
  /**
   * Differences of neighbours along `dim`, taken `n` times over: `y[i] = x[i + 1] - x[i]`. Of bools: whether the two differ.
   * Shape: that of `x`, with the sizes of `prepend` and `append` added and `n` taken away at `dim`. Dtype: that of `x`, promoted with those
   * two.
   *
   * @throws ShapeError when `x` is 0-d, or when `prepend` or `append` has other sizes than `x` beside `dim`.
   * @throws IndexError when `dim` is out of range.
   * @throws ArgumentError when `n` is not a non-negative integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.diff.html
   * @example
   * const x = tensor([1, 4, 9, 16]);
   * x.diff().tolist(); // [3, 5, 7]
   * x.diff(2).tolist(); // [2, 2]
   * x.diff(1, -1, { prepend: tensor([0]) }).tolist(); // [1, 3, 5, 7]
   */
  diff(n?: number, dim?: number, options?: DiffOptions): Tensor;
  /**
   * The slope of {@link lgamma}: `y = d/dx log(gamma(x)) = gamma'(x) / gamma(x)`; -Infinity at 0, NaN at the negative integers.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.digamma
   * @example
   * tensor([1, 2, 0, -0.5]).digamma().tolist(); // [-0.5772, 0.4228, -Infinity, 0.0365]
   */
  digamma(): Tensor;
  /** In place {@link digamma}: `x = digamma(x)`. */
  digamma_(): Tensor;
  /**
   * The number of dimensions, `x.ndim`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.dim.html
   * @example
   * zeros([2, 3]).dim(); // 2
   */
  dim(): number;
  /**
   * The p-norm of a difference, over all elements: `sum(|x - y|^p)^(1 / p)`, as {@link vectorNorm} has it for each p.
   * Shapes: `x` and `y` broadcast; the result is 0-d, in the dtype that they promote to.
   *
   * @throws ShapeError when `x` and `y` do not broadcast.
   * @throws DTypeError when that dtype is not floating-point.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.dist.html
   * @example
   * tensor([1, 2]).dist(tensor([4, 6])).item(); // 5
   * tensor([1, 2]).dist(tensor([4, 6]), 1).item(); // 7
   */
  dist(y: Tensor, p?: number): Tensor;
  /**
   * `x / y`: true division, or with `roundingMode` the quotient rounded down or towards 0.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; in true division integers and bools give the default
   * floating dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws ArgumentError for an unknown `roundingMode`.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.div.html
   * @example
   * const x = tensor([7, -7], { dtype: "int32" });
   * x.div(2).tolist(); // [3.5, -3.5]
   * x.div(2, { roundingMode: "floor" }).tolist(); // [3, -4]
   * x.div(2, { roundingMode: "trunc" }).tolist(); // [3, -3]
   */
  div(y: Operand, options?: DivOptions): Tensor;
  /** In place {@link div}: `x /= y`. */
  div_(y: Operand, options?: DivOptions): Tensor;
  /** {@link div} under NumPy's name. */
  divide(y: Operand, options?: DivOptions): Tensor;
  /** {@link div_} under NumPy's name. */
  divide_(y: Operand, options?: DivOptions): Tensor;
  /**
   * Inner product of two vectors: `y = sum(a[i] * b[i])`.
   * Shapes: `a` [N], `b` [N], the result 0-d. Dtype: one for both.
   *
   * @throws ShapeError when either is not a vector, or the sizes differ.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.dot.html
   * @example
   * tensor([1, 2, 3]).dot(tensor([4, 5, 6])).item(); // 32
   */
  dot(b: Tensor): Tensor;
  /**
   * As float64: `x.to("float64")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.double.html
   */
  double(): Tensor;
  /**
   * Sets each element to 0 with probability `p` and scales the others: `y = x * kept / (1 - p)`, in training. Otherwise the result is `x`
   * itself. The values drawn are PyTorch's for the same seed.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws ArgumentError when `p` is no probability in [0, 1].
   * @throws DTypeError when there is something to drop and `x` is no floating-point tensor.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
   * @see Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014
   * @example
   * import { dropout, ones } from "@flambeau/tensor";
   * dropout(ones([3]), 0.5, false).tolist(); // [1, 1, 1]
   * dropout(ones([100]), 0.75).max().item(); // 4
   */
  dropout(p?: number, training?: boolean, options?: GeneratorOptions): Tensor;
  /** In place {@link dropout}: `x = dropout(x, p, training)`. */
  dropout_(p?: number, training?: boolean, options?: GeneratorOptions): Tensor;
  /**
   * {@link tensorSplit} in depth, along dimension 2: `parts[k][i, j, l] = x[i, j, starts[k] + l]`.
   *
   * @throws ArgumentError when a number of sections does not divide.
   * @throws ShapeError when `x` has fewer than three dimensions.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.dsplit.html
   * @example
   * zeros([2, 3, 4]).dsplit([1]).map((part) => part.shape); // [[2, 3, 1], [2, 3, 3]]
   */
  dsplit<const S extends Sections>(sections: S): Sectioned<S>;
  /**
   * Bytes of one element.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.element_size.html
   * @example
   * tensor([1]).elementSize(); // 4
   */
  elementSize(): number;
  /**
   * Exponential linear unit, `y = x > 0 ? x : alpha * (exp(x) - 1)` (Clevert et al. 2015). It tends to -alpha for x towards -Infinity.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
   * @example
   * const x = tensor([-1, 0, 2]);
   * x.elu().tolist(); // [-0.6321, 0, 2]
   * x.elu(2).tolist(); // [-1.2642, 0, 2]
   */
  elu(alpha?: number): Tensor;
  /** In place {@link elu}: `x = x > 0 ? x : alpha * (exp(x) - 1)`. */
  elu_(alpha?: number): Tensor;
  /**
   * Whether elements are equal, `x == y`; NaN equals nothing.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.eq.html
   * @example
   * tensor([1, 2, NaN]).eq(tensor([1, 3, NaN])).tolist(); // [true, false, false]
   */
  eq(y: Operand): Tensor;
  /** In place {@link eq}: `x = (x == y)`, as 1 and 0 in the dtype of `x`. */
  eq_(y: Operand): Tensor;
  /**
   * Whether two tensors have one shape and equal elements, `x[i] == y[i]` for all i. The dtypes may differ; NaN equals nothing.
   *
   * Shapes: any; tensors of different shapes are not equal. The result is a boolean.
   *
   * @throws UnavailableError where the device cannot be read synchronously: write `await all(eq(x, y)).itemAsync()`.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.equal.html
   * @example
   * equal(tensor([1, 2]), tensor([1, 2])); // true
   * equal(tensor([1, 1]), tensor([1])); // false
   */
  equal(y: Tensor): boolean;
  /**
   * The error function: `y = 2 / sqrt(pi) * integral of exp(-t^2) dt from 0 to x`. It runs from -1 to 1.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.erf
   * @example
   * tensor([-1, 0, 0.5, 3]).erf().tolist(); // [-0.8427, 0, 0.5205, 1.0000]
   */
  erf(): Tensor;
  /** In place {@link erf}: `x = erf(x)`. */
  erf_(): Tensor;
  /**
   * The complementary error function: `y = 1 - erf(x)`, precise where it is small.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.erfc
   * @example
   * const x = tensor([0, 1, 5]);
   * x.erfc().tolist(); // [1, 0.1573, 1.537e-12]
   * x.erf().neg().add(1).tolist(); // [1, 0.1573, 0]
   */
  erfc(): Tensor;
  /** In place {@link erfc}: `x = erfc(x)`. */
  erfc_(): Tensor;
  /**
   * The inverse of {@link erf}: `y` with `erf(y) = x`; +-Infinity at +-1, NaN beyond.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.erfinv
   * @example
   * tensor([-1, 0, 0.5, 2]).erfinv().tolist(); // [-Infinity, 0, 0.4769, NaN]
   */
  erfinv(): Tensor;
  /** In place {@link erfinv}: `x = erfinv(x)`. */
  erfinv_(): Tensor;
  /**
   * e to the power x, `y = e^x`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.exp.html
   * @example
   * tensor([0, 1, -Infinity]).exp().tolist(); // [1, 2.7183, 0]
   * tensor([0, 1], { dtype: "int32" }).exp().dtype; // "float32"
   */
  exp(): Tensor;
  /**
   * 2 to the power x, `y = 2^x`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.exp2.html
   * @example
   * tensor([-1, 0, 3]).exp2().tolist(); // [0.5, 1, 8]
   */
  exp2(): Tensor;
  /** In place {@link exp2}: `x = 2^x`. */
  exp2_(): Tensor;
  /** In place {@link exp}: `x = e^x`. */
  exp_(): Tensor;
  /**
   * Repeats dimensions of size 1 up to `shape` without copying: `y[i, j] = x[0, j]`; -1 keeps a size, and new dimensions come first. A view,
   * in which elements share memory. As a method it also takes the sizes one after another.
   *
   * Shapes: [1, c] gives [n, c], [c] gives [n, c]. Dtype: that of `x`.
   *
   * @throws ShapeError when a dimension of another size than 1 would have to grow, or `shape` has fewer dimensions than `x`.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html
   * @example
   * tensor([[1], [2]]).expand(-1, 3).tolist(); // [[1, 1, 1], [2, 2, 2]]
   * tensor([1, 2]).expand(2, 2).strides; // [0, 1]
   */
  expand(...sizes: Sizes): Tensor;
  /**
   * {@link expand} to another tensor's shape: `y[i, j] = x[0, j]`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand_as.html
   * @example
   * tensor([1, 2]).expandAs(zeros([2, 2])).tolist(); // [[1, 2], [1, 2]]
   */
  expandAs(other: Tensor): Tensor;
  /** {@link expand}, as a copy. */
  expandCopy(shape: readonly number[]): Tensor;
  /** {@link sigmoid} under SciPy's name. */
  expit(): Tensor;
  /**
   * `y = exp(x) - 1`, precise near 0.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.expm1.html
   * @example
   * const x = tensor([1e-8, 1]);
   * x.expm1().tolist(); // [1.0000e-8, 1.7183]
   * x.exp().sub(1).tolist(); // [0, 1.7183]
   */
  expm1(): Tensor;
  /** In place {@link expm1}: `x = exp(x) - 1`. */
  expm1_(): Tensor;
  /**
   * Fills `x` with exponentially distributed numbers of a rate: `x[i] ~ lambda exp(-lambda x)` for `x > 0`, with mean `1 / lambda`. The
   * gradient of what was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
   *
   * @throws ArgumentError when `lambda` is not positive.
   * @throws DTypeError when `x` is not floating-point.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.exponential_.html
   * @example
   * manualSeed(0);
   * zeros([3]).exponential_(2).tolist(); // [1.7542, 0.6152, 0.3075]
   */
  exponential_(lambda?: number, options?: GeneratorOptions): Tensor;
  /**
   * A tensor like `x` with every element `value`, a number or a 0-d tensor: `y[i] = value`. The gradient goes to a tensor `value`, and zeros
   * to `x`.
   *
   * Shape: that of `x`; `value` is 0-d. Dtype: that of `x`.
   *
   * @throws ArgumentError when a number does not fit the dtype.
   * @throws DTypeError when `value` is no number, boolean, bigint or tensor.
   * @throws ShapeError when a tensor `value` has dimensions.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
   * @example
   * tensor([1, 2]).fill(5).tolist(); // [5, 5]
   * const value = tensor(2, { requiresGrad: true });
   * fill(zeros([3]), value).sum().backward();
   * value.grad!.item(); // 3
   */
  fill(value: Tensor | Scalar): Tensor;
  /**
   * Sets every element to `value`, a number or a 0-d tensor: `target[i] = value`, in the target's dtype. The gradient of what was there is
   * 0; that of a tensor `value` flows to it.
   *
   * Shape: that of `target`, which is returned. Dtype: that of `target`; integers take `value` without its fraction.
   *
   * @throws ArgumentError when a number does not fit the dtype.
   * @throws DTypeError when `value` is no number, boolean, bigint or tensor.
   * @throws ShapeError when a tensor `value` has dimensions.
   * @throws AutogradError while recording, when `target` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError for a tensor `value` when several elements of `target` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
   * @example
   * const x = zeros([2, 3]);
   * x.select(1, 0).fill_(7);
   * x.tolist(); // [[7, 0, 0], [7, 0, 0]]
   */
  fill_(value: Tensor | Scalar): Tensor;
  /** {@link trunc} under NumPy's name. */
  fix(): Tensor;
  /** {@link trunc_} under NumPy's name. */
  fix_(): Tensor;
  /**
   * Joins dimensions `startDim` to `endDim` into one: `y[i * m + j] = x[i, j]`. A view when possible, else a copy.
   *
   * Shapes: [n, c, h, w] gives [n, c h w] for `startDim = 1`; 0-d tensors give [1]. Dtype: that of `x`.
   *
   * @throws ArgumentError when `startDim` comes after `endDim`.
   * @throws IndexError when one is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.flatten.html
   * @example
   * zeros([2, 3, 4]).flatten(1).shape; // [2, 12]
   * tensor([[1, 2], [3, 4]]).flatten().tolist(); // [1, 2, 3, 4]
   */
  flatten(startDim?: number, endDim?: number): Tensor;
  /**
   * `x` with the order of elements reversed along `dims`: `y[i, j] = x[n - 1 - i, j]` for `dims = [0]`, `n` being the size there. A copy. As
   * a method it also takes the dimensions one after another.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws IndexError when one of `dims` is out of range or comes twice.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.flip.html
   * @example
   * const x = tensor([[1, 2], [3, 4]]);
   * flip(x, [1]).tolist(); // [[2, 1], [4, 3]]
   * x.flip(0, 1).tolist(); // [[4, 3], [2, 1]]
   */
  flip(...sizes: Sizes): Tensor;
  /**
   * {@link flip} left to right, along dimension 1: `y[i, j] = x[i, n - 1 - j]`.
   *
   * Shape: that of `x`, of at least two dimensions. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.fliplr.html
   * @example
   * tensor([[1, 2, 3]]).fliplr().tolist(); // [[3, 2, 1]]
   */
  fliplr(): Tensor;
  /**
   * {@link flip} upside down, along dimension 0: `y[i, j] = x[n - 1 - i, j]`.
   *
   * Shape: that of `x`, of at least one dimension. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` is 0-d.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.flipud.html
   * @example
   * tensor([[1, 2], [3, 4]]).flipud().tolist(); // [[3, 4], [1, 2]]
   */
  flipud(): Tensor;
  /**
   * As float32: `x.to("float32")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.float.html
   */
  float(): Tensor;
  /**
   * `x` to the power `y`, `x ** y`, computed and returned in float64.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: float64.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers, and on devices without float64.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.float_power.html
   * @example
   * const y = floatPower(tensor([2, 3], { dtype: "int32" }), -1);
   * y.dtype; // "float64"
   * y.tolist(); // [0.5, 0.3333333333]
   */
  floatPower(y: Operand): Tensor;
  /**
   * The largest integer not above x, `y = floor(x)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers are copied.
   *
   * @throws DTypeError for bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.floor.html
   * @example
   * tensor([1.5, -1.5, 2]).floor().tolist(); // [1, -2, 2]
   */
  floor(): Tensor;
  /**
   * The largest integer not above the quotient, `floor(x / y)`. It has no gradient: backward through it throws.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for bools; for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.floor_divide.html
   * @example
   * tensor([7, -7]).floorDivide(2).tolist(); // [3, -4]
   * floorDivide(10, tensor([3, 4])).tolist(); // [3, 2]
   */
  floorDivide(y: Operand): Tensor;
  /** In place {@link floorDivide}: `x = floor(x / y)`. */
  floorDivide_(y: Operand): Tensor;
  /** In place {@link floor}: `x = floor(x)`. */
  floor_(): Tensor;
  /**
   * The larger of two elements, `max(x, y)`; a number wins over NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.fmax.html
   * @example
   * const [x, y] = [tensor([1, NaN, NaN]), tensor([3, 2, NaN])];
   * x.fmax(y).tolist(); // [3, 2, NaN]
   * x.maximum(y).tolist(); // [3, NaN, NaN]
   */
  fmax(y: Operand): Tensor;
  /**
   * The smaller of two elements, `min(x, y)`; a number wins over NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.fmin.html
   * @example
   * tensor([1, NaN, NaN]).fmin(tensor([3, 2, NaN])).tolist(); // [1, 2, NaN]
   */
  fmin(y: Operand): Tensor;
  /**
   * C's fmod, `x - y * trunc(x / y)`: the result has the dividend's sign.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for bools; for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.fmod.html
   * @example
   * tensor([-7, 7]).fmod(3).tolist(); // [-1, 1]
   * tensor([-7.5, 7.5]).fmod(-2).tolist(); // [-1.5, 1.5]
   */
  fmod(y: Operand): Tensor;
  /** In place {@link fmod}: `x = x - y * trunc(x / y)`. */
  fmod_(y: Operand): Tensor;
  /**
   * The fraction of x, with its sign: `y = x - trunc(x)`.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.frac.html
   * @example
   * tensor([1.5, -1.25, 2]).frac().tolist(); // [0.5, -0.25, 0]
   */
  frac(): Tensor;
  /** In place {@link frac}: `x = x - trunc(x)`. */
  frac_(): Tensor;
  /**
   * The parts of `x = mantissa * 2^exponent` with `0.5 <= |mantissa| < 1`. Of 0, infinities and NaN the mantissa is `x` and the exponent 0.
   *
   * Shapes: that of `x`, both. Dtypes: `mantissa` that of `x`, `exponent` int32.
   *
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.frexp.html
   * @example
   * const { mantissa, exponent } = frexp(tensor([8, -0.375, 0]));
   * mantissa.tolist(); // [0.5, -0.75, 0]
   * exponent.tolist(); // [4, -1, 0]
   * mantissa.ldexp(exponent).tolist(); // [8, -0.375, 0]
   */
  frexp(): Pair & { mantissa: Tensor; exponent: Tensor; };
  /**
   * Elements picked along `dim` by an index of the result's shape: `y[i, j, k] = x[i, index[i, j, k], k]` for `dim` 1, and so on.
   * Shapes: `index` has as many dimensions as `x`, each but `dim` at most as large; the result has the shape of `index`. Dtype: that of `x`.
   *
   * @throws IndexError when an index is outside the dimension (negative ones are, as in PyTorch), or `dim` out of range.
   * @throws ShapeError when `index` has another number of dimensions, or is too large.
   * @throws DTypeError when `index` is neither int32 nor int64.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.gather.html
   * @example
   * import { tensor } from "flambeau";
   * const index = tensor([[0, 0], [1, 0]], { dtype: "int32" });
   * tensor([[1, 2], [3, 4]]).gather(1, index).tolist(); // [[1, 1], [4, 3]]
   */
  gather(dim: number, index: Tensor): Tensor;
  /**
   * Greatest common divisor, the largest `d >= 0` that divides both; `gcd(0, 0) = 0`.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, an integer.
   *
   * @throws DTypeError for floating-point tensors and bools.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.gcd.html
   * @example
   * gcd(tensor([12, -12, 0], { dtype: "int32" }), tensor([18, 8, 5], { dtype: "int32" })).tolist(); // [6, 4, 5]
   */
  gcd(y: Tensor): Tensor;
  /**
   * Whether elements are greater or equal, `x >= y`; false where either is NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.ge.html
   * @example
   * tensor([1, 2, 3]).ge(2).tolist(); // [false, true, true]
   */
  ge(y: Operand): Tensor;
  /** In place {@link ge}: `x = (x >= y)`, as 1 and 0 in the dtype of `x`. */
  ge_(y: Operand): Tensor;
  /**
   * Gaussian error linear unit, `y = x * (1 + erf(x / sqrt(2))) / 2` (Hendrycks & Gimpel 2016). With `approximate: "tanh"` it is `y = x / 2 *
   * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @throws ArgumentError when `approximate` is neither "none" nor "tanh".
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
   * @example
   * const x = tensor([-1, 0, 1]);
   * x.gelu().tolist(); // [-0.15866, 0, 0.84134]
   * x.gelu({ approximate: "tanh" }).tolist(); // [-0.15881, 0, 0.84119]
   */
  gelu(options?: GeluOptions): Tensor;
  /** In place {@link gelu}: `x = x * (1 + erf(x / sqrt(2))) / 2`. */
  gelu_(options?: GeluOptions): Tensor;
  /**
   * Fills `x` with the number of trials up to the first success: `x[i] = k` with probability `(1 - p)^(k - 1) p` for `k >= 1`. The gradient
   * of what was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, any but bool.
   *
   * @throws ArgumentError when `p` is not between 0 and 1, both left out.
   * @throws DTypeError when `x` is bool.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.geometric_.html
   * @example
   * manualSeed(0);
   * zeros([3], { dtype: "int32" }).geometric_(0.5).tolist(); // [1, 1, 2]
   */
  geometric_(p: number, options?: GeneratorOptions): Tensor;
  /**
   * Gated linear unit, `y = a * sigmoid(b)`, where a and b are the first and the second half of `x` along `dim` (Dauphin et al. 2016).
   *
   * Shapes: `x` [..., 2n, ...] with 2n at `dim`, the result [..., n, ...]. Dtype: that of `x`, a floating-point one.
   *
   * @throws ShapeError when the size is odd, or `x` is 0-d.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.glu.html
   * @example
   * tensor([1, 2, 0, 100]).glu().tolist(); // [0.5, 2]
   * tensor([[4], [0]]).glu(0).tolist(); // [[2]]
   */
  glu(dim?: number): Tensor;
  /**
   * Slope, along each dimension or those of `dim`, of the function whose samples are `x`: `g[i] = (x[i + 1] - x[i - 1]) / (2 * h)` inside for
   * samples at a distance h. Uneven distances are weighted to second order (Fornberg 1988); at the ends `g[0] = (x[1] - x[0]) / h`, or with
   * `edgeOrder` 2 the slope of a parabola.
   * Shapes: a list of tensors of x's shape, one for each dimension asked; coordinates in `spacing` are [N] for a dimension of size N.
   * Integers give the default floating dtype.
   *
   * @throws ShapeError when a dimension has fewer than `edgeOrder + 1` samples, or coordinates have another length.
   * @throws ArgumentError when `edgeOrder` is neither 1 nor 2, or `spacing` has not one entry for each dimension.
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.gradient.html
   * @example
   * const [even] = gradient(tensor([1, 4, 9, 16]));
   * even?.tolist(); // [3, 4, 6, 7]
   * const [uneven] = gradient(tensor([0, 1, 9]), { spacing: [tensor([0, 1, 3])], edgeOrder: 2 });
   * uneven?.tolist(); // [0, 2, 6]
   */
  gradient(options?: GradientOptions): Tensor[];
  /** {@link gt} under NumPy's name. */
  greater(y: Operand): Tensor;
  /** {@link ge} under NumPy's name. */
  greaterEqual(y: Operand): Tensor;
  /** {@link ge_} under NumPy's name. */
  greaterEqual_(y: Operand): Tensor;
  /** {@link gt_} under NumPy's name. */
  greater_(y: Operand): Tensor;
  /**
   * Whether elements are greater, `x > y`; false where either is NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.gt.html
   * @example
   * tensor([[1], [2]]).gt(tensor([0, 1])).tolist(); // [[true, false], [true, true]]
   */
  gt(y: Operand): Tensor;
  /** In place {@link gt}: `x = (x > y)`, as 1 and 0 in the dtype of `x`. */
  gt_(y: Operand): Tensor;
  /**
   * As float16: `x.to("float16")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.half.html
   */
  half(): Tensor;
  /**
   * Small elements made 0, `y = -lambd <= x <= lambd ? 0 : x`.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
   * @example
   * tensor([-0.6, -0.5, 0.2, 2]).hardshrink().tolist(); // [-0.6, 0, 0, 2]
   */
  hardshrink(lambd?: number): Tensor;
  /**
   * A sigmoid of straight lines, `y = min(max(x + 3, 0), 6) / 6`.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
   * @example
   * tensor([-4, -1.5, 0, 4]).hardsigmoid().tolist(); // [0, 0.25, 0.5, 1]
   */
  hardsigmoid(): Tensor;
  /** In place {@link hardsigmoid}: `x = min(max(x + 3, 0), 6) / 6`. */
  hardsigmoid_(): Tensor;
  /**
   * A {@link silu} of straight lines and a parabola, `y = x * min(max(x + 3, 0), 6) / 6` (Howard et al. 2019).
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
   * @example
   * tensor([-4, -1, 1, 4]).hardswish().tolist(); // [0, -0.3333, 0.6667, 4]
   */
  hardswish(): Tensor;
  /** In place {@link hardswish}: `x = x * min(max(x + 3, 0), 6) / 6`. */
  hardswish_(): Tensor;
  /**
   * A tanh of straight lines, `y = min(max(x, minVal), maxVal)`; by default into [-1, 1].
   *
   * Shape: that of `x`. Dtype: that of `x`; for integers the bounds are rounded towards 0.
   *
   * @throws ArgumentError when `minVal` is above `maxVal`.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
   * @example
   * const x = tensor([-2, 0.5, 3]);
   * x.hardtanh().tolist(); // [-1, 0.5, 1]
   * x.hardtanh(0, 2).tolist(); // [0, 0.5, 2]
   */
  hardtanh(minVal?: number, maxVal?: number): Tensor;
  /** In place {@link hardtanh}: `x = min(max(x, minVal), maxVal)`. */
  hardtanh_(minVal?: number, maxVal?: number): Tensor;
  /**
   * The step function, `x == 0 ? values : x > 0 ? 1 : 0`; 0 for NaN. It has no gradient: backward through it throws.
   *
   * Shapes: `x` and `values` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.heaviside.html
   * @example
   * tensor([-1, 0, 2]).heaviside(tensor([0.5])).tolist(); // [0, 0.5, 1]
   */
  heaviside(values: Operand): Tensor;
  /** In place {@link heaviside}: `x = x == 0 ? values : x > 0 ? 1 : 0`. */
  heaviside_(values: Operand): Tensor;
  /**
   * Counts of elements in `bins` equal bins from `min` to `max` (both 0: from the smallest to the largest element): `y[i]` counts what has
   * `min + i * w <= x < min + (i + 1) * w` for the width `w = (max - min) / bins`, the last bin with its upper end. What lies outside counts
   * nowhere.
   * Shapes: `x` any, the result [bins]. Dtype: that of `x`.
   *
   * @throws DTypeError when `x` is not floating-point.
   * @throws ArgumentError when `bins` is no positive integer, or the range is reversed or not finite.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.histc.html
   * @example
   * tensor([1, 2, 1, 5]).histc(4, 0, 3).tolist(); // [0, 2, 1, 0]
   */
  histc(bins?: number, min?: number, max?: number): Tensor;
  /**
   * Counts of the elements of `x` in `bins` equal bins, or between the ascending edges that `bins` holds, with the edges: `hist[i]` counts
   * what has `binEdges[i] <= x < binEdges[i + 1]`, the last bin with its upper edge. What lies outside counts nowhere.
   * Shapes: `x` any; `hist` [bins], `binEdges` [bins + 1], both in the dtype of `x`.
   *
   * @throws DTypeError when `x` is not floating-point.
   * @throws ArgumentError when `bins` is no positive integer, or the range is reversed or not finite.
   * @throws ShapeError when `weight` has not one number for each element.
   * @throws UnavailableError when there is no `range` and the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.histogram.html
   * @example
   * const { hist, binEdges } = tensor([1, 2, 1]).histogram(4, { range: [0, 3] });
   * hist.tolist(); // [0, 2, 1, 0]
   * binEdges.tolist(); // [0, 0.75, 1.5, 2.25, 3]
   */
  histogram(bins: number | Tensor, options?: HistogramOptions): { hist: Tensor; binEdges: Tensor; };
  /**
   * {@link tensorSplit} into columns, along dimension 1, of vectors along 0: `parts[k][i, j] = x[i, starts[k] + j]`.
   *
   * @throws ArgumentError when a number of sections does not divide.
   * @throws ShapeError when `x` is 0-d.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.hsplit.html
   * @example
   * tensor([[1, 2], [3, 4]]).hsplit(2).map((part) => part.tolist()); // [[[1], [3]], [[2], [4]]]
   */
  hsplit<const S extends Sections>(sections: S): Sectioned<S>;
  /**
   * Hypotenuse of the legs x and y, `sqrt(x^2 + y^2)`, without overflow.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.hypot.html
   * @example
   * tensor([3, 1e30]).hypot(tensor([4, 1e30])).tolist(); // [5, 1.4142e30]
   */
  hypot(y: Operand): Tensor;
  /** In place {@link hypot}: `x = sqrt(x^2 + y^2)`. */
  hypot_(y: Operand): Tensor;
  /**
   * The modified Bessel function of the first kind and order 0: `y = I0(x) = integral of exp(x cos(t)) dt from 0 to pi, / pi`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.i0
   * @example
   * tensor([0, 1, -1, 5]).i0().tolist(); // [1.0000, 1.2661, 1.2661, 27.2399]
   */
  i0(): Tensor;
  /** In place {@link i0}: `x = i0(x)`. */
  i0_(): Tensor;
  /**
   * A copy of `x` with the slices of `source` added to those that `index` names along `dim`: `y[index[i]] += alpha * source[i]` for `dim` 0.
   * Slices that meet add up.
   * Shapes: `index` [K] or 0-d; `source` is `x` with size K at `dim`; the result has the shape of `x`. Dtype: that of `x`.
   *
   * @throws IndexError when an index is outside the dimension, or `dim` out of range.
   * @throws ShapeError when `index` has more than one dimension, or `source` does not fit.
   * @throws DTypeError when `index` is neither int32 nor int64, or `source` has another dtype than `x`.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html
   * @example
   * const index = tensor([0, 0, 2], { dtype: "int32" });
   * tensor([1, 1, 1]).indexAdd(0, index, tensor([1, 2, 3])).tolist(); // [4, 1, 4]
   * tensor([1, 1, 1]).indexAdd(0, index, tensor([1, 2, 3]), { alpha: 10 }).tolist(); // [31, 1, 31]
   */
  indexAdd(dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor;
  /** In place {@link indexAdd}: `x = indexAdd(x, dim, index, source, options)`. */
  indexAdd_(dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor;
  /**
   * A copy of `x` with the slices of `source` in place of those that `index` names along `dim`: `y[index[i]] = source[i]` for `dim` 0; of
   * several in one place the last one stays.
   * Shapes: as of {@link indexAdd}, as are the dtypes and the errors.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_copy_.html
   * @example
   * const index = tensor([2, 0], { dtype: "int32" });
   * tensor([1, 1, 1]).indexCopy(0, index, tensor([5, 6])).tolist(); // [6, 1, 5]
   */
  indexCopy(dim: number, index: Tensor, source: Tensor): Tensor;
  /** In place {@link indexCopy}: `x = indexCopy(x, dim, index, source)`. */
  indexCopy_(dim: number, index: Tensor, source: Tensor): Tensor;
  /**
   * A copy of `x` with `value` in the slices that `index` names along `dim`: `y[index[i]] = value` for `dim` 0. Negative indices count from
   * the end.
   * Shapes: `index` [K] or 0-d, `value` a number or 0-d; the result has the shape of `x`. Dtype: that of `x`.
   *
   * @throws IndexError when an index is not in -n..n-1 for the size n of `dim`, or `dim` is out of range.
   * @throws ShapeError when `index` has more than one dimension, or `value` has any.
   * @throws DTypeError when `index` is neither int32 nor int64.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_fill_.html
   * @example
   * const index = tensor([0, -1], { dtype: "int32" });
   * tensor([[1, 2, 3], [4, 5, 6]]).indexFill(1, index, 0).tolist(); // [[0, 2, 0], [0, 5, 0]]
   */
  indexFill(dim: number, index: Tensor, value: Operand): Tensor;
  /** In place {@link indexFill}: `x = indexFill(x, dim, index, value)`. */
  indexFill_(dim: number, index: Tensor, value: Operand): Tensor;
  /**
   * A copy of `x` with `values` at the elements that index tensors or masks name, one for each leading dimension (null: all of it):
   * `y[indices[0][i], indices[1][i]] = values[i]`, or `+=` with `accumulate`. Negative indices count from the end.
   * Shapes: the indices broadcast together; `values` broadcasts to the shape that {@link at} gives for them; the result has the shape of `x`.
   * Dtype: that of `x`.
   *
   * @throws IndexError when an index is out of range, a mask has another size, or there are too many.
   * @throws ShapeError when the indices or `values` do not broadcast.
   * @throws DTypeError when `values` has another dtype than `x`, or an index is neither int32, int64 nor bool.
   * @throws DeviceError when the tensors live on different devices.
   * @throws UnavailableError for a mask on a device that cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
   * @example
   * const rows = tensor([0, 1, 0], { dtype: "int32" });
   * const columns = tensor([2, 0, 2], { dtype: "int32" });
   * const values = tensor([1, 2, 3]);
   * zeros([2, 3]).indexPut([rows, columns], values, { accumulate: true }).tolist(); // [[0, 0, 4], [2, 0, 0]]
   */
  indexPut(indices: readonly (Tensor | null)[], values: Tensor, options?: IndexPutOptions): Tensor;
  /** In place {@link indexPut}: `x = indexPut(x, indices, values, options)`. */
  indexPut_(indices: readonly (Tensor | null)[], values: Tensor, options?: IndexPutOptions): Tensor;
  /**
   * A copy of `x` in which the slices of `source` that `index` sends to one slice along `dim` are reduced with each other and, unless
   * `includeSelf` is false, with what is there: `y[index[i]] = reduce(y[index[i]], source[i])` for `dim` 0, where `reduce` is "prod", "mean",
   * "amax" or "amin".
   * Shapes: as of {@link indexAdd}. Dtype: that of `x`; means of integers are rounded down.
   *
   * @throws ArgumentError when `reduce` is none of these; the other errors are those of {@link indexAdd}.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_reduce_.html
   * @example
   * const index = tensor([0, 0, 1], { dtype: "int32" });
   * const source = tensor([5, 6, 7]);
   * tensor([10, 2]).indexReduce(0, index, source, "amax").tolist(); // [10, 7]
   * tensor([10, 2]).indexReduce(0, index, source, "amax", { includeSelf: false }).tolist(); // [6, 7]
   */
  indexReduce(dim: number, index: Tensor, source: Tensor, reduce: Exclude<ScatterReduction, "sum">, options?: ScatterReduceOptions): Tensor;
  /** In place {@link indexReduce}: `x = indexReduce(x, dim, index, source, reduce, options)`. */
  indexReduce_(dim: number, index: Tensor, source: Tensor, reduce: Exclude<ScatterReduction, "sum">, options?: ScatterReduceOptions): Tensor;
  /**
   * The slices of `x` that `index` names along `dim`, in that order: `y[i] = x[index[i]]` for `dim` 0.
   * Shapes: `index` [K] or 0-d; the result is `x` with size K at `dim`. Dtype: that of `x`.
   *
   * @throws IndexError when an index is outside the dimension (negative ones are, as in PyTorch), or `dim` out of range.
   * @throws ShapeError when `index` has more than one dimension.
   * @throws DTypeError when `index` is neither int32 nor int64.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.index_select.html
   * @example
   * const index = tensor([1, 1, 0], { dtype: "int32" });
   * tensor([[1, 2], [3, 4]]).indexSelect(0, index).tolist(); // [[3, 4], [3, 4], [1, 2]]
   */
  indexSelect(dim: number, index: Tensor): Tensor;
  /**
   * Sums of products over the last dimension of both: `z[..., i, j] = sum(x[..., i, k] * y[..., j, k] over k)`, for all rows of `x` with all
   * rows of `y`. With a number it is the product.
   * Shapes: `x` [A..., K], `y` [B..., K], the result [A..., B...]. Dtype: one for both.
   *
   * @throws ShapeError when the last sizes differ.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.inner.html
   * @example
   * tensor([[1, 2], [3, 4]]).inner(tensor([[1, 0], [1, 10]])).tolist(); // [[1, 21], [3, 43]]
   */
  inner(y: Tensor): Tensor;
  /**
   * Instance normalization: each channel of each example of [N, C, ...] by its own mean and biased variance,
   * `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`.
   *
   * Shapes: `x` [N, C, ...] with more than one position, all others [C]; result that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws ShapeError when `x` has fewer than two dimensions, or a parameter or statistic is not [C].
   * @throws ArgumentError when running statistics are to be used and missing, or an example's channel has one position only.
   * @throws DTypeError when `x` is no floating-point tensor.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
   * @see Ulyanov et al., "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016, https://arxiv.org/abs/1607.08022
   * @example
   * instanceNorm(tensor([[[1, 3], [10, 30]]])).tolist(); // [[[-1.0000, 1.0000], [-1.0000, 1.0000]]]
   */
  instanceNorm(options?: InstanceNormOptions): Tensor;
  /**
   * As int32, without fractions: `x.to("int32")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.int.html
   */
  int(): Tensor;
  /**
   * Resizes the spatial dimensions to `size` or by `scaleFactor`: by the nearest element, by linear or cubic interpolation in each dimension,
   * or by the mean of the area. Element o of O lies at `(o + 0.5) * L / O - 0.5`, with `alignCorners` at `o * (L - 1) / (O - 1)`; "nearest"
   * takes `y[o] = x[floor(o * L / O)]`.
   *
   * Shape: [N, C, L], [N, C, H, W] or [N, C, D, H, W], of which "linear" takes the first, "bilinear" and "bicubic" the second, "trilinear"
   * the third; [N, C, ...sizes] comes out. Dtype: that of `x`, a floating-point one but for the nearest element; "bilinear" and "bicubic" take uint8, too, whose results are
   * rounded after each dimension.
   *
   * @throws ArgumentError when not exactly one of `size` and `scaleFactor` is given, or `mode`, `alignCorners` and `antialias` do not fit.
   * @throws ShapeError when the mode does not take the rank of `x`, or a size is 0 (but in the result of "area").
   * @throws DTypeError when the mode computes and `x` is no floating-point tensor.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
   * @example
   * import { interpolate, tensor } from "@flambeau/tensor";
   * const x = tensor([[[0, 2]]]);
   * interpolate(x, { size: 4 }).tolist(); // [[[0, 0, 2, 2]]]
   * interpolate(x, { scaleFactor: 2, mode: "linear" }).tolist(); // [[[0, 0.5, 1.5, 2]]]
   * interpolate(x, { size: 3, mode: "linear", alignCorners: true }).tolist(); // [[[0, 1, 2]]]
   */
  interpolate(options?: InterpolateOptions): Tensor;
  /**
   * The inverse of each square matrix: the y with `x @ y = I`.
   * Shape: `x` [..., N, N], the result as well. Dtype: that of `x`.
   *
   * @throws ArgumentError when a matrix is singular.
   * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.inv.html
   * @example
   * tensor([[1, 2], [3, 4]]).inv().tolist(); // [[-2, 1], [1.5000, -0.5000]]
   */
  inv(): Tensor;
  /** {@link inv} under PyTorch's older name. */
  inverse(): Tensor;
  /**
   * Whether elements lie in row-major order without gaps, `x.rowMajor`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_contiguous.html
   * @example
   * zeros([2, 3]).t().isContiguous(); // false
   */
  isContiguous(): boolean;
  /**
   * Whether the dtype is a floating-point one, `isFloat(x.dtype)`.
   *
   * Shape: any. Dtype: any.
   *
   * @throws ArgumentError when `x` is no tensor.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.is_floating_point.html
   * @example
   * tensor([1]).isFloatingPoint(); // true
   */
  isFloatingPoint(): boolean;
  /**
   * Whether the dtype has negative numbers: all but uint8 and bool.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_signed.html
   * @example
   * tensor([1]).isSigned(); // true
   */
  isSigned(): boolean;
  /**
   * Whether elements are close, `|x - y| <= atol + rtol * |y|`. Equal infinities are; NaN is close to nothing, with `equalNan` to NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; integers are compared in floating point.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isclose.html
   * @example
   * const [x, y] = [tensor([1, 100, NaN]), tensor([1.000001, 101, NaN])];
   * isclose(x, y).tolist(); // [true, false, false]
   * isclose(x, y, { rtol: 0.1, equalNan: true }).tolist(); // [true, true, true]
   */
  isclose(y: Tensor, options?: CloseOptions): Tensor;
  /**
   * True where an element is neither infinite nor NaN, `|x| < Infinity`; of integers true.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when a floating-point `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isfinite.html
   * @example
   * const x = tensor([1, NaN, Infinity, -Infinity]);
   * x.isfinite().tolist(); // [true, false, false, false]
   */
  isfinite(): Tensor;
  /**
   * Whether each element of `elements` is among `testElements`: `y[i] = any(elements[i] == testElements)`. Either may be a number; NaN is
   * never among them.
   * Shape: that of `elements`. Dtype: bool.
   *
   * @throws DTypeError when both are numbers.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isin.html
   * @example
   * isin(tensor([[1, 2], [3, 4]]), tensor([2, 3])).tolist(); // [[false, true], [true, false]]
   * isin(tensor([1, 2]), 2, { invert: true }).tolist(); // [true, false]
   */
  isin(testElements: Tensor | number, options?: IsinOptions): Tensor;
  /**
   * True where an element is infinite, `|x| == Infinity`; of integers false.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when a floating-point `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isinf.html
   * @example
   * const x = tensor([1, NaN, Infinity, -Infinity]);
   * x.isinf().tolist(); // [false, false, true, true]
   */
  isinf(): Tensor;
  /**
   * True where an element is NaN, `x != x`; of integers false.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when a floating-point `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isnan.html
   * @example
   * const x = tensor([1, NaN, Infinity, -Infinity]);
   * x.isnan().tolist(); // [false, true, false, false]
   */
  isnan(): Tensor;
  /**
   * True where an element is -Infinity, `x == -Infinity`; of integers false.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when a floating-point `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isneginf.html
   * @example
   * const x = tensor([1, NaN, Infinity, -Infinity]);
   * x.isneginf().tolist(); // [false, false, false, true]
   */
  isneginf(): Tensor;
  /**
   * True where an element is +Infinity, `x == Infinity`; of integers false.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when a floating-point `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isposinf.html
   * @example
   * const x = tensor([1, NaN, Infinity, -Infinity]);
   * x.isposinf().tolist(); // [false, false, true, false]
   */
  isposinf(): Tensor;
  /**
   * True everywhere, `y[i] = true`: no dtype here is complex.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when there is no memory for the result.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.isreal.html
   * @example
   * tensor([1, NaN]).isreal().tolist(); // [true, true]
   */
  isreal(): Tensor;
  /**
   * The value of a tensor with one element: `x[0]`, a number (bools give 0 or 1), or a bigint for int64 beyond 2^53. Who reads such numbers
   * says so: `item<number | bigint>(x)`.
   *
   * Shape: any with one element, [] or [1, 1] alike. Dtype: any.
   *
   * @throws ShapeError when there is not exactly one element.
   * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `await x.itemAsync()`. On "meta", which has no
   * values, it is a DataDependentError.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html
   * @example
   * tensor([[2.5]]).item(); // 2.5
   * tensor([1, 2, 3]).sum().item(); // 6
   */
  item<T extends number | bigint = number>(): T;
  /**
   * {@link item} that waits for the device; works on every backend.
   *
   * @example
   * await tensor([1, 2, 3]).sum().itemAsync(); // 6
   */
  itemAsync<T extends number | bigint = number>(): Promise<T>;
  /**
   * Kronecker product: each element of `x` times all of `y`, in blocks, `z[i * M + k, j * N + l] = x[i, j] * y[k, l]` for a `y` of M rows and
   * N columns.
   * Shapes: sizes multiply, dimension by dimension from the last; the tensor with fewer dimensions counts as having ones in front. Dtype:
   * what they promote to.
   *
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.kron.html
   * @example
   * tensor([[1, 2]]).kron(tensor([[1], [10]])).tolist(); // [[1, 2], [10, 20]]
   * tensor([1, 2]).kron(tensor([1, 10, 100])).tolist(); // [1, 10, 100, 2, 20, 200]
   */
  kron(y: Tensor): Tensor;
  /**
   * The k-th smallest element along `dim`, counted from 1, and its position: `values = sort(x)[k - 1]`. NaN counts as largest; of equal
   * elements the CPU names the one that PyTorch does, other devices the k-th as sorted.
   * Shapes: values and indices are `x` without `dim` (`keepdim`: size 1 there). Dtype: that of `x`; indices are int32 (PyTorch: int64).
   *
   * @throws ArgumentError when `k` is no integer from 1 to the size of `dim`.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.kthvalue.html
   * @example
   * const { values, indices } = tensor([40, 10, 30, 20]).kthvalue(2);
   * values.item(); // 20
   * indices.item(); // 3
   */
  kthvalue(k: number, dim?: number, options?: KeepdimOptions): Picked;
  /**
   * Layer normalization over the trailing dimensions `normalizedShape`: `y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias`, with the
   * biased variance. Options: `weight` and `bias` (default: none), `eps` (1e-5).
   *
   * Shapes: `x` [..., ...normalizedShape], `weight` and `bias` that of `normalizedShape`; result that of `x`. Dtype: that of `x`, a
   * floating-point one.
   *
   * @throws ShapeError when `x` does not end in `normalizedShape`, or `weight` or `bias` has another shape than that.
   * @throws DTypeError when `x` is no floating-point tensor.
   * @throws ArgumentError when `normalizedShape` holds anything but integers.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
   * @see Ba et al., "Layer Normalization", 2016, https://arxiv.org/abs/1607.06450
   * @example
   * import { layerNorm, tensor } from "@flambeau/tensor";
   * layerNorm(tensor([[1, 2, 3], [4, 4, 10]]), 3).tolist(); // [[-1.2247, 0, 1.2247], [-0.7071, -0.7071, 1.4142]]
   * layerNorm(tensor([1, 3]), 2, { weight: tensor([10, 10]), bias: tensor([5, 0]) }).tolist(); // [-5.0000, 10.0000]
   */
  layerNorm(normalizedShape: number | readonly number[], options?: NormalizationOptions): Tensor;
  /**
   * Least common multiple, `|x * y| / gcd(x, y)`; 0 where either is 0.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, an integer.
   *
   * @throws DTypeError for floating-point tensors and bools.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.lcm.html
   * @example
   * lcm(tensor([4, -4, 0], { dtype: "int32" }), tensor([6, 10, 5], { dtype: "int32" })).tolist(); // [12, 20, 0]
   */
  lcm(y: Tensor): Tensor;
  /**
   * `x * 2^exponent`, as a float is put together of its parts.
   *
   * Shapes: `x` and `exponent` broadcast to that of the result. Dtype: that of `x`, promoted; integers and bools give the default floating
   * dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.ldexp.html
   * @example
   * tensor([1, 3]).ldexp(tensor([2, -1])).tolist(); // [4, 1.5]
   * tensor([1, 3], { dtype: "int32" }).ldexp(4).tolist(); // [16, 48]
   */
  ldexp(exponent: Operand): Tensor;
  /** In place {@link ldexp}: `x = x * 2^exponent`. */
  ldexp_(exponent: Operand): Tensor;
  /**
   * Whether elements are less or equal, `x <= y`; false where either is NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.le.html
   * @example
   * tensor([1, 2, 3]).le(2).tolist(); // [true, true, false]
   */
  le(y: Operand): Tensor;
  /** In place {@link le}: `x = (x <= y)`, as 1 and 0 in the dtype of `x`. */
  le_(y: Operand): Tensor;
  /**
   * A {@link relu} with a slope below 0, `y = x > 0 ? x : negativeSlope * x`.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
   * @example
   * const x = tensor([-2, 0, 3]);
   * x.leakyRelu().tolist(); // [-0.02, 0, 3]
   * x.leakyRelu(0.5).tolist(); // [-1, 0, 3]
   */
  leakyRelu(negativeSlope?: number): Tensor;
  /** In place {@link leakyRelu}: `x = x > 0 ? x : negativeSlope * x`. */
  leakyRelu_(negativeSlope?: number): Tensor;
  /**
   * The point between two, `x + weight * (end - x)`, computed from the nearer end; weights outside [0, 1] lie beyond.
   *
   * Shapes: `x`, `end` and `weight` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.lerp.html
   * @example
   * const [x, end] = [tensor([0, 10]), tensor([10, 20])];
   * x.lerp(end, 0.25).tolist(); // [2.5, 12.5]
   * x.lerp(end, tensor([1, 2])).tolist(); // [10, 30]
   */
  lerp(end: Tensor, weight: Operand): Tensor;
  /** In place {@link lerp}: `x += weight * (end - x)`. */
  lerp_(end: Tensor, weight: Operand): Tensor;
  /** {@link lt} under NumPy's name. */
  less(y: Operand): Tensor;
  /** {@link le} under NumPy's name. */
  lessEqual(y: Operand): Tensor;
  /** {@link le_} under NumPy's name. */
  lessEqual_(y: Operand): Tensor;
  /** {@link lt_} under NumPy's name. */
  less_(y: Operand): Tensor;
  /**
   * The logarithm of the gamma function's absolute value: `y = log(|gamma(x)|)`; Infinity at 0 and the negative integers.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.gammaln
   * @example
   * tensor([0.5, 1, 5, -1]).lgamma().tolist(); // [0.5724, 0, 3.1781, Infinity]
   */
  lgamma(): Tensor;
  /** In place {@link lgamma}: `x = lgamma(x)`. */
  lgamma_(): Tensor;
  /**
   * Affine map of the last dimension: `y = x @ weight^T + bias`, which is `y[..., o] = sum over i of x[..., i] * weight[o, i] + bias[o]`.
   *
   * Shapes: `x` [..., in], `weight` [out, in] (or [in], which gives results without the last dimension), `bias` [out] (or []); result [...,
   * out]. Dtype: all have the same one, which the result has, too.
   *
   * @throws ShapeError when the last size of `x` is not that of `weight`, or `bias` does not fit the outputs.
   * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
   * @example
   * import { linear, tensor } from "@flambeau/tensor";
   * linear(tensor([[1, 2]]), tensor([[1, 0], [1, 1]]), tensor([10, 20])).tolist(); // [[11, 23]]
   * linear(tensor([[1, 2], [3, 4]]), tensor([1, 1])).tolist(); // [3, 7]
   */
  linear(weight: Tensor, bias?: Tensor | null): Tensor;
  /**
   * Divides each element of [N, C, ...] by the squares around it in `size` neighbouring channels: `y[n, c] = x[n, c] / (k + alpha * m)^beta`,
   * where m is the mean of `x^2` over channels `c - floor(size / 2)` to `c + floor((size - 1) / 2)`; channels that do not exist count as
   * zeros.
   *
   * Shape: that of `x`, which has at least three dimensions. Dtype: that of `x`; integers give the default floating dtype.
   *
   * @throws ShapeError when `x` has fewer than three dimensions.
   * @throws ArgumentError when `size` is no positive integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
   * @see Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012
   * @example
   * localResponseNorm(tensor([[[1], [2], [3]]]), 3, { alpha: 3, beta: 1 }).tolist(); // [[[0.1667], [0.1333], [0.2143]]]
   */
  localResponseNorm(size: number, options?: LocalResponseNormOptions): Tensor;
  /**
   * Natural logarithm, `y = ln(x)`; -Infinity at 0, NaN below.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.log.html
   * @example
   * tensor([1, 10, 0, -1]).log().tolist(); // [0, 2.3026, -Infinity, NaN]
   */
  log(): Tensor;
  /**
   * Logarithm to base 10, `y = ln(x) / ln(10)`; -Infinity at 0, NaN below.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.log10.html
   * @example
   * tensor([0.1, 1, 1000]).log10().tolist(); // [-1.0000, 0, 3.0000]
   */
  log10(): Tensor;
  /** In place {@link log10}: `x = log10(x)`. */
  log10_(): Tensor;
  /**
   * `y = log(1 + x)`, precise near 0; -Infinity at -1, NaN below.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.log1p.html
   * @example
   * const x = tensor([1e-8, 1]);
   * x.log1p().tolist(); // [1.0000e-8, 0.6931]
   * x.add(1).log().tolist(); // [0, 0.6931]
   */
  log1p(): Tensor;
  /** In place {@link log1p}: `x = log(1 + x)`. */
  log1p_(): Tensor;
  /**
   * Logarithm to base 2, `y = ln(x) / ln(2)`; -Infinity at 0, NaN below.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.log2.html
   * @example
   * tensor([0.5, 1, 8]).log2().tolist(); // [-1, 0, 3]
   */
  log2(): Tensor;
  /** In place {@link log2}: `x = log2(x)`. */
  log2_(): Tensor;
  /**
   * Fills `x` with the exponentials of normal numbers: `x[i] = exp(z)` with `z ~ N(mean, std^2)`. The gradient of what was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
   *
   * @throws ArgumentError when `std` is not positive.
   * @throws DTypeError when `x` is not floating-point.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.log_normal_.html
   * @example
   * manualSeed(0);
   * zeros([2]).logNormal_(0, 1).tolist(); // [4.6692, 0.7457]
   */
  logNormal_(mean?: number, std?: number, options?: GeneratorOptions): Tensor;
  /**
   * Logarithm of the softmax along `dim`: `y = x - max(x) - log(sum(exp(x - max(x))))`. It stays finite where the softmax itself rounds to 0.
   *
   * Shape: that of `x`. Dtype: that of `x`, or `options.dtype`.
   *
   * @throws DTypeError when `x`, after conversion to `options.dtype`, is no floating-point tensor and has elements.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
   * @example
   * tensor([0, 1000]).logSoftmax(0).tolist(); // [-1000, 0]
   * tensor([1, 1]).logSoftmax(0).tolist(); // [-0.6931, -0.6931]
   */
  logSoftmax(dim: number, options?: SoftmaxOptions): Tensor;
  /** In place {@link log}: `x = ln(x)`. */
  log_(): Tensor;
  /**
   * `log(exp(x) + exp(y))` without overflow.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logaddexp.html
   * @example
   * tensor([0, 1000]).logaddexp(tensor([1, 1000])).tolist(); // [1.3133, 1000.6932]
   */
  logaddexp(y: Tensor): Tensor;
  /**
   * `log2(2^x + 2^y)` without overflow.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logaddexp2.html
   * @example
   * tensor([3, 1000]).logaddexp2(tensor([3, 1000])).tolist(); // [4, 1001]
   */
  logaddexp2(y: Tensor): Tensor;
  /**
   * Logarithm of the running sum of exponentials along `dim`, without overflow: `y[i] = log(exp(x[0]) + ... + exp(x[i]))`.
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logcumsumexp.html
   * @example
   * tensor([0, 0, 1000]).logcumsumexp(0).tolist(); // [0, 0.6931, 1000]
   */
  logcumsumexp(dim: number): Tensor;
  /**
   * Logarithm of each determinant: `log(det(x))`, NaN where that is negative, -Infinity where it is 0.
   * Shapes: `x` [..., N, N], the result [...]. Dtype: that of `x`.
   *
   * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logdet.html
   * @example
   * tensor([[2, 0], [0, 3]]).logdet().item(); // 1.7918
   * tensor([[1, 2], [3, 4]]).logdet().item(); // NaN
   */
  logdet(): Tensor;
  /**
   * Truth of both, `x != 0 && y != 0`.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool. Operands may be of any dtype: 0 is false, all else (NaN too) true.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_and.html
   * @example
   * tensor([2, 0, NaN]).logicalAnd(tensor([1, 1, 1])).tolist(); // [true, false, true]
   */
  logicalAnd(y: Operand): Tensor;
  /** In place {@link logicalAnd}: `x = (x != 0 && y != 0)`, as 1 and 0 in the dtype of `x`. */
  logicalAnd_(y: Operand): Tensor;
  /**
   * True where an element is 0, `x == 0`.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_not.html
   * @example
   * tensor([2, 0]).logicalNot().tolist(); // [false, true]
   */
  logicalNot(): Tensor;
  /** In place {@link logicalNot}: `x = (x == 0)`, as 1 and 0 in the dtype of `x`. */
  logicalNot_(): Tensor;
  /**
   * Truth of either, `x != 0 || y != 0`.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool. Operands may be of any dtype: 0 is false, all else (NaN too) true.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_or.html
   * @example
   * tensor([2, 0, 0]).logicalOr(tensor([0, 0, 1])).tolist(); // [true, false, true]
   */
  logicalOr(y: Operand): Tensor;
  /** In place {@link logicalOr}: `x = (x != 0 || y != 0)`, as 1 and 0 in the dtype of `x`. */
  logicalOr_(y: Operand): Tensor;
  /**
   * Truth of exactly one, `(x != 0) != (y != 0)`.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool. Operands may be of any dtype: 0 is false, all else (NaN too) true.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_xor.html
   * @example
   * tensor([2, 0, 0]).logicalXor(tensor([1, 0, 1])).tolist(); // [false, false, true]
   */
  logicalXor(y: Operand): Tensor;
  /** In place {@link logicalXor}: `x = ((x != 0) != (y != 0))`, as 1 and 0 in the dtype of `x`. */
  logicalXor_(y: Operand): Tensor;
  /**
   * The inverse of {@link sigmoid}, `y = log(x / (1 - x))`, with `x` first moved into [eps, 1 - eps] when `eps` is given; NaN outside [0, 1].
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logit.html
   * @example
   * const x = tensor([0, 0.5, 0.8808, 1]);
   * x.logit().tolist(); // [-Infinity, 0, 2.0000, Infinity]
   * x.logit(0.1).tolist(); // [-2.1972, 0, 2.0000, 2.1972]
   */
  logit(eps?: number | null): Tensor;
  /** In place {@link logit}: `x = log(x / (1 - x))`. */
  logit_(eps?: number | null): Tensor;
  /**
   * Logarithm of the sigmoid, `y = log(1 / (1 + exp(-x)))`, without underflow.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
   * @example
   * tensor([-200, 0, 2]).logsigmoid().tolist(); // [-200, -0.6931, -0.1269]
   */
  logsigmoid(): Tensor;
  /**
   * Logarithm of the sum of exponentials over `dim`, without overflow: `y = log(sum(exp(x)))`, computed as
   * `log(sum(exp(x - max(x)))) + max(x)`.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`; integers and bools give the default floating
   * dtype.
   *
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.logsumexp.html
   * @example
   * import { tensor } from "flambeau";
   * tensor([1000, 1000]).logsumexp(0).item(); // 1000.693...
   * tensor([[0, 1], [2, 3]]).logsumexp([0, 1]).item(); // 3.4402
   */
  logsumexp(dim: Dims, options?: KeepdimOptions): Tensor;
  /**
   * As int64, without fractions: `x.to("int64")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.long.html
   */
  long(): Tensor;
  /**
   * Root of the sum of powers over sliding windows in one dimension: `y = sum(x^p)^(1 / p)` with p = `normType`. Order 1 gives sums, 2
   * lengths, and a large one comes near to the maximum; a negative sum gives 0.
   *
   * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L - kernelSize) / stride) + 1`; `ceilMode` rounds up instead.
   * Dtype: that of `x`; integers give the default floating dtype.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit it.
   * @throws ArgumentError when `kernelSize` or `stride` is not positive.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool1d.html
   * @example
   * lpPool1d(tensor([[[3, 4, 6, 8]]]), 2, 2).tolist(); // [[[5, 10]]]
   * lpPool1d(tensor([[[3, 4, 6, 8]]]), 2, 2, { stride: 1 }).tolist(); // [[[5.0000, 7.2111, 10.0000]]]
   */
  lpPool1d(normType: number, kernelSize: Spatial, options?: LpPoolOptions): Tensor;
  /**
   * Root of the sum of powers over sliding windows in two dimensions: `y = sum(x^p)^(1 / p)` with p = `normType`. Order 1 gives sums, 2
   * lengths, and a large one comes near to the maximum; a negative sum gives 0.
   *
   * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with `H' = floor((H - kernelSize) / stride) + 1`, W' likewise;
   * `ceilMode` rounds up instead. Dtype: that of `x`; integers give the default floating dtype.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit it.
   * @throws ArgumentError when `kernelSize` or `stride` is not positive.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html
   * @example
   * lpPool2d(tensor([[[1, 1, 3, 0], [1, 1, 0, 4]]]), 2, 2).tolist(); // [[[2, 5]]]
   */
  lpPool2d(normType: number, kernelSize: Spatial, options?: LpPoolOptions): Tensor;
  /**
   * Root of the sum of powers over sliding windows in three dimensions: `y = sum(x^p)^(1 / p)` with p = `normType`. Order 1 gives sums, 2
   * lengths, and a large one comes near to the maximum; a negative sum gives 0.
   *
   * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with `D' = floor((D - kernelSize) / stride) + 1`, H' and
   * W' likewise; `ceilMode` rounds up instead. Dtype: that of `x`; integers give the default floating dtype.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit it.
   * @throws ArgumentError when `kernelSize` or `stride` is not positive.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool3d.html
   * @example
   * lpPool3d(ones([1, 2, 2, 1]), 2, [2, 2, 1]).tolist(); // [[[[2]]]]
   */
  lpPool3d(normType: number, kernelSize: Spatial, options?: LpPoolOptions): Tensor;
  /**
   * Whether elements are less, `x < y`; false where either is NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.lt.html
   * @example
   * tensor([1, 2, 3]).lt(2).tolist(); // [true, false, false]
   */
  lt(y: Operand): Tensor;
  /** In place {@link lt}: `x = (x < y)`, as 1 and 0 in the dtype of `x`. */
  lt_(y: Operand): Tensor;
  /**
   * The factors of `x = P @ L @ U`: a permutation, a unit lower and an upper triangle. A singular matrix has them too.
   * Shapes: `x` [..., M, N]; with K = min(M, N) P [..., M, M], L [..., M, K], U [..., K, N]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.lu.html
   * @example
   * const { P, L, U } = tensor([[1, 2], [4, 4]]).lu();
   * L.tolist(); // [[1, 0], [0.25, 1]]
   * U.tolist(); // [[4, 4], [0, 1]]
   * P.matmul(L).matmul(U).tolist(); // [[1, 2], [4, 4]]
   */
  lu(): Triple & { P: Tensor; L: Tensor; U: Tensor; };
  /**
   * The last two dimensions swapped: `y[..., i, j] = x[..., j, i]`. A view.
   *
   * Shapes: [..., n, m] gives [..., m, n]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor.mT
   * @example
   * zeros([2, 3, 4]).mT().shape; // [2, 4, 3]
   */
  mT(): Tensor;
  /**
   * `value` where the mask is true, else `x`: `y[i] = mask[i] ? value : x[i]`.
   * Shapes: `x` and `mask` broadcast, `value` is a number or 0-d. Dtype: that of `x`, to which `value` is converted.
   *
   * @throws DTypeError when `mask` is not bool.
   * @throws ArgumentError when a number does not fit the dtype of `x`.
   * @throws ShapeError when the shapes do not broadcast, or `value` has dimensions.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
   * @example
   * const x = tensor([[1, -2], [-3, 4]]);
   * x.maskedFill(x.lt(0), 0).tolist(); // [[1, 0], [0, 4]]
   * x.maskedFill(tensor([true, false]), -Infinity).tolist(); // [[-Infinity, -2], [-Infinity, 4]]
   */
  maskedFill(mask: Tensor, value: Operand): Tensor;
  /** In place {@link maskedFill}: `x = maskedFill(x, mask, value)`. */
  maskedFill_(mask: Tensor, value: Operand): Tensor;
  /**
   * `x` with the elements where the mask is true replaced by the first elements of `source`, in row-major order: the i-th true one becomes
   * `flatten(source)[i]`.
   * Shapes: `x` and `mask` broadcast to the result's shape; `source` has at least as many elements as the mask true ones. Dtype: that of `x`.
   *
   * @throws DTypeError when `mask` is not bool, or `source` has another dtype than `x`.
   * @throws ShapeError when the shapes do not broadcast, or `source` is too small.
   * @throws DeviceError when the tensors live on different devices.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_scatter_.html
   * @example
   * const mask = tensor([[false, true], [true, true]]);
   * tensor([[1, 2], [3, 4]]).maskedScatter(mask, tensor([7, 8, 9])).tolist(); // [[1, 7], [8, 9]]
   */
  maskedScatter(mask: Tensor, source: Tensor): Tensor;
  /** In place {@link maskedScatter}, with a mask that broadcasts to `x`: `x = maskedScatter(x, mask, source)`. */
  maskedScatter_(mask: Tensor, source: Tensor): Tensor;
  /**
   * The elements of `x` where the mask is true, in row-major order: `x[mask]`, a copy.
   * Shapes: `x` and `mask` broadcast; the result [K] has one element for each true one. Dtype: that of `x`.
   *
   * @throws DTypeError when `mask` is not bool.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU): the size of the result depends on the values.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.masked_select.html
   * @example
   * const x = tensor([[1, -2], [-3, 4]]);
   * x.maskedSelect(x.gt(0)).tolist(); // [1, 4]
   * x.maskedSelect(tensor([false, true])).tolist(); // [-2, 4]
   */
  maskedSelect(mask: Tensor): Tensor;
  /**
   * Matrix product over the last two dimensions, batches broadcast: `y[..., i, j] = sum(a[..., i, k] * b[..., k, j] over k)`. A vector counts
   * as a row on the left and as a column on the right.
   * Shapes: `a` [..., N, K] or [K], `b` [..., K, M] or [K]; the result [..., N, M], without the dimension of a vector. Dtype: one for both.
   *
   * @throws ShapeError when the inner sizes differ, the batches do not broadcast, or an operand is 0-d.
   * @throws DTypeError when the dtypes differ.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.matmul.html
   * @example
   * import { tensor } from "flambeau";
   * const a = tensor([[1, 2], [3, 4]]);
   * a.matmul(a).tolist(); // [[7, 10], [15, 22]]
   * a.matmul(tensor([1, 10])).tolist(); // [21, 43]
   * tensor([1, 10]).matmul(a).tolist(); // [31, 42]
   */
  matmul(b: Tensor): Tensor;
  /**
   * The exponential of each square matrix: `I + x + x @ x / 2 + x @ x @ x / 6 + ...`.
   * Shape: `x` [..., N, N], the result as well. Dtype: that of `x`.
   *
   * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_exp.html
   * @example
   * tensor([[0, 1], [0, 0]]).matrixExp().tolist(); // [[1, 1], [0, 1]]
   * tensor([[1, 0], [0, 2]]).matrixExp().tolist(); // [[2.7183, 0], [0, 7.3891]]
   */
  matrixExp(): Tensor;
  /**
   * Norm of the matrices in the dimensions `dim`, by default the last two: "fro" gives `sqrt(sum(x^2))`, 1 the largest column sum of |x|,
   * Infinity the largest row sum, -1 and -Infinity the smallest, 2 the largest singular value, -2 the smallest, "nuc" the sum of them.
   * Shape: `x` without the two dimensions (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions.
   * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
   * @throws ArgumentError when `ord` is none of these.
   * @throws IndexError when a dimension is out of range or named twice.
   * @throws UnavailableError for 2, -2 and "nuc" when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html
   * @example
   * const x = tensor([[1, 2], [3, 4]]);
   * matrixNorm(x).item(); // 5.4772
   * matrixNorm(x, 1).item(); // 6
   * matrixNorm(x, 2).item(); // 5.4650
   */
  matrixNorm(ord?: MatrixNorm, dim?: readonly [number, number], options?: ReduceOptions): Tensor;
  /**
   * Each square matrix multiplied `n` times with itself: `x^n = x @ x @ ... @ x`. A negative n takes the inverse, 0 gives the identity.
   * Shape: `x` [..., N, N], the result as well. Dtype: that of `x`.
   *
   * @throws ShapeError when the matrices are not square.
   * @throws ArgumentError when `n` is no integer, or an inverse is needed and does not exist.
   * @throws DTypeError when `n` is negative and the matrices are not floating-point.
   * @throws UnavailableError when `n` is negative and the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_power.html
   * @example
   * tensor([[1, 1], [0, 1]]).matrixPower(5).tolist(); // [[1, 5], [0, 1]]
   * tensor([[1, 1], [0, 1]]).matrixPower(-1).tolist(); // [[1, -1], [0, 1]]
   */
  matrixPower(n: number): Tensor;
  /**
   * The largest element of all, `y >= x[i]` for all i; along `dim` the largest ones and their first positions; of two tensors the larger
   * elements, as {@link maximum}. NaN wins. The gradient of the first form is shared by equal elements, that of the second goes to the
   * element at the position given.
   * Shapes: of all elements 0-d; along `dim` both results are `x` without `dim` (`keepdim`: size 1 there), the indices int32 (PyTorch:
   * int64); of two tensors their common broadcast shape. Dtype: that of `x`.
   *
   * @throws ArgumentError when all elements are asked and there are none.
   * @throws IndexError when `dim` is out of range or has size 0.
   * @throws ShapeError when two tensors do not broadcast; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.max.html
   * @example
   * import { tensor } from "flambeau";
   * const x = tensor([[1, 5], [7, 3]]);
   * x.max().item(); // 7
   * const { values, indices } = x.max(1);
   * values.tolist(); // [5, 7]
   * indices.tolist(); // [1, 0]
   * x.max(tensor([4, 4])).tolist(); // [[4, 5], [7, 4]]
   */
  max(): Tensor;
  /** {@link max} */
  max(other: Tensor): Tensor;
  /** {@link max} */
  max(dim: number, options?: KeepdimOptions): Picked;
  /**
   * Maximum over sliding windows in one dimension: `y[n, c, i] = max over k of x[n, c, i * stride + k * dilation - padding]`.
   *
   * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`;
   * `ceilMode` rounds up instead. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
   * @throws ArgumentError when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the kernel.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
   * @example
   * maxPool1d(tensor([[[1, 3, 2, 5, 4]]]), 2).tolist(); // [[[3, 5]]]
   * maxPool1d(tensor([[[1, 3, 2, 5, 4]]]), 3, { stride: 1 }).tolist(); // [[[3, 5, 5]]]
   */
  maxPool1d(kernelSize: Spatial, options?: MaxPoolOptions): Tensor;
  /**
   * {@link maxPool1d} with the positions of the maxima: `x.flatten(-1)[indices] = values` in each plane. They are what `maxUnpool1d` takes.
   *
   * Shapes: `values` and `indices` both have the shape of the result of {@link maxPool1d}. Dtype: that of `x`, and int32 for the positions
   * (PyTorch: int64).
   *
   * @throws ShapeError, ArgumentError when {@link maxPool1d} does.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
   * @example
   * const { values, indices } = maxPool1dWithIndices(tensor([[[1, 3, 2, 5]]]), 2);
   * values.tolist(); // [[[3, 5]]]
   * indices.tolist(); // [[[1, 3]]]
   */
  maxPool1dWithIndices(kernelSize: Spatial, options?: MaxPoolOptions): Picked;
  /**
   * Maximum over sliding windows in two dimensions:
   * `y[n, c, h, w] = max over i, j of x[n, c, h * stride + i * dilation - padding, w * stride + j * dilation - padding]`.
   *
   * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with
   * `H' = floor((H + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`, W' likewise; `ceilMode` rounds up instead. Dtype: that of
   * `x`.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
   * @throws ArgumentError when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the kernel.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
   * @example
   * import { maxPool2d, ones, tensor } from "@flambeau/tensor";
   * maxPool2d(tensor([[[1, 2, 5, 0], [4, 3, 1, 1]]]), 2).tolist(); // [[[4, 5]]]
   * maxPool2d(ones([1, 3, 32, 32]), 3, { stride: 2, padding: 1 }).shape; // [1, 3, 16, 16]
   */
  maxPool2d(kernelSize: Spatial, options?: MaxPoolOptions): Tensor;
  /**
   * {@link maxPool2d} with the positions of the maxima: `x.flatten(-2)[indices] = values` in each plane. They are what `maxUnpool2d` takes.
   *
   * Shapes: `values` and `indices` both have the shape of the result of {@link maxPool2d}. Dtype: that of `x`, and int32 for the positions
   * (PyTorch: int64).
   *
   * @throws ShapeError, ArgumentError when {@link maxPool2d} does.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
   * @example
   * const { values, indices } = maxPool2dWithIndices(tensor([[[1, 2, 5, 0], [4, 3, 1, 1]]]), 2);
   * values.tolist(); // [[[4, 5]]]
   * indices.tolist(); // [[[4, 2]]]
   */
  maxPool2dWithIndices(kernelSize: Spatial, options?: MaxPoolOptions): Picked;
  /**
   * Maximum over sliding windows in three dimensions: `y[n, c, p] = max over k of x[n, c, p * stride + k * dilation - padding]`, where p and
   * k are positions of three coordinates.
   *
   * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with
   * `D' = floor((D + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`, H' and W' likewise; `ceilMode` rounds up instead. Dtype:
   * that of `x`.
   *
   * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
   * @throws ArgumentError when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the kernel.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
   * @example
   * maxPool3d(arange(8).reshape([1, 2, 2, 2]), 2).tolist(); // [[[[7]]]]
   * maxPool3d(ones([1, 3, 8, 8, 8]), [1, 2, 2]).shape; // [1, 3, 8, 4, 4]
   */
  maxPool3d(kernelSize: Spatial, options?: MaxPoolOptions): Tensor;
  /**
   * {@link maxPool3d} with the positions of the maxima: `x.flatten(-3)[indices] = values` in each plane. They are what `maxUnpool3d` takes.
   *
   * Shapes: `values` and `indices` both have the shape of the result of {@link maxPool3d}. Dtype: that of `x`, and int32 for the positions
   * (PyTorch: int64).
   *
   * @throws ShapeError, ArgumentError when {@link maxPool3d} does.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
   * @example
   * const { indices } = maxPool3dWithIndices(tensor([[[[1, 2], [3, 9]], [[5, 6], [7, 8]]]]), [1, 2, 2]);
   * indices.tolist(); // [[[[3]], [[7]]]]
   */
  maxPool3dWithIndices(kernelSize: Spatial, options?: MaxPoolOptions): Picked;
  /**
   * Puts the maxima of `maxPool1dWithIndices` back to their positions in zeros: `y.flatten(-1)[n, c, indices[n, c, i]] = x[n, c, i]`.
   *
   * Shapes: `x` and `indices` [N, C, l] or [C, l]; result [N, C, L] or [C, L] with `L = (l - 1) * stride - 2 * padding + kernelSize`, or of
   * `outputSize`, which may differ by less than a stride. Dtype: that of `x`; `indices` is int32 or int64.
   *
   * @throws ShapeError when `x` has another rank or `indices` another shape than it.
   * @throws ArgumentError when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not positive.
   * @throws IndexError when a position lies outside the result.
   * @throws DTypeError when `indices` is not int32 or int64.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html
   * @example
   * const { values, indices } = maxPool1dWithIndices(tensor([[[1, 4, 3, 2, 9]]]), 2);
   * maxUnpool1d(values, indices, 2).tolist(); // [[[0, 4, 3, 0]]]
   * maxUnpool1d(values, indices, 2, { outputSize: [5] }).tolist(); // [[[0, 4, 3, 0, 0]]]
   */
  maxUnpool1d(indices: Tensor, kernelSize: Spatial, options?: MaxUnpoolOptions): Tensor;
  /**
   * Puts the maxima of `maxPool2dWithIndices` back to their positions in zeros: `y.flatten(-2)[n, c, indices[n, c, i]] = x[n, c, i]`.
   *
   * Shapes: `x` and `indices` [N, C, h, w] or [C, h, w]; result [N, C, H, W] or [C, H, W] with
   * `H = (h - 1) * stride - 2 * padding + kernelSize`, W likewise, or of `outputSize`, which may differ by less than a stride. Dtype: that of
   * `x`; `indices` is int32 or int64.
   *
   * @throws ShapeError when `x` has another rank or `indices` another shape than it.
   * @throws ArgumentError when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not positive.
   * @throws IndexError when a position lies outside the result.
   * @throws DTypeError when `indices` is not int32 or int64.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
   * @example
   * import { maxPool2dWithIndices, maxUnpool2d, tensor } from "@flambeau/tensor";
   * const { values, indices } = maxPool2dWithIndices(tensor([[[1, 4], [3, 2]]]), 2);
   * maxUnpool2d(values, indices, 2).tolist(); // [[[0, 4], [0, 0]]]
   */
  maxUnpool2d(indices: Tensor, kernelSize: Spatial, options?: MaxUnpoolOptions): Tensor;
  /**
   * Puts the maxima of `maxPool3dWithIndices` back to their positions in zeros: `y.flatten(-3)[n, c, indices[n, c, i]] = x[n, c, i]`.
   *
   * Shapes: `x` and `indices` [N, C, d, h, w] or [C, d, h, w]; result [N, C, D, H, W] or [C, D, H, W] with
   * `D = (d - 1) * stride - 2 * padding + kernelSize`, H and W likewise, or of `outputSize`, which may differ by less than a stride. Dtype:
   * that of `x`; `indices` is int32 or int64.
   *
   * @throws ShapeError when `x` has another rank or `indices` another shape than it.
   * @throws ArgumentError when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not positive.
   * @throws IndexError when a position lies outside the result.
   * @throws DTypeError when `indices` is not int32 or int64.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool3d.html
   * @example
   * const { values, indices } = maxPool3dWithIndices(tensor([[[[1, 4], [3, 2]]]]), [1, 2, 2]);
   * maxUnpool3d(values, indices, [1, 2, 2]).tolist(); // [[[[0, 4], [0, 0]]]]
   */
  maxUnpool3d(indices: Tensor, kernelSize: Spatial, options?: MaxUnpoolOptions): Tensor;
  /**
   * The larger of two elements, `max(x, y)`; NaN wins.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.maximum.html
   * @example
   * tensor([1, 5, NaN]).maximum(tensor([3, 2, 0])).tolist(); // [3, 5, NaN]
   */
  maximum(y: Operand): Tensor;
  /**
   * Mean over `dim`, or of all elements: `sum(x) / n`, where n counts the elements that are reduced to one; NaN of none.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
   *
   * @throws DTypeError for integers and bools, as in PyTorch: convert first, or pass a floating `dtype`.
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.mean.html
   * @example
   * tensor([[1, 2], [3, 6]]).mean().item(); // 3
   * tensor([[1, 2], [3, 6]]).mean(0).tolist(); // [2, 4]
   * tensor([true, false]).mean(null, { dtype: "float32" }).item(); // 0.5
   */
  mean(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * The median of all elements, or along `dim` with its positions: `sort(x)[floor((n - 1) / 2)]`, so of an even count the lower middle, and
   * NaN if there is one. The gradient of the first form is shared by equal elements.
   * Shapes: of all elements 0-d; along `dim` values and indices are `x` without `dim` (`keepdim`: size 1 there). Dtype: that of `x`; indices
   * are int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range or has size 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.median.html
   * @example
   * tensor([7, 1, 4, 3]).median().item(); // 3
   * const { values, indices } = tensor([[5, 1, 3], [9, 9, 0]]).median(1);
   * values.tolist(); // [3, 9]
   * indices.tolist(); // [2, 0]
   */
  median(): Tensor;
  /** {@link median} */
  median(dim: number, options?: KeepdimOptions): Picked;
  /**
   * The smallest element of all, `y <= x[i]` for all i; along `dim` the smallest ones and their first positions; of two tensors the smaller
   * elements, as {@link minimum}. NaN wins.
   * Shapes: as of {@link max}, as are the gradient and the errors.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.min.html
   * @example
   * const x = tensor([[1, 5], [7, 3]]);
   * x.min().item(); // 1
   * x.min(0, { keepdim: true }).indices.tolist(); // [[0, 1]]
   * x.min(tensor([4, 4])).tolist(); // [[1, 4], [4, 3]]
   */
  min(): Tensor;
  /** {@link min} */
  min(other: Tensor): Tensor;
  /** {@link min} */
  min(dim: number, options?: KeepdimOptions): Picked;
  /**
   * The smaller of two elements, `min(x, y)`; NaN wins.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.minimum.html
   * @example
   * tensor([1, 5, NaN]).minimum(tensor([3, 2, 0])).tolist(); // [1, 2, NaN]
   */
  minimum(y: Operand): Tensor;
  /**
   * Self-regularized unit, `y = x * tanh(log(1 + exp(x)))` (Misra 2019).
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mish.html
   * @example
   * tensor([-1, 0, 1]).mish().tolist(); // [-0.3034, 0, 0.8651]
   */
  mish(): Tensor;
  /** In place {@link mish}: `x = x * tanh(log(1 + exp(x)))`. */
  mish_(): Tensor;
  /**
   * Product of two matrices: `y[i, j] = sum(a[i, k] * b[k, j] over k)`. {@link matmul} takes any ranks.
   * Shapes: `a` [N, K], `b` [K, M], the result [N, M]. Dtype: one for both.
   *
   * @throws ShapeError when either is not a matrix, or the inner sizes differ.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.mm.html
   * @example
   * tensor([[1, 2]]).mm(tensor([[3, 4], [5, 6]])).tolist(); // [[13, 16]]
   */
  mm(b: Tensor): Tensor;
  /**
   * The most frequent value along `dim`, the smallest of several, and the position of its last occurrence: the `v` with the greatest
   * `count(x == v)`.
   * Shapes: values and indices are `x` without `dim` (`keepdim`: size 1 there). Dtype: that of `x`; indices are int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range or has size 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.mode.html
   * @example
   * const { values, indices } = tensor([[3, 1, 3], [2, 1, 0]]).mode(1);
   * values.tolist(); // [3, 0]
   * indices.tolist(); // [2, 2]
   */
  mode(dim?: number, options?: KeepdimOptions): Picked;
  /** NumPy's name for {@link movedim}. */
  moveaxis(source: number | readonly number[], destination: number | readonly number[]): Tensor;
  /**
   * Moves dimensions `source` to positions `destination`, the others keeping their order: `y[j, k, i] = x[i, j, k]` from 0 to -1. A view.
   *
   * Shape: that of `x` in the new order. Dtype: that of `x`.
   *
   * @throws ArgumentError when `source` and `destination` differ in length.
   * @throws IndexError when one is out of range or comes twice.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.movedim.html
   * @example
   * zeros([2, 3, 4]).movedim(0, -1).shape; // [3, 4, 2]
   * zeros([2, 3, 4]).movedim([0, 1], [2, 0]).shape; // [3, 4, 2]
   */
  movedim(source: number | readonly number[], destination: number | readonly number[]): Tensor;
  /**
   * Elements in ascending order along the first dimension: `sort(x, 0).values` of {@link sort}.
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.msort.html
   * @example
   * tensor([[3, 1], [2, 4], [1, 9]]).msort().tolist(); // [[1, 1], [2, 4], [3, 9]]
   */
  msort(): Tensor;
  /**
   * `x * y`; of bools, the truth of both.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.mul.html
   * @example
   * tensor([[1], [2]]).mul(tensor([3, 4])).tolist(); // [[3, 4], [6, 8]]
   * tensor([true, true]).mul(tensor([true, false])).tolist(); // [true, false]
   */
  mul(y: Operand): Tensor;
  /** In place {@link mul}: `x *= y`. */
  mul_(y: Operand): Tensor;
  /**
   * Category numbers drawn by weight: each of the `numSamples` in a row is `k` with probability `x[k] / (x[0] + x[1] + ...)`. Without
   * replacement the weights of those drawn before are 0.
   *
   * Shapes: [categories] gives [numSamples], [rows, categories] gives [rows, numSamples]. Dtype: int32 (PyTorch: int64).
   *
   * @throws ShapeError when `x` does not have one or two dimensions.
   * @throws DTypeError when `x` is not floating-point.
   * @throws ArgumentError for negative, infinite or all-zero weights, more samples than categories without replacement, and fewer than one.
   * @throws UnavailableError when the device cannot be read synchronously: categories are drawn on the host.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.multinomial.html
   * @example
   * multinomial(tensor([[0, 1, 0], [2, 0, 0]]), 1).tolist(); // [[1], [0]]
   * manualSeed(0);
   * tensor([0, 10, 3, 0]).multinomial(4, { replacement: true }).tolist(); // [2, 1, 1, 2]
   */
  multinomial(numSamples: number, options?: MultinomialOptions): Tensor;
  /** {@link mul} under NumPy's name. */
  multiply(y: Operand): Tensor;
  /** {@link mul_} under NumPy's name. */
  multiply_(y: Operand): Tensor;
  /**
   * Product of a matrix and a vector: `y[i] = sum(a[i, k] * b[k] over k)`.
   * Shapes: `a` [N, K], `b` [K], the result [N]. Dtype: one for both.
   *
   * @throws ShapeError when `a` is not a matrix or `b` not a vector, or the sizes differ.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.mv.html
   * @example
   * tensor([[1, 2], [3, 4]]).mv(tensor([1, 10])).tolist(); // [21, 43]
   */
  mv(b: Tensor): Tensor;
  /**
   * The logarithm of the multivariate gamma function of dimension `p`: `y = p (p - 1) log(pi) / 4 + sum over i < p of lgamma(x - i / 2)`,
   * meant for `x > (p - 1) / 2`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws ArgumentError when `p` is no integer from 1.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.multigammaln
   * @example
   * tensor([2, 3.5]).mvlgamma(2).tolist(); // [0.4516, 2.4665]
   * tensor([2, 3.5]).mvlgamma(1).tolist(); // [0, 1.2010]
   */
  mvlgamma(p: number): Tensor;
  /**
   * NaN and infinities replaced by numbers, `y = isnan(x) ? nan : x == Infinity ? posinf : x == -Infinity ? neginf : x`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools are copied.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nan_to_num.html
   * @example
   * tensor([NaN, Infinity, 1]).nanToNum({ posinf: 9 }).tolist(); // [0, 9, 1]
   * tensor([-Infinity]).nanToNum().tolist(); // [-3.4028e38]
   */
  nanToNum(options?: NanToNumOptions): Tensor;
  /** In place {@link nanToNum}: `x = nanToNum(x, options)`. */
  nanToNum_(options?: NanToNumOptions): Tensor;
  /**
   * Mean over `dim`, or of all elements, of what is not NaN: `nansum(x) / n` for the n that are not; NaN where there is nothing else.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
   *
   * @throws DTypeError for integers and bools.
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nanmean.html
   * @example
   * tensor([[1, NaN], [3, 4]]).nanmean(0).tolist(); // [2, 4]
   */
  nanmean(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * {@link median} of what is not NaN: `median(x[~isnan(x)])`; NaN where there is nothing else.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nanmedian.html
   * @example
   * tensor([7, NaN, 4]).nanmedian().item(); // 4
   */
  nanmedian(): Tensor;
  /** {@link nanmedian} */
  nanmedian(dim: number, options?: KeepdimOptions): Picked;
  /**
   * {@link quantile} of what is not NaN: `quantile(x[~isnan(x)], q)`; NaN where there is nothing else.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nanquantile.html
   * @example
   * tensor([1, NaN, 3]).nanquantile(0.5).item(); // 2
   */
  nanquantile(q: Tensor | number, dim?: number | null, options?: QuantileOptions): Tensor;
  /**
   * Sum over `dim`, or of all elements, of what is not NaN: `sum(where(isnan(x), 0, x))`.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: as of {@link sum}.
   *
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nansum.html
   * @example
   * tensor([[1, NaN], [3, 4]]).nansum(0).tolist(); // [4, 4]
   */
  nansum(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * `length` elements from `start` on along `dim`: `y[i] = x[start + i]`. A negative `start` counts from the end. A view.
   *
   * Shape: that of `x` with `length` along `dim`. Dtype: that of `x`.
   *
   * @throws IndexError when `dim` is out of range, or the elements are not all there.
   * @throws ArgumentError when `start` or `length` is no integer.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.narrow.html
   * @example
   * arange(5).narrow(0, 1, 3).tolist(); // [1, 2, 3]
   * tensor([[1, 2, 3], [4, 5, 6]]).narrow(1, -2, 2).tolist(); // [[2, 3], [5, 6]]
   */
  narrow(dim: number, start: number, length: number): Tensor;
  /** {@link narrow}, as a copy. */
  narrowCopy(dim: number, start: number, length: number): Tensor;
  /** {@link dim} under another name. */
  ndimension(): number;
  /**
   * Whether elements differ, `x != y`; NaN differs from all, itself too.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.ne.html
   * @example
   * tensor([1, 2, NaN]).ne(tensor([1, 3, NaN])).tolist(); // [false, true, true]
   */
  ne(y: Operand): Tensor;
  /** In place {@link ne}: `x = (x != y)`, as 1 and 0 in the dtype of `x`. */
  ne_(y: Operand): Tensor;
  /**
   * The negative, `y = -x`.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws DTypeError for bools: use `logicalNot`.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.neg.html
   * @example
   * tensor([1, -2]).neg().tolist(); // [-1, 2]
   */
  neg(): Tensor;
  /** In place {@link neg}: `x = -x`. */
  neg_(): Tensor;
  /** {@link neg} under NumPy's name. */
  negative(): Tensor;
  /** {@link neg_} under NumPy's name. */
  negative_(): Tensor;
  /** {@link numel} under another name. */
  nelement(): number;
  /**
   * A tensor whose elements are not set, with the dtype and on the device of `x`: `empty(shape, { dtype: x.dtype, device: x.device })`.
   *
   * @throws ShapeError when a size is no non-negative integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_empty.html
   * @example
   * tensor([1]).newEmpty([2, 3]).shape; // [2, 3]
   */
  newEmpty(shape: readonly number[], options?: TensorOptions): Tensor;
  /**
   * A tensor of one value with the dtype and on the device of `x`: `full(shape, value, { dtype: x.dtype, device: x.device })`.
   *
   * @throws ShapeError when a size is no non-negative integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_full.html
   * @example
   * tensor([1], { dtype: "int32" }).newFull([2], 7).tolist(); // [7, 7]
   */
  newFull(shape: readonly number[], value: number | boolean, options?: TensorOptions): Tensor;
  /**
   * A tensor of ones with the dtype and on the device of `x`: `ones(shape, { dtype: x.dtype, device: x.device })`.
   *
   * @throws ShapeError when a size is no non-negative integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_ones.html
   * @example
   * tensor([2.5]).newOnes([2]).tolist(); // [1, 1]
   */
  newOnes(shape: readonly number[], options?: TensorOptions): Tensor;
  /**
   * A tensor from data, with the dtype and on the device of `x`: `tensor(data, { dtype: x.dtype, device: x.device })`.
   *
   * @throws ShapeError for ragged arrays, and when `shape` does not hold the elements.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_tensor.html
   * @example
   * tensor([1], { dtype: "int32" }).newTensor([2.7, 3]).tolist(); // [2, 3]
   */
  newTensor(data: TensorData, options?: FromDataOptions): Tensor;
  /**
   * A tensor of zeros with the dtype and on the device of `x`: `zeros(shape, { dtype: x.dtype, device: x.device })`.
   *
   * @throws ShapeError when a size is no non-negative integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_zeros.html
   * @example
   * tensor([1], { dtype: "int32" }).newZeros([2]).dtype; // "int32"
   */
  newZeros(shape: readonly number[], options?: TensorOptions): Tensor;
  /**
   * The next representable number after `x` towards `y`, `x + ulp` or `x - ulp`; `y` itself where they are equal.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nextafter.html
   * @example
   * tensor([1, 1]).nextafter(tensor([2, 1])).sub(1).tolist(); // [1.1921e-7, 0]
   * nextafter(tensor([0], { dtype: "float64" }), 1).tolist(); // [5e-324]
   */
  nextafter(y: Operand): Tensor;
  /** In place {@link nextafter}: `x = nextafter(x, y)`. */
  nextafter_(y: Operand): Tensor;
  /**
   * Positions of the elements that are not 0, in row-major order: the rows `[i, j]` with `x[i, j] != 0`; or with `asTuple` one tensor per
   * dimension, which index the tensor itself: `x.at(...nonzero(x, { asTuple: true }))`.
   * Shapes: [K, D] for K such elements of a tensor of D dimensions, or D times [K]. Dtype: int32 (PyTorch: int64).
   *
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU): the size of the result depends on the values.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nonzero.html
   * @example
   * import { nonzero, tensor } from "flambeau";
   * const x = tensor([[0, 5], [6, 0]]);
   * nonzero(x).tolist(); // [[0, 1], [1, 0]]
   * x.at(...nonzero(x, { asTuple: true })).tolist(); // [5, 6]
   */
  nonzero(options: { readonly asTuple: true; }): Tensor[];
  /** {@link nonzero} */
  nonzero(options?: { readonly asTuple?: false | undefined; }): Tensor;
  /**
   * The older form of {@link vectorNorm}: `sum(|x|^p)^(1 / p)` over `dim`, or of all elements. For p "fro" (the default) or null it is 2;
   * "nuc" sums the singular values of the matrices in two dimensions.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
   *
   * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
   * @throws ArgumentError when "nuc" is asked of other than two dimensions.
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.norm.html
   * @example
   * tensor([[3, 4], [6, 8]]).norm().item(); // 11.1803
   * tensor([[3, 4], [6, 8]]).norm(2, 1).tolist(); // [5, 10]
   * tensor([[3, 0], [0, -4]]).norm("nuc").item(); // 7
   */
  norm(p?: MatrixNorm | null, dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * Fills `x` with normal numbers of a mean and standard deviation: `x[i] ~ N(mean, std^2)`. The gradient of what was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
   *
   * @throws ArgumentError when `std` is negative.
   * @throws DTypeError when `x` is not floating-point.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
   * @example
   * manualSeed(0);
   * zeros([3]).normal_(10, 2).tolist(); // [13.0820, 9.4131, 5.6424]
   */
  normal_(mean?: number, std?: number, options?: GeneratorOptions): Tensor;
  /** {@link ne} under NumPy's name. */
  notEqual(y: Operand): Tensor;
  /** {@link ne_} under NumPy's name. */
  notEqual_(y: Operand): Tensor;
  /**
   * The number of elements, `x.size`: `n = x.shape[0] * x.shape[1] * ...`.
   *
   * Shape: any. Dtype: any.
   *
   * @throws ArgumentError when `x` is no tensor.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.numel.html
   * @example
   * zeros([2, 3]).numel(); // 6
   */
  numel(): number;
  /**
   * A 1 at the position that each element names in a new last dimension, 0 elsewhere: `y[..., k] = x[...] == k`. The dimension has the size
   * `numClasses` (default: the largest value + 1).
   *
   * Shape: [...] -> [..., numClasses]. Dtype: int32 (PyTorch: int64); `x` is int32 or int64.
   *
   * @throws DTypeError when `x` is not int32 or int64.
   * @throws IndexError when a value is not in 0..numClasses-1.
   * @throws ArgumentError when `numClasses` is left out and `x` has no elements, or is no integer of at least -1.
   * @throws UnavailableError when `numClasses` is left out and `x` is on a device that cannot be read synchronously.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
   * @example
   * import { oneHot, tensor } from "@flambeau/tensor";
   * oneHot(tensor([1, 0], { dtype: "int32" }), 3).tolist(); // [[0, 1, 0], [1, 0, 0]]
   * oneHot(tensor([1, 0], { dtype: "int32" })).shape; // [2, 2]
   */
  oneHot(numClasses?: number): Tensor;
  /**
   * Every product of an element of one vector and one of another: `y[i, j] = x[i] * y[j]`.
   * Shapes: `x` [N], `y` [M], the result [N, M]. Dtype: what they promote to.
   *
   * @throws ShapeError when either is not a vector.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.outer.html
   * @example
   * tensor([1, 2, 3]).outer(tensor([1, 10])).tolist(); // [[1, 10], [2, 20], [3, 30]]
   */
  outer(y: Tensor): Tensor;
  /**
   * `x` with more elements around it: `y[i] = x[i - before]` inside of `x`. The list `padding` has pairs (before, behind) from the last
   * dimension on. The new elements are a constant, or `x` mirrored at its edges without repeating them (reflect), its edge elements
   * (replicate), or `x` continued from the other side (circular). Negative padding crops.
   *
   * Shape: each padded size becomes `before + size + behind`. Dtype: that of `x`.
   *
   * @throws ArgumentError when mirrored or circular padding is larger than what there is to take from, when `padding` is no list of pairs of
   * integers for the last dimensions, and when a mode but "constant" gets a `value`.
   * @throws ShapeError when a crop leaves less than nothing.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
   * @example
   * import { pad, tensor } from "@flambeau/tensor";
   * console.log(pad(tensor([1, 2, 3]), [1, 2]).tolist()); // [0, 1, 2, 3, 0, 0]
   * console.log(pad(tensor([[1, 2, 3]]), [2, 0], { mode: "reflect" }).tolist()); // [[3, 2, 1, 2, 3]]
   * console.log(pad(tensor([1, 2, 3]), [1, 1], { mode: "circular" }).tolist()); // [3, 1, 2, 3, 1]
   * console.log(pad(tensor([[1, 2]]), [0, 0, 1, 0], { value: 9 }).tolist()); // [[9, 9], [1, 2]]
   */
  pad(padding: readonly number[], options?: PadOptions): Tensor;
  /**
   * Reorders dimensions, result dimension i being dimension `dims[i]` of `x`: `y[k, i, j] = x[i, j, k]` for `dims = [2, 0, 1]`. A view. As a
   * method it also takes the dimensions one after another.
   *
   * Shape: `x.shape[dims[i]]` along dimension i. Dtype: that of `x`.
   *
   * @throws ShapeError when there are not as many dims as dimensions.
   * @throws IndexError when one is out of range or comes twice.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.permute.html
   * @example
   * zeros([2, 3, 4]).permute(2, 0, 1).shape; // [4, 2, 3]
   * permute(tensor([[1, 2], [3, 4]]), [1, 0]).tolist(); // [[1, 3], [2, 4]]
   */
  permute(...sizes: Sizes): Tensor;
  /** {@link permute}, as a copy. */
  permuteCopy(dims: readonly number[]): Tensor;
  /**
   * The Moore-Penrose pseudo-inverse: `Vh^T @ diag(1 / S) @ U^T` for the singular values above `max(atol, rtol * S[0])`; the others are
   * dropped.
   * Shapes: `x` [..., M, N], the result [..., N, M]; tensors in the options broadcast to [...]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions, or with `hermitian` is not square; DTypeError when it is not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.pinv.html
   * @example
   * tensor([[1], [2]]).pinv().tolist(); // [[0.2000, 0.4000]]
   * tensor([[2, 0], [0, 0]]).pinv().tolist(); // [[0.5000, 0], [0, 0]]
   */
  pinv(options?: RankOptions): Tensor;
  /**
   * Moves channels into space, with r = `upscaleFactor`: `y[..., c, h * r + i, w * r + j] = x[..., c * r * r + i * r + j, h, w]`.
   *
   * Shape: [..., C * r * r, H, W] -> [..., C, H * r, W * r]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than three dimensions or its channels do not divide by r squared.
   * @throws ArgumentError when `upscaleFactor` is no positive integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html
   * @see Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", 2016,
   * https://arxiv.org/abs/1609.05158
   * @example
   * pixelShuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2).tolist(); // [[[1, 2], [3, 4]]]
   */
  pixelShuffle(upscaleFactor: number): Tensor;
  /**
   * Moves space into channels, with r = `downscaleFactor`: `y[..., c * r * r + i * r + j, h, w] = x[..., c, h * r + i, w * r + j]`. It undoes
   * {@link pixelShuffle}.
   *
   * Shape: [..., C, H * r, W * r] -> [..., C * r * r, H, W]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than three dimensions or its height or width does not divide by r.
   * @throws ArgumentError when `downscaleFactor` is no positive integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
   * @example
   * pixelUnshuffle(tensor([[[1, 2], [3, 4]]]), 2).tolist(); // [[[1]], [[2]], [[3]], [[4]]]
   */
  pixelUnshuffle(downscaleFactor: number): Tensor;
  /**
   * The `n`-th derivative of {@link digamma}: `y = d^n/dx^n digamma(x) = (-1)^(n + 1) n! zeta(n + 1, x)` for `n >= 1`; `n = 1` is the
   * trigamma function. As a method it is called `x.polygamma(n)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws ArgumentError when `n` is no integer from 0.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.polygamma
   * @example
   * polygamma(1, tensor([1, 2])).tolist(); // [1.6449, 0.6449]
   * tensor([1, 2]).polygamma(2).tolist(); // [-2.4041, -0.4041]
   */
  polygamma(n: number): Tensor;
  /**
   * `+x`, which is `x` itself.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws DTypeError for bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.positive.html
   * @example
   * const x = tensor([1, -2]);
   * positive(x) === x; // true
   * x.positive().tolist(); // [1, -2]
   */
  positive(): Tensor;
  /**
   * `x` to the power `y`, `x ** y`; NaN where a negative number has a fractional power.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws ArgumentError for a tensor of integers to a negative integer power that is a number: convert it to a floating dtype first.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.pow.html
   * @example
   * tensor([2, 3]).pow(2).tolist(); // [4, 9]
   * pow(2, tensor([-1, 0, 3])).tolist(); // [0.5, 1, 8]
   * tensor([-8]).pow(1 / 3).tolist(); // [NaN]
   */
  pow(y: Operand): Tensor;
  /** In place {@link pow}: `x = x ** y`. */
  pow_(y: Operand): Tensor;
  /**
   * A {@link leakyRelu} whose slopes are learnt, `y[n, c, ...] = x[n, c, ...] > 0 ? x[n, c, ...] : weight[c] * x[n, c, ...]` (He et al.
   * 2015).
   *
   * Shapes: `x` [N, C, ...], `weight` [C], or one element for all channels; an `x` of less than two dimensions has one channel; the result
   * has the shape of `x`. Dtype: the promoted one.
   *
   * @throws ShapeError when `weight` has more than one dimension, or neither 1 nor C elements.
   * @throws DTypeError when both hold integers or bools.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html
   * @example
   * tensor([[-1, -1], [2, -2]]).prelu(tensor([0.1, 0.5])).tolist(); // [[-0.1, -0.5], [2, -1]]
   * tensor([-4, 4]).prelu(tensor(0.25)).tolist(); // [-1, 4]
   */
  prelu(weight: Tensor): Tensor;
  /**
   * Product of all elements, or along `dim`: `y[i] = x[i, 0] * x[i, 1] * ...` for `dim` 1. Of none it is 1; zeros have their right gradients.
   * Shape: `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: the option `dtype`, else that of `x`, where bools and integers
   * below 32 bits give int32.
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.prod.html
   * @example
   * tensor([[1, 2], [3, 4]]).prod().item(); // 24
   * tensor([[1, 2], [3, 4]]).prod(1, { keepdim: true }).tolist(); // [[2], [12]]
   */
  prod(dim?: number | null, options?: ReduceOptions): Tensor;
  /**
   * A copy of `x` with `source` at positions of the flattened tensor: `flatten(y)[index[i]] = source[i]`, or `+=` with `accumulate`. Negative
   * indices count from the end.
   * Shapes: `source` has as many elements as `index`; the result has the shape of `x`. Dtype: that of `x`.
   *
   * @throws IndexError when an index is not in -n..n-1 for the n elements of `x`.
   * @throws ShapeError when `source` and `index` differ in the number of elements.
   * @throws DTypeError when `source` has another dtype than `x`, or `index` is neither int32 nor int64.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.put_.html
   * @example
   * const index = tensor([1, -1, 1], { dtype: "int32" });
   * const x = tensor([[10, 20], [30, 40]]);
   * x.put(index, tensor([1, 2, 3]), { accumulate: true }).tolist(); // [[10, 24], [30, 42]]
   */
  put(index: Tensor, source: Tensor, options?: PutOptions): Tensor;
  /** In place {@link put}: `x = put(x, index, source, options)`. */
  put_(index: Tensor, source: Tensor, options?: PutOptions): Tensor;
  /**
   * QR factorization by Householder reflections: `x = Q @ R` with orthonormal columns in Q and an upper triangle R. It has gradients in the
   * mode "reduced", and in "complete" where M <= N.
   * Shapes: `x` [..., M, N]; with K = min(M, N) Q [..., M, K] and R [..., K, N]; in the mode "complete" Q [..., M, M] and R [..., M, N]; in
   * "r" Q is empty. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
   * @throws ArgumentError when `mode` is none of these.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.qr.html
   * @example
   * const { Q, R } = tensor([[3, 1], [4, 2]]).qr();
   * R.tolist(); // [[-5, -2.2000], [0, 0.4000]]
   * Q.matmul(R).tolist(); // [[3.0000, 1.0000], [4.0000, 2.0000]]
   */
  qr(options?: QrOptions): Pair & { Q: Tensor; R: Tensor; };
  /**
   * The q-quantiles, q from 0 to 1, of all elements or along `dim`: `s[r]` of the sorted elements s, between two neighbours of
   * `r = q * (n - 1)` by linear interpolation or as `interpolation` says. A line with a NaN gives NaN.
   * Shape: `x` without `dim`, or 0-d (`keepdim`: size 1 for what is reduced); a 1-d `q` puts its length first. Dtype: that of `x`.
   *
   * @throws DTypeError when `x` is not floating-point, or a tensor `q` has another dtype.
   * @throws ShapeError when `x` has no elements, or `q` more than one dimension.
   * @throws ArgumentError when a `q` is not in [0, 1] (not checked on a device that cannot be read synchronously), or `interpolation` is
   * none.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.quantile.html
   * @example
   * import { tensor } from "flambeau";
   * tensor([1, 2, 3, 4]).quantile(0.5).item(); // 2.5
   * tensor([1, 2, 3, 4]).quantile(0.5, null, { interpolation: "lower" }).item(); // 2
   * tensor([[1, 3], [5, 9]]).quantile(tensor([0, 0.25]), 1).tolist(); // [[1, 5], [1.5, 6]]
   */
  quantile(q: Tensor | number, dim?: number | null, options?: QuantileOptions): Tensor;
  /**
   * Radians to degrees, `y = x * 180 / pi`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.rad2deg.html
   * @example
   * tensor([Math.PI, 1]).rad2deg().tolist(); // [180, 57.2958]
   */
  rad2deg(): Tensor;
  /** In place {@link rad2deg}: `x = x * 180 / pi`. */
  rad2deg_(): Tensor;
  /**
   * Fills `x` with evenly drawn integers: `x[i] ~ U{from, ..., to - 1}`. One number is `to`; without bounds the integers are all that the
   * dtype holds exactly from 0 up. The gradient of what was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, any.
   *
   * @throws ArgumentError when a bound is no integer, `from` is not below `to`, or `to` comes without `from`.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.random_.html
   * @example
   * manualSeed(0);
   * zeros([3], { dtype: "int32" }).random_(10).tolist(); // [4, 9, 3]
   * zeros([3]).random_(5, 8).ge(5).all().item(); // 1
   */
  random_(from?: number | null, to?: number | null, options?: GeneratorOptions): Tensor;
  /**
   * All elements in one dimension, in row-major order: `y[i * m + j] = x[i, j]`. A view when possible, else a copy.
   *
   * Shapes: [n, m] gives [n m]. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.ravel.html
   * @example
   * tensor([[1, 2], [3, 4]]).ravel().tolist(); // [1, 2, 3, 4]
   * tensor([[1, 2], [3, 4]]).t().ravel().tolist(); // [1, 3, 2, 4]
   */
  ravel(): Tensor;
  /**
   * The real part, `re(x) = x`: no dtype here is complex, so it is `x` itself.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws nothing: `x` is handed back as it is, even a disposed one.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.real.html
   * @example
   * const x = tensor([1, -2]);
   * real(x) === x; // true
   */
  real(): Tensor;
  /**
   * The reciprocal, `y = 1 / x`; of 0 an infinity.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.reciprocal.html
   * @example
   * tensor([4, -0.5, 0]).reciprocal().tolist(); // [0.25, -2, Infinity]
   */
  reciprocal(): Tensor;
  /** In place {@link reciprocal}: `x = 1 / x`. */
  reciprocal_(): Tensor;
  /**
   * Rectified linear unit, `y = max(x, 0)`. Its gradient at 0 is 0; NaN stays.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws DTypeError for bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
   * @example
   * tensor([-2, 0, 3]).relu().tolist(); // [0, 0, 3]
   */
  relu(): Tensor;
  /**
   * A {@link relu} that ends at 6, `y = min(max(x, 0), 6)`.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
   * @example
   * tensor([-2, 3, 8]).relu6().tolist(); // [0, 3, 6]
   */
  relu6(): Tensor;
  /** In place {@link relu6}: `x = min(max(x, 0), 6)`. */
  relu6_(): Tensor;
  /** In place {@link relu}: `x = max(x, 0)`. */
  relu_(): Tensor;
  /**
   * Python's modulus, `x - y * floor(x / y)`: the result has the divisor's sign.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for bools; for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.remainder.html
   * @example
   * tensor([-7, 7]).remainder(3).tolist(); // [2, 1]
   * tensor([-7, 7]).remainder(-3).tolist(); // [-1, -2]
   */
  remainder(y: Operand): Tensor;
  /** In place {@link remainder}: `x = x - y * floor(x / y)`. */
  remainder_(y: Operand): Tensor;
  /**
   * `x` with each slice along `dim` whose p-norm is above `maxnorm` scaled down to it: `y[i] = x[i] * min(1, maxnorm / norm(x[i]))` for rows.
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions.
   * @throws ArgumentError when `p` is not positive or `maxnorm` is negative.
   * @throws DTypeError when `x` is not floating-point.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.renorm.html
   * @example
   * tensor([[3, 4], [0.3, 0.4]]).renorm(2, 0, 1).tolist(); // [[0.6000, 0.8000], [0.3000, 0.4000]]
   */
  renorm(p: number, dim: number, maxnorm: number): Tensor;
  /**
   * `x` repeated along each dimension: `y[i] = x[i mod n]`; more counts than dimensions add leading ones. A copy. As a method it also takes
   * the counts one after another.
   *
   * Shapes: [n, c] and the counts [a, b] give [a n, b c]; [n] gives [a, b n]. Dtype: that of `x`.
   *
   * @throws ShapeError when there are fewer counts than dimensions ({@link tile} takes fewer).
   * @throws ArgumentError when a count is no integer from 0.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
   * @example
   * tensor([1, 2]).repeat(3).tolist(); // [1, 2, 1, 2, 1, 2]
   * repeat(tensor([1, 2]), [2, 2]).tolist(); // [[1, 2, 1, 2], [1, 2, 1, 2]]
   */
  repeat(...sizes: Sizes): Tensor;
  /**
   * Each element repeated in place: `y[i] = x[floor(i / repeats)]`, or `repeats[k]` times `x[k]` where a list or tensor says so, along `dim`
   * (default: of the flattened tensor). A copy.
   *
   * Shape: that of `x`, or without `dim` one dimension, with the size along `dim` times `repeats`, or their sum. Dtype: that of `x`.
   *
   * @throws ShapeError when the repeats are neither one nor as many as the size along `dim`.
   * @throws ArgumentError when one is no integer from 0, or they do not add up to `outputSize`.
   * @throws IndexError when `dim` is out of range.
   * @throws UnavailableError when `repeats` is a tensor on a device that cannot be read synchronously.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.repeat_interleave.html
   * @example
   * repeatInterleave(tensor([1, 2]), [1, 3]).tolist(); // [1, 2, 2, 2]
   * tensor([[1, 2], [3, 4]]).repeatInterleave(2, 1).tolist(); // [[1, 1, 2, 2], [3, 3, 4, 4]]
   */
  repeatInterleave(repeats: number | readonly number[] | Tensor, dim?: number | null, options?: RepeatInterleaveOptions): Tensor;
  /**
   * Says whether backward is to give the tensor a `grad`: `x.requiresGrad = value`.
   *
   * @throws AutogradError for integers and bools, and when that of a result is turned off.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.requires_grad_.html
   * @example
   * tensor([1, 2]).requiresGrad_().requiresGrad; // true
   */
  requiresGrad_(value?: boolean): Tensor;
  /**
   * The same elements, in row-major order, in another shape: `y[i, j] = x[i * m + j]` for a vector made [n, m]; one size may be -1. A view
   * when possible, else a copy. As a method it also takes the sizes one after another.
   *
   * Shape: `shape`, which holds as many elements. Dtype: that of `x`.
   *
   * @throws ShapeError when `shape` does not hold the elements, or more than one size is -1.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.reshape.html
   * @example
   * import { reshape, tensor } from "@flambeau/tensor";
   * console.log(reshape(tensor([1, 2, 3, 4]), [2, -1]).shape); // [2, 2]
   * console.log(tensor([[1, 2], [3, 4]]).t().reshape(4).tolist()); // [1, 3, 2, 4]
   */
  reshape(...sizes: Sizes): Tensor;
  /**
   * {@link reshape} to another tensor's shape: `y = x.reshape(other.shape)`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.reshape_as.html
   * @example
   * tensor([1, 2, 3, 4]).reshapeAs(zeros([2, 2])).tolist(); // [[1, 2], [3, 4]]
   */
  reshapeAs(other: Tensor): Tensor;
  /**
   * `x` with a pending {@link conj} carried out, `y = x`: nothing here is conjugated lazily.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws nothing: `x` is handed back as it is, even a disposed one.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.resolve_conj.html
   * @example
   * const x = tensor([1, -2]);
   * resolveConj(x) === x; // true
   */
  resolveConj(): Tensor;
  /**
   * `x` with a pending negation carried out, `y = x`: nothing here is negated lazily.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws nothing: `x` is handed back as it is, even a disposed one.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.resolve_neg.html
   * @example
   * const x = tensor([1, -2]);
   * resolveNeg(x) === x; // true
   */
  resolveNeg(): Tensor;
  /**
   * Root-mean-square normalization over the trailing dimensions `normalizedShape`: `y = x / sqrt(mean(x^2) + eps) * weight`. Options:
   * `weight` (default: none), `eps` (2^-23, for float64 2^-52).
   *
   * Shapes: `x` [..., ...normalizedShape], `weight` that of `normalizedShape`; result that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws ShapeError when `x` does not end in `normalizedShape`, or `weight` has another shape than that.
   * @throws DTypeError when `x` is no floating-point tensor.
   * @throws ArgumentError when `normalizedShape` holds anything but integers.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
   * @see Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, https://arxiv.org/abs/1910.07467
   * @example
   * rmsNorm(tensor([[3, 4], [6, 8]]), 2).tolist(); // [[0.8485, 1.1314], [0.8485, 1.1314]]
   */
  rmsNorm(normalizedShape: number | readonly number[], options?: RmsNormOptions): Tensor;
  /**
   * Elements moved `shifts` places along `dims`, those that leave at the end coming in at the start: `y[(i + shift) mod n] = x[i]`. Without
   * `dims` the elements move in row-major order. A copy.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws ArgumentError when `shifts` and `dims` differ in length, or a shift is no integer.
   * @throws IndexError when one of `dims` is out of range.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.roll.html
   * @example
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * x.roll(1, 1).tolist(); // [[3, 1, 2], [6, 4, 5]]
   * x.roll([1, -1], [0, 1]).tolist(); // [[5, 6, 4], [2, 3, 1]]
   * x.roll(1).tolist(); // [[6, 1, 2], [3, 4, 5]]
   */
  roll(shifts: number | readonly number[], dims?: number | readonly number[] | null): Tensor;
  /**
   * `x` turned `k` quarter turns in the plane of two dimensions, from the first towards the second: `y[i, j] = x[j, n - 1 - i]` for one turn.
   * Negative `k` turns back. A copy.
   *
   * Shapes: [h, w] becomes [w, h] for an odd `k`, and stays for an even one. Dtype: that of `x`.
   *
   * @throws ArgumentError when there are not two dims, or `k` is no integer.
   * @throws IndexError when one of `dims` is out of range, or both are the same.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.rot90.html
   * @example
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * x.rot90().tolist(); // [[3, 6], [2, 5], [1, 4]]
   * x.rot90(2).tolist(); // [[6, 5, 4], [3, 2, 1]]
   */
  rot90(k?: number, dims?: readonly number[]): Tensor;
  /**
   * The nearest integer, halves to even; with `decimals` the nearest multiple of 10^-decimals, `y = round(x * 10^decimals) / 10^decimals`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers are copied.
   *
   * @throws DTypeError for bools, and for integers when `decimals` is not 0.
   * @throws ArgumentError when `decimals` is no integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.round.html
   * @example
   * tensor([0.5, 1.5, 2.5, -1.7]).round().tolist(); // [0, 2, 2, -2]
   * tensor([3.14159]).round({ decimals: 2 }).tolist(); // [3.1400]
   * tensor([1250, 1350]).round({ decimals: -2 }).tolist(); // [1200, 1400]
   */
  round(options?: RoundOptions): Tensor;
  /** In place {@link round}: `x = round(x)`. */
  round_(options?: RoundOptions): Tensor;
  /**
   * A {@link leakyRelu} with random slopes, `y = x > 0 ? x : slope * x`, each drawn from [lower, upper) in training, else their mean (Xu et
   * al. 2015).
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @throws ArgumentError when `lower` is above `upper`.
   * @throws UnavailableError in training, where the device cannot be read synchronously.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
   * @example
   * const x = tensor([-24, -24, 2]);
   * x.rrelu().tolist(); // [-5.5, -5.5, 2]
   * manualSeed(0);
   * x.rrelu({ training: true }).tolist(); // [-7.8503, -6.5391, 2]
   */
  rrelu(options?: RreluOptions): Tensor;
  /** In place {@link rrelu}: `x = x > 0 ? x : slope * x`. */
  rrelu_(options?: RreluOptions): Tensor;
  /**
   * Reciprocal of the square root, `y = 1 / sqrt(x)`; Infinity at 0, NaN below.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.rsqrt.html
   * @example
   * tensor([4, 2, 0]).rsqrt().tolist(); // [0.5, 0.7071, Infinity]
   */
  rsqrt(): Tensor;
  /** In place {@link rsqrt}: `x = 1 / sqrt(x)`. */
  rsqrt_(): Tensor;
  /**
   * {@link sub} with its operands swapped: `y - alpha * x`.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sub.html
   * @example
   * tensor([1, 2]).rsub(10).tolist(); // [9, 8]
   * tensor([1, 2]).rsub(10, { alpha: 3 }).tolist(); // [7, 4]
   */
  rsub(y: Operand, options?: AlphaOptions): Tensor;
  /**
   * A copy of `x` with `source` (a tensor, or one number) written along `dim`: `y[i, index[i, j, k], k] = source[i, j, k]` for `dim` 1, and
   * so on. Where several values meet, the last one stays, or with `reduce` all are added or multiplied to what is there.
   * Shapes: `index` has as many dimensions as `x`, each but `dim` at most as large, and `source` is at least as large as `index`; the result
   * has the shape of `x`. Dtype: that of `x`.
   *
   * @throws IndexError when an index is outside the dimension, or `dim` out of range.
   * @throws ShapeError when `index` does not fit `x`, or `source` does not cover `index`.
   * @throws DTypeError when `index` is neither int32 nor int64, or `source` has another dtype than `x`.
   * @throws ArgumentError when `reduce` is neither "add" nor "multiply".
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html
   * @example
   * import { zeros, tensor } from "flambeau";
   * const index = tensor([[2], [0]], { dtype: "int32" });
   * zeros([2, 3]).scatter(1, index, 1).tolist(); // [[0, 0, 1], [1, 0, 0]]
   * zeros([2, 3]).scatter(1, index, tensor([[5], [6]])).tolist(); // [[0, 0, 5], [6, 0, 0]]
   */
  scatter(dim: number, index: Tensor, source: Tensor | Scalar, options?: ScatterOptions): Tensor;
  /**
   * A copy of `x` with `source` added along `dim`: `y[i, index[i, j, k], k] += source[i, j, k]` for `dim` 1, and so on; values that meet add
   * up.
   * Shapes: as of {@link scatter}, as are the dtypes and the errors.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html
   * @example
   * const index = tensor([0, 2, 0], { dtype: "int32" });
   * zeros([3]).scatterAdd(0, index, tensor([1, 2, 3])).tolist(); // [4, 0, 2]
   */
  scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor;
  /** In place {@link scatterAdd}: `x = scatterAdd(x, dim, index, source)`. */
  scatterAdd_(dim: number, index: Tensor, source: Tensor): Tensor;
  /**
   * A copy of `x` in which the values of `source` that `index` sends to one element are reduced with each other and, unless `includeSelf` is
   * false, with what is there: `y[index[i]] = reduce(y[index[i]], source[i])` for a vector, where `reduce` is "sum", "prod", "mean", "amax"
   * or "amin".
   * Shapes: as of {@link scatter}. Dtype: that of `x`; means of integers are rounded down.
   *
   * @throws ArgumentError when `reduce` is none of these.
   * @throws IndexError when an index is outside the dimension, or `dim` out of range.
   * @throws ShapeError when `index` does not fit `x`, or `source` does not cover `index`.
   * @throws DTypeError when `index` is neither int32 nor int64, or `source` has another dtype than `x`.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
   * @example
   * const index = tensor([0, 0, 1], { dtype: "int32" });
   * const source = tensor([5, 6, 7]);
   * tensor([10, 2]).scatterReduce(0, index, source, "amax").tolist(); // [10, 7]
   * tensor([10, 2]).scatterReduce(0, index, source, "mean", { includeSelf: false }).tolist(); // [5.5, 7]
   */
  scatterReduce(dim: number, index: Tensor, source: Tensor, reduce: ScatterReduction, options?: ScatterReduceOptions): Tensor;
  /** In place {@link scatterReduce}: `x = scatterReduce(x, dim, index, source, reduce, options)`. */
  scatterReduce_(dim: number, index: Tensor, source: Tensor, reduce: ScatterReduction, options?: ScatterReduceOptions): Tensor;
  /** In place {@link scatter}: `x = scatter(x, dim, index, source, options)`. */
  scatter_(dim: number, index: Tensor, source: Tensor | Scalar, options?: ScatterOptions): Tensor;
  /**
   * Where `values` (a tensor or a number) would go in `sortedSequence` s, ascending along the last dimension, to keep its order: the i with
   * `s[i - 1] < v <= s[i]`, or with `right` the i with `s[i - 1] <= v < s[i]`.
   * Shapes: `sortedSequence` [N] with `values` of any shape, or [..., N] with values [..., M] of the same leading sizes; the result has the
   * shape of `values`. Dtype: int32 (PyTorch: int64).
   *
   * @throws ShapeError when the leading dimensions differ, the sequence is 0-d, or `sorter` has not its shape.
   * @throws ArgumentError when `side` is neither "left" nor "right", or contradicts `right`.
   * @throws DTypeError when `sorter` is neither int32 nor int64.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.searchsorted.html
   * @example
   * import { searchsorted, tensor } from "flambeau";
   * searchsorted(tensor([1, 3, 5]), tensor([0, 3, 4, 9])).tolist(); // [0, 1, 2, 3]
   * searchsorted(tensor([1, 3, 5]), 3, { side: "right" }).item(); // 2
   */
  searchsorted(values: Tensor | number, options?: SearchsortedOptions): Tensor;
  /**
   * Row `index` along `dim`, without that dimension: `y[j] = x[index, j]`. Negative positions count from the end. A view.
   *
   * Shapes: [n, c] gives [c] for `dim = 0`, [n] for `dim = 1`. Dtype: that of `x`.
   *
   * @throws IndexError when `dim` or `index` is out of range, or `x` is 0-d.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.select.html
   * @example
   * const x = tensor([[1, 2], [3, 4]]);
   * x.select(0, 1).tolist(); // [3, 4]
   * x.select(1, -1).tolist(); // [2, 4]
   */
  select(dim: number, index: number): Tensor;
  /** {@link select}, as a copy. */
  selectCopy(dim: number, index: number): Tensor;
  /**
   * A copy of `x` with `source` in row `index` of dimension `dim`: `y[index, j] = source[j]`, else `x[i, j]`.
   *
   * Shapes: that of `x`; `source` has it without `dim`. Dtype: that of both.
   *
   * @throws ShapeError when `source` does not have the window's shape.
   * @throws DTypeError when `source` has another dtype than `x`.
   * @throws DeviceError when the tensors live on different devices.
   * @throws IndexError when `dim` or `index` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.select_scatter.html
   * @example
   * zeros([2, 3]).selectScatter(tensor([1, 2]), 1, 0).tolist(); // [[1, 0, 0], [2, 0, 0]]
   */
  selectScatter(source: Tensor, dim: number, index: number): Tensor;
  /**
   * An {@link elu} that keeps mean 0 and variance 1, `y = 1.0507 * (x > 0 ? x : 1.6733 * (exp(x) - 1))` (Klambauer et al. 2017).
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
   * @example
   * tensor([-1, 0, 1]).selu().tolist(); // [-1.1113, 0, 1.0507]
   */
  selu(): Tensor;
  /** In place {@link selu}: `x = 1.0507 * (x > 0 ? x : 1.6733 * (exp(x) - 1))`. */
  selu_(): Tensor;
  /**
   * Writes `value` (a number, or a tensor that broadcasts) to the elements that {@link at} gives for the same indices, in place:
   * `x[...] = value`.
   * Shapes: `value` broadcasts to the shape that {@link at} gives; the result is `x`. Dtype: `value` is converted to that of `x`.
   *
   * @throws ShapeError when `value` does not broadcast; the other errors are those of {@link at}.
   * @throws ArgumentError when a number does not fit the dtype of `x`, DTypeError when `value` is no number, boolean, bigint or tensor.
   * @throws AutogradError when `x` is a leaf that requires a gradient, while gradients are recorded.
   * @throws DeviceError when `value` lives on another device and lists or tensors index.
   * @see https://numpy.org/doc/stable/user/basics.indexing.html#assigning-values-to-indexed-arrays
   * @example
   * import { tensor, zeros } from "flambeau";
   * const x = zeros([2, 2]);
   * x.setAt_(1, "...", 0).tolist(); // [[1, 0], [1, 0]]
   * x.setAt_(tensor([5, 6]), 1).tolist(); // [[1, 0], [5, 6]]
   * x.setAt_(-1, x.eq(0)).tolist(); // [[1, -1], [5, 6]]
   */
  setAt_(value: Tensor | Scalar, ...indices: Index[]): Tensor;
  /**
   * The sign, `y = (x > 0) - (x < 0)`: -1, 0 or 1, for real numbers the same as `sign`.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sgn.html
   * @example
   * tensor([-3, 0, 2]).sgn().tolist(); // [-1, 0, 1]
   */
  sgn(): Tensor;
  /** In place {@link sgn}: `x = (x > 0) - (x < 0)`. */
  sgn_(): Tensor;
  /**
   * As int16, without fractions: `x.to("int16")`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.short.html
   */
  short(): Tensor;
  /**
   * The logistic function, `y = 1 / (1 + exp(-x))`, between 0 and 1.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sigmoid.html
   * @example
   * tensor([-2, 0, 2]).sigmoid().tolist(); // [0.1192, 0.5, 0.8808]
   */
  sigmoid(): Tensor;
  /** In place {@link sigmoid}: `x = 1 / (1 + exp(-x))`. */
  sigmoid_(): Tensor;
  /**
   * The sign, `y = (x > 0) - (x < 0)`: -1, 0 or 1, and 0 for NaN.
   *
   * Shape: that of `x`. Dtype: that of `x`.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sign.html
   * @example
   * tensor([-3, 0, 2]).sign().tolist(); // [-1, 0, 1]
   */
  sign(): Tensor;
  /** In place {@link sign}: `x = (x > 0) - (x < 0)`. */
  sign_(): Tensor;
  /**
   * True where the sign bit is set, `x < 0 || x is -0`.
   *
   * Shape: that of `x`. Dtype: bool.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.signbit.html
   * @example
   * tensor([-1, -0, 0, 1]).signbit().tolist(); // [true, true, false, false]
   */
  signbit(): Tensor;
  /**
   * Sigmoid linear unit, also called swish, `y = x * sigmoid(x) = x / (1 + exp(-x))`.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws DTypeError for integers and bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
   * @example
   * tensor([-1, 0, 1, 10]).silu().tolist(); // [-0.2689, 0, 0.7311, 9.9995]
   */
  silu(): Tensor;
  /** In place {@link silu}: `x = x * sigmoid(x)`. */
  silu_(): Tensor;
  /**
   * Sine of radians, `y = sin(x)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sin.html
   * @example
   * tensor([0, Math.PI / 6, Math.PI / 2]).sin().tolist(); // [0, 0.5000, 1]
   */
  sin(): Tensor;
  /** In place {@link sin}: `x = sin(x)`. */
  sin_(): Tensor;
  /**
   * Normalized sinc, `y = sin(pi * x) / (pi * x)`, and 1 at 0.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sinc.html
   * @example
   * tensor([0, 0.5, 1.5]).sinc().tolist(); // [1, 0.6366, -0.2122]
   */
  sinc(): Tensor;
  /** In place {@link sinc}: `x = sinc(x)`. */
  sinc_(): Tensor;
  /**
   * Hyperbolic sine, `y = (exp(x) - exp(-x)) / 2`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sinh.html
   * @example
   * tensor([-1, 0, 2]).sinh().tolist(); // [-1.1752, 0, 3.6269]
   */
  sinh(): Tensor;
  /** In place {@link sinh}: `x = sinh(x)`. */
  sinh_(): Tensor;
  /**
   * The size along a dimension, `x.shape[d]` with -1 for the last one: PyTorch's `x.size(d)`, since `x.size` is the number of elements here. It
   * is a number to compilers that hold `x.shape[d]` for a possible `undefined`, too.
   *
   * @throws IndexError when there is no such dimension.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.size.html
   * @example
   * zeros([2, 3]).sizeAt(-1); // 3
   */
  sizeAt(d: number): number;
  /**
   * Elements `start`, `start + step`, ... below `end` along `dim`: `y[i] = x[start + i * step]`. Negative positions count from the end, those
   * beyond an end are clipped, and null stands for either end. A view.
   *
   * Shape: that of `x` with ceil((end - start) / step) along `dim`. Dtype: that of `x`.
   *
   * @throws ArgumentError when `step` is no positive integer ({@link flip} reverses), or a position is no integer.
   * @throws IndexError when `dim` is out of range, or `x` is 0-d.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/tensor_view.html
   * @example
   * const x = arange(6);
   * x.slice(0, 1, 5, 2).tolist(); // [1, 3]
   * x.slice(0, -2).tolist(); // [4, 5]
   * x.slice(0, 4, 100).tolist(); // [4, 5]
   */
  slice(dim?: number, start?: number | null, end?: number | null, step?: number): Tensor;
  /** {@link slice}, as a copy. */
  sliceCopy(dim?: number | undefined, start?: number | null | undefined, end?: number | null | undefined, step?: number | undefined): Tensor;
  /**
   * A copy of `x` with `source` in a {@link slice} of it: `y[start + i * step] = source[i]`, else `x[i]`.
   *
   * Shapes: that of `x`; `source` has that of the slice. Dtype: that of both.
   *
   * @throws ShapeError when `source` does not have the window's shape.
   * @throws DTypeError when `source` has another dtype than `x`.
   * @throws DeviceError when the tensors live on different devices.
   * @throws IndexError when `dim` is out of range.
   * @throws ArgumentError when `step` is no positive integer, or a position is no integer.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.slice_scatter.html
   * @example
   * zeros([5]).sliceScatter(tensor([1, 2]), 0, 1, 4, 2).tolist(); // [0, 1, 0, 2, 0]
   */
  sliceScatter(source: Tensor, dim?: number, start?: number | null, end?: number | null, step?: number): Tensor;
  /**
   * Sign and logarithm of the size of each determinant, which itself may be out of range: `det(x) = sign * exp(logabsdet)`. Of a singular
   * matrix they are 0 and -Infinity.
   * Shapes: `x` [..., N, N], both results [...]. Dtype: that of `x`.
   *
   * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.slogdet.html
   * @example
   * const { sign, logabsdet } = tensor([[1, 2], [3, 4]]).slogdet();
   * sign.item(); // -1
   * logabsdet.item(); // 0.6931
   */
  slogdet(): Pair & { sign: Tensor; logabsdet: Tensor; };
  /**
   * Softmax along `dim`: `y = exp(x - max(x)) / sum(exp(x - max(x)))`. The results lie in [0, 1] and add up to 1; the largest element is
   * taken away first, so that nothing overflows.
   *
   * Shape: that of `x`. Dtype: that of `x`, or `options.dtype`.
   *
   * @throws DTypeError when `x`, after conversion to `options.dtype`, is no floating-point tensor and has elements.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
   * @example
   * import { softmax, tensor } from "@flambeau/tensor";
   * softmax(tensor([[1, 2], [3, 3]]), 1).tolist(); // [[0.2689, 0.7311], [0.5, 0.5]]
   * tensor([1000, 1001]).softmax(0).tolist(); // [0.2689, 0.7311]
   */
  softmax(dim: number, options?: SoftmaxOptions): Tensor;
  /**
   * Softmax of the negated elements along `dim`, `softmin(x) = softmax(-x)`: the smallest element gets the largest share.
   *
   * Shape: that of `x`. Dtype: that of `x`, or `options.dtype`.
   *
   * @throws DTypeError when `x`, after conversion to `options.dtype`, is no floating-point tensor and has elements.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html
   * @example
   * softmin(tensor([1, 2, 2]), 0).tolist(); // [0.5761, 0.2119, 0.2119]
   */
  softmin(dim: number, options?: SoftmaxOptions): Tensor;
  /**
   * A smooth {@link relu}, `y = log(1 + exp(beta * x)) / beta`; where `beta * x > threshold` it is `y = x`, so that nothing overflows.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html
   * @example
   * const x = tensor([-1, 0, 1, 1000]);
   * x.softplus().tolist(); // [0.3133, 0.6931, 1.3133, 1000]
   * x.softplus(10).tolist(); // [4.54e-6, 0.0693, 1.0000, 1000]
   */
  softplus(beta?: number, threshold?: number): Tensor;
  /**
   * Elements moved towards 0, `y = sign(x) * max(|x| - lambd, 0)`.
   *
   * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
   *
   * @throws ArgumentError when `lambd` is negative or NaN.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
   * @example
   * tensor([-2, 0.4, 2]).softshrink().tolist(); // [-1.5, 0, 1.5]
   * tensor([-2, 0.4, 2]).softshrink(1).tolist(); // [-1, 0, 1]
   */
  softshrink(lambd?: number): Tensor;
  /**
   * A sigmoid through 0 with slow tails, `y = x / (1 + |x|)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
   * @example
   * tensor([-1, 0, 3]).softsign().tolist(); // [-0.5, 0, 0.75]
   */
  softsign(): Tensor;
  /**
   * Elements in ascending (or descending) order along `dim`, and the positions they came from: `values[i] = x[indices[i]]` with
   * `values[i] <= values[i + 1]`. Equal elements keep their order; NaN counts as largest.
   * Shapes: values and indices are as `x`. Dtype: that of `x`; indices are int32 (PyTorch: int64).
   *
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sort.html
   * @example
   * import { tensor } from "flambeau";
   * const { values, indices } = tensor([[3, 1, 2], [0, 5, 4]]).sort(1, { descending: true });
   * values.tolist(); // [[3, 2, 1], [5, 4, 0]]
   * indices.tolist(); // [[0, 2, 1], [1, 2, 0]]
   */
  sort(dim?: number, options?: SortOptions): Picked;
  /**
   * Parts along `dim`, of `size` each (the last one may be smaller) or of the listed sizes: `parts[k][i] = x[k size + i]`. Views.
   *
   * Shapes: [n, c] gives [size, c], [size, c], ... for `dim = 0`. Dtype: that of `x`.
   *
   * @throws ShapeError when listed sizes do not add up to the dimension, or `x` is 0-d.
   * @throws ArgumentError when `size` is no positive integer, or a listed one no integer from 0.
   * @throws IndexError when `dim` is out of range.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.split.html
   * @example
   * import { split, tensor } from "@flambeau/tensor";
   * console.log(split(tensor([1, 2, 3]), 2).map((part) => part.tolist())); // [[1, 2], [3]]
   * console.log(split(tensor([1, 2, 3]), [1, 2]).map((part) => part.tolist())); // [[1], [2, 3]]
   */
  split<const S extends number | readonly number[]>(size: S, dim?: number): S extends readonly number[] ? Each<S> : Tensor[];
  /** {@link split}, as copies. */
  splitCopy(size: number | readonly number[], dim?: number): Tensor[];
  /**
   * Square root, `y = x^(1/2)`; NaN below 0.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sqrt.html
   * @example
   * tensor([4, 2, -1]).sqrt().tolist(); // [2, 1.4142, NaN]
   */
  sqrt(): Tensor;
  /** In place {@link sqrt}: `x = x^(1/2)`. */
  sqrt_(): Tensor;
  /**
   * The square, `y = x * x`.
   *
   * Shape: that of `x`. Dtype: that of `x`; bools give int32.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.square.html
   * @example
   * tensor([-3, 0.5]).square().tolist(); // [9, 0.25]
   * tensor([true]).square().dtype; // "int32"
   */
  square(): Tensor;
  /** In place {@link square}: `x = x * x`. */
  square_(): Tensor;
  /**
   * Drops dimensions of size 1, all of them or those of `dim` that have size 1: `y[j] = x[0, j]`. A view.
   *
   * Shapes: [1, n, 1] gives [n], and [n, 1] for `dim = 0`. Dtype: that of `x`.
   *
   * @throws IndexError when one of `dim` is out of range or comes twice.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html
   * @example
   * const x = zeros([1, 2, 1]);
   * x.squeeze().shape; // [2]
   * x.squeeze(0).shape; // [2, 1]
   * x.squeeze(1).shape; // [1, 2, 1]
   */
  squeeze(dim?: number | readonly number[]): Tensor;
  /** {@link squeeze}, as a copy. */
  squeezeCopy(dim?: number | readonly number[] | undefined): Tensor;
  /**
   * {@link squeeze} of the tensor itself: afterwards it has the new shape.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.squeeze_.html
   */
  squeeze_(dim?: number | readonly number[]): Tensor;
  /**
   * Standard deviation over `dim`, or of all elements: `sqrt(sum((x - mean)^2) / (n - correction))`, the square root of {@link variance}.
   * Where it is 0 its gradient counts as 0.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
   *
   * @throws DTypeError for integers and bools.
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.std.html
   * @example
   * tensor([1, 2, 3, 4]).std().item(); // 1.2910
   * tensor([[1, 3], [2, 2]]).std(1, { correction: 0 }).tolist(); // [1, 0]
   */
  std(dim?: Dims, options?: VarianceOptions): Tensor;
  /**
   * Standard deviation and mean over `dim`, or of all elements: `[std(x, dim, options), mean(x, dim)]`, as {@link std}. An infinity
   * leaves NaN as the mean, too, but as the last element of a line.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.std_mean.html
   * @example
   * const [s, m] = tensor([[1, 3], [2, 2]]).stdMean(1, { correction: 0 });
   * s.tolist(); // [1, 0]
   * m.tolist(); // [2, 2]
   */
  stdMean(dim?: Dims, options?: VarianceOptions): [Tensor, Tensor];
  /**
   * The first element's position in the storage, `x.offset`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.storage_offset.html
   * @example
   * tensor([1, 2, 3]).slice(0, 1).storageOffset(); // 1
   */
  storageOffset(): number;
  /**
   * Elements to step along dimension `d`, `x.strides[d]`; without `d` all strides.
   *
   * @throws IndexError when there is no such dimension.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.stride.html
   * @example
   * zeros([2, 3]).stride(0); // 3
   * zeros([2, 3]).stride(); // [3, 1]
   */
  stride(): readonly number[];
  /** Elements to step along one dimension. */
  stride(d: number): number;
  /**
   * `x - alpha * y`.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for bools: use `logicalXor`; for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sub.html
   * @example
   * tensor([5, 6]).sub(1).tolist(); // [4, 5]
   * sub(tensor([[10], [20]]), tensor([1, 2]), { alpha: 2 }).tolist(); // [[8, 6], [18, 16]]
   */
  sub(y: Operand, options?: AlphaOptions): Tensor;
  /** In place {@link sub}: `x -= alpha * y`. */
  sub_(y: Operand, options?: AlphaOptions): Tensor;
  /** {@link sub} under NumPy's name. */
  subtract(y: Operand, options?: AlphaOptions): Tensor;
  /** {@link sub_} under NumPy's name. */
  subtract_(y: Operand, options?: AlphaOptions): Tensor;
  /**
   * Sum over `dim`, or of all elements: `y[i] = x[i, 0] + x[i, 1] + ...` for `dim` 1.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`, where bools and
   * integers below 32 bits give int32 (PyTorch: int64).
   *
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.sum.html
   * @example
   * import { tensor } from "flambeau";
   * const x = tensor([[1, 2], [3, 4]]);
   * x.sum().item(); // 10
   * x.sum(0).tolist(); // [4, 6]
   * x.sum(1, { keepdim: true }).tolist(); // [[3], [7]]
   */
  sum(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * `x` summed to a shape that broadcasts to its own, as a new tensor: what broadcasting repeated is added up, as `[2, 3] -> [1, 3]`.
   * Shapes: `x` any, the result `shape`. Dtype: as of {@link sum}; `x` itself is copied where nothing is to add.
   *
   * @throws ShapeError when `shape` does not broadcast to that of `x`.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.sum_to_size.html
   * @example
   * import { ones } from "flambeau";
   * ones([2, 3]).sumTo([1, 3]).tolist(); // [[2, 2, 2]]
   * ones([2, 3]).sumTo([]).item(); // 6
   */
  sumTo(shape: readonly number[]): Tensor;
  /**
   * Singular value decomposition: `x = U @ diag(S) @ Vh` with S falling and orthonormal columns in U and rows in Vh. The signs of the vectors
   * are arbitrary; gradients through them have no meaning where singular values are equal.
   * Shapes: `x` [..., M, N]; with K = min(M, N) S [..., K], U [..., M, M] and Vh [..., N, N], or with `fullMatrices: false` U [..., M, K] and
   * Vh [..., K, N]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
   * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.svd.html
   * @example
   * const { U, S, Vh } = tensor([[3, 0], [4, 5]]).svd();
   * S.tolist(); // [6.7082, 2.2361]
   * U.mul(S).matmul(Vh).tolist(); // [[3.0000, 0.0000], [4.0000, 5.0000]]
   */
  svd(options?: SvdOptions): Triple & { U: Tensor; S: Tensor; Vh: Tensor; };
  /** NumPy's name for {@link transpose}. */
  swapaxes(dim0: number, dim1: number): Tensor;
  /** NumPy's name for {@link transpose_}. */
  swapaxes_(dim0: number, dim1: number): Tensor;
  /** Another name of {@link transpose}. */
  swapdims(dim0: number, dim1: number): Tensor;
  /** Another name of {@link transpose_}. */
  swapdims_(dim0: number, dim1: number): Tensor;
  /**
   * The transpose of a matrix: `y[i, j] = x[j, i]`; vectors and 0-d tensors stay as they are. A view.
   *
   * Shapes: [n, m] gives [m, n]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has more than two dimensions.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.t.html
   * @example
   * tensor([[1, 2, 3], [4, 5, 6]]).t().tolist(); // [[1, 4], [2, 5], [3, 6]]
   */
  t(): Tensor;
  /** {@link t}, as a copy. */
  tCopy(): Tensor;
  /**
   * {@link t} of the tensor itself: afterwards it is the transpose.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.t_.html
   */
  t_(): Tensor;
  /**
   * Elements of the flattened tensor by position: `y[i] = flatten(x)[index[i]]`. Negative indices count from the end.
   * Shape: that of `index`. Dtype: that of `x`.
   *
   * @throws IndexError when an index is not in -n..n-1 for the n elements of `x`.
   * @throws DTypeError when `index` is neither int32 nor int64.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.take.html
   * @example
   * const index = tensor([[0, -1], [2, 2]], { dtype: "int32" });
   * tensor([[10, 20], [30, 40]]).take(index).tolist(); // [[10, 40], [30, 30]]
   */
  take(index: Tensor): Tensor;
  /**
   * Elements picked along `dim`, with the other dimensions of `x` and `indices` broadcast: `y[i, j] = x[i, indices[i, j]]` for `dim` 1;
   * without `dim`, from the flattened tensor. Negative indices count from the end.
   * Shapes: `x` and `indices` have as many dimensions; in the result `dim` has the size of `indices`, the others broadcast. Without `dim` the
   * result is 1-d. Dtype: that of `x`.
   *
   * @throws IndexError when an index is not in -n..n-1 for the size n of `dim`, or `dim` is out of range.
   * @throws ShapeError when `indices` has another number of dimensions, or those beside `dim` do not broadcast.
   * @throws DTypeError when `indices` is neither int32 nor int64.
   * @throws DeviceError when the tensors live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.take_along_dim.html
   * @example
   * const x = tensor([[30, 10, 20], [4, 6, 5]]);
   * x.takeAlongDim(x.argsort(1), 1).tolist(); // [[10, 20, 30], [4, 5, 6]]
   * x.takeAlongDim(tensor([[-1]], { dtype: "int32" }), 1).tolist(); // [[20], [5]]
   */
  takeAlongDim(indices: Tensor, dim?: number): Tensor;
  /**
   * Tangent of radians, `y = sin(x) / cos(x)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.tan.html
   * @example
   * tensor([0, Math.PI / 4, -1]).tan().tolist(); // [0, 1.0000, -1.5574]
   */
  tan(): Tensor;
  /** In place {@link tan}: `x = tan(x)`. */
  tan_(): Tensor;
  /**
   * Hyperbolic tangent, `y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))`, between -1 and 1.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.tanh.html
   * @example
   * tensor([-1, 0, 20]).tanh().tolist(); // [-0.7616, 0, 1]
   */
  tanh(): Tensor;
  /** In place {@link tanh}: `x = tanh(x)`. */
  tanh_(): Tensor;
  /**
   * What tanh takes away, `y = x - tanh(x)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
   * @example
   * tensor([-1, 0, 2]).tanhshrink().tolist(); // [-0.2384, 0, 1.0360]
   */
  tanhshrink(): Tensor;
  /**
   * Exactly `sections` parts along `dim`, or parts that end before each listed position: `parts[k][i] = x[starts[k] + i]`. Where a number
   * does not divide, the first parts are larger by one. Views.
   *
   * Shapes: [n, c] gives [n1, c], [n2, c], ... for `dim = 0`. Dtype: that of `x`.
   *
   * @throws ArgumentError when `sections` is no positive integer, or a position no integer.
   * @throws ShapeError when `x` is 0-d.
   * @throws IndexError when `dim` is out of range.
   * @throws UnavailableError when the positions are a tensor on a device that cannot be read synchronously.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.tensor_split.html
   * @example
   * arange(5).tensorSplit(3).map((part) => part.tolist()); // [[0, 1], [2, 3], [4]]
   * arange(5).tensorSplit([1, 3]).map((part) => part.tolist()); // [[0], [1, 2], [3, 4]]
   */
  tensorSplit<const S extends Sections>(indicesOrSections: S, dim?: number): Sectioned<S>;
  /**
   * Sum of products over several dimensions: `z[i, m] = sum(x[i, j, k] * y[j, k, m] over j and k)` for `dims` 2, the last ones of `x` with
   * the first ones of `y`; or over those that two lists name. The others follow each other in the result.
   * Shapes: contracted sizes are equal or 1; the result has the other dimensions of `x`, then those of `y`. Dtype: one for both.
   *
   * @throws ShapeError when contracted sizes differ.
   * @throws ArgumentError when `dims` is neither a fitting number nor two lists of one length.
   * @throws IndexError when a dimension is out of range or named twice.
   * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.tensordot.html
   * @example
   * import { ones, tensor } from "flambeau";
   * ones([2, 3, 4]).tensordot(ones([4, 3, 5]), [[1, 2], [1, 0]]).shape; // [2, 5]
   * tensor([[1, 2], [3, 4]]).tensordot(tensor([[1, 2], [3, 4]])).item(); // 30
   */
  tensordot(y: Tensor, dims?: number | readonly [readonly number[], readonly number[]]): Tensor;
  /**
   * Elements up to a threshold replaced, `y = x <= threshold ? value : x`.
   *
   * Shape: that of `x`. Dtype: that of `x`; for integers the two numbers are rounded towards 0.
   *
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
   * @example
   * tensor([-1, 0.5, 2]).threshold(0.5, 9).tolist(); // [9, 9, 2]
   */
  threshold(threshold: number, value: number): Tensor;
  /** In place {@link threshold}: `x = x <= threshold ? value : x`. */
  threshold_(threshold: number, value: number): Tensor;
  /**
   * {@link repeat} of the last dimensions, where missing counts are 1: `y[i, j] = x[i, j mod n]` for one count.
   *
   * @throws ArgumentError when a count is no integer from 0.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.tile.html
   * @example
   * tensor([[1, 2], [3, 4]]).tile(2).tolist(); // [[1, 2, 1, 2], [3, 4, 3, 4]]
   */
  tile(...sizes: Sizes): Tensor;
  /**
   * `x` with another dtype, on another device, or both: `y[i] = dtype(x[i])`; `x` itself where it is so already. Gradients flow back through
   * it.
   *
   * Shape: that of `x`. Dtype: the one asked for, else that of `x`.
   *
   * @throws DeviceError when no such device is registered.
   * @throws DTypeError when the name is no dtype, or the device does not have it.
   * @throws UnavailableError for a transfer from a device that cannot be read synchronously: write `await x.toAsync("cpu")`. On "meta", which
   * has no values, it is a DataDependentError.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
   * @example
   * const x = tensor([1.5, 2]);
   * x.to("int32").tolist(); // [1, 2]
   * x.to({ device: "meta", dtype: "float64" }).dtype; // "float64"
   * x.to("float32") === x; // true
   */
  to(target: Placement): Tensor;
  /**
   * {@link to} that waits for the device; works from every device to every other. The values are those at the time of the call.
   *
   * @throws DataDependentError for values that "meta" does not have.
   * @example
   * import { tensor } from "flambeau";
   * console.log((await tensor([1, 2]).toAsync({ dtype: "int32" })).tolist()); // [1, 2]
   */
  toAsync(target: Placement): Promise<Tensor>;
  /**
   * What `JSON.stringify` writes of a tensor: the elements as {@link tolist} gives them, bigints as decimal text. NaN and infinities become
   * null, as everywhere in JSON; io keeps tensors exactly.
   *
   * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write what `await x.tolistAsync()` gives.
   * @example
   * JSON.stringify({ w: tensor([[1, 2], [3, NaN]]) }); // '{"w":[[1,2],[3,null]]}'
   */
  toJSON(): Json;
  /**
   * A copy of `x` as plain data, exact in every dtype: `x[i]` lies in `bytes[i * width]` to `bytes[(i + 1) * width - 1]`. Send it with
   * `worker.postMessage(data, [data.bytes.buffer])`; {@link fromTransferable} makes the tensor again. Graphs stay where they are.
   *
   * Shape: any. Dtype: any.
   *
   * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `(await x.toAsync("cpu")).toTransferable()`.
   * @see https://docs.pytorch.org/docs/stable/multiprocessing.html
   * @example
   * const data = tensor([[1, 2]]).toTransferable();
   * fromTransferable(structuredClone(data)).tolist(); // [[1, 2]]
   */
  toTransferable(): TransferableTensor;
  /**
   * The elements as nested arrays: `list[i][j] = x[i, j]`, and a bare value for 0-d tensors. Bools give booleans, int64 beyond 2^53 bigints.
   *
   * Shape: any; arrays are nested as deep as there are dimensions. Dtype: any.
   *
   * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `await x.tolistAsync()`. On "meta", which has no
   * values, it is a DataDependentError.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html
   * @example
   * tensor([[1, 2], [3, 4]]).t().tolist(); // [[1, 3], [2, 4]]
   * tensor(true).tolist(); // true
   */
  tolist(): Nested;
  /**
   * {@link tolist} that waits for the device; works on every backend.
   *
   * @example
   * await tensor([[1, 2]]).tolistAsync(); // [[1, 2]]
   */
  tolistAsync(): Promise<Nested>;
  /**
   * The `k` largest (or smallest) elements along `dim`, in order, and their positions: `values[i] = x[indices[i]]`, the first `k` of
   * {@link sort}. Of equal elements the CPU names those that PyTorch does, other devices the first.
   * Shapes: values and indices are as `x`, with size `k` at `dim`. Dtype: that of `x`; indices are int32 (PyTorch: int64).
   *
   * @throws ArgumentError when `k` is no integer from 0 to the size of `dim`.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.topk.html
   * @example
   * const { values, indices } = tensor([4, 9, 1, 7]).topk(2);
   * values.tolist(); // [9, 7]
   * indices.tolist(); // [1, 3]
   * tensor([4, 9, 1, 7]).topk(2, 0, { largest: false }).values.tolist(); // [1, 4]
   */
  topk(k: number, dim?: number, options?: TopkOptions): Picked;
  /**
   * Sum of the main diagonal of a matrix: `x[0, 0] + x[1, 1] + ...`.
   * Shapes: `x` [M, N], the result 0-d. Dtype: as of {@link sum}.
   *
   * @throws ShapeError when `x` is not a matrix.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.trace.html
   * @example
   * tensor([[1, 2, 3], [4, 5, 6]]).trace().item(); // 6
   */
  trace(): Tensor;
  /**
   * Swaps two dimensions: `y[i, j] = x[j, i]`. A view.
   *
   * Shape: that of `x` with the two sizes swapped. Dtype: that of `x`.
   *
   * @throws IndexError when a dimension is out of range.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.transpose.html
   * @example
   * tensor([[1, 2, 3], [4, 5, 6]]).transpose(0, 1).tolist(); // [[1, 4], [2, 5], [3, 6]]
   * zeros([2, 3, 4]).transpose(-2, -1).shape; // [2, 4, 3]
   */
  transpose(dim0: number, dim1: number): Tensor;
  /** {@link transpose}, as a copy. */
  transposeCopy(dim0: number, dim1: number): Tensor;
  /**
   * {@link transpose} of the tensor itself: afterwards it has the new shape.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.transpose_.html
   */
  transpose_(dim0: number, dim1: number): Tensor;
  /**
   * Integral of `y` along `dim` by the trapezoidal rule: `sum((y[i] + y[i + 1]) / 2 * (x[i + 1] - x[i]))`, with `dx` for the differences
   * where no places `x` are given.
   * Shapes: `y` [..., N, ...]; `x` [N], or a shape that broadcasts to that of `y`; the result is `y` without `dim`. Integers give the default
   * floating dtype.
   *
   * @throws ShapeError when `y` is 0-d, or when `x` has another number of points along `dim`.
   * @throws IndexError when `dim` is out of range.
   * @throws DeviceError when `x` and `y` live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.trapezoid.html
   * @example
   * const y = tensor([1, 5, 10]);
   * y.trapezoid().item(); // 10.5
   * y.trapezoid(null, { dx: 2 }).item(); // 21
   * y.trapezoid(tensor([1, 3, 6])).item(); // 28.5
   */
  trapezoid(x?: Tensor | null, options?: TrapezoidOptions): Tensor;
  /**
   * The lower triangle of the last two dimensions: `y[i, j] = x[i, j]` where `j - i <= diagonal`, else `0`.
   *
   * Shape: that of `x`, [..., h, w]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions.
   * @throws ArgumentError when `diagonal` is no integer.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.tril.html
   * @example
   * import { ones, tril } from "@flambeau/tensor";
   * console.log(tril(ones([2, 2])).tolist()); // [[1, 0], [1, 1]]
   * console.log(tril(ones([2, 3]), 1).tolist()); // [[1, 1, 0], [1, 1, 1]]
   */
  tril(diagonal?: number): Tensor;
  /** In place {@link tril}: `x = tril(x, diagonal)`. */
  tril_(diagonal?: number): Tensor;
  /**
   * The upper triangle of the last two dimensions: `y[i, j] = x[i, j]` where `j - i >= diagonal`, else `0`.
   *
   * Shape: that of `x`, [..., h, w]. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` has fewer than two dimensions.
   * @throws ArgumentError when `diagonal` is no integer.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.triu.html
   * @example
   * ones([2, 2]).triu().tolist(); // [[1, 1], [0, 1]]
   * ones([2, 3]).triu(1).tolist(); // [[0, 1, 1], [0, 0, 1]]
   */
  triu(diagonal?: number): Tensor;
  /** In place {@link triu}: `x = triu(x, diagonal)`. */
  triu_(diagonal?: number): Tensor;
  /** {@link div} under NumPy's name. */
  trueDivide(y: Operand, options?: DivOptions): Tensor;
  /** {@link div_} under NumPy's name. */
  trueDivide_(y: Operand, options?: DivOptions): Tensor;
  /**
   * x without its fraction, rounded towards 0: `y = sign(x) * floor(|x|)`.
   *
   * Shape: that of `x`. Dtype: that of `x`; integers are copied.
   *
   * @throws DTypeError for bools.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.trunc.html
   * @example
   * tensor([1.5, -1.5, 2]).trunc().tolist(); // [1, -1, 2]
   */
  trunc(): Tensor;
  /**
   * Fills `x` with normal numbers that lie in a range: `x[i] ~ N(mean, std^2)`, given that `a <= x[i] <= b`. The gradient of what was there
   * is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
   *
   * @throws ArgumentError when `std` is not positive, or `a` not below `b`.
   * @throws DTypeError when `x` is not floating-point.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
   * @example
   * const x = truncNormal_(zeros([1000]), 0, 1, -1, 1);
   * x.abs().le(1).all().item(); // 1
   */
  truncNormal_(mean?: number, std?: number, a?: number, b?: number, options?: GeneratorOptions): Tensor;
  /** In place {@link trunc}: `x = trunc(x)`. */
  trunc_(): Tensor;
  /**
   * In the dtype of `other`: `x.to(other.dtype)`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.type_as.html
   */
  typeAs(other: Tensor): Tensor;
  /**
   * All slices along `dim`, without that dimension: `parts[k][j] = x[k, j]`. Views, and one node of the graph.
   *
   * Shapes: [n, c] gives n times [c] for `dim = 0`. Dtype: that of `x`.
   *
   * @throws ShapeError when `x` is 0-d.
   * @throws IndexError when `dim` is out of range.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.unbind.html
   * @example
   * const [x, y] = tensor([[1, 2], [3, 4]]).unbind(1);
   * x.tolist(); // [1, 3]
   * y.tolist(); // [2, 4]
   */
  unbind(dim?: number): Tensor[];
  /** {@link unbind}, as copies. */
  unbindCopy(dim?: number): Tensor[];
  /**
   * Splits dimension `dim` into `sizes`, of which one may be -1: `y[i, j] = x[i * m + j]`. The inverse of {@link flatten}. A view when
   * possible, else a copy.
   *
   * Shapes: [n, a b] gives [n, a, b] for `dim = 1` and `sizes = [a, b]`. Dtype: that of `x`.
   *
   * @throws ShapeError when `sizes` do not multiply to the size along `dim`.
   * @throws IndexError when `dim` is out of range.
   * @throws ArgumentError when a size is no integer from -1.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.unflatten.html
   * @example
   * arange(6).unflatten(0, [2, -1]).tolist(); // [[0, 1, 2], [3, 4, 5]]
   */
  unflatten(dim: number, sizes: readonly number[]): Tensor;
  /**
   * Windows of `size` elements, `step` apart, along `dim`: `y[w, k] = x[w * step + k]`; the window is a new last dimension. A view, in which
   * windows share elements.
   *
   * Shapes: [n, c] gives [floor((n - size) / step) + 1, c, size] for `dim = 0`. Dtype: that of `x`.
   *
   * @throws ArgumentError when the window does not fit, or `step` is no positive integer.
   * @throws IndexError when `dim` is out of range.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
   * @example
   * arange(5).unfold(0, 3, 2).tolist(); // [[0, 1, 2], [2, 3, 4]]
   * arange(4).unfold(0, 2, 1).sum(-1).tolist(); // [1, 3, 5]
   */
  unfold(dim: number, size: number, step: number): Tensor;
  /** {@link unfold}, as a copy. */
  unfoldCopy(dim: number, size: number, step: number): Tensor;
  /**
   * Fills `x` with uniform numbers: `x[i] ~ U[from, to)`. The gradient of what was there is 0.
   *
   * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
   *
   * @throws ArgumentError when `from` is above `to`, or the width is not finite.
   * @throws DTypeError when `x` is not floating-point.
   * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
   * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
   * @example
   * manualSeed(0);
   * zeros([3]).uniform_(5, 10).tolist(); // [7.4813, 8.8411, 5.4424]
   */
  uniform_(from?: number, to?: number, options?: GeneratorOptions): Tensor;
  /**
   * The distinct elements, in ascending order: `[3, 1, 3] -> [1, 3]`, or with `dim` the distinct slices along it. With `returnInverse` also
   * where each element went, `x[i] = values[inverse[i]]`, with `returnCounts` also how often each occurs.
   * Shapes: values [K], with `dim` as `x` with K there; inverse as `x`, with `dim` [N]; counts [K]. Dtype: that of `x`; inverse and counts
   * are int32 (PyTorch: int64).
   *
   * @throws UnavailableError where the device cannot be read synchronously (WebGPU): how many there are depends on the values.
   * @throws IndexError when `dim` is out of range.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.unique.html
   * @example
   * import { tensor } from "flambeau";
   * tensor([[3, 1], [3, 2]]).unique().tolist(); // [1, 2, 3]
   * const [values, inverse, counts] = tensor([3, 1, 3]).unique({ returnInverse: true, returnCounts: true });
   * values.tolist(); // [1, 3]
   * inverse.tolist(); // [1, 0, 1]
   * counts.tolist(); // [1, 2]
   */
  unique<const O extends UniqueOptions = object>(options?: O): Unique<O>;
  /**
   * The elements (or slices along `dim`) without those that equal the one before them: `[1, 1, 2, 1] -> [1, 2, 1]`.
   * Shapes: as of {@link unique}, as are the options, dtypes and errors.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.unique_consecutive.html
   * @example
   * const [values, counts] = tensor([1, 1, 2, 1]).uniqueConsecutive({ returnCounts: true });
   * values.tolist(); // [1, 2, 1]
   * counts.tolist(); // [2, 1, 1]
   */
  uniqueConsecutive<const O extends UniqueConsecutiveOptions = object>(options?: O): Unique<O>;
  /**
   * Inserts a dimension of size 1 at `dim` (-1: behind the last): `y[i, 0, j] = x[i, j]` for `dim = 1`. A view.
   *
   * Shapes: [n, c] gives [1, n, c], [n, 1, c] or [n, c, 1]. Dtype: that of `x`.
   *
   * @throws IndexError when `dim` is not one of the places, -ndim - 1 to ndim.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.unsqueeze.html
   * @example
   * tensor([1, 2]).unsqueeze(0).tolist(); // [[1, 2]]
   * tensor([1, 2]).unsqueeze(-1).tolist(); // [[1], [2]]
   */
  unsqueeze(dim: number): Tensor;
  /** {@link unsqueeze}, as a copy. */
  unsqueezeCopy(dim: number): Tensor;
  /**
   * {@link unsqueeze} of the tensor itself: afterwards it has the new shape.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unsqueeze_.html
   */
  unsqueeze_(dim: number): Tensor;
  /**
   * Variance over `dim`, or of all elements: `sum((x - mean)^2) / (n - correction)`, where n counts the elements that are reduced to one. NaN
   * where nothing is left to divide by.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
   *
   * @throws DTypeError for integers and bools.
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.var.html
   * @example
   * import { tensor } from "flambeau";
   * tensor([1, 2, 3, 4]).var().item(); // 1.6667
   * tensor([1, 2, 3, 4]).var(0, { correction: 0 }).item(); // 1.25
   * tensor([[1, 3], [2, 2]]).var(1).tolist(); // [2, 0]
   */
  var(dim?: Dims, options?: VarianceOptions): Tensor;
  /**
   * Variance and mean over `dim`, or of all elements: `[variance(x, dim, options), mean(x, dim)]`, as {@link variance}. An infinity
   * leaves NaN as the mean, too, but as the last element of a line.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.var_mean.html
   * @example
   * const [v, m] = tensor([[1, 3], [2, 2]]).varMean(1);
   * v.tolist(); // [2, 0]
   * m.tolist(); // [2, 2]
   */
  varMean(dim?: Dims, options?: VarianceOptions): [Tensor, Tensor];
  /**
   * Variance over `dim`, or of all elements: `sum((x - mean)^2) / (n - correction)`, where n counts the elements that are reduced to one. NaN
   * where nothing is left to divide by.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
   *
   * @throws DTypeError for integers and bools.
   * @throws IndexError when a dimension is out of range or named twice.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.var.html
   * @example
   * import { tensor } from "flambeau";
   * tensor([1, 2, 3, 4]).var().item(); // 1.6667
   * tensor([1, 2, 3, 4]).var(0, { correction: 0 }).item(); // 1.25
   * tensor([[1, 3], [2, 2]]).var(1).tolist(); // [2, 0]
   */
  variance(dim?: Dims, options?: VarianceOptions): Tensor;
  /**
   * Inner product of two vectors: `sum(x[i] * y[i])`. Of real vectors it is the same as {@link dot}.
   * Shapes: as of {@link dot}, as are the other errors.
   *
   * @throws ShapeError when either is not a vector, or the sizes differ.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.vdot.html
   * @example
   * tensor([1, 2, 3]).vdot(tensor([4, 5, 6])).item(); // 32
   */
  vdot(y: Tensor): Tensor;
  /**
   * Inner products of vectors along `dim` (default -1): `sum(x * y)` over that dimension.
   * Shapes: `x` and `y` broadcast; the result lacks `dim`. Dtype: what they promote to, summed as {@link sum} does.
   *
   * @throws ShapeError when they do not broadcast.
   * @throws IndexError when `dim` is out of range.
   * @throws DeviceError when they live on different devices.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.vecdot.html
   * @example
   * tensor([[1, 2], [3, 4]]).vecdot(tensor([1, 10])).tolist(); // [21, 43]
   */
  vecdot(y: Tensor, options?: VectorOptions): Tensor;
  /**
   * The p-norm of vectors over `dim`, or of all elements: `sum(|x|^ord)^(1 / ord)`. Infinity gives the largest |x|, -Infinity the smallest, 0
   * the count of elements that are not 0.
   * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
   *
   * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
   * @throws IndexError when a dimension is out of range or named twice, or has size 0 and `ord` is negative or Infinity.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
   * @example
   * import { tensor, vectorNorm } from "flambeau";
   * vectorNorm(tensor([3, -4])).item(); // 5
   * vectorNorm(tensor([[3, -4], [0, 2]]), Infinity, 1).tolist(); // [4, 2]
   * vectorNorm(tensor([3, 0, -4]), 0).item(); // 2
   */
  vectorNorm(ord?: number, dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * The same elements in another shape, or that of another tensor, in the same memory: `y[i, j] = x[i * m + j]` for a vector seen as [n, m];
   * one size may be -1. A view; the method `x.view(2, -1)` takes the sizes one after another.
   *
   * Shape: `shape`, or that of the tensor `shape`, which holds as many elements. Dtype: that of `x`.
   *
   * @throws ShapeError when that needs a copy (use {@link reshape}), or `shape` does not hold the elements.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.view.html
   * @example
   * const x = arange(6);
   * viewAs(x, [2, 3]).tolist(); // [[0, 1, 2], [3, 4, 5]]
   * x.view(3, -1).shape; // [3, 2]
   * x.viewAs(zeros([2, 3])).shape; // [2, 3]
   */
  view(...sizes: Sizes): Tensor;
  /**
   * The same elements in another shape, or that of another tensor, in the same memory: `y[i, j] = x[i * m + j]` for a vector seen as [n, m];
   * one size may be -1. A view; the method `x.view(2, -1)` takes the sizes one after another.
   *
   * Shape: `shape`, or that of the tensor `shape`, which holds as many elements. Dtype: that of `x`.
   *
   * @throws ShapeError when that needs a copy (use {@link reshape}), or `shape` does not hold the elements.
   * @throws MemoryError when `x` was disposed.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.view.html
   * @example
   * const x = arange(6);
   * viewAs(x, [2, 3]).tolist(); // [[0, 1, 2], [3, 4, 5]]
   * x.view(3, -1).shape; // [3, 2]
   * x.viewAs(zeros([2, 3])).shape; // [2, 3]
   */
  viewAs(shape: readonly number[] | Tensor): Tensor;
  /** {@link viewAs}, as a copy. */
  viewCopy(shape: Tensor | readonly number[]): Tensor;
  /**
   * {@link tensorSplit} into rows, along dimension 0: `parts[k][i, j] = x[starts[k] + i, j]`.
   *
   * @throws ArgumentError when a number of sections does not divide.
   * @throws ShapeError when `x` has fewer than two dimensions.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.vsplit.html
   * @example
   * tensor([[1, 2], [3, 4]]).vsplit(2).map((part) => part.tolist()); // [[[1, 2]], [[3, 4]]]
   */
  vsplit<const S extends Sections>(sections: S): Sectioned<S>;
  /**
   * `x * log(1 + y)`, and 0 where `x` is 0 and `y` is not NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.xlog1py
   * @example
   * xlog1py(tensor([0, 0, 2]), tensor([-1, NaN, 3])).tolist(); // [0, NaN, 2.7726]
   */
  xlog1py(y: Operand): Tensor;
  /**
   * `x * log(y)`, and 0 where `x` is 0 and `y` is not NaN.
   *
   * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
   *
   * @throws ShapeError when the shapes do not broadcast.
   * @throws DeviceError when the tensors live on different devices.
   * @throws DTypeError for two numbers.
   * @see https://docs.pytorch.org/docs/stable/generated/torch.xlogy.html
   * @example
   * xlogy(tensor([0, 0, 2]), tensor([0, NaN, 3])).tolist(); // [0, NaN, 2.1972]
   */
  xlogy(y: Operand): Tensor;
  /** In place {@link xlogy}: `x = x * log(y)`. */
  xlogy_(y: Operand): Tensor;
  /**
   * Sets every element to 0, as {@link fill_} does: `target[i] = 0`.
   *
   * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.zero_.html
   * @example
   * tensor([1, 2]).zero_().tolist(); // [0, 0]
   */
  zero_(): Tensor;
}
