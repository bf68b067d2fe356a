import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { checkTensors, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { resultType } from "../../layout/promotion.ts";
import { normalizeDim, sameShape } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { copyInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { filledLike } from "../create/allocation.ts";
import { narrow, unsqueeze } from "./view.ts";

export interface CatAttrs {
  readonly dim: number;
  /** Inputs that are joined; the others, behind them, are empty and of other dimensions. */
  readonly joined: number;
}
export const catOp: Op<CatAttrs> = {
  name: "cat",
  forward(inputs, { dim, joined }) {
    const parts = inputs.slice(0, joined);
    const first = parts[0];
    const shape = first.shape.map((s, i) => (i === dim ? parts.reduce((n, t) => n + t.shape[dim], 0) : s));
    const out = empty(first.backend, first.dtype, shape);
    let at = 0;
    for (const x of parts) {
      const part = viewOf(out, x.shape, out.strides, at * out.strides[dim]);
      copyInto(part, x);
      part.dispose();
      at += x.shape[dim];
    }
    return out;
  },
  vjp({ attrs: { dim, joined }, shapes, dtypes, needs }, [g]) {
    let at = 0;
    return shapes.map((shape, i) => {
      if (i >= joined) return g && needs[i] ? filledLike({ dtype: dtypes[i], device: g.device }, shape, 0) : null;
      const start = at;
      at += shape[dim];
      return g && needs[i] ? toDType(narrow(g, dim, start, shape[dim]), dtypes[i]) : null;
    });
  },
};

const isNothing = (t: Tensor): boolean => t.ndim === 1 && t.size === 0;

/**
 * Joins tensors along an existing dimension: `y[i] = a[i]` for `i < n`, then `y[n + i] = b[i]`, and so on.
 *
 * Shapes: [n, c], [m, c], ... give [n + m + ..., c] for `dim = 0`; empty 1-d tensors join anything. Dtype: the promoted one.
 *
 * @throws ShapeError when sizes differ in another dimension than `dim`, or a tensor is 0-d (use {@link stack}).
 * @throws IndexError when `dim` is out of range.
 * @throws ArgumentError when there are no tensors.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cat.html
 * @example
 * const [a, b] = [tensor([[1, 2]]), tensor([[3, 4]])];
 * cat([a, b]).tolist(); // [[1, 2], [3, 4]]
 * cat([a, b], 1).tolist(); // [[1, 2, 3, 4]]
 * cat([a, tensor([[true, false]])]).dtype; // "float32"
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  if (unscoped()) return scoped(cat, tensors, dim);
  checkTensors("cat", "tensors", tensors);
  if (tensors.length === 0) throw new ArgumentError("cat", "expected at least one tensor");
  // an empty 1-d tensor joins anything, as it always has in PyTorch; it gets an empty gradient all the same
  const parts = tensors.filter((t) => !isNothing(t));
  const list = parts.length > 0 ? parts : tensors;
  const rest = parts.length > 0 ? tensors.filter((t) => isNothing(t) && t.requiresGrad) : [];
  const first = list[0];
  if (first.ndim === 0) throw new ShapeError("cat", "0-d tensors cannot be joined", [], "use stack()");
  const d = normalizeDim("cat", dim, first.ndim);
  for (const t of list) {
    checkSameDevice("cat", first, t);
    if (t.ndim !== first.ndim || t.shape.some((s, i) => i !== d && s !== first.shape[i]))
      throw new ShapeError(
        "cat",
        `sizes must agree in all dimensions but ${d}: ${showShape(first.shape)} and ${showShape(t.shape)}`,
        [first.shape, t.shape],
      );
  }
  const common = resultType(tensors);
  return applyOne(
    catOp,
    [...list, ...rest].map((t) => toDType(t, common)),
    { dim: d, joined: list.length },
  );
}

/** {@link cat} under NumPy's name. */
export const concat: typeof cat = cat;
/** {@link cat} under NumPy's name. */
export const concatenate: typeof cat = cat;
/**
 * Joins tensors of one shape along a new dimension: `y[k, i] = tensors[k][i]` for `dim = 0`, `y[i, k] = tensors[k][i]` for `dim = 1`.
 *
 * Shapes: k tensors [n, c] give [k, n, c], [n, k, c] or [n, c, k]. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes differ.
 * @throws IndexError when `dim` is out of range.
 * @throws ArgumentError when there are no tensors.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.stack.html
 * @example
 * const [a, b] = [tensor([1, 2]), tensor([3, 4])];
 * stack([a, b]).tolist(); // [[1, 2], [3, 4]]
 * stack([a, b], 1).tolist(); // [[1, 3], [2, 4]]
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors("stack", "tensors", tensors);
  if (tensors.length === 0) throw new ArgumentError("stack", "expected at least one tensor");
  const first = tensors[0];
  for (const t of tensors)
    if (!sameShape(t.shape, first.shape))
      throw new ShapeError("stack", `all shapes must be equal: ${showShape(first.shape)} and ${showShape(t.shape)}`, [
        first.shape,
        t.shape,
      ]);
  const d = normalizeDim("stack", dim, first.ndim + 1);
  return cat(
    tensors.map((t) => unsqueeze(t, d)),
    d,
  );
}
