import type { Tensor } from "@flambeau/tensor/functional";
import { type AnyOp, ops } from "@flambeau/tensor/ops";
import { Pointwise, sameShape } from "@flambeau/tensor/plugin";
import type { Builder } from "./builder.ts";
import { dtypeOf } from "./infer.ts";

// Writes in place as calls that change nothing: their result is the target's new value.

/** Ops in place that have a twin which does the same to a copy, with the same inputs and attributes. */
const copied: ReadonlySet<string> = new Set([
  "indexPut_",
  "indexPutAdd_",
  "scatter_",
  "scatterAdd_",
  "scatterMax_",
  "scatterMin_",
  "scatterMul_",
  "scatterReduce_",
]);

/**
 * Adds the call of an op that writes its first input and does nothing else. null for those that have no form without a write: the op
 * itself is called then, on a copy.
 */
export function emitWrite(
  builder: Builder,
  op: AnyOp,
  names: readonly string[],
  inputs: readonly Tensor[],
  attrs: object,
): string | null {
  const [target, source] = inputs;
  const { shape, dtype } = target;
  const list: { readonly [name: string]: AnyOp } = ops;
  const stem = op.name.endsWith("_") ? op.name.slice(0, -1) : "";
  const twin = Object.hasOwn(list, stem) ? list[stem] : undefined;
  if (twin instanceof Pointwise && twin.inPlace === op) {
    const out = dtypeOf(twin, inputs, attrs);
    const [result] = builder.call(twin, names, attrs, [{ shape, dtype: out }]);
    return out === dtype ? result : builder.call(ops.cast, [result], { dtype }, [target])[0];
  }
  if (twin && list[op.name] === op && copied.has(op.name)) return builder.call(twin, names, attrs, [target])[0];
  if (op === ops.fill_) {
    const { value } = attrs as { value: number | bigint };
    return builder.call(ops.full, [], { shape, dtype, device: null, value }, [target])[0];
  }
  if (op !== ops.copy_) return null;
  let from = names[1];
  if (!sameShape(source.shape, shape))
    [from] = builder.call(ops.expand, [from], { shape }, [{ shape, dtype: source.dtype }]);
  return source.dtype === dtype
    ? builder.call(ops.clone, [from], {}, [target])[0]
    : builder.call(ops.cast, [from], { dtype }, [target])[0];
}
