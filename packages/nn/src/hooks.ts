import { AutogradError, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { context, linkBase, type Op, show, tracer, viewOf, warnOnce } from "@flambeau/tensor/plugin";

/** A module, as far as its hooks look at it. */
interface Hooked {
  // biome-ignore lint/suspicious/noExplicitAny: what it takes and gives is each module's own
  forward(...inputs: any[]): any;
}

/** Sees what a module was given and what it gave; what it returns, if anything, is the output. */
export type ForwardHook<M> = (module: M, inputs: readonly unknown[], output: unknown) => unknown;
/** Sees what a module is given; a list that it returns takes the place of that. */
export type ForwardPreHook<M> = (module: M, inputs: readonly unknown[]) => readonly unknown[] | void;
type Grads = readonly (Tensor | null)[];
/** Sees the gradients of a module's inputs and outputs; a list that it returns takes the place of the first. */
export type BackwardHook<M> = (module: M, gradInputs: Grads, gradOutputs: Grads) => Grads | void;
/** Sees the gradients of a module's outputs before they go into it; a list that it returns takes their place. */
export type BackwardPreHook<M> = (module: M, gradOutputs: Grads) => Grads | void;

interface Kinds {
  forwardPre: ForwardPreHook<never>;
  forward: ForwardHook<never>;
  backwardPre: BackwardPreHook<never>;
  backward: BackwardHook<never>;
}
/** A hook, and whether it is called when something before it throws, too. */
interface Entry<H> {
  readonly hook: H;
  readonly always: boolean;
}
type Lists = { readonly [K in keyof Kinds]: Entry<Kinds[K]>[] };
type Forward = (...inputs: unknown[]) => unknown;
/** How a hook is hung on. */
interface HookOptions {
  readonly prepend?: boolean | undefined;
  readonly alwaysCall?: boolean | undefined;
}

const noHooks = (): Lists => ({ forwardPre: [], forward: [], backwardPre: [], backward: [] });
const isEmpty = (lists: Lists): boolean => Object.values(lists).every((list) => list.length === 0);
/** Hooks of all modules: they come before a module's own. */
export const everywhere: Lists = noHooks();
const none: Lists = noHooks();

/** Hangs a hook into its list. Gives a function that removes it. */
export function hang<K extends keyof Kinds>(
  lists: Lists,
  kind: K,
  hook: Kinds[K],
  options: HookOptions,
  then: () => void,
): () => void {
  const list: Entry<Kinds[K]>[] = lists[kind];
  const entry = { hook, always: options.alwaysCall ?? false };
  if (options.prepend) list.unshift(entry);
  else list.push(entry);
  return () => {
    if (!list.includes(entry)) return;
    list.splice(list.indexOf(entry), 1);
    then();
  };
}

/** Calls `inner`, a module's forward, with the hooks of all modules and those of this one around it. */
export function callHooked(module: Hooked, inner: Forward, given: readonly unknown[], own: Lists = none): unknown {
  const called = new Set<object>();
  let inputs = given;
  let output: unknown;
  try {
    for (const { hook } of [...everywhere.forwardPre, ...own.forwardPre])
      inputs = hook(module as never, inputs) ?? inputs;
    const backward = {
      pre: () => [...everywhere.backwardPre, ...own.backwardPre],
      full: () => [...everywhere.backward, ...own.backward],
    };
    const watched = backward.pre().length + backward.full().length > 0 && context.gradEnabled;
    const crossing = watched ? new Crossing(module, backward) : null;
    if (crossing !== null) inputs = crossing.enter(inputs);
    output = inner.apply(module, [...inputs]);
    for (const entry of [...everywhere.forward, ...own.forward]) {
      called.add(entry);
      output = entry.hook(module as never, inputs, output) ?? output;
    }
    return crossing === null ? output : crossing.leave(output);
  } catch (error) {
    for (const entry of [...everywhere.forward, ...own.forward])
      if (entry.always && !called.has(entry)) tryHook(module, entry.hook, inputs, output);
    throw error;
  }
}
/** Calls a hook that is always called while another error is on its way. */
function tryHook(module: Hooked, hook: ForwardHook<never>, inputs: readonly unknown[], output: unknown): void {
  try {
    hook(module as never, inputs, output);
  } catch (error) {
    const name = module.constructor.name;
    warnOnce(
      `${name} alwaysCall`,
      `Flambeau: a hook of ${name} threw while another error was on its way: ${String(error)}`,
    );
  }
}

/** The hooks of one module: they stand in the place of its `forward`, so that a module without any is called as it is. */
class ModuleHooks {
  readonly #module: Hooked;
  readonly #inner: Forward;
  readonly #own: boolean;
  readonly lists: Lists = noHooks();
  readonly call: Forward = (...inputs) => callHooked(this.#module, this.#inner, inputs, this.lists);

  constructor(module: Hooked) {
    this.#module = module;
    this.#own = Object.hasOwn(module, "forward");
    this.#inner = module.forward;
    this.#put(this.call);
  }
  #put(forward: Forward): void {
    Object.defineProperty(this.#module, "forward", {
      value: forward,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
  /** Takes itself out again, unless something else has been put around it since. */
  restoreIfEmpty(): void {
    if (this.#module.forward !== this.call || !isEmpty(this.lists)) return;
    if (this.#own) this.#put(this.#inner);
    else Reflect.deleteProperty(this.#module, "forward");
    all.delete(this.#module);
  }
}

const all = new WeakMap<Hooked, ModuleHooks>();

/** Hangs a hook on a module. Gives a function that removes it. */
export function addHook<K extends keyof Kinds>(
  module: Hooked,
  kind: K,
  hook: Kinds[K],
  options: HookOptions,
): () => void {
  let hooks = all.get(module);
  if (hooks === undefined) all.set(module, (hooks = new ModuleHooks(module)));
  const { lists } = hooks;
  return hang(lists, kind, hook, options, () => hooks.restoreIfEmpty());
}
/** Whether a module's `forward` is that of its hooks. */
export const isHooked = (module: Hooked): boolean => all.get(module)?.call === module.forward;
/** Gives a copy of a module the hooks of that module. */
export function copyHooks(from: Hooked, to: Hooked): void {
  const hooks = all.get(from);
  if (hooks === undefined || isEmpty(hooks.lists)) return;
  const made = new ModuleHooks(to);
  all.set(to, made);
  for (const kind of Object.keys(made.lists) as (keyof Kinds)[])
    made.lists[kind].push(...(hooks.lists[kind] as never[]));
}

/** Nothing but a place in the graph that all tensors of a call pass together. */
const gateOp: Op = { name: "moduleHooks", opaque: true, forward: (xs) => xs, vjp: (_, grads) => grads };

/** Handles on the tensors behind such a place; null where nothing records. */
function through(tensors: readonly Tensor[]): Tensor[] | null {
  const recorder = tracer();
  if (tensors.length === 0 || recorder === null) return null;
  const out = tensors.map((x) => {
    const y = viewOf(x, x.shape, x.strides, x.offset);
    linkBase(x, y);
    return y;
  });
  recorder.record(gateOp, tensors, {}, out);
  return out;
}

/** The hooks that there are when gradients come. */
interface BackwardHooks {
  readonly pre: () => readonly Entry<BackwardPreHook<never>>[];
  readonly full: () => readonly Entry<BackwardHook<never>>[];
}
/** One call of a module with backward hooks: its inputs and its outputs each pass a place in the graph where gradients are seen together. */
class Crossing {
  readonly #module: Hooked;
  readonly #hooks: BackwardHooks;
  #gradOutputs: Grads | null = null;
  #arity = 0;
  /** Whether gradients come out at the inputs. */
  #through = false;

  constructor(module: Hooked, hooks: BackwardHooks) {
    this.#module = module;
    this.#hooks = hooks;
  }

  enter(inputs: readonly unknown[]): readonly unknown[] {
    this.#arity = inputs.length;
    const places = tracked(inputs);
    const passed = through(places.map((i) => inputs[i] as Tensor)); // those are
    if (passed === null) return inputs;
    this.#through = true;
    passed[0].gradFn?.registerHook((grads) => {
      const outputs = this.#gradOutputs;
      this.#gradOutputs = null;
      if (outputs === null)
        throw new AutogradError(
          `${this.#name}: a gradient came to its inputs and none to its outputs, so that its backward hooks cannot be called`,
          "an input was returned, or used, past the module's output: give the module the tensor that is used there",
        );
      const given: (Tensor | null)[] = inputs.map(() => null);
      for (const [n, i] of places.entries()) given[i] = grads[n];
      const found = this.#after(given, outputs);
      return places.map((i) => found[i]);
    });
    return inputs.map((x, i) => (places.includes(i) ? passed[places.indexOf(i)] : x));
  }

  leave(output: unknown): unknown {
    const list: readonly unknown[] | null = isTensor(output) ? [output] : Array.isArray(output) ? output : null;
    if (list === null) {
      warnOnce(
        `${this.#name} backward hooks`,
        `Flambeau: ${this.#name} has backward hooks, which are called for outputs that are a tensor or a list of tensors; it gave ${show(output)}`,
      );
      return output;
    }
    const places = tracked(list);
    const passed = through(places.map((i) => list[i] as Tensor)); // those are
    if (passed === null) return output;
    passed[0].gradFn?.registerPrehook((grads) => {
      let outputs: Grads = list.map((_, i) => (places.includes(i) ? grads[places.indexOf(i)] : null));
      for (const { hook } of this.#hooks.pre())
        outputs = this.#fitting("a backward pre-hook", hook(this.#module as never, outputs), outputs);
      if (this.#through) this.#gradOutputs = outputs;
      else this.#after(new Array<null>(this.#arity).fill(null), outputs);
      return places.map((i) => outputs[i]);
    });
    const out = list.map((x, i) => (places.includes(i) ? passed[places.indexOf(i)] : x));
    return isTensor(output) ? out[0] : out;
  }

  #after(inputs: Grads, outputs: Grads): Grads {
    let current = inputs;
    for (const { hook } of this.#hooks.full())
      current = this.#fitting("a backward hook", hook(this.#module as never, current, outputs), current);
    return current;
  }
  #fitting(what: string, given: Grads | void, before: Grads): Grads {
    if (given === undefined || given === null) return before;
    const list: unknown = given;
    if (!Array.isArray(list) || list.length !== before.length)
      throw new AutogradError(
        `${this.#name}: ${what} returned ${Array.isArray(list) ? `${list.length} gradients` : show(list)}, and there are ${before.length}`,
        "return a list with one for each, null for those without, or nothing",
      );
    return given;
  }
  get #name(): string {
    return this.#module.constructor.name;
  }
}

/** Where in a list tensors stand that gradients come to. */
const tracked = (list: readonly unknown[]): number[] =>
  list.flatMap((x, i) => (isTensor(x) && x.requiresGrad ? [i] : []));
