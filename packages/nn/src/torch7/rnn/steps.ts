import {
  ArgumentError,
  alias,
  detach,
  isGradEnabled,
  isTensor,
  keep,
  ShapeError,
  type Tensor,
} from "@flambeau/tensor/functional";
import { show, showShape } from "@flambeau/tensor/plugin";
import { type Table, tensorsOf } from "../table.ts";

// What modules hold from one step of a sequence to the next, and how far gradients go back through it.

let depth = 0;
/** Runs a module as one step of a sequence: what draws (dpnn's Reinforce) then adds a draw to those of the steps before. */
export function asStep<R>(run: () => R): R {
  depth++;
  try {
    return run();
  } finally {
    depth--;
  }
}
/** Whether what is running is a step of a sequence. */
export const inStep = (): boolean => depth > 0;

/** A module with something to forget between sequences. */
export interface Forgetful {
  /** Forgets what this very module holds; those below it forget on their own. @internal */
  drop(): void;
}
export const isForgetful = (x: object): x is Forgetful => "drop" in x && typeof x.drop === "function";

/** The same table with each tensor replaced. */
export function mapTable<T extends Table>(table: T, by: (t: Tensor) => Tensor): T {
  const visit = (at: Table): Table => {
    if (isTensor(at)) return by(at);
    if (Array.isArray(at)) return at.map(visit);
    return Object.fromEntries(Object.entries(at).map(([name, each]) => [name, visit(each)]));
  };
  return visit(table) as T; // of the same form
}
/** Holds an argument to a tensor or a table of tensors. */
export function checkTable(op: string, x: unknown): asserts x is Table {
  if (firstOrNone(x as Table) === undefined)
    throw new ArgumentError(
      op,
      `takes a tensor or a table of tensors, got ${show(x)}`,
      "tables are arrays: forward([a, b])",
    );
}
function firstOrNone(table: Table): Tensor | undefined {
  const [first] = [...tensorsOf(table)]; // all of them: each is looked at
  return first;
}
/** The first tensor of a table, depth first. */
export const firstOf = (table: Table): Tensor => firstOrNone(table) as Tensor; // it holds one: checkTable

/** How far a sequence has come. */
class Run {
  steps = 0;
  /** Whether a backward has been through it: its graph is used up, and the next step goes on from the values alone. */
  walked = false;
}

/** The states that a recurrent module holds from one step to the next, as handles of its own that no scope frees. */
export class Memory {
  private run = new Run();
  private states: readonly Table[] | null = null;

  /** How many steps the sequence has had. */
  get steps(): number {
    return this.run.steps;
  }
  /** What the last step left, as handles for the scope that is open; null at the start of a sequence. */
  take(): readonly Table[] | null {
    if (this.states !== null && this.run.walked) this.hold(mapTable(this.states, detach));
    this.run.walked = false;
    // a graph that saves them frees them with that scope
    return this.states && mapTable(this.states, alias);
  }
  /**
   * Ends a step that gave `states`, in training with the way back: their gradients pass unless, when they come, the sequence has gone on for more
   * than `rho()` steps. Gives the states as they may be handed out.
   */
  advance(states: readonly Table[], training: boolean, rho: () => number): readonly Table[] {
    const { run } = this;
    const at = run.steps++;
    const passing = (t: Tensor): Tensor => {
      if (!training || !t.requiresGrad || !isGradEnabled()) return t;
      const out = alias(t);
      out.gradFn?.registerHook(() => {
        run.walked = true;
        return at < run.steps - rho() ? [null] : undefined;
      });
      return out;
    };
    const out = mapTable(states, passing);
    this.hold(mapTable(out, training ? alias : detach));
    return out;
  }
  /** Puts states in the place of those that are held. */
  set(states: readonly Table[]): void {
    this.hold(mapTable(states, alias));
  }
  forget(): void {
    this.run = new Run();
    this.hold(null);
  }
  private hold(states: readonly Table[] | null): void {
    const before = this.states;
    this.states = states && mapTable(states, keep);
    if (before !== null) mapTable(before, disposed);
  }
}
const disposed = (t: Tensor): Tensor => {
  t.dispose();
  return t;
};

/** The number of examples in a batch, or null where the first tensor of `x`, of `nInputDim` dimensions without one, is a single example. */
export function batchSize(op: string, x: Table, nInputDim: number): number | null {
  const { ndim, shape } = firstOf(x);
  if (ndim === nInputDim) return null;
  if (ndim === nInputDim + 1) return shape[0];
  throw new ShapeError(op, `takes ${nInputDim} dimensions, or one more for the batch, got ${showShape(shape)}`, [
    shape,
  ]);
}
