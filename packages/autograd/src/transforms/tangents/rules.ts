import { add, expand, isFloat, onesLike, type Tensor } from "@flambeau/tensor/functional";
import { sameShape, toDType } from "@flambeau/tensor/plugin";
import { gradients } from "../../gradients.ts";
import { GradLevel } from "../grad-level.ts";
import type { TangentCall, TangentRule } from "./call.ts";
import { linearRules } from "./linear.ts";

const table: { readonly [name: string]: TangentRule | undefined } = linearRules;

/** The tangents of a call's results: by the op's own rule, or by that of its kind, or from its gradient rule. */
export function tangentsOf(call: TangentCall): readonly (Tensor | null)[] {
  const own = (call.op.jvp as TangentRule | undefined) ?? table[call.op.name];
  const found = own?.(call) ?? null;
  if (found !== null) return found;
  if (call.rule.op.vjp === undefined) return call.outputs.map(() => null);
  return call.op.recorded === undefined ? transposed(call) : elementwise(call);
}

const seen = ({ primals, outputs, rule }: TangentCall, needs: readonly boolean[]) => ({
  attrs: rule.attrs,
  saved: rule.op.save?.(primals, outputs, rule.attrs, needs) ?? [],
  shapes: primals.map((t) => t.shape),
  dtypes: primals.map((t) => t.dtype),
  outputs,
  needs,
});

/** `t` in the shape and dtype of `like`. */
function fitted(t: Tensor, like: Tensor): Tensor {
  const wide = sameShape(t.shape, like.shape) ? t : expand(t, like.shape);
  return wide.dtype === like.dtype ? wide : toDType(wide, like.dtype);
}

/** A pointwise op's derivative is a factor for each element, whether a cotangent or a tangent is multiplied. */
function elementwise(call: TangentCall): readonly (Tensor | null)[] {
  const { tangents, outputs, rule } = call;
  const [out] = outputs;
  let total: Tensor | null = null;
  tangents.forEach((t, i) => {
    if (t === null) return;
    const context = seen(
      call,
      tangents.map((_, k) => k === i),
    );
    const part = rule.op.vjp?.(context, [fitted(t, out)])[i] ?? null;
    if (part !== null) total = total === null ? part : add(total, part);
  });
  return [total === null ? null : fitted(total, out)];
}

/**
 * A gradient rule is linear in the cotangent: its own gradient along the tangents is what they become. It is taken at a cotangent of ones,
 * since some rules treat zeros apart (0 times infinity).
 */
function transposed(call: TangentCall): readonly (Tensor | null)[] {
  const { tangents, outputs, rule } = call;
  const level = new GradLevel("jvp");
  const context = seen(
    call,
    tangents.map((t) => t !== null),
  );
  const cotangents = outputs.map((t) => (isFloat(t.dtype) ? level.leaf(onesLike(t)) : null));
  const found = level.run(() => rule.op.vjp?.(context, cotangents) ?? []);
  const roots: Tensor[] = [];
  const seeds: Tensor[] = [];
  found.forEach((g, i) => {
    const t = tangents[i];
    if (g === null || t === null || !g.requiresGrad) return;
    roots.push(g);
    seeds.push(level.observe(fitted(t, g)));
  });
  if (roots.length === 0) return outputs.map(() => null);
  const leaves = cotangents.filter((t) => t !== null);
  const moved = level.walk((createGraph) =>
    gradients(roots, leaves, { gradOutputs: seeds, retainGraph: false, createGraph, allowUnused: true }),
  );
  return cotangents.map((leaf) => {
    const g = leaf === null ? null : moved[leaves.indexOf(leaf)];
    return g === null ? null : level.out(g);
  });
}
