import { applyOne, type Op } from "../apply.ts";
import { ArgumentError, ShapeError, showShape } from "../errors.ts";
import { normalizeDim, sameShape } from "../layout.ts";
import { resultType } from "../promote.ts";
import { copyInto } from "../raw.ts";
import { empty, type Tensor, viewOf } from "../tensor.ts";
import { checkSameDevice } from "../windows.ts";
import { toDType } from "./copy.ts";
import { narrow, unsqueeze } from "./view.ts";

const catOp: Op<{ dim: number }> = {
  name: "cat",
  forward(inputs, { dim }) {
    const first = inputs[0];
    const shape = first.shape.map((s, i) => (i === dim ? inputs.reduce((n, t) => n + t.shape[dim], 0) : s));
    const out = empty(first.backend, resultType(inputs), shape);
    let at = 0;
    for (const x of inputs) {
      const part = viewOf(out, x.shape, out.strides, at * out.strides[dim]);
      copyInto(part, x);
      part.dispose();
      at += x.shape[dim];
    }
    return out;
  },
  vjp({ attrs: { dim }, shapes, dtypes, needs }, [g]) {
    let at = 0;
    return shapes.map((shape, i) => {
      const start = at;
      at += shape[dim];
      return g && needs[i] ? toDType(narrow(g, dim, start, shape[dim]), dtypes[i]) : null;
    });
  },
};

/** Joins tensors along an existing dimension; the other sizes must agree. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0) throw new ArgumentError("cat", "expected at least one tensor");
  // an empty 1-d tensor joins anything, as it always has in PyTorch
  const parts = tensors.filter((t) => !(t.ndim === 1 && t.size === 0));
  const list = parts.length > 0 ? parts : tensors;
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
    list.map((t) => toDType(t, common)),
    { dim: d },
  );
}

/** Joins tensors of one shape along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0) throw new ArgumentError("stack", "expected at least one tensor");
  const first = tensors[0];
  for (const t of tensors)
    if (!sameShape(t.shape, first.shape))
      throw new ShapeError("stack", `all shapes must be equal: ${showShape(first.shape)} and ${showShape(t.shape)}`, [
        first.shape,
        t.shape,
      ]);
  return cat(
    tensors.map((t) => unsqueeze(t, dim)),
    normalizeDim("stack", dim, first.ndim + 1),
  );
}
