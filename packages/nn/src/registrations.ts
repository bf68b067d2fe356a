import { isBuffer, isParameter } from "./parameter.ts";

// Hooks that see each parameter, buffer and module that becomes part of a module. Modules find theirs in fields, so a field's assignment is
// what is seen: of modules that are made while there are such hooks.

export type RegistrationKind = "parameter" | "buffer" | "module";
type Hook = (module: never, name: string, value: never) => unknown;
const hooks: Record<RegistrationKind, Hook[]> = { parameter: [], buffer: [], module: [] };
const watchedOnes = new WeakSet<object>();

/** Hangs a hook on registrations. Gives a function that removes it. */
export function addRegistrationHook(kind: RegistrationKind, hook: Hook): () => void {
  const own: Hook = (...given) => hook(...given);
  hooks[kind].push(own);
  return () => {
    const at = hooks[kind].indexOf(own);
    if (at >= 0) hooks[kind].splice(at, 1);
  };
}
/** Whether there are any. */
export const watching = (): boolean => Object.values(hooks).some((list) => list.length > 0);

const kindOf = (value: unknown): RegistrationKind | null =>
  isParameter(value)
    ? "parameter"
    : isBuffer(value)
      ? "buffer"
      : typeof value === "object" && value !== null && "isModule" in value
        ? "module"
        : null;

/** What becomes of a value that is put into a field: what the last hook that gave something gave. */
export function registered(module: object, name: string, value: unknown): unknown {
  const kind = kindOf(value);
  let out = value;
  if (kind !== null) for (const hook of [...hooks[kind]]) out = hook(module as never, name, out as never) ?? out;
  return out;
}

/** A module whose fields' assignments the hooks see. */
export function watched<M extends object>(module: M): M {
  const proxy = new Proxy(module, {
    defineProperty(target, name, field) {
      if ("value" in field && typeof name === "string" && Reflect.get(target, name) !== field.value)
        field.value = registered(proxy, name, field.value);
      return Reflect.defineProperty(target, name, field);
    },
  });
  watchedOnes.add(proxy);
  return proxy;
}
/** Whether a module's fields are watched. */
export const isWatched = (module: object): boolean => watchedOnes.has(module);
