import { AutogradError, type GradHook, type GraphNode, type Scope, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction } from "@flambeau/tensor/plugin";
import { outside } from "../handles.ts";
import { type NodeHook, type NodePrehook, runPosthooks, runPrehooks, shown, without } from "./node-hooks.ts";

/** Called with a leaf once a backward has added to its `grad`. */
export type PostAccumulateGradHook = (leaf: Tensor) => void;

/** The node at which a leaf's gradients end: what `nextFunctions` show of it, and what users have hung on it. */
export class AccumulateGrad implements GraphNode {
  readonly name = "AccumulateGrad";
  readonly nextFunctions = [];
  readonly metadata: Record<string, unknown> = {};
  /** The leaf. */
  readonly variable: Tensor;
  /** Hooks of the tensor itself: they see the sum over all paths. */
  seen: readonly GradHook[] = [];
  private before: readonly NodePrehook[] = [];
  private done: readonly PostAccumulateGradHook[] = [];
  private after: readonly NodeHook[] = [];

  constructor(leaf: Tensor) {
    this.variable = leaf;
  }

  /** Whether anybody looks. */
  get hooked(): boolean {
    return this.seen.length + this.before.length + this.done.length + this.after.length > 0;
  }

  addSeen(hook: GradHook): () => void {
    this.seen = [...this.seen, hook];
    return removal(() => {
      this.seen = without(this.seen, hook);
    });
  }
  addDone(hook: PostAccumulateGradHook): () => void {
    this.done = [...this.done, hook];
    return removal(() => {
      this.done = without(this.done, hook);
    });
  }
  registerPrehook(hook: NodePrehook): () => void {
    checkFunction("registerPrehook", "hook", hook);
    this.before = [...this.before, hook];
    return removal(() => {
      this.before = without(this.before, hook);
    });
  }
  registerHook(hook: NodeHook): () => void {
    checkFunction("registerHook", "hook", hook);
    this.after = [...this.after, hook];
    return removal(() => {
      this.after = without(this.after, hook);
    });
  }

  /** Adds `g` to the leaf's gradient by `add`, with the hooks around that. */
  run(g: Tensor, add: (g: Tensor) => void, walk: Scope | null): void {
    const [given] = runPrehooks(this.name, this.before, [g], walk);
    const outputs = this.after.length > 0 && given !== null ? shown([given], walk) : [null];
    if (given !== null) add(given);
    for (const hook of this.done) outside(walk, () => hook(this.variable));
    runPosthooks(this.name, this.after, [], outputs, walk);
  }
}

const nodes = new WeakMap<Tensor, AccumulateGrad>();
/** How many hooks there are on leaves: a walk looks at none of them where there are none. */
let registered = 0;
function removal(remove: () => void): () => void {
  registered++;
  let there = true;
  return () => {
    if (!there) return;
    there = false;
    registered--;
    remove();
  };
}

/** The node of a leaf. */
export function accumulateGrad(leaf: Tensor): AccumulateGrad {
  let node = nodes.get(leaf);
  if (node === undefined) nodes.set(leaf, (node = new AccumulateGrad(leaf)));
  return node;
}
/** The node of a leaf on which there are hooks; null for others. */
export function hookedLeaf(leaf: Tensor): AccumulateGrad | null {
  if (registered === 0) return null;
  const node = nodes.get(leaf);
  return node?.hooked ? node : null;
}
/** Whether there may be hooks on leaves. */
export const leavesHooked = (): boolean => registered > 0;

/** @throws AutogradError for a tensor that is no leaf, or requires no gradient. */
export function leafNode(op: string, t: Tensor): AccumulateGrad {
  if (!t.requiresGrad) throw new AutogradError(`${op}: this tensor does not require gradients`);
  if (!t.isLeaf)
    throw new AutogradError(
      `${op}: only leaves accumulate gradients, and this tensor is the result of ${t.gradFn?.name}`,
      "registerHook sees the gradients of results",
    );
  return accumulateGrad(t);
}
