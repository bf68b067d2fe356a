import { type DType, empty, type Placement, Tensor, to, UnavailableError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { Buffer, Parameter } from "../parameter.ts";

export interface UninitializedOptions {
  /** What it will be made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where it will live (default: the default device). */
  readonly device?: string | undefined;
}
const kinds: Kinds<UninitializedOptions> = { dtype: option.dtype, device: option.string };

// What a tensor says of its elements, which these do not have yet: so that whatever uses one is told, and no op need look.
const unknown = ["shape", "strides", "size"] as const;
function withhold(t: Tensor, what: string): void {
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
  for (const name of unknown)
    Object.defineProperty(t, name, { configurable: true, enumerable: true, writable: true, value: source[name] });
  Tensor.prototype.setData.call(t, source);
}

/** A parameter or buffer that has no shape yet. */
export interface Uninitialized extends Tensor {
  readonly isUninitialized: true;
  materialize(shape: readonly number[], options?: UninitializedOptions): void;
  /** Where it will live, or of what it will be made. @internal */
  place(target: Placement): void;
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

function materialized(t: Uninitialized, op: string, shape: readonly number[], options: UninitializedOptions): void {
  checkOptions(op, kinds, options);
  const made = empty(shape, { dtype: options.dtype ?? t.dtype, device: options.device ?? t.device });
  t.setData(made);
  made.dispose();
}
/** Moves what stands for the memory to come. */
function placed(t: Tensor, target: Placement, what: string): void {
  const bare = empty([0], { dtype: t.dtype, device: t.device });
  const moved = to(bare, target);
  settle(t, moved);
  withhold(t, what);
  bare.dispose();
  if (moved !== bare) moved.dispose();
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
    withhold(this, "parameter");
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
  place(target: Placement): void {
    placed(this, target, "parameter");
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
    withhold(this, "buffer");
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
  place(target: Placement): void {
    placed(this, target, "buffer");
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
