import { backendOf, type Context, context } from "./context.ts";
import { type DType, isFloat } from "./dtype.ts";
import { ArgumentError, AutogradError, checkFunction, FlambeauError, show } from "./errors.ts";

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

/** What runs inside a mode: a synchronous function, as its type says where it can. */
export type Synchronous<T> = (() => T) &
  ([T] extends [never]
    ? unknown
    : T extends PromiseLike<unknown>
      ? "a synchronous function: wrap the parts between the awaits"
      : unknown);

/** What holds while a function runs, and as before when it is done. */
type Modes = Pick<Context, "gradEnabled" | "inference" | "fused" | "defaultDevice" | "defaultDType" | "stack">;

/**
 * Runs the synchronous `fn` with some modes changed: the one way in which modes are set for a while. None spans an `await`, or it would hold
 * for what other tasks of the program do in between.
 *
 * @throws FlambeauError when `fn` gives a promise.
 */
export function withModes<T>(op: string, modes: Partial<Modes>, fn: () => T): T {
  checkFunction(op, "fn", fn);
  const before: Partial<Modes> = {};
  for (const name in modes) swap(before, context, name as keyof Modes); // the names are those of Modes
  for (const name in modes) swap(context, modes, name as keyof Modes);
  try {
    return synchronous(op, fn());
  } finally {
    for (const name in before) swap(context, before, name as keyof Modes);
  }
}
function swap<K extends keyof Modes>(to: Partial<Modes>, from: Partial<Modes>, name: K): void {
  to[name] = from[name];
}

/** {@link withModes} for the one mode that is set all the time. */
function withGrad<T>(op: string, enabled: boolean, fn: () => T): T {
  checkFunction(op, "fn", fn);
  const before = context.gradEnabled;
  context.gradEnabled = enabled;
  try {
    return synchronous(op, fn());
  } finally {
    context.gradEnabled = before;
  }
}

/** `result`, which is no promise. @throws FlambeauError when it is; what becomes of it is nobody's business then. */
export function synchronous<T>(op: string, result: T): T {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {});
  throw new FlambeauError(
    `${op} takes a synchronous function, and got one that gives a promise`,
    "wrap the synchronous parts, not the awaits between them",
  );
}

/**
 * Runs `fn` without recording: results do not require gradients.
 *
 * @throws FlambeauError when `fn` is asynchronous: wrap the parts between its awaits.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
 * @example
 * import { noGrad, tensor } from "flambeau";
 * const w = tensor([1, 2], { requiresGrad: true });
 * console.log(noGrad(() => w.mul(2)).requiresGrad); // false
 */
export const noGrad = <T>(fn: Synchronous<T>): T => withGrad("noGrad", false, fn);
/**
 * Runs `fn` with recording on, also inside {@link noGrad}.
 *
 * @throws FlambeauError when `fn` is asynchronous: wrap the parts between its awaits.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.enable_grad.html
 * @example
 * import { enableGrad, noGrad, tensor } from "flambeau";
 * const w = tensor([1, 2], { requiresGrad: true });
 * console.log(noGrad(() => enableGrad(() => w.mul(2))).requiresGrad); // true
 */
export const enableGrad = <T>(fn: Synchronous<T>): T => withGrad("enableGrad", true, fn);
/**
 * Runs `fn` with `device` as the default device.
 *
 * @throws DeviceError when nothing is registered under that name.
 * @throws FlambeauError when `fn` is asynchronous: name the device where tensors are made then.
 * @example
 * import { withDevice, zeros } from "flambeau";
 * console.log(withDevice("meta", () => zeros([1000, 1000])).device); // "meta"
 */
export function withDevice<T>(device: string, fn: Synchronous<T>): T {
  backendOf(device);
  return withModes("withDevice", { defaultDevice: device }, fn);
}
/**
 * Runs `fn` with recording on or off, as `enabled` says: {@link enableGrad} or {@link noGrad}. Without `fn` it stays so from now on, until it is
 * set again or the scope around ends: `setGradEnabled(training)`.
 *
 * @throws FlambeauError when `fn` is asynchronous: wrap the parts between its awaits; ArgumentError when `enabled` is no boolean.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad_mode.set_grad_enabled.html
 * @example
 * import { isGradEnabled, setGradEnabled, tensor } from "flambeau";
 * const w = tensor([1, 2], { requiresGrad: true });
 * console.log(setGradEnabled(false, () => w.mul(2)).requiresGrad); // false
 * setGradEnabled(true);
 * console.log(isGradEnabled()); // true
 */
export function setGradEnabled<T>(enabled: boolean, fn: Synchronous<T>): T;
export function setGradEnabled(enabled: boolean): void;
export function setGradEnabled<T>(enabled: boolean, fn?: Synchronous<T>): T | undefined {
  if (typeof enabled !== "boolean")
    throw new ArgumentError("setGradEnabled", `enabled must be a boolean, got ${show(enabled)}`);
  if (fn !== undefined) return withGrad("setGradEnabled", enabled, fn);
  context.gradEnabled = enabled;
  return undefined;
}
/** Whether operations are being recorded. */
export const isGradEnabled = (): boolean => context.gradEnabled;
/**
 * Runs `fn` like {@link noGrad}; its results can never enter a graph, which saves their book-keeping.
 *
 * @throws FlambeauError when `fn` is asynchronous: wrap the parts between its awaits.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad_mode.inference_mode.html
 * @example
 * import { inferenceMode, ones } from "flambeau";
 * console.log(inferenceMode(() => ones([2]).add(1)).inference); // true
 */
export const inferenceMode = <T>(fn: Synchronous<T>): T => withModes("inferenceMode", inferring, fn);

const inferring = { gradEnabled: false, inference: true };
