import { type DType, keep, type Placement, Tensor } from "@flambeau/tensor/functional";
import { checkTensor } from "@flambeau/tensor/plugin";

/** Another handle on `data`'s memory that belongs to a module, not to a scope. */
class Owned extends Tensor {
  constructor(data: Tensor) {
    checkTensor("Parameter", "data", data);
    super(data.storage, data.dtype, data.shape, data.strides, data.offset, data.rowMajor, data.size);
    keep(this);
  }
}

/**
 * A tensor that a module learns: assigned to a field of a Module it is found by `parameters()`. It requires a gradient unless
 * `requiresGrad` is false.
 *
 * Shape: that of `data`, whose memory it shares. Dtype: that of `data`.
 *
 * @throws AutogradError when a gradient is required and `data` is no floating-point tensor.
 * @throws MemoryError when `data` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 * @example
 * import { nn, type Tensor, zeros } from "flambeau";
 * class Shift extends nn.Module {
 *   by = new nn.Parameter(zeros([3]));
 *   forward(x: Tensor): Tensor {
 *     return x.add(this.by);
 *   }
 * }
 * [...new Shift().parameters()].length; // 1
 */
export class Parameter extends Owned {
  readonly isParameter = true;
  constructor(data: Tensor, requiresGrad = true) {
    super(data);
    checkTensor("Parameter", "data", data);
    if (requiresGrad) this.requiresGrad = true;
  }
}

/**
 * A tensor that belongs to a module's state but is not learned, as running statistics are: found by `buffers()` and moved with the module.
 * `persistent: false` keeps it out of `stateDict()`.
 *
 * Shape: that of `data`, whose memory it shares. Dtype: that of `data`, any.
 *
 * @throws MemoryError when `data` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Buffer.html
 * @example
 * class Count extends nn.Module {
 *   seen = new nn.Buffer(zeros([]));
 *   forward(x: Tensor): Tensor {
 *     noGrad(() => this.seen.add_(1));
 *     return x;
 *   }
 * }
 * const count = new Count();
 * count.forward(ones([2]));
 * count.stateDict().get("seen")?.item(); // 1
 * [...count.parameters()].length; // 0
 */
export class Buffer extends Owned {
  readonly isBuffer = true;
  readonly persistent: boolean;
  constructor(data: Tensor, persistent = true) {
    super(data);
    checkTensor("Buffer", "data", data);
    this.persistent = persistent;
  }
}

// brands, not instanceof: two installed copies of the package recognise each other's parameters
export const isParameter = (x: unknown): x is Parameter => typeof x === "object" && x !== null && "isParameter" in x;
export const isBuffer = (x: unknown): x is Buffer => typeof x === "object" && x !== null && "isBuffer" in x;

export interface UninitializedOptions {
  /** What it will be made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where it will live (default: the default device). */
  readonly device?: string | undefined;
}
export const place: unique symbol = Symbol.for("flambeau/place");
export const another: unique symbol = Symbol.for("flambeau/another");
/** A parameter or buffer that has no shape yet. */
export interface Uninitialized extends Tensor {
  readonly isUninitialized: true;
  materialize(shape: readonly number[], options?: UninitializedOptions): void;
  /** Says where its memory will live, or of what it will be made. */
  [place](target: Placement): void;
  /** Another one like it. */
  [another](): Tensor;
}
/**
 * Whether a tensor is a parameter or buffer that has no shape yet: `isLazy(layer.weight)`.
 *
 * Shape: none; anything goes in, a bool comes out.
 *
 * @throws nothing, whatever it is given.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedParameter.html
 * @example
 * const layer = new nn.LazyLinear(2);
 * nn.isLazy(layer.weight); // true
 * layer.forward(ones([1, 3]));
 * nn.isLazy(layer.weight); // false
 */
export const isLazy = (x: unknown): x is Uninitialized => typeof x === "object" && x !== null && "isUninitialized" in x;
