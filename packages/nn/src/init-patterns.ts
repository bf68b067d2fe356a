import {
  ArgumentError,
  copy_,
  diagonal,
  empty,
  eye,
  fill_,
  type GeneratorOptions,
  indexFill_,
  mul,
  narrow,
  noGrad,
  normal_,
  qr,
  randperm,
  reshape,
  ShapeError,
  select,
  sign,
  type Tensor,
  tidy,
  transpose,
} from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";

export const generatorKinds: Kinds<GeneratorOptions> = { generator: option.generator };

/** Writes into a tensor unrecorded; what is made on the way is freed. */
const write = (t: Tensor, into: () => void): Tensor => {
  noGrad(() => tidy(into));
  return t;
};
function checkRank(op: string, t: Tensor, least: number, most = least): void {
  checkTensor(op, "t", t);
  if (t.ndim < least || t.ndim > most)
    throw new ShapeError(
      op,
      `expected a tensor of ${least === most ? least : `${least} to ${most}`} dimensions, got ${showShape(t.shape)}`,
      [t.shape],
    );
}

/**
 * Fills a matrix in place with the identity: `t[i, j] = i == j ? 1 : 0`. No graph records it.
 *
 * Shape: [n, m]; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws ShapeError when `t` does not have two dimensions.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.eye_
 * @example
 * nn.init.eye_(empty([2, 3])).tolist(); // [[1, 0, 0], [0, 1, 0]]
 */
export function eye_(t: Tensor): Tensor {
  checkRank("eye_", t, 2);
  return write(t, () => {
    copy_(t, eye(t.shape[0], t.shape[1], { dtype: t.dtype, device: t.device }));
  });
}

/**
 * Fills the weight of a convolution in place so that it hands its input on: `t[g * o + d, d, middle] = 1` for the o outputs of each of the
 * `groups` g and all of their channels d, zeros elsewhere. No graph records it.
 *
 * Shape: [out, in, ...kernel] with one to three kernel sizes; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws ShapeError when `t` has another rank, or `groups` does not divide its first size.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.dirac_
 * @example
 * nn.init.dirac_(empty([2, 2, 3])).tolist(); // [[[0, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]]
 */
export function dirac_(t: Tensor, groups = 1): Tensor {
  checkRank("dirac_", t, 3, 5);
  const [out, channels, ...kernel] = t.shape;
  if (!Number.isInteger(groups) || groups < 1 || out % groups !== 0)
    throw new ShapeError("dirac_", `groups (${groups}) must divide the first size of ${showShape(t.shape)}`, [t.shape]);
  const perGroup = out / groups;
  return write(t, () => {
    fill_(t, 0);
    for (let g = 0; g < groups; g++)
      for (let d = 0; d < Math.min(perGroup, channels); d++) {
        let at = select(select(t, 0, g * perGroup + d), 0, d);
        for (const size of kernel) at = select(at, 0, Math.floor(size / 2));
        fill_(at, 1);
      }
  });
}

/**
 * Fills a matrix in place with orthogonal rows or columns, whichever are fewer, times `gain`: `t = gain * Q` with Q from the QR
 * decomposition of normal numbers, and the signs that make it unique. Further dimensions count as columns. No graph records it.
 *
 * Shape: [rows, ...columns]; the result is `t` itself. Dtype: that of `t`, float32 or float64, which stays.
 *
 * @throws ShapeError when `t` has fewer than two dimensions.
 * @throws DTypeError when `t` is neither float32 nor float64.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.orthogonal_
 * @see Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2013, https://arxiv.org/abs/1312.6120
 * @example
 * const t = nn.init.orthogonal_(empty([2, 5]));
 * t.matmul(t.t()).round().abs().tolist(); // [[1, 0], [0, 1]]
 */
export function orthogonal_(t: Tensor, gain = 1, options: GeneratorOptions = option.none): Tensor {
  checkOptions("orthogonal_", generatorKinds, options);
  checkRank("orthogonal_", t, 2, Number.POSITIVE_INFINITY);
  if (t.size === 0) return t;
  const rows = t.shape[0];
  const columns = t.size / rows;
  return write(t, () => {
    const drawn = normal_(empty([rows, columns], { dtype: t.dtype, device: t.device }), 0, 1, options);
    const { Q, R } = qr(rows < columns ? transpose(drawn, 0, 1) : drawn);
    const unique = mul(Q, sign(diagonal(R)));
    copy_(t, mul(reshape(rows < columns ? transpose(unique, 0, 1) : unique, t.shape), gain));
  });
}

/**
 * Fills a matrix in place with normal numbers and zeros: `t[i, j] ~ N(0, std^2)`, but for `ceil(sparsity * rows)` zeros in each column. No
 * graph records it.
 *
 * Shape: [rows, columns]; the result is `t` itself. Dtype: that of `t`, a floating-point one, which stays.
 *
 * @throws ShapeError when `t` does not have two dimensions.
 * @throws ArgumentError when `sparsity` is not a share from 0 to 1.
 * @throws DTypeError when `t` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.sparse_
 * @example
 * nn.init.sparse_(empty([10, 3]), 0.3).eq(0).sum(0).tolist(); // [3, 3, 3]
 */
export function sparse_(t: Tensor, sparsity: number, std = 0.01, options: GeneratorOptions = option.none): Tensor {
  checkOptions("sparse_", generatorKinds, options);
  checkRank("sparse_", t, 2);
  if (!(sparsity >= 0 && sparsity <= 1))
    throw new ArgumentError("sparse_", `sparsity must be a share from 0 to 1, got ${sparsity}`);
  const [rows, columns] = t.shape;
  const zeros = Math.ceil(sparsity * rows);
  return write(t, () => {
    normal_(t, 0, std, options);
    for (let j = 0; j < columns; j++)
      indexFill_(select(t, 1, j), 0, narrow(randperm(rows, { device: t.device }), 0, 0, zeros), 0);
  });
}
