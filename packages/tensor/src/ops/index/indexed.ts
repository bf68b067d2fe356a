import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Layout } from "../../door/view.ts";
import { encode } from "../../lower/host.ts";
import { dense } from "../../lower/move.ts";

/** Adds `source` into `target` (contiguous, fresh) where `layout` says, elements that coincide adding up. No graph. */
export function scatterAddFlat(target: Tensor, layout: Layout, source: Tensor): Tensor {
  const n = source.size;
  if (n === 0 || target.size === 0) return target;
  const positions = empty(target.backend, "int32", [target.size]);
  target.backend.write(
    positions.buffer,
    encode(
      Int32Array.from({ length: target.size }, (_, i) => i),
      "int32",
    ),
  );
  const index = dense(viewOf(positions, layout.shape, layout.strides, layout.offset));
  const from = dense(source);
  const flat = (x: Tensor): Tensor => viewOf(x, [x.size], [1], x.offset);
  target.backend.kernels.scatter("add", flat(target), flat(index), flat(from), 0);
  return target;
}
