import { context } from "./context.ts";
import { type DType, isFloat } from "./dtype.ts";
import { AutogradError } from "./errors.ts";

/** A tensor, as far as its place in a graph goes. */
interface Leaf {
  readonly dtype: DType;
  readonly gradFn: object | null;
  readonly inference: boolean;
}
/** Refuses to turn requiresGrad on or off where that has no meaning. */
export function requireGrad(t: Leaf, value: boolean): void {
  if (value && !isFloat(t.dtype))
    throw new AutogradError(
      `only floating-point tensors can require gradients, this one is ${t.dtype}`,
      'convert it first: t.to("float32")',
    );
  if (!value && t.gradFn !== null)
    throw new AutogradError("requiresGrad of a result cannot be turned off, only that of a leaf", "use detach()");
  if (value && t.inference)
    throw new AutogradError(
      "a tensor made in inferenceMode cannot require gradients",
      "clone() it outside inferenceMode",
    );
}

/**
 * Runs `fn` without recording: results do not require gradients.
 *
 * @example
 * import { noGrad, tensor } from "flambeau";
 * const w = tensor([1, 2], { requiresGrad: true });
 * console.log(noGrad(() => w.mul(2)).requiresGrad); // false
 */
export const noGrad = <T>(fn: () => T): T => withGrad(false, fn);
/** Runs `fn` with recording on, also inside noGrad. */
export const enableGrad = <T>(fn: () => T): T => withGrad(true, fn);
/** Whether operations are being recorded. */
export const isGradEnabled = (): boolean => context.gradEnabled;

function withGrad<T>(enabled: boolean, fn: () => T): T {
  const before = context.gradEnabled;
  context.gradEnabled = enabled;
  try {
    const result = fn();
    if (result instanceof Promise)
      throw new AutogradError(
        "noGrad and enableGrad take a synchronous function",
        "wrap the synchronous parts, not the awaits between them",
      );
    return result;
  } finally {
    context.gradEnabled = before;
  }
}

/** Runs `fn` like noGrad; its results can never enter a graph, which saves their book-keeping. */
export function inferenceMode<T>(fn: () => T): T {
  const before = context.inference;
  context.inference = true;
  try {
    return withGrad(false, fn);
  } finally {
    context.inference = before;
  }
}
