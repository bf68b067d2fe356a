import {
  ArgumentError,
  enableGrad,
  flatten,
  isTensor,
  item,
  noGrad,
  type Tensor,
  tidy,
  viewAs,
} from "@flambeau/tensor/functional";
import { checkFunction, checkTensor, show, showShape, unreadable } from "@flambeau/tensor/plugin";

/** What Torch7's algorithms minimize: the loss at x and its gradient there, of x's shape. Several run it on one x, which they change. */
export type OpFunc = (x: Tensor) => readonly [loss: number | Tensor, gradient: Tensor];
/** The same without the gradient, which some do not need; what `OpFunc` gives is taken, too. */
export type LossFunc = (x: Tensor) => number | Tensor | readonly [loss: number | Tensor, ...rest: unknown[]];

/** Refuses what is no function to minimize and no point to start from. */
export function checkStart(op: string, opfunc: unknown, x: Tensor): void {
  checkFunction(op, "opfunc", opfunc);
  checkTensor(op, "x", x);
  if (!/^b?float/.test(x.dtype)) throw new ArgumentError(op, `x must hold floating-point numbers, got ${x.dtype}`);
  if (!x.backend.readSync)
    throw unreadable(
      op,
      x,
      "each iteration decides by numbers that it reads",
      'await x.toAsync("cpu") and minimize there',
    );
}

/** The loss as a number. */
export function lossOf(op: string, given: unknown): number {
  const loss: unknown = Array.isArray(given) ? given[0] : given;
  const value: unknown = isTensor(loss) && loss.size === 1 ? item(loss) : loss;
  if (typeof value !== "number")
    throw new ArgumentError(op, `opfunc must give a loss, a number or a tensor of one element, got ${show(given)}`);
  return value;
}
/** The loss and the gradient at x. */
export function evaluate(op: string, opfunc: OpFunc, x: Tensor): { readonly loss: number; readonly gradient: Tensor } {
  const given: unknown = enableGrad(() => opfunc(x));
  if (!Array.isArray(given) || !isTensor(given[1]))
    throw new ArgumentError(
      op,
      `opfunc must give [loss, gradient], got ${show(given)}`,
      "gradAndValue(f) gives both for a function of one tensor",
    );
  const gradient = given[1];
  if (gradient.size !== x.size)
    throw new ArgumentError(op, `the gradient has shape ${showShape(gradient.shape)}, x ${showShape(x.shape)}`);
  return { loss: lossOf(op, given), gradient: viewAs(flatten(gradient), x.shape) };
}
/** Runs an algorithm whose ops are not recorded, and gives back the memory of all but what it returns. */
export function unrecorded<T>(run: () => T): T {
  let result: T | undefined;
  noGrad(() => void tidy(() => (result = run()) as never));
  return result as T; // set just now
}
