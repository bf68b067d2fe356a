import {
  add,
  clone,
  copy_,
  empty,
  enableGrad,
  fullLike,
  keep,
  neg,
  noGrad,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { checkFunction, context, sameShape, type Tape, withRange } from "@flambeau/tensor/plugin";
import { Optimizer, type ParamGroup } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

/**
 * The base of the optimizers that update each parameter from its own gradient: a subclass says how, `p = update(p, p.grad, state)`.
 *
 * `update` changes the parameter in place while recording is off; `check` refuses options out of range.
 *
 * Shapes: parameters of any shapes; those without a gradient are passed over.
 *
 * @throws ArgumentError for no parameters, one that is no leaf or is given twice, and from `check`; DeviceError from `step` when a
 * parameter was moved away from its gradient or state.
 * @see https://docs.pytorch.org/docs/stable/optim.html#torch.optim.Optimizer
 * @example
 * class SignDescent extends optim.FirstOrderOptimizer<{ lr: number }> {
 *   protected check() {}
 *   protected update(p: Tensor, grad: Tensor, { lr }: { lr: number }) {
 *     p.sub_(grad.sign(), { alpha: lr });
 *   }
 * }
 * const w = tensor([1, -2], { requiresGrad: true });
 * w.square().sum().backward();
 * new SignDescent([w], { lr: 0.25 }).step();
 * w.tolist(); // [0.75, -1.75]
 */
export abstract class FirstOrderOptimizer<O extends object> extends Optimizer<O> {
  /** Whether `step` was called; a schedule looks at it. */
  stepped = false;
  /** Updates `p` from its gradient, in place. Recording is off. */
  protected abstract update(p: Tensor, grad: Tensor, group: ParamGroup<O>, state: ParamState): void;

  /**
   * Updates every parameter that has a gradient. A `closure` that computes the loss and its gradients is called first, with
   * recording on; its result is returned.
   */
  step(closure?: () => Tensor): Tensor | undefined {
    if (closure !== undefined) checkFunction(`${this.constructor.name}.step`, "closure", closure);
    const loss = closure?.();
    this.stepped = true;
    withRange(`${this.constructor.name}.step`, () =>
      noGrad(() => {
        for (const group of this.paramGroups)
          if (differentiable(group)) enableGrad(() => this.updateGroup(group));
          else this.updateGroup(group);
      }),
    );
    return loss;
  }

  /** Whether an update is the same for each element, whatever the parameter's shape. */
  protected readonly elementwise: boolean = true;

  /** Updates the parameters of a group that have gradients. */
  protected updateGroup(group: ParamGroup<O>): void {
    if (this.repeats && context.tape !== null && !context.gradEnabled) this.#updateAlike(group, context.tape);
    else this.updateEach(group);
  }
  /** The same, one after another. */
  protected updateEach(group: ParamGroup<O>): void {
    for (const p of group.params) if (p.grad !== null) this.update(p, p.grad, group, this.stateOf(p));
  }

  /** The same, so that a tape can take the steps again: parameters that are alike have the same numbers. */
  #updateAlike(group: ParamGroup<O>, tape: Tape): void {
    const sets: Due[][] = [];
    for (const p of group.params) {
      if (p.grad === null) continue;
      const due = { p, grad: p.grad, state: this.stateOf(p) };
      const alike = sets.find(
        ([first]) => isAlike(first, due) && (this.elementwise || sameShape(first.p.shape, p.shape)),
      );
      if (alike === undefined) sets.push([due]);
      else alike.push(due);
    }
    for (const set of sets) {
      const [{ p, grad, state }] = set;
      // the first rehearsal is of the step that is taken here
      let before: ParamState | null = numbersOf(state);
      tape.repeat(
        set.map((due) => () => this.update(due.p, due.grad, group, due.state)),
        () => {
          // another was loaded since
          if (!set.every((due) => this.isOwn(due.p, due.state))) return null;
          const next = before === null ? { ...state } : { ...tensorsOf(state), ...before };
          before = null;
          noGrad(() => this.update(p, empty(p.shape, { dtype: grad.dtype, device: p.device }), group, next));
          const counted = numbersOf(next);
          return () => {
            for (const due of set) Object.assign(due.state, counted);
          };
        },
        `a step of ${this.constructor.name}`,
      );
    }
  }
}

/** A parameter that is to be updated. */
interface Due {
  readonly p: Tensor;
  readonly grad: Tensor;
  readonly state: ParamState;
}
const numbersOf = (state: ParamState): ParamState =>
  Object.fromEntries(Object.entries(state).filter(([, value]) => typeof value === "number"));
const tensorsOf = (state: ParamState): ParamState =>
  Object.fromEntries(Object.entries(state).filter(([, value]) => typeof value !== "number"));
/** Whether the steps of two parameters take the same numbers, but for what follows from their shapes. */
function isAlike(a: Due, b: Due): boolean {
  if (a.p.dtype !== b.p.dtype || a.grad.dtype !== b.grad.dtype || a.p.backend !== b.p.backend) return false;
  const [x, y] = [Object.entries(numbersOf(a.state)), numbersOf(b.state)];
  return x.length === Object.keys(y).length && x.every(([name, value]) => Object.is(value, y[name]));
}

/** Whether a group's steps are recorded: its optimizer has the option, and it is set. */
export const differentiable = (group: { readonly params: unknown }): boolean =>
  (group as { readonly differentiable?: unknown }).differentiable === true; // optimizers of one's own may be without

/** Runs the ops of one parameter's update and gives back what they leave; in a step that is recorded gradients still read it. */
export const passing = (update: () => void): void => (context.gradEnabled ? update() : tidy(update));

/**
 * The state tensor `name` of a parameter, filled with `value` at first use, to be changed in place. It lives as long as the optimizer. In a
 * step that is recorded it is a new one each time: gradients of the steps before read the old ones.
 */
export function slot(state: ParamState, name: string, p: Tensor, value = 0): Tensor {
  const old = state[name] as Tensor | undefined; // only these two functions make that entry
  if (old === undefined) return (state[name] = keep(noGrad(() => fullLike(p, value))));
  return context.gradEnabled ? (state[name] = keep(clone(old))) : old;
}
/** Puts a value that was computed from it in the place of the state tensor `name`. */
export function put(state: ParamState, name: string, value: Tensor): Tensor {
  return context.gradEnabled ? (state[name] = keep(value)) : copy_(state[name] as Tensor, value);
}

/** How many steps a parameter took. */
export const stepsOf = (state: ParamState): number => (state.step as number | undefined) ?? 0; // no other entry has that name
/** Counts a parameter's steps: 1 at the first. */
export const nextStep = (state: ParamState): number => (state.step = stepsOf(state) + 1);

/** The gradient to descend along: negated to maximize, with weightDecay * p added (an L2 penalty). */
export function descent(
  p: Tensor,
  grad: Tensor,
  { maximize, weightDecay }: { readonly maximize: boolean; readonly weightDecay: number },
): Tensor {
  const g = maximize ? neg(grad) : grad;
  return weightDecay === 0 ? g : add(g, p, { alpha: weightDecay });
}
