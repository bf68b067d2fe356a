import {
  ArgumentError,
  AutogradError,
  any,
  isFloat,
  isnan,
  noGrad,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkOptions,
  type Kinds,
  option,
  type Synchronous,
  show,
  valuesFor,
  withInterpreter,
} from "@flambeau/tensor/plugin";
import { ForwardCheck, type Wrong } from "./forward-anomaly.ts";
import type { Node } from "./node.ts";

export const anomaly = { enabled: false };

export interface AnomalyOptions {
  /** What no op of the forward may make: NaN, or NaN and infinities. Default null: the forward is not looked at. */
  readonly forward?: Wrong | null | undefined;
}
const anomalyKinds: Kinds<AnomalyOptions> = { forward: option.orNull(option.oneOf("nan", "nonfinite")) };

/**
 * Turns anomaly detection on or off: each recorded op notes where it was called, and a backward that makes a NaN throws an
 * error that names the forward op and that place.
 *
 * It costs a stack trace per op and a read per gradient: for debugging, on a device that can be read synchronously.
 *
 * @throws AutogradError from a backward that makes a NaN while it is on; UnavailableError from one on a device that cannot be read at once.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.set_detect_anomaly
 * @example
 * const x = tensor([1, 4], { requiresGrad: true });
 * setDetectAnomaly(true);
 * x.sqrt().sum().backward(); // no NaN, no error
 * setDetectAnomaly(false);
 * x.grad?.tolist(); // [0.5, 0.25]
 */
export function setDetectAnomaly(on: boolean): void {
  if (typeof on !== "boolean") throw new ArgumentError("setDetectAnomaly", `on must be a boolean, got ${show(on)}`);
  anomaly.enabled = on;
}

/**
 * Runs `fn` with anomaly detection on, and gives what it returns; see {@link setDetectAnomaly}.
 *
 * With `forward` each result of the forward is looked at as well, and the op that makes the first NaN ("nan"), or NaN or infinity ("nonfinite"), throws at
 * once. Infinities that the program gives itself, as the value of a mask, are no error. It costs one or more reads per op.
 *
 * @throws AutogradError when a backward within makes a NaN, or with `forward` an op what it must not; UnavailableError when that is to be found out on a
 * device that cannot be read at once; FlambeauError with `forward` when `fn` is asynchronous; and what `fn` throws.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.detect_anomaly
 * @example
 * const x = tensor([0], { requiresGrad: true });
 * let message = "";
 * try {
 *   detectAnomaly(() => x.sqrt().mul(0).sum().backward()); // 0 times the infinite slope of sqrt
 * } catch (error) {
 *   message = String(error);
 * }
 * message.includes('SqrtBackward made NaN in the gradient of its input 0; the forward op "sqrt" was called at'); // true
 * try {
 *   detectAnomaly(() => x.sub(1).log().mean(), { forward: "nan" });
 * } catch (error) {
 *   message = String(error);
 * }
 * message.includes("log made NaN, from inputs of shapes [1]; it was called at"); // true
 */
export function detectAnomaly<T>(fn: () => T, options: AnomalyOptions = {}): T {
  checkOptions("detectAnomaly", anomalyKinds, options);
  checkFunction("detectAnomaly", "fn", fn);
  const { forward = null } = options;
  const before = anomaly.enabled;
  anomaly.enabled = true;
  try {
    return forward === null ? fn() : withInterpreter(new ForwardCheck(forward), fn as Synchronous<T>); // it looks itself
  } finally {
    anomaly.enabled = before;
  }
}

export function checkNaN(node: Node, grads: readonly (Tensor | null)[]): void {
  grads.forEach((g, i) => {
    if (!g || !isFloat(g.dtype)) return;
    const found = noGrad(() => tidy(() => any(isnan(g))));
    const instead = 'leave detectAnomaly out here, or await module.toAsync("cpu") and look there';
    const [nan] = valuesFor("detectAnomaly", found, "each gradient is looked at as it is made", instead);
    found.dispose();
    if (Number(nan) !== 0)
      throw new AutogradError(
        `${node.name} made NaN in the gradient of its input ${i}` +
          (node.user?.site
            ? `; the forward op "${node.title}" was called at ${node.user.site}`
            : `; the forward op is "${node.title}"`),
        "look at that op's inputs for zeros, infinities or negative numbers outside its domain",
      );
  });
}
