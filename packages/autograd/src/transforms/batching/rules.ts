import type { OpName } from "@flambeau/tensor/ops";
import type { Op } from "@flambeau/tensor/plugin";
import type { BatchRule } from "../batch-level.ts";
import { pointwiseRule } from "./pointwise.ts";
import { productRules } from "./products.ts";
import { reductionRules } from "./reductions.ts";
import { viewRule, viewRules } from "./views.ts";

/** The ops that have a rule for batches, by name. Every other op is made sample by sample. */
const rules: { readonly [N in OpName | `${OpName}Backward`]?: BatchRule } = {
  ...productRules,
  ...reductionRules,
  ...viewRules,
};
const table: { readonly [name: string]: BatchRule | undefined } = rules;

/** How an op goes for all samples at once: its own rule, that of its kind, or null for sample by sample. */
export function ruleFor(op: Op): BatchRule | null {
  const own = (op.batch as BatchRule | undefined) ?? table[op.name];
  if (own !== undefined) return own;
  if (op.recorded !== undefined) return pointwiseRule;
  return op.aliases !== undefined ? viewRule : null;
}
