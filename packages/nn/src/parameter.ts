import { keep, Tensor } from "@flambeau/tensor/functional";

/** Another handle on `data`'s memory that belongs to a module, not to a scope. */
class Owned extends Tensor {
  constructor(data: Tensor) {
    super(data.storage, data.dtype, data.shape, data.strides, data.offset, data.rowMajor, data.size);
    keep(this);
  }
}

/**
 * A tensor that a module learns: assigned to a field of a Module it is found by `parameters()`. It shares `data`'s memory.
 *
 * @example
 * import { nn, type Tensor, zeros } from "flambeau";
 * class Shift extends nn.Module {
 *   by = new nn.Parameter(zeros([3]));
 *   forward(x: Tensor): Tensor {
 *     return x.add(this.by);
 *   }
 * }
 * console.log([...new Shift().parameters()].length); // 1
 */
export class Parameter extends Owned {
  readonly isParameter = true;
  constructor(data: Tensor, requiresGrad = true) {
    super(data);
    if (requiresGrad) this.requiresGrad = true;
  }
}

/** A tensor that belongs to a module's state but is not learned (running statistics). `persistent: false` keeps it out of stateDict. */
export class Buffer extends Owned {
  readonly isBuffer = true;
  readonly persistent: boolean;
  constructor(data: Tensor, persistent = true) {
    super(data);
    this.persistent = persistent;
  }
}

// brands, not instanceof: two installed copies of the package recognise each other's parameters
export const isParameter = (x: unknown): x is Parameter => typeof x === "object" && x !== null && "isParameter" in x;
export const isBuffer = (x: unknown): x is Buffer => typeof x === "object" && x !== null && "isBuffer" in x;
