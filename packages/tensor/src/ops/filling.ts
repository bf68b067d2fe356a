import { ShapeError, showShape } from "../errors.ts";
import { fillInto } from "../raw.ts";
import { empty, Tensor } from "../tensor.ts";
import { clone, toDType } from "./copy.ts";
import { expand } from "./view.ts";

/** A tensor like `x` with every element `value`, a number or a 0-d tensor; the gradient goes to a tensor `value`. */
export function fill(x: Tensor, value: Tensor | number): Tensor {
  if (!(value instanceof Tensor)) return fillInto(empty(x.backend, x.dtype, x.shape), value);
  if (value.ndim > 0)
    throw new ShapeError("fill", `a tensor value must be 0-d, got shape ${showShape(value.shape)}`, [value.shape]);
  return clone(expand(toDType(value, x.dtype), x.shape));
}
