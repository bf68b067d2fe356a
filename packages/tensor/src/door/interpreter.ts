import { context } from "../core/context.ts";
import { UnavailableError } from "../core/errors.ts";
import { tensor as aTensor, boolean, type Kind, type Kinds } from "../core/options.ts";
import type { GradientEdge, GraphNode, Tensor } from "../core/tensor.ts";
import type { Expr } from "../expr/expr.ts";
import type { Op } from "./op.ts";

export interface BackwardOptions {
  /** The gradient of this tensor (default: 1, for a scalar). */
  readonly gradient?: Tensor | undefined;
  /** Keep what the graph holds for another backward (default: what `createGraph` says). */
  readonly retainGraph?: boolean | undefined;
  /** Record the backward itself, for gradients of gradients (default false). */
  readonly createGraph?: boolean | undefined;
  /** Only these get gradients: leaves, results of ops, and leaves by their places in the graph. */
  readonly inputs?: readonly (Tensor | GradientEdge)[] | undefined;
}
const places: Kind = {
  means: "a list of tensors and gradient edges",
  takes: (x): x is unknown =>
    Array.isArray(x) &&
    x.every(
      (one) => aTensor.takes(one) || (typeof one === "object" && one !== null && "node" in one && "outputNr" in one),
    ),
};
export const backwardKinds: Kinds<BackwardOptions> = {
  gradient: aTensor,
  retainGraph: boolean,
  createGraph: boolean,
  inputs: places,
};

/** Sees a gradient; what it returns, if anything, takes its place. */
export type GradHook = (grad: Tensor) => Tensor | void;

/** What @flambeau/autograd installs on the context: it is told of each call whose result may need a gradient. */
export interface Tracer {
  record<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A, outputs: readonly Tensor[]): void;
  /** `view` shows the same memory as `source`: in-place writes to either must reach both graphs. */
  recordView<A extends object>(op: Op<A>, source: Tensor, attrs: A, view: Tensor): void;
  /** Throws when `target` may not be written in place. Called before the write. */
  checkInPlace(op: string, target: Tensor): void;
  /** `target` was written: its new value is `op` of `inputs` (the first is the target's old value). Without a rule it depends on none of them. */
  recordInPlace<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A, target: Tensor): void;
  /** `base` was written in place since `view` was made: gives `view` its place in the graph anew. */
  refreshView(view: Tensor, base: Tensor): void;
  /** `t` has become a view of itself: what was asked of its old node (to retain the gradient) holds for the new one. */
  replaced?(t: Tensor, old: GraphNode): void;
  /** Visits the tensors that `t`'s graph keeps for its backward pass. */
  saved(t: Tensor, visit: (saved: Tensor) => void): void;
  /** Whether backward has been through `t`'s graph, which it cannot do again. */
  isSpent?(t: Tensor): boolean;
  backward(t: Tensor, options: BackwardOptions): void;
  retainGrad(t: Tensor): void;
  registerHook(t: Tensor, hook: GradHook): () => void;
  registerPostAccumulateGradHook(t: Tensor, hook: (leaf: Tensor) => void): () => void;
  /** Differentiates formulas: `derive` of the plug-ins' names, which programs without autograd have no use for. */
  readonly derive: (formula: Expr, g: Expr, wrt: readonly Expr[]) => readonly (Expr | null)[];
}

/** What records calls; null while nothing does. */
export const tracer = (): Tracer | null => context.tracer as Tracer | null; // autograd installs nothing else

/** The gradients of a formula. @throws UnavailableError where no autograd engine is loaded. */
export function derivatives(formula: Expr, g: Expr, wrt: readonly Expr[]): readonly (Expr | null)[] {
  const recorder = tracer();
  if (recorder === null)
    throw new UnavailableError("a gradient: no autograd engine is loaded", "import @flambeau/autograd");
  return recorder.derive(formula, g, wrt);
}

/** True when a result of these inputs belongs in the graph. */
export function records(inputs: readonly Tensor[]): boolean {
  if (context.tracer === null || !context.gradEnabled) return false;
  for (let i = 0; i < inputs.length; i++) if (inputs[i].requiresGrad) return true;
  return false;
}
