import type { OpName } from "@flambeau/tensor/ops";
import type { Op } from "@flambeau/tensor/plugin";
import { alongRules } from "./along.ts";
import type { BatchRule } from "./call.ts";
import { convRules } from "./conv.ts";
import { copyRules } from "./copies.ts";
import { drawRules } from "./draws.ts";
import { indexRules } from "./indexing.ts";
import { lossRules } from "./losses.ts";
import { matrixRules } from "./matrices.ts";
import { normRules } from "./norms.ts";
import { planeRules } from "./planes.ts";
import { pointwiseRule } from "./pointwise.ts";
import { productRules } from "./products.ts";
import { viewRule, viewRules } from "./views.ts";

/** Ops of the packages above that have a rule here. */
type Further = "adamStep" | "crossEntropy" | "crossEntropyBackward" | "sgdStep";

/** The ops that have a rule for batches, by name. Every other op is made sample by sample. */
const rules: { readonly [N in OpName | `${OpName}Backward` | Further]?: BatchRule } = {
  ...alongRules,
  ...convRules,
  ...copyRules,
  ...drawRules,
  ...indexRules,
  ...lossRules,
  ...matrixRules,
  ...normRules,
  ...planeRules,
  ...productRules,
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
