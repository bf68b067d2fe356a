import type { Tensor } from "@flambeau/tensor/functional";

/**
 * The base of the loss modules: their options, kept for many calls of `forward`. They hold nothing that is learned, so they are
 * plain classes; weights stay on the device they were made on.
 */
export abstract class Loss<O extends object> {
  readonly options: O;
  constructor(options: O = {} as O) {
    // every loss has a default for each of its options
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
