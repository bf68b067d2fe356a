import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { copyInto, dense, fillInto } from "../../lower/move.ts";

/** `x` with zeros around its spatial dimensions, contiguous. */
export function padded(x: Tensor, padding: readonly number[]): Tensor {
  if (padding.every((p) => p === 0)) return dense(x);
  const shape = x.shape.map((s, i) => (i < 2 ? s : s + 2 * padding[i - 2]));
  const out = fillInto(empty(x.backend, x.dtype, shape), 0);
  const start = padding.reduce((n, p, i) => n + p * out.strides[i + 2], 0);
  copyInto(viewOf(out, x.shape, out.strides, start), x);
  return out;
}
