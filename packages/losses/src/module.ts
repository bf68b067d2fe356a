import type { Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds } from "@flambeau/tensor/plugin";

/**
 * The base of the loss modules: `new HuberLoss(options).forward(x, y) = huber(x, y, options)`, with the options kept for many calls.
 *
 * They hold nothing that is learned, so they are plain classes; weights stay on the device they were made on. Shapes and errors are
 * those of the function that a subclass calls.
 *
 * Shapes: `forward` takes the tensors of the function and gives its result, a scalar unless `reduction` is "none".
 *
 * @throws what the function throws: ShapeError, DTypeError, ArgumentError... The constructor throws ArgumentError for an option of
 * another name or type.
 * @see https://docs.pytorch.org/docs/stable/nn.html#loss-functions
 * @example
 * const loss = new losses.HuberLoss({ delta: 0.5, reduction: "sum" });
 * loss.forward(tensor([1, 2]), tensor([1, 4])).item(); // 0.875
 * String(loss); // "HuberLoss(delta=0.5, reduction=sum)"
 */
export abstract class Loss<O extends object> {
  readonly options: O;
  constructor(kinds: Kinds<O>, options: O) {
    checkOptions(this.constructor.name, kinds, options);
    this.options = options;
  }
  abstract forward(...inputs: readonly Tensor[]): Tensor;
  /** The class's name and its options: `HuberLoss(delta=0.5)`. */
  toString(): string {
    const shown = Object.entries(this.options)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => `${name}=${show(value)}`);
    return `${this.constructor.name}(${shown.join(", ")})`;
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function show(value: unknown): string {
  if (typeof value === "function") return value.name || "function";
  if (typeof value === "object" && value !== null && "shape" in value) return `tensor of shape [${value.shape}]`;
  return String(value);
}
