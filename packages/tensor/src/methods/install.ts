import { ArgumentError, UnavailableError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { Tensor } from "../core/tensor.ts";
import { type BackwardOptions, backwardKinds, type GradHook, type Tracer, tracer } from "../door/interpreter.ts";
import { print, printAsync } from "../ops/read/print.ts";
import type { TensorMethods } from "./interface.ts";
import { methods } from "./table.ts";

declare module "../core/tensor.ts" {
  interface Tensor extends TensorMethods {
    /**
     * Computes the gradients of this scalar with respect to every leaf that requires them, adding them to `leaf.grad`.
     * Needs @flambeau/autograd to be imported.
     */
    backward(options?: BackwardOptions): void;
    /** Makes `grad` of this non-leaf available after backward. */
    retainGrad(): void;
    /** Calls `hook` with this tensor's gradient during backward; returns a function that removes it. */
    registerHook(hook: GradHook): () => void;
    /** Calls `hook` with this leaf each time a backward has added to its `grad`; returns a function that removes it. */
    registerPostAccumulateGradHook(hook: (leaf: Tensor) => void): () => void;
    /** The tensor as PyTorch prints it; without its values where the device cannot be read synchronously. */
    toString(): string;
    /** {@link toString} that waits for the device: with the values on every backend. */
    toStringAsync(): Promise<string>;
  }
}

function installed(): Tracer {
  const found = tracer();
  if (found) return found;
  throw new UnavailableError(
    "backward: no autograd engine is loaded",
    'import "@flambeau/autograd" (the umbrella package "flambeau" has it)',
  );
}

const engine: Pick<
  Tensor,
  "backward" | "retainGrad" | "registerHook" | "registerPostAccumulateGradHook" | "toString" | "toStringAsync"
> &
  ThisType<Tensor> = {
  backward(options = {}) {
    checkOptions("backward", backwardKinds, options);
    installed().backward(this, options);
  },
  retainGrad() {
    installed().retainGrad(this);
  },
  registerHook(hook) {
    return installed().registerHook(this, hook);
  },
  registerPostAccumulateGradHook(hook) {
    return installed().registerPostAccumulateGradHook(this, hook);
  },
  toString() {
    return print(this);
  },
  toStringAsync() {
    return printAsync(this);
  },
};

const table: Readonly<Record<keyof TensorMethods, unknown>> = methods;
for (const [name, f] of Object.entries(table)) {
  const call = f as (x: Tensor, ...rest: unknown[]) => unknown; // each takes the tensor first
  define(name, function (this: Tensor, ...rest: unknown[]) {
    return call(this, ...rest);
  });
}
for (const [name, f] of Object.entries(engine)) define(name, f);
define(Symbol.for("nodejs.util.inspect.custom"), function (this: Tensor) {
  return print(this);
});
define(Symbol.toPrimitive, function (this: Tensor, hint: string) {
  if (hint === "string") return print(this);
  throw new ArgumentError(
    "Tensor",
    "JavaScript's operators and number functions do not take tensors",
    "write a.add(b), a.lt(b), a.mul(2)..., or a.item() for the number",
  );
});

function define(name: string | symbol, value: unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
