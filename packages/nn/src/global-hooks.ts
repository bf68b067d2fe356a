import { callHooked, everywhere, hang } from "./hooks.ts";

// Hooks of all modules. A module is called by its `forward`, which nothing stands in front of: so while there are such hooks, the classes'
// methods are others, and once there are none they are the same as before.

interface Prototype {
  forward?: (...inputs: unknown[]) => unknown;
}
/** The prototypes of the classes that modules were made of so far. */
const known = new WeakSet<Prototype>();
let prototypes: WeakRef<Prototype>[] = [];
/** By prototype, the method that is in another's place. */
const originals = new WeakMap<Prototype, NonNullable<Prototype["forward"]>>();
const wrappers = new WeakSet<object>();

const isQuiet = (): boolean => Object.values(everywhere).every((list) => list.length === 0);

function wrap(prototype: Prototype): void {
  if (!Object.hasOwn(prototype, "forward") || originals.has(prototype)) return;
  const inner = prototype.forward;
  if (typeof inner !== "function") return;
  function wrapper(this: { forward(...inputs: unknown[]): unknown }, ...inputs: unknown[]): unknown {
    // super.forward() and a module's own hooks, which call those of all modules themselves, come past this
    return this.forward === wrapper ? callHooked(this, inner as never, inputs) : inner?.apply(this, inputs);
  }
  put(prototype, wrapper);
  wrappers.add(wrapper);
  originals.set(prototype, inner);
}
function unwrap(prototype: Prototype): void {
  const original = originals.get(prototype);
  if (original === undefined) return;
  if (prototype.forward !== undefined && wrappers.has(prototype.forward)) put(prototype, original);
  originals.delete(prototype);
}
const put = (prototype: Prototype, value: unknown): void =>
  void Object.defineProperty(prototype, "forward", { value, writable: true, configurable: true, enumerable: false });

/** Remembers a class whose modules' calls hooks of all modules are to see, and those that it extends. */
export function enrol(prototype: Prototype): void {
  for (let p = prototype; p !== Object.prototype && !known.has(p); p = Object.getPrototypeOf(p) as Prototype) {
    known.add(p);
    prototypes.push(new WeakRef(p));
    if (!isQuiet()) wrap(p);
  }
}
function each(visit: (prototype: Prototype) => void): void {
  prototypes = prototypes.filter((ref) => ref.deref() !== undefined);
  for (const ref of prototypes) {
    const prototype = ref.deref();
    if (prototype !== undefined) visit(prototype);
  }
}

/** Hangs a hook on all modules. Gives a function that removes it. */
export const addGlobalHook: (
  kind: keyof typeof everywhere,
  hook: never,
  options: { readonly prepend?: boolean | undefined; readonly alwaysCall?: boolean | undefined },
) => () => void = (kind, hook, options) => {
  each(wrap);
  return hang(everywhere, kind, hook, options, () => {
    if (isQuiet()) each(unwrap);
  });
};
