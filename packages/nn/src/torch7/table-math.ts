import { add, add_, div, max, min, mul, ShapeError, stack, sub, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, sameShape, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { checkList, checkTensorList, type Table, whole } from "./table.ts";

export interface InplaceOptions {
  /** Whether the input (of several the first) is written over. Default false. */
  readonly inplace?: boolean | undefined;
}
export const inplaceKinds: Kinds<InplaceOptions> = { inplace: option.boolean };

/**
 * Sum of a list of tensors: `y = x[0] + x[1] + ...`. With `inplace` it is written to the first.
 *
 * Shapes: tensors that broadcast; their common shape. Dtype: that to which they are promoted.
 *
 * @throws ArgumentError for what is no list of tensors, or an empty one; ShapeError when they do not broadcast.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CAddTable
 * @example
 * new CAddTable().forward([ones([2]), ones([2]).mul(2), ones([2]).mul(3)]).tolist(); // [6, 6]
 */
export class CAddTable extends Module {
  readonly inplace: boolean;
  constructor(options: InplaceOptions = {}) {
    super();
    checkOptions("CAddTable", inplaceKinds, options);
    this.inplace = options.inplace ?? false;
  }
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("CAddTable", x);
    if (this.inplace) return x.reduce((sum, each) => add_(sum, each));
    return whole(() => x.reduce((sum, each) => add(sum, each)));
  }
}

/**
 * Difference of two tensors: `y = x[0] - x[1]`.
 *
 * Shapes: two tensors that broadcast; their common shape. Dtype: that to which they are promoted.
 *
 * @throws ArgumentError for what is no list of two tensors; ShapeError when they do not broadcast.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CSubTable
 * @example
 * new CSubTable().forward([ones([2]).mul(2.5), ones([2])]).tolist(); // [1.5, 1.5]
 */
export class CSubTable extends Module {
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("CSubTable", x, 2);
    return sub(x[0], x[1]);
  }
}

/**
 * Product of a list of tensors: `y = x[0] * x[1] * ...`.
 *
 * Shapes: tensors that broadcast; their common shape. Dtype: that to which they are promoted.
 *
 * @throws ArgumentError for what is no list of tensors, or an empty one; ShapeError when they do not broadcast.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CMulTable
 * @example
 * new CMulTable().forward([ones([2]).mul(2), ones([2]).mul(3), ones([2]).mul(4)]).tolist(); // [24, 24]
 */
export class CMulTable extends Module {
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("CMulTable", x);
    return whole(() => x.reduce((product, each) => mul(product, each)));
  }
}

/**
 * Quotient of two tensors: `y = x[0] / x[1]`.
 *
 * Shapes: two tensors that broadcast; their common shape. Dtype: that to which they are promoted; of integers the default floating dtype.
 *
 * @throws ArgumentError for what is no list of two tensors; ShapeError when they do not broadcast.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CDivTable
 * @example
 * new CDivTable().forward([ones([2]).mul(2.2), ones([2]).mul(4.4)]).tolist(); // [0.5, 0.5]
 */
export class CDivTable extends Module {
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("CDivTable", x, 2);
    return div(x[0], x[1]);
  }
}

/** All of a list above each other; they must be alike. */
function stacked(op: string, x: readonly Tensor[]): Tensor {
  checkTensorList(op, x);
  for (const each of x)
    if (!sameShape(each.shape, x[0].shape))
      throw new ShapeError(
        op,
        `tensors need one shape, got ${x.map((t) => showShape(t.shape)).join(" and ")}`,
        x.map((t) => t.shape),
      );
  return stack(x, 0);
}

/**
 * Largest of a list of tensors, element by element: `y = max(x[0], x[1], ...)`. Where several are equal, the first gets the gradient.
 *
 * Shapes: tensors of one shape, and that. Dtype: that of the tensors.
 *
 * @throws ArgumentError for what is no list of tensors, or an empty one; ShapeError when their shapes differ.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CMaxTable
 * @example
 * new CMaxTable().forward([tensor([1, 2, 3]), tensor([3, 2, 1])]).tolist(); // [3, 2, 3]
 */
export class CMaxTable extends Module {
  forward(x: readonly Tensor[]): Tensor {
    return whole(() => max(stacked("CMaxTable", x), 0)[0]);
  }
}

/**
 * Smallest of a list of tensors, element by element: `y = min(x[0], x[1], ...)`. Where several are equal, the first gets the gradient.
 *
 * Shapes: tensors of one shape, and that. Dtype: that of the tensors.
 *
 * @throws ArgumentError for what is no list of tensors, or an empty one; ShapeError when their shapes differ.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CMinTable
 * @example
 * new CMinTable().forward([tensor([1, 2, 3]), tensor([3, 2, 1])]).tolist(); // [1, 2, 1]
 */
export class CMinTable extends Module {
  forward(x: readonly Tensor[]): Tensor {
    return whole(() => min(stacked("CMinTable", x), 0)[0]);
  }
}

/**
 * Adds one tensor to each of a list: `[v, [a, b]] -> [a + v, b + v]`, so `y[i] = x[1][i] + x[0]`.
 *
 * Shapes: a tensor and a list of tensors of its shape (or that broadcast with it); a list of as many. Dtype: that to which they are promoted.
 *
 * @throws ArgumentError for what is no list of a tensor and a list of tensors.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CAddTensorTable
 * @example
 * const out = new CAddTensorTable().forward([tensor([0, 1, 1]), [tensor([0, 0, 0]), tensor([1, 1, 1])]]);
 * out.map((y) => y.tolist()); // [[0, 1, 1], [1, 2, 2]]
 */
export class CAddTensorTable extends Module {
  forward(x: readonly [Tensor, readonly Tensor[]]): Tensor[] {
    checkList("CAddTensorTable", x, 2);
    const [one, many] = x as readonly Table[];
    checkTensor("CAddTensorTable", "the first entry", one as Tensor);
    checkTensorList("CAddTensorTable", many);
    return whole(() => many.map((each) => add(each, one as Tensor))); // looked at above
  }
}
