import { ArgumentError } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";

/** A module, as far as a profile looks at it: nn's are. */
export interface Profiled {
  namedModules(): Iterable<readonly [path: string, module: object]>;
}

type Forward = (this: unknown, ...inputs: unknown[]) => unknown;

/**
 * Has `around` run each `forward` of a model's modules, by the module's path (the model's own is the name of its class). What a module already has in place
 * of its class's `forward`, as a hook, stays. Gives a function that puts all back.
 */
export function wrapForwards(model: Profiled, around: <T>(path: string, fn: () => T) => T): () => void {
  if (typeof model?.namedModules !== "function")
    throw new ArgumentError("profile", `the option model is a module, got ${show(model)}`);
  const undo: (() => void)[] = [];
  for (const [path, module] of model.namedModules()) {
    const own = (module as { readonly forward: Forward }).forward;
    const before = Object.getOwnPropertyDescriptor(module, "forward");
    const name =
      path === "" ? ((module.constructor as { readonly kind?: string }).kind ?? module.constructor.name) : path;
    Object.defineProperty(module, "forward", {
      value(this: unknown, ...inputs: unknown[]) {
        return around(name, () => own.apply(this, inputs));
      },
      configurable: true,
      writable: true,
      enumerable: false,
    });
    undo.push(() =>
      before ? Object.defineProperty(module, "forward", before) : Reflect.deleteProperty(module, "forward"),
    );
  }
  return () => {
    for (const put of undo) put();
  };
}
