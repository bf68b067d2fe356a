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
import { checkFunction, show, valuesFor } from "@flambeau/tensor/plugin";
import type { Node } from "./node.ts";

export const anomaly = { enabled: false };

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
 * @throws AutogradError when a backward within makes a NaN, UnavailableError when one runs on a device that cannot be read at once, and
 * what `fn` throws.
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
 */
export function detectAnomaly<T>(fn: () => T): T {
  checkFunction("detectAnomaly", "fn", fn);
  const before = anomaly.enabled;
  anomaly.enabled = true;
  try {
    return fn();
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
          (node.site
            ? `; the forward op "${node.title}" was called at ${node.site}`
            : `; the forward op is "${node.title}"`),
        "look at that op's inputs for zeros, infinities or negative numbers outside its domain",
      );
  });
}
