import {
  ArgumentError,
  abs,
  clone,
  gt,
  IndexError,
  indexFill,
  kthvalue,
  mul,
  norm,
  rand,
  randLike,
  reshape,
  ShapeError,
  type Tensor,
  to,
  topk,
  zeros,
} from "@flambeau/tensor/functional";
import { checkTensor, sameShape, show, showShape } from "@flambeau/tensor/plugin";
import { BasePruningMethod } from "./method.ts";

/** How many of `size`: a share below 1 of them, rounded as Python does, or a number of them. @throws ArgumentError */
function countOf(op: string, amount: number, size: number): number {
  const share = amount * size;
  const down = Math.floor(share);
  const half = share - down === 0.5;
  const count = Number.isInteger(amount) ? amount : half ? down + (down % 2) : Math.round(share);
  if (count > size) throw new ArgumentError(op, `amount ${amount} is more than the ${size} there are`);
  return count;
}
function checkAmount(op: string, amount: number): void {
  if (typeof amount !== "number" || !(amount >= 0) || (amount > 1 && !Number.isInteger(amount)))
    throw new ArgumentError(op, `amount must be a share below 1, or how many go, got ${show(amount)}`);
}
function without(mask: Tensor, indices: Tensor): Tensor {
  return reshape(indexFill(reshape(mask, [-1]), 0, indices, 0), mask.shape);
}

/**
 * Prunes nothing: `mask = 1`. It brings a parameter into the form of pruned ones.
 *
 * Shapes: those of the tensors that are pruned.
 *
 * @throws ArgumentError from `apply` when the module has no such parameter.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.Identity.html
 * @example
 * new nn.utils.prune.Identity().prune(tensor([1, 2])).tolist(); // [1, 2]
 */
export class Identity extends BasePruningMethod {
  readonly pruningType = "unstructured";
  computeMask(_: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask;
  }
}

/**
 * Prunes elements by chance: `mask = 0` at `amount` places, each as likely as another. An amount below 1 is a share, from 1 on a number.
 *
 * Shapes: those of the tensors that are pruned.
 *
 * @throws ArgumentError when `amount` is neither, or more than there are.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomUnstructured.html
 * @example
 * new nn.utils.prune.RandomUnstructured(0.25).prune(ones([2, 4])).sum().item(); // 6
 */
export class RandomUnstructured extends BasePruningMethod {
  readonly pruningType = "unstructured";
  readonly amount: number;
  constructor(amount: number) {
    super();
    checkAmount("RandomUnstructured", amount);
    this.amount = amount;
  }
  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf("RandomUnstructured", this.amount, t.size);
    if (count === 0) return clone(defaultMask);
    return without(defaultMask, topk(reshape(randLike(t), [-1]), count).indices);
  }
}

/**
 * Prunes the elements of the smallest |x|: `mask = 0` at `amount` places. An amount below 1 is a share, from 1 on a number.
 *
 * Shapes: those of the tensors that are pruned.
 *
 * @throws ArgumentError when `amount` is neither, or more than there are.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.L1Unstructured.html
 * @example
 * new nn.utils.prune.L1Unstructured(2).prune(tensor([1, -4, 3, -2])).tolist(); // [0, -4, 3, 0]
 */
export class L1Unstructured extends BasePruningMethod {
  readonly pruningType = "unstructured";
  readonly amount: number;
  constructor(amount: number) {
    super();
    checkAmount("L1Unstructured", amount);
    this.amount = amount;
  }
  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf("L1Unstructured", this.amount, t.size);
    if (count === 0) return clone(defaultMask);
    return without(defaultMask, topk(reshape(abs(t), [-1]), count, -1, { largest: false }).indices);
  }
}

function checkChannels(op: string, t: Tensor, dim: number): number {
  if (t.ndim < 2)
    throw new ShapeError(op, `channels need two dimensions or more, got ${showShape(t.shape)}`, [t.shape]);
  const at = dim < 0 ? dim + t.ndim : dim;
  if (!Number.isInteger(dim) || at < 0 || at >= t.ndim)
    throw new IndexError(op, `dim ${show(dim)} is out of range for the shape ${showShape(t.shape)}`);
  return at;
}
/** The default mask, without the channels that are not kept. */
function channels(kept: Tensor, t: Tensor, dim: number, defaultMask: Tensor): Tensor {
  return mul(
    reshape(
      to(kept, t.dtype),
      t.shape.map((size, d) => (d === dim ? size : 1)),
    ),
    defaultMask,
  );
}

/**
 * Prunes whole channels by chance: `mask = 0` in `amount` slices along `dim`. An amount below 1 is a share, from 1 on a number.
 *
 * Shapes: those of the tensors that are pruned, of two dimensions or more.
 *
 * @throws ArgumentError when `amount` is neither, or more than there are; IndexError for a `dim` out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomStructured.html
 * @example
 * new nn.utils.prune.RandomStructured(0.5, 0).prune(ones([4, 3])).sum().item(); // 6
 */
export class RandomStructured extends BasePruningMethod {
  readonly pruningType = "structured";
  readonly amount: number;
  override readonly dim: number;
  constructor(amount: number, dim = -1) {
    super();
    checkAmount("RandomStructured", amount);
    if (!Number.isInteger(dim)) throw new ArgumentError("RandomStructured", `dim must be an integer, got ${show(dim)}`);
    this.amount = amount;
    this.dim = dim;
  }
  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const dim = checkChannels("RandomStructured", t, this.dim);
    const count = countOf("RandomStructured", this.amount, t.shape[dim]);
    if (count === 0) return defaultMask;
    const drawn = rand([t.shape[dim]], { device: t.device });
    return channels(gt(drawn, kthvalue(drawn, count).values), t, dim, defaultMask);
  }
}

/**
 * Prunes whole channels, those of the smallest norms: `mask = 0` in the `amount` slices along `dim` whose n-norm is smallest. An amount below 1
 * is a share, from 1 on a number; n is a number, Infinity and "fro" among them.
 *
 * Shapes: those of the tensors that are pruned, of two dimensions or more.
 *
 * @throws ArgumentError when `amount` is neither, or more than there are; IndexError for a `dim` out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.LnStructured.html
 * @example
 * new nn.utils.prune.LnStructured(1, 2, 0).prune(tensor([[1, 2], [3, 4]])).tolist(); // [[0, 0], [3, 4]]
 */
export class LnStructured extends BasePruningMethod {
  readonly pruningType = "structured";
  readonly amount: number;
  readonly n: number | "fro" | "nuc";
  override readonly dim: number;
  constructor(amount: number, n: number | "fro" | "nuc", dim = -1) {
    super();
    checkAmount("LnStructured", amount);
    if (typeof n !== "number" && n !== "fro" && n !== "nuc")
      throw new ArgumentError("LnStructured", `n must be a number, "fro" or "nuc", got ${show(n)}`);
    if (!Number.isInteger(dim)) throw new ArgumentError("LnStructured", `dim must be an integer, got ${show(dim)}`);
    this.amount = amount;
    this.n = n;
    this.dim = dim;
  }
  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const dim = checkChannels("LnStructured", t, this.dim);
    const size = t.shape[dim];
    const count = countOf("LnStructured", this.amount, size);
    if (count === 0) return defaultMask;
    const others = t.shape.flatMap((_, d) => (d === dim ? [] : [d]));
    const kept = topk(norm(t, this.n, others), size - count).indices;
    return channels(indexFill(zeros([size], { device: t.device }), 0, kept, 1), t, dim, defaultMask);
  }
}

/**
 * Prunes by a mask that is given: `mask = defaultMask * mask`.
 *
 * Shapes: the mask has the shape of the tensors that are pruned.
 *
 * @throws ShapeError when the mask has another shape.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.CustomFromMask.html
 * @example
 * new nn.utils.prune.CustomFromMask(tensor([1, 0, 1])).prune(tensor([7, 8, 9])).tolist(); // [7, 0, 9]
 */
export class CustomFromMask extends BasePruningMethod {
  readonly pruningType = "global";
  readonly mask: Tensor;
  constructor(mask: Tensor) {
    super();
    checkTensor("CustomFromMask", "mask", mask);
    this.mask = mask;
  }
  computeMask(_: Tensor, defaultMask: Tensor): Tensor {
    if (!sameShape(this.mask.shape, defaultMask.shape))
      throw new ShapeError(
        "CustomFromMask",
        `the mask must have the shape ${showShape(defaultMask.shape)}, got ${showShape(this.mask.shape)}`,
        [this.mask.shape, defaultMask.shape],
      );
    return mul(defaultMask, to(this.mask, defaultMask.dtype));
  }
}
