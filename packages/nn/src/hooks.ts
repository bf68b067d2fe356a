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
type Forward = (...inputs: unknown[]) => unknown;

/** The hooks of one module: they stand in the place of its `forward`, so that a module without any is called as it is. */
class ModuleHooks {
  readonly #module: Hooked;
  readonly #inner: Forward;
  readonly #own: boolean;
  readonly lists: { [K in keyof Kinds]: Kinds[K][] } = { forwardPre: [], forward: [], backwardPre: [], backward: [] };
  readonly call: Forward = (...inputs) => this.#run(inputs);

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
    if (this.#module.forward !== this.call || Object.values(this.lists).some((list) => list.length > 0)) return;
    if (this.#own) this.#put(this.#inner);
    else Reflect.deleteProperty(this.#module, "forward");
    all.delete(this.#module);
  }

  #run(given: readonly unknown[]): unknown {
    const module = this.#module;
    const { forwardPre, forward, backwardPre, backward } = this.lists;
    let inputs = given;
    for (const hook of [...forwardPre]) inputs = hook(module as never, inputs) ?? inputs;
    const crossing =
      backwardPre.length + backward.length > 0 && context.gradEnabled ? new Crossing(module, this.lists) : null;
    if (crossing !== null) inputs = crossing.enter(inputs);
    let output = this.#inner.apply(module, [...inputs]);
    for (const hook of [...forward]) output = hook(module as never, inputs, output) ?? output;
    return crossing === null ? output : crossing.leave(output);
  }
}

const all = new WeakMap<Hooked, ModuleHooks>();

/** Hangs a hook on a module. Gives a function that removes it. */
export function addHook<K extends keyof Kinds>(module: Hooked, kind: K, hook: Kinds[K], prepend: boolean): () => void {
  let hooks = all.get(module);
  if (hooks === undefined) all.set(module, (hooks = new ModuleHooks(module)));
  const { lists } = hooks;
  const list: Kinds[K][] = lists[kind];
  if (prepend) list.unshift(hook);
  else list.push(hook);
  let there = true;
  return () => {
    if (!there) return;
    there = false;
    list.splice(list.indexOf(hook), 1);
    hooks.restoreIfEmpty();
  };
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

/** One call of a module with backward hooks: its inputs and its outputs each pass a place in the graph where gradients are seen together. */
class Crossing {
  readonly #module: Hooked;
  readonly #lists: ModuleHooks["lists"];
  #gradOutputs: Grads | null = null;
  #arity = 0;
  /** Whether gradients come out at the inputs. */
  #through = false;

  constructor(module: Hooked, lists: ModuleHooks["lists"]) {
    this.#module = module;
    this.#lists = lists;
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
      for (const hook of [...this.#lists.backwardPre])
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
    for (const hook of [...this.#lists.backward])
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

/** Hangs one module's hooks on another. */
export function copyHooks(from: Hooked, to: Hooked): void {
  const lists = all.get(from)?.lists;
  if (lists === undefined) return;
  for (const kind of Object.keys(lists) as (keyof Kinds)[])
    for (const hook of lists[kind]) addHook(to, kind, hook, false);
}
/** Whether a module has hooks. */
export const isHooked = (module: Hooked): boolean => all.has(module);
