import { customNamed } from "./door/custom.ts";
import type { Op } from "./door/op.ts";
import { Pointwise } from "./door/pointwise.ts";
import { ViewOp } from "./door/view.ts";
import { createOps } from "./ops/create/list.ts";
import { indexOps } from "./ops/index/list.ts";
import { linalgOps } from "./ops/linalg/list.ts";
import { nnOps } from "./ops/nn/list.ts";
import { pointwiseOps } from "./ops/pointwise/list.ts";
import { reduceOps } from "./ops/reduce/list.ts";
import { shapeOps } from "./ops/shape/list.ts";

// The list of all ops, for those who treat programs as data: a table keyed by `OpName` is checked by the compiler. It keeps every op
// in a bundle, so nothing else in this package imports it.

/** Every op record by its name. */
export const ops = {
  ...createOps,
  ...indexOps,
  ...linalgOps,
  ...nnOps,
  ...pointwiseOps,
  ...reduceOps,
  ...shapeOps,
} as const;
export type OpName = keyof typeof ops;

/** An op record as lists hold it, whatever its attributes are. */
// biome-ignore lint/suspicious/noExplicitAny: each op has attributes of its own, which its callers know
export type AnyOp = Op<any>;

/**
 * The record that a name seen at the door stands for: an op of the list or of a user (customOp), the in-place form of a pointwise one (`add_`), or its gradient
 * kernels (`addBackward`, likewise of a view).
 */
export function opNamed(name: string, list: { readonly [name: string]: AnyOp } = ops): AnyOp | undefined {
  const own = list[name] ?? customNamed(name);
  if (own) return own;
  const [stem, kind] = name.endsWith("_")
    ? [name.slice(0, -1), "in place"]
    : [name.replace(/Backward$/, ""), "gradient"];
  const op = list[stem];
  if (stem === name) return undefined;
  if (op instanceof Pointwise) return kind === "in place" ? op.inPlace : op.derivative;
  return op instanceof ViewOp && kind === "gradient" ? op.backward : undefined;
}
