import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, number } from "../../core/options.ts";
import { checkTensor, checkTensors, type Tensor } from "../../core/tensor.ts";
import { alikeInWidth, inFloat32, toDType } from "../../door/convert.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkInteger } from "../../layout/integers.ts";
import { broadcastShapes, normalizeDim, normalizeDims, sameShape, sizeOf } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { abs, add, mul } from "../pointwise/arithmetic.ts";
import { nanToNum } from "../pointwise/clamp.ts";
import { sum } from "../reduce/reduction.ts";
import { permute, reshape, unsqueeze } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { type VectorOptions, vectorKinds } from "./vectors.ts";

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
export function outer(x: Tensor, y: Tensor): Tensor {
  checkTensor("outer", "x", x);
  checkTensor("outer", "y", y);
  if (x.ndim !== 1 || y.ndim !== 1)
    throw new ShapeError("outer", `expected two vectors, got ${showShape(x.shape)} and ${showShape(y.shape)}`, [
      x.shape,
      y.shape,
    ]);
  return mul(unsqueeze(x, 1), y);
}
/**
 * Inner product of two vectors: `sum(x[i] * y[i])`. Of real vectors it is the same as {@link dot}.
 * Shapes: as of {@link dot}, as are the other errors.
 *
 * @throws ShapeError when either is not a vector, or the sizes differ.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.vdot.html
 * @example
 * tensor([1, 2, 3]).vdot(tensor([4, 5, 6])).item(); // 32
 */
export function vdot(x: Tensor, y: Tensor): Tensor {
  const whole = wholeBy("vdot", x);
  if (whole !== null) return whole(vdot, [x, y]);
  checkTensor("vdot", "x", x);
  checkTensor("vdot", "y", y);
  if (x.ndim !== 1 || y.ndim !== 1)
    throw new ShapeError("vdot", `expected two vectors, got ${showShape(x.shape)} and ${showShape(y.shape)}`, [
      x.shape,
      y.shape,
    ]);
  return matmul(x, y);
}
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
export function vecdot(x: Tensor, y: Tensor, options: VectorOptions = none): Tensor {
  const whole = wholeBy("vecdot", x);
  if (whole !== null) return whole(vecdot, [x, y, options]);
  if (unscoped()) return scoped(vecdot, x, y, options);
  checkOptions("vecdot", vectorKinds, options);
  const wide = inFloat32(x, y);
  if (wide) return toDType(vecdot(...wide, options), x.dtype);
  const { dim = -1 } = options;
  const products = mul(x, y);
  return sum(products, normalizeDim("vecdot", dim, products.ndim));
}
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
export function inner(x: Tensor, y: Tensor): Tensor {
  checkTensor("inner", "x", x);
  checkTensor("inner", "y", y);
  if (x.ndim === 0 || y.ndim === 0) return mul(x, y);
  if (x.shape[x.ndim - 1] !== y.shape[y.ndim - 1])
    throw new ShapeError("inner", `last sizes differ: ${showShape(x.shape)} and ${showShape(y.shape)}`, [
      x.shape,
      y.shape,
    ]);
  return tensordot(x, y, [[-1], [-1]]);
}

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
export function tensordot(
  x: Tensor,
  y: Tensor,
  dims: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const whole = wholeBy("tensordot", x);
  if (whole !== null) return whole(tensordot, [x, y, dims]);
  if (unscoped()) return scoped(tensordot, x, y, dims);
  checkTensor("tensordot", "x", x);
  checkTensor("tensordot", "y", y);
  if (Array.isArray(dims) ? dims.length !== 2 : typeof dims !== "number")
    throw new ArgumentError("tensordot", `dims must be an integer or two lists of them, got ${show(dims)}`);
  if (typeof dims === "number") checkInteger("tensordot", "dims", dims);
  if (typeof dims === "number" && (dims < 0 || dims > x.ndim || dims > y.ndim))
    throw new ArgumentError(
      "tensordot",
      `cannot contract ${dims} dimensions of ${showShape(x.shape)} and ${showShape(y.shape)}`,
    );
  const count = Array.from({ length: typeof dims === "number" ? dims : 0 }, (_, i) => i);
  const [left, right] = typeof dims === "number" ? [count.map((i) => x.ndim - dims + i), count] : dims;
  const a = normalizeDims("tensordot", left, x.ndim);
  const b = normalizeDims("tensordot", right, y.ndim);
  if (a.length !== b.length)
    throw new ArgumentError("tensordot", `dims ${show(left)} and ${show(right)} differ in length`);
  let [p, q] = [x, y];
  a.forEach((d, i) => {
    const [m, n] = [x.shape[d], y.shape[b[i]]];
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        "tensordot",
        `contracted sizes differ: ${m} of ${showShape(x.shape)} and ${n} of ${showShape(y.shape)}`,
        [x.shape, y.shape],
      );
    // a size of 1 meets every element of the other side
    if (m === 1 && n !== 1) q = sum(q, b[i], { keepdim: true, dtype: q.dtype });
    if (n === 1 && m !== 1) p = sum(p, d, { keepdim: true, dtype: p.dtype });
  });
  const keptX = x.shape.map((_, d) => d).filter((d) => !a.includes(d));
  const keptY = y.shape.map((_, d) => d).filter((d) => !b.includes(d));
  const inside = sizeOf(a.map((d) => p.shape[d]));
  const rows = reshape(permute(p, [...keptX, ...a]), [sizeOf(keptX.map((d) => x.shape[d])), inside]);
  const columns = reshape(permute(q, [...b, ...keptY]), [inside, sizeOf(keptY.map((d) => y.shape[d]))]);
  return reshape(matmul(rows, columns), [...keptX.map((d) => x.shape[d]), ...keptY.map((d) => y.shape[d])]);
}

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
export function kron(x: Tensor, y: Tensor): Tensor {
  checkTensor("kron", "x", x);
  checkTensor("kron", "y", y);
  const rank = Math.max(x.ndim, y.ndim);
  const wide = (t: Tensor) => [...new Array<number>(rank - t.ndim).fill(1), ...t.shape];
  const [a, b] = [wide(x), wide(y)];
  const blocks = mul(
    reshape(
      x,
      a.flatMap((s) => [s, 1]),
    ),
    reshape(
      y,
      b.flatMap((s) => [1, s]),
    ),
  );
  return reshape(
    blocks,
    a.map((s, i) => s * b[i]),
  );
}

export interface ScaledSumOptions {
  /** Factor of the first tensor (default 1); 0 leaves it out, NaN and all. */
  readonly beta?: number | undefined;
  /** Factor of the product (default 1); 0 leaves it out, NaN and all, but in `addr` and in `baddbmm` of matrices of few elements. */
  readonly alpha?: number | undefined;
}
const scaledSumKinds: Kinds<ScaledSumOptions> = { beta: number, alpha: number };
/**
 * beta * x + alpha * product; integers take whole factors, cut off as in PyTorch. `leaves`: an alpha of 0 leaves the product out, as BLAS
 * does, which PyTorch calls for all but few elements.
 */
function scaledSum(op: string, x: Tensor, product: Tensor, options: ScaledSumOptions, leaves = true): Tensor {
  const whole = !isFloat(product.dtype);
  const factor = (f: number | undefined) => (f === undefined ? 1 : whole ? Math.trunc(f) : f);
  const [beta, alpha] = [factor(options.beta), factor(options.alpha)];
  if (x.dtype !== product.dtype) [x, product] = alikeInWidth(x, product);
  if (x.dtype !== product.dtype)
    throw new DTypeError(op, `operands have different dtypes: ${x.dtype} and ${product.dtype}`);
  if (!sameShape(broadcastShapes(op, x.shape, product.shape), product.shape))
    throw new ShapeError(
      op,
      `the first tensor ${showShape(x.shape)} does not broadcast to the product's shape ${showShape(product.shape)}`,
      [x.shape, product.shape],
    );
  const none0 = leaves && alpha === 0 && !whole; // 0, and not -0
  const scaled =
    alpha === 1 ? product : mul(none0 ? abs(nanToNum(product, { nan: 0, posinf: 0, neginf: 0 })) : product, alpha);
  const out = beta === 0 ? scaled : add(scaled, beta === 1 ? x : mul(x, beta));
  return toDType(out, product.dtype);
}
function ranks(op: string, a: Tensor, rankA: number, b: Tensor, rankB: number): void {
  if (a.ndim !== rankA || b.ndim !== rankB)
    throw new ShapeError(
      op,
      `expected ${rankA}-d and ${rankB}-d factors, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
      [a.shape, b.shape],
    );
}
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
export function addmm(x: Tensor, a: Tensor, b: Tensor, options: ScaledSumOptions = none): Tensor {
  const whole = wholeBy("addmm", x);
  if (whole !== null) return whole(addmm, [x, a, b, options]);
  if (unscoped()) return scoped(addmm, x, a, b, options);
  checkOptions("addmm", scaledSumKinds, options);
  checkTensor("addmm", "x", x);
  checkTensor("addmm", "a", a);
  checkTensor("addmm", "b", b);
  const wide = inFloat32(x, a, b);
  if (wide) return toDType(addmm(...wide, options), x.dtype);
  ranks("addmm", a, 2, b, 2);
  return scaledSum("addmm", x, matmul(a, b), options);
}
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
export function addmv(x: Tensor, a: Tensor, v: Tensor, options: ScaledSumOptions = none): Tensor {
  const whole = wholeBy("addmv", x);
  if (whole !== null) return whole(addmv, [x, a, v, options]);
  if (unscoped()) return scoped(addmv, x, a, v, options);
  checkOptions("addmv", scaledSumKinds, options);
  checkTensor("addmv", "x", x);
  checkTensor("addmv", "a", a);
  checkTensor("addmv", "v", v);
  const wide = inFloat32(x, a, v);
  if (wide) return toDType(addmv(...wide, options), x.dtype);
  ranks("addmv", a, 2, v, 1);
  return scaledSum("addmv", x, matmul(a, v), options);
}
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
export function addr(x: Tensor, u: Tensor, v: Tensor, options: ScaledSumOptions = none): Tensor {
  const whole = wholeBy("addr", x);
  if (whole !== null) return whole(addr, [x, u, v, options]);
  if (unscoped()) return scoped(addr, x, u, v, options);
  checkOptions("addr", scaledSumKinds, options);
  checkTensor("addr", "x", x);
  checkTensor("addr", "u", u);
  checkTensor("addr", "v", v);
  const wide = inFloat32(x, u, v);
  if (wide) return toDType(addr(...wide, options), x.dtype);
  ranks("addr", u, 1, v, 1);
  return scaledSum("addr", x, outer(u, v), options, false);
}
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
export function baddbmm(x: Tensor, a: Tensor, b: Tensor, options: ScaledSumOptions = none): Tensor {
  const whole = wholeBy("baddbmm", x);
  if (whole !== null) return whole(baddbmm, [x, a, b, options]);
  if (unscoped()) return scoped(baddbmm, x, a, b, options);
  checkOptions("baddbmm", scaledSumKinds, options);
  checkTensor("baddbmm", "x", x);
  checkTensor("baddbmm", "a", a);
  checkTensor("baddbmm", "b", b);
  const wide = inFloat32(x, a, b);
  if (wide) return toDType(baddbmm(...wide, options), x.dtype);
  ranks("baddbmm", a, 3, b, 3);
  return scaledSum("baddbmm", x, matmul(a, b), options, a.shape[1] * a.shape[2] * (b.shape[2] ?? 1) >= 400);
}
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
export function addbmm(x: Tensor, a: Tensor, b: Tensor, options: ScaledSumOptions = none): Tensor {
  const whole = wholeBy("addbmm", x);
  if (whole !== null) return whole(addbmm, [x, a, b, options]);
  if (unscoped()) return scoped(addbmm, x, a, b, options);
  checkOptions("addbmm", scaledSumKinds, options);
  checkTensor("addbmm", "x", x);
  checkTensor("addbmm", "a", a);
  checkTensor("addbmm", "b", b);
  const wide = inFloat32(x, a, b);
  if (wide) return toDType(addbmm(...wide, options), x.dtype);
  ranks("addbmm", a, 3, b, 3);
  if (a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[1])
    throw new ShapeError("addbmm", `factors do not fit: ${showShape(a.shape)} and ${showShape(b.shape)}`, [
      a.shape,
      b.shape,
    ]);
  // the sum over the batch is one product with the batch among the inner dimensions
  return scaledSum(
    "addbmm",
    x,
    tensordot(a, b, [
      [0, 2],
      [0, 1],
    ]),
    options,
  );
}

/**
 * A bilinear map of two vectors for each output: `y[..., k] = x1^T @ weight[k] @ x2 + bias[k]`.
 * Shapes: `x1` [..., in1], `x2` [..., in2], `weight` [out, in1, in2], `bias` [out], the result [..., out]. Dtype: one for all.
 *
 * @throws ShapeError when the sizes do not fit, or the leading ones of `x1` and `x2` differ.
 * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
 * @example
 * const weight = tensor([[[1, 0], [0, 1]], [[0, 1], [0, 0]]]);
 * bilinear(tensor([1, 2]), tensor([3, 4]), weight, tensor([0, 100])).tolist(); // [11, 104]
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const whole = wholeBy("bilinear", x1);
  if (whole !== null) return whole(bilinear, [x1, x2, weight, bias]);
  if (unscoped()) return scoped(bilinear, x1, x2, weight, bias);
  checkTensor("bilinear", "x1", x1);
  checkTensor("bilinear", "x2", x2);
  checkTensor("bilinear", "weight", weight);
  const wide = inFloat32(x1, x2, weight, bias);
  if (wide) return toDType(bilinear(...wide), x1.dtype);
  const lead = x1.shape.slice(0, -1);
  if (
    weight.ndim !== 3 ||
    x1.shape[x1.ndim - 1] !== weight.shape[1] ||
    x2.shape[x2.ndim - 1] !== weight.shape[2] ||
    !sameShape(lead, x2.shape.slice(0, -1))
  )
    throw new ShapeError(
      "bilinear",
      `inputs ${showShape(x1.shape)} and ${showShape(x2.shape)} do not fit weight ${showShape(weight.shape)}`,
      [x1.shape, x2.shape, weight.shape],
    );
  const [out, m, n] = weight.shape;
  const rows = sizeOf(lead);
  const half = matmul(reshape(x1, [rows, m]), reshape(permute(weight, [1, 0, 2]), [m, out * n]));
  const product = matmul(reshape(half, [rows, out, n]), reshape(x2, [rows, n, 1]));
  const result = reshape(product, [...lead, out]);
  return bias ? add(result, bias) : result;
}

/**
 * Product of several matrices, in the order that costs least: `y = a @ b @ c`. The first and the last may be vectors, a row and a column.
 * Shapes: [N0, N1], [N1, N2] and so on; the result [N0, Nk], without the dimension of a vector. Dtype: one for all.
 *
 * @throws ArgumentError when there are fewer than two.
 * @throws ShapeError when one is not a matrix, or the inner sizes differ.
 * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.multi_dot.html
 * @example
 * const a = tensor([[1, 2], [3, 4]]);
 * multiDot([tensor([1, 1]), a, tensor([1, 10])]).item(); // 64
 * multiDot([a, a, a]).tolist(); // [[37, 54], [81, 118]]
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  if (unscoped()) return scoped(multiDot, tensors);
  checkTensors("multiDot", "tensors", tensors);
  const whole = tensors.length > 0 ? wholeBy("multiDot", tensors[0]) : null;
  if (whole !== null) return whole(multiDot, [tensors]);
  const wide = inFloat32(...tensors);
  if (wide) return toDType(multiDot(wide), tensors[0].dtype);
  if (tensors.length < 2) throw new ArgumentError("multiDot", `expected at least two tensors, got ${tensors.length}`);
  const last = tensors.length - 1;
  const chain = tensors.map((x, i) => {
    if (x.ndim === 1 && i === 0) return unsqueeze(x, 0);
    if (x.ndim === 1 && i === last) return unsqueeze(x, 1);
    if (x.ndim !== 2)
      throw new ShapeError("multiDot", `tensor ${i} must be a matrix, got ${showShape(x.shape)}`, [x.shape]);
    return x;
  });
  const out = cheapest(chain);
  const lead = tensors[0].ndim === 1 ? [] : [out.shape[0]];
  return reshape(out, tensors[last].ndim === 1 ? lead : [...lead, out.shape[1]]);
}
/** Matrix-chain multiplication by dynamic programming (Cormen et al., Introduction to Algorithms, 15.2). */
function cheapest(chain: readonly Tensor[]): Tensor {
  const n = chain.length;
  const sizes = [chain[0].shape[0], ...chain.map((x) => x.shape[1])];
  const cost = chain.map(() => new Array<number>(n).fill(0));
  const cut = chain.map(() => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++)
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      cost[i][j] = Infinity;
      for (let k = i; k < j; k++) {
        const c = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (c < cost[i][j]) [cost[i][j], cut[i][j]] = [c, k];
      }
    }
  const product = (i: number, j: number): Tensor =>
    i === j ? chain[i] : matmul(product(i, cut[i][j]), product(cut[i][j] + 1, j));
  return product(0, n - 1);
}
/**
 * Product of matrices given one by one: `multiDot([a, b, c])`, {@link multiDot} under its older name. One matrix is given back as it is.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.chain_matmul.html
 * @example
 * const a = tensor([[1, 2], [3, 4]]);
 * chainMatmul(a, a, a).tolist(); // [[37, 54], [81, 118]]
 */
export const chainMatmul = (...matrices: Tensor[]): Tensor =>
  matrices.length === 1 ? matrices[0] : multiDot(matrices);
