import { empty, type Placement, Tensor, to, UnavailableError } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option } from "@flambeau/tensor/plugin";
import {
  another,
  Buffer,
  isBuffer,
  Parameter,
  place,
  type Uninitialized,
  type UninitializedOptions,
} from "../parameter.ts";

const kinds: Kinds<UninitializedOptions> = { dtype: option.dtype, device: option.string };

// What a tensor says of its elements, which these do not have yet: so that whatever uses one is told, and no op need look.
const unknown = ["shape", "strides", "size"] as const;
function withhold(t: Tensor): void {
  const what = isBuffer(t) ? "buffer" : "parameter";
  for (const name of unknown)
    Object.defineProperty(t, name, {
      configurable: true,
      get() {
        throw new UnavailableError(
          `the ${name} of an uninitialized ${what}`,
          "a lazy module has its parameters after its first forward: run the model once on a batch, then use, load or train it",
        );
      },
    });
}
/** Gives `t` the memory of `source`, which it shares from now on. */
function settle(t: Tensor, source: Tensor): void {
  checkTensor("setData", "source", source);
  void source.buffer; // it is there, and `t` will not be left half-way
  for (const name of unknown)
    Object.defineProperty(t, name, { configurable: true, enumerable: true, writable: true, value: source[name] });
  Tensor.prototype.setData.call(t, source);
}

function materialized(t: Uninitialized, op: string, shape: readonly number[], options: UninitializedOptions): void {
  checkOptions(op, kinds, options);
  const made = empty(shape, { dtype: options.dtype ?? t.dtype, device: options.device ?? t.device });
  t.setData(made);
  made.dispose();
}
function placed(t: Uninitialized, target: Placement): void {
  const without = empty([0], { dtype: t.dtype, device: t.device });
  const moved = to(without, target);
  settle(t, moved);
  withhold(t);
  without.dispose();
  if (moved !== without) moved.dispose();
}
function bare(options: UninitializedOptions, op: string): Tensor {
  checkOptions(op, kinds, options);
  return empty([0], options);
}

/**
 * A parameter whose shape is not known yet, as those of a lazy module are before its first call: `p.materialize(shape)` makes it a plain
 * {@link Parameter}, and it stays the same object. Before that it has a dtype and a device, and `requiresGrad`.
 *
 * Shape: none; whatever asks for it throws. Dtype: the default dtype, or the one given.
 *
 * @throws UnavailableError from everything that needs its shape or its elements.
 * @throws AutogradError when a gradient is required and `dtype` is no floating-point one.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedParameter.html
 * @example
 * const p = new nn.UninitializedParameter();
 * String(p); // "<UninitializedParameter>"
 * p.materialize([2, 3]);
 * p.shape; // [2, 3]
 * p instanceof nn.UninitializedParameter; // false
 */
export class UninitializedParameter extends Parameter implements Uninitialized {
  constructor(requiresGrad = true, options: UninitializedOptions = {}) {
    const data = bare(options, "UninitializedParameter");
    super(data, requiresGrad);
    data.dispose();
    withhold(this);
  }
  get isUninitialized(): true {
    return true;
  }
  /** Gives it memory, whose elements are not set: a {@link Parameter} from now on. */
  materialize(shape: readonly number[], options: UninitializedOptions = {}): void {
    materialized(this, "UninitializedParameter.materialize", shape, options);
  }
  override setData(source: Tensor): void {
    settle(this, source);
    Object.setPrototypeOf(this, Parameter.prototype);
  }
  [place](target: Placement): void {
    placed(this, target);
  }
  [another](): UninitializedParameter {
    const { requiresGrad, dtype, device } = this;
    return new UninitializedParameter(requiresGrad, { dtype, device });
  }
  override toString(): string {
    return "<UninitializedParameter>";
  }
  [Symbol.toPrimitive](): string {
    return this.toString();
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * A buffer whose shape is not known yet: `b.materialize(shape)` makes it a plain {@link Buffer}. Otherwise as
 * {@link UninitializedParameter}.
 *
 * Shape: none; whatever asks for it throws. Dtype: the default dtype, or the one given.
 *
 * @throws UnavailableError from everything that needs its shape or its elements.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedBuffer.html
 * @example
 * const b = new nn.UninitializedBuffer({ dtype: "float64" });
 * b.materialize([2]);
 * b.dtype; // "float64"
 */
export class UninitializedBuffer extends Buffer implements Uninitialized {
  constructor(options: UninitializedOptions = {}, persistent = true) {
    const data = bare(options, "UninitializedBuffer");
    super(data, persistent);
    data.dispose();
    withhold(this);
  }
  get isUninitialized(): true {
    return true;
  }
  /** Gives it memory, whose elements are not set: a {@link Buffer} from now on. */
  materialize(shape: readonly number[], options: UninitializedOptions = {}): void {
    materialized(this, "UninitializedBuffer.materialize", shape, options);
  }
  override setData(source: Tensor): void {
    settle(this, source);
    Object.setPrototypeOf(this, Buffer.prototype);
  }
  [place](target: Placement): void {
    placed(this, target);
  }
  [another](): UninitializedBuffer {
    const { persistent, dtype, device } = this;
    return new UninitializedBuffer({ dtype, device }, persistent);
  }
  override toString(): string {
    return "<UninitializedBuffer>";
  }
  [Symbol.toPrimitive](): string {
    return this.toString();
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
