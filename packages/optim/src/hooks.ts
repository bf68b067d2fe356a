import { ArgumentError } from "@flambeau/tensor/functional";
import { checkFunction, context, type Kinds, option, show } from "@flambeau/tensor/plugin";
import type { OptimizerState } from "./optimizer.ts";

/** What `step` is called with: a closure, or nothing. */
export type StepArguments = readonly unknown[];
/** Sees the arguments of a step before it; a list that it returns takes their place. */
export type StepPreHook<M> = (optimizer: M, args: StepArguments) => StepArguments | void;
/** Sees the arguments of a step after it. */
export type StepPostHook<M> = (optimizer: M, args: StepArguments) => void;
/** Sees a state dict; what it returns, if anything, takes its place. */
export type StateDictHook<M> = (optimizer: M, dict: OptimizerState) => OptimizerState | void;
export interface HookOptions {
  /** Before the hooks that are there already. Default false. */
  readonly prepend?: boolean | undefined;
}

export const hookKinds: Kinds<HookOptions> = { prepend: option.boolean };

interface Hooks {
  stepPre: StepPreHook<never>;
  stepPost: StepPostHook<never>;
  stateDictPre: (optimizer: never) => void;
  stateDictPost: StateDictHook<never>;
  loadPre: StateDictHook<never>;
  loadPost: (optimizer: never) => void;
}
type Lists = { readonly [K in keyof Hooks]: Hooks[K][] };

const everywhere = { stepPre: [] as Hooks["stepPre"][], stepPost: [] as Hooks["stepPost"][] };

/** Puts a hook into a list. Gives a function that removes it. */
function hang<H>(list: H[], hook: H, prepend = false): () => void {
  if (prepend) list.unshift(hook);
  else list.push(hook);
  let there = true;
  return () => {
    if (there) list.splice(list.indexOf(hook), 1);
    there = false;
  };
}

/** The hooks of one optimizer. */
export class OptimizerHooks {
  readonly #lists: Lists = {
    stepPre: [],
    stepPost: [],
    stateDictPre: [],
    stateDictPost: [],
    loadPre: [],
    loadPost: [],
  };

  /** @throws ArgumentError for what is no function. */
  add<K extends keyof Hooks>(op: string, kind: K, hook: Hooks[K], options: HookOptions = option.none): () => void {
    checkFunction(op, "hook", hook);
    return hang(this.#lists[kind] as Hooks[K][], hook, options.prepend); // the list of that kind
  }
  run(kind: "stateDictPre" | "loadPost", optimizer: object): void {
    for (const hook of [...this.#lists[kind]]) hook(optimizer as never);
  }
  pass(kind: "stateDictPost" | "loadPre", optimizer: object, dict: OptimizerState): OptimizerState {
    let current = dict;
    for (const hook of [...this.#lists[kind]]) current = hook(optimizer as never, current) ?? current;
    return current;
  }

  /** Stands in the place of the optimizer's `step`, whatever class has it: the hooks run around it. */
  around(optimizer: { step(...args: never[]): unknown }): void {
    const step = optimizer.step as (...args: unknown[]) => unknown; // what it is given is handed on
    const { stepPre, stepPost } = this.#lists;
    const hooked = (...given: unknown[]): unknown => {
      const hooks = stepPre.length + stepPost.length + everywhere.stepPre.length + everywhere.stepPost.length;
      if (hooks === 0) return step.apply(optimizer, given);
      context.tape?.refuse(`a step of ${optimizer.constructor.name} with hooks`);
      let args: StepArguments = given;
      for (const hook of [...everywhere.stepPre, ...stepPre]) {
        const instead: unknown = hook(optimizer as never, args);
        if (instead === undefined || instead === null) continue;
        if (!Array.isArray(instead))
          throw new ArgumentError(
            `${optimizer.constructor.name}.step`,
            `a step pre-hook returned ${show(instead)}`,
            "return the list of the step's arguments, or nothing",
          );
        args = instead;
      }
      const result = step.apply(optimizer, [...args]);
      for (const hook of [...stepPost, ...everywhere.stepPost]) hook(optimizer as never, args);
      return result;
    };
    Object.defineProperty(optimizer, "step", { value: hooked, writable: true, configurable: true, enumerable: false });
  }
}

/**
 * Calls `hook(optimizer, args)` before each step of every optimizer, before its own hooks; a list that it returns takes the place of the
 * step's arguments. Gives a function that removes it: `remove = registerOptimizerStepPreHook(hook)`.
 *
 * Shapes: none.
 *
 * @throws ArgumentError for what is no function.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.register_step_pre_hook.html
 * @example
 * let steps = 0;
 * const remove = optim.registerOptimizerStepPreHook(() => void steps++);
 * new optim.SGD([zeros([1])]).step();
 * remove();
 * steps; // 1
 */
export function registerOptimizerStepPreHook(hook: StepPreHook<unknown>): () => void {
  checkFunction("registerOptimizerStepPreHook", "hook", hook);
  return hang(everywhere.stepPre, hook);
}

/**
 * Calls `hook(optimizer, args)` after each step of every optimizer, after its own hooks. Gives a function that removes it:
 * `remove = registerOptimizerStepPostHook(hook)`.
 *
 * Shapes: none.
 *
 * @throws ArgumentError for what is no function.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.register_step_post_hook.html
 * @example
 * const names: string[] = [];
 * const remove = optim.registerOptimizerStepPostHook((optimizer) => void names.push(String(optimizer).split(" ")[0]));
 * new optim.SGD([zeros([1])]).step();
 * remove();
 * names; // ["SGD"]
 */
export function registerOptimizerStepPostHook(hook: StepPostHook<unknown>): () => void {
  checkFunction("registerOptimizerStepPostHook", "hook", hook);
  return hang(everywhere.stepPost, hook);
}
