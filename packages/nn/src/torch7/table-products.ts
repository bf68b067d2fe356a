import {
  ArgumentError,
  add,
  isTensor,
  matmul,
  mul,
  reshape,
  ShapeError,
  select,
  squeeze,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkInteger, checkTensor, normalizeDim, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { checkFlag, checkList, checkTensorList, type Table, whole } from "./table.ts";

/**
 * Matrix product of two matrices, or of each pair of two batches: `y = x[0] @ x[1]`, each transposed before where `transA` or `transB`
 * says so.
 *
 * Shapes: [n, k] and [k, m] give [n, m]; [N, n, k] and [N, k, m] give [N, n, m]. Dtype: that of the two.
 *
 * @throws ShapeError when the two are not both matrices or both batches, or sizes do not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.MM
 * @example
 * new MM().forward([randn([2, 3]), randn([3, 4])]).shape; // [2, 4]
 * new MM(true, false).forward([randn([5, 3, 2]), randn([5, 3, 4])]).shape; // [5, 2, 4]
 */
export class MM extends Module {
  readonly transA: boolean;
  readonly transB: boolean;
  constructor(transA = false, transB = false) {
    super();
    checkFlag("MM", "transA", transA);
    checkFlag("MM", "transB", transB);
    this.transA = transA;
    this.transB = transB;
  }
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("MM", x, 2);
    const [a, b] = x;
    if (a.ndim < 2 || a.ndim > 3 || b.ndim !== a.ndim || (a.ndim === 3 && a.shape[0] !== b.shape[0]))
      throw new ShapeError(
        "MM",
        `takes two matrices, or two batches of as many, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
        [a.shape, b.shape],
      );
    return whole(() => matmul(this.transA ? transpose(a, -2, -1) : a, this.transB ? transpose(b, -2, -1) : b));
  }
  override extraRepr(): string {
    return shown({ transA: this.transA, transB: this.transB });
  }
}

/**
 * Product of a matrix and a vector, or of each pair of two batches: `y = x[0] @ x[1]`, the matrix transposed before where `trans` says so.
 *
 * Shapes: [n, k] and [k] give [n]; [N, n, k] and [N, k] give [N, n]. Dtype: that of the two.
 *
 * @throws ShapeError when the two are not a matrix and a vector or batches of them, or sizes do not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.MV
 * @example
 * new MV().forward([randn([2, 3]), randn([3])]).shape; // [2]
 * new MV(true).forward([randn([5, 3, 2]), randn([5, 3])]).shape; // [5, 2]
 */
export class MV extends Module {
  readonly trans: boolean;
  constructor(trans = false) {
    super();
    checkFlag("MV", "trans", trans);
    this.trans = trans;
  }
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("MV", x, 2);
    const [m, v] = x;
    if (m.ndim < 2 || m.ndim > 3 || v.ndim !== m.ndim - 1 || (m.ndim === 3 && m.shape[0] !== v.shape[0]))
      throw new ShapeError(
        "MV",
        `takes a matrix and a vector, or batches of as many, got ${showShape(m.shape)} and ${showShape(v.shape)}`,
        [m.shape, v.shape],
      );
    return whole(() => squeeze(matmul(this.trans ? transpose(m, -2, -1) : m, unsqueeze(v, -1)), -1));
  }
  override extraRepr(): string {
    return shown({ trans: this.trans });
  }
}

/**
 * Mixture of experts: `[gater, experts] -> y = gater[0] * experts[0] + gater[1] * experts[1] + ...`. The experts are a list of tensors, or
 * one tensor with them along `dim`, which is 0 for a single example and 1 for a batch unless it is given.
 *
 * Shapes: a gater of [n] or, of a batch, [N, n]; n experts of one shape, which in a batch starts with N. The result has the shape of one
 * expert. Dtype: that of the inputs.
 *
 * @throws ArgumentError when there is not one weight for each expert.
 * @throws ShapeError when the gater is neither a vector nor a matrix.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.MixtureTable
 * @example
 * const gater = tensor([[0.5, 0.5]]);
 * new MixtureTable().forward([gater, [tensor([[2, 4]]), tensor([[0, 8]])]]).tolist(); // [[1, 6]]
 * new MixtureTable(4).forward([ones([2, 3]), ones([2, 4, 2, 5, 3])]).shape; // [2, 4, 2, 5]
 */
export class MixtureTable extends Module {
  readonly dim: number | undefined;
  constructor(dim?: number) {
    super();
    if (dim !== undefined) checkInteger("MixtureTable", "dim", dim);
    this.dim = dim;
  }
  forward(x: readonly [Tensor, Tensor | readonly Tensor[]]): Tensor {
    checkList("MixtureTable", x, 2);
    const [gater, experts] = x as readonly [Tensor, Table]; // the first is looked at here, the second below
    checkTensor("MixtureTable", "the gater", gater);
    if (gater.ndim < 1 || gater.ndim > 2)
      throw new ShapeError("MixtureTable", `the gater is [n] or [N, n], got ${showShape(gater.shape)}`, [gater.shape]);
    const n = gater.shape[gater.ndim - 1];
    return whole(() => (isTensor(experts) ? this.alongDim(gater, experts, n) : listed(gater, experts, n)));
  }
  private alongDim(gater: Tensor, experts: Tensor, n: number): Tensor {
    const dim = normalizeDim("MixtureTable", this.dim ?? gater.ndim - 1, experts.ndim);
    checkExperts(n, experts.shape[dim]);
    const shape = experts.shape.map(() => 1);
    if (gater.ndim === 2) shape[0] = gater.shape[0];
    shape[dim] = n;
    return sum(mul(reshape(gater, shape), experts), dim);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}
function listed(gater: Tensor, experts: unknown, n: number): Tensor {
  checkTensorList("MixtureTable", experts);
  checkExperts(n, experts.length);
  return experts
    .map((expert, i) => {
      const weight = select(gater, -1, i); // a number, or one for each example
      return mul(expert, reshape(weight, [...weight.shape, ...new Array<number>(expert.ndim - weight.ndim).fill(1)]));
    })
    .reduce((total, part) => add(total, part));
}
function checkExperts(weights: number, experts: number): void {
  if (weights !== experts)
    throw new ArgumentError("MixtureTable", `the gater has ${weights} weights for ${experts} experts`);
}
