import {
  ArgumentError,
  add,
  at,
  clone,
  detach,
  fill_,
  flatten,
  item,
  narrow,
  norm,
  sub,
  type Tensor,
  viewAs,
  zerosLike,
} from "@flambeau/tensor/functional";
import { checkNumber } from "@flambeau/tensor/plugin";
import { checkStart, evaluate, lossOf, type OpFunc, unrecorded } from "./opfunc.ts";

/**
 * Compares a gradient with central differences, `(f(x + eps e_i) - f(x - eps e_i)) / (2 eps)`: gives the relative error
 * `|g - n| / |g + n|`, the gradient g and the numeric one n.
 *
 * `eps` is 1e-7 for float64, for which it is meant, and 1e-3 otherwise. For functions of autograd's there is `gradcheck`.
 *
 * Shapes: `x` of any shape, floating-point; both gradients have it.
 *
 * @throws ArgumentError for what is no function, gives no loss and gradient, and an `eps` that is not above 0; UnavailableError on a device
 * that cannot be read synchronously.
 * @see https://github.com/torch/optim/blob/master/checkgrad.lua
 * @example
 * import { checkgrad } from "@flambeau/optim/torch7";
 * const cube = (x: Tensor) => [x.pow(3).sum(), x.square().mul(3)] as const;
 * const [error] = checkgrad(cube, tensor([1, -2], { dtype: "float64" }));
 * error < 1e-6; // true
 */
export function checkgrad(opfunc: OpFunc, x: Tensor, eps?: number): [error: number, gradient: Tensor, numeric: Tensor] {
  checkStart("checkgrad", opfunc, x);
  const by = eps === undefined ? (x.dtype === "float64" ? 1e-7 : 1e-3) : checkNumber("checkgrad", "eps", eps);
  if (!(by > 0)) throw new ArgumentError("checkgrad", `eps must be above 0, got ${by}`);
  return unrecorded(() => {
    const gradient = clone(detach(evaluate("checkgrad", opfunc, x).gradient));
    const numeric = zerosLike(x);
    const moved = clone(x);
    const [point, estimates] = [flatten(moved), flatten(numeric)];
    for (let i = 0; i < x.size; i++) {
      const value = item(at(point, i));
      const [up, down] = [value + by, value - by].map((v) => {
        fill_(narrow(point, 0, i, 1), v);
        return lossOf("checkgrad", opfunc(moved));
      });
      fill_(narrow(point, 0, i, 1), value);
      fill_(narrow(estimates, 0, i, 1), (up - down) / (2 * by));
    }
    const size = (t: Tensor) => item(norm(t));
    const [off, sum] = [size(sub(gradient, numeric)), size(add(gradient, numeric))];
    return [off === 0 ? 0 : off / sum, gradient, viewAs(estimates, x.shape)];
  });
}
