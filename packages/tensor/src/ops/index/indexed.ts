import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import type { Layout } from "../../door/view.ts";
import { encode } from "../../lower/host.ts";
import { runScatter, writeBytes } from "../../lower/machine.ts";
import { dense, fillInto } from "../../lower/move.ts";

/** Adds `source` into `target` (contiguous, fresh) where `layout` says, elements that coincide adding up. No graph. */
export function scatterAddFlat(target: Tensor, layout: Layout, source: Tensor): Tensor {
  const n = source.size;
  if (n === 0 || target.size === 0) return target;
  const positions = empty(target.backend, "int32", [target.size]);
  writeBytes(
    positions,
    encode(
      Int32Array.from({ length: target.size }, (_, i) => i),
      "int32",
    ),
  );
  const index = dense(viewOf(positions, layout.shape, layout.strides, layout.offset));
  const from = dense(source);
  const flat = (x: Tensor): Tensor => viewOf(x, [x.size], [1], x.offset);
  runScatter(target, "add", flat(target), flat(index), flat(from), 0);
  return target;
}

/** How many elements of a window lie on each place of a stretch of memory; at least 1. In the dtype of the input, which says no more. */
export const countPlacesOp: Op<{ readonly length: number; readonly layout: Layout }> = {
  name: "countPlaces",
  forward([like], { length, layout }) {
    const counts = fillInto(empty(like.backend, like.dtype, [length]), 0);
    return scatterAddFlat(counts, layout, fillInto(empty(like.backend, like.dtype, layout.shape), 1));
  },
};
