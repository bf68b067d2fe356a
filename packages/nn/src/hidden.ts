import { warnOnce } from "@flambeau/tensor/plugin";

// Modules and parameters are found in fields. In an array, a Map, a Set or a plain object they have no parameters as far as training goes,
// which nothing would tell.

/** A module, as far as it is looked at here. */
interface Root {
  namedModules(): Iterable<readonly [path: string, module: object]>;
}

/** Says once for each class and field that what stands in it is neither trained, moved nor saved. */
export function warnOfHidden(root: Root): void {
  for (const [path, module] of root.namedModules())
    for (const [field, value] of Object.entries(module)) {
      const found = contents(value).find(isOurs);
      if (found === undefined || knows(root, found)) continue;
      const [what, holder] = isModule(found) ? ["modules", "Module"] : ["parameters", "Parameter"];
      const suggested = Array.isArray(value) || value instanceof Set ? `nn.${holder}List` : `nn.${holder}Dict`;
      const name = module.constructor.name;
      warnOnce(
        `${name}.${field}`,
        `Flambeau: ${name}.${path ? `${path}.` : ""}${field} holds ${what} that training, to() and stateDict() do not see: ` +
          `put them into ${suggested === "nn.ModuleList" ? "an nn.ModuleList (or nn.Sequential)" : `an ${suggested}`}`,
      );
    }
}

/** What a collection holds; as many as can be looked at without cost. */
function contents(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.slice(0, 8);
  if (value instanceof Map || value instanceof Set) return [...value.values()].slice(0, 8);
  const kind: unknown = Object.getPrototypeOf(value);
  return kind === Object.prototype || kind === null ? Object.values(value).slice(0, 8) : [];
}

const isObject = (x: unknown): x is object => typeof x === "object" && x !== null;
const isModule = (x: unknown): boolean => isObject(x) && "isModule" in x;
const isOurs = (x: unknown): x is object => isObject(x) && ("isModule" in x || "isParameter" in x);

/** Whether the module is found elsewhere, too: a list beside the fields is fine. */
function knows(root: Root, found: object): boolean {
  for (const [, module] of root.namedModules()) {
    if (module === found) return true;
    if (Object.values(module).includes(found)) return true;
  }
  return false;
}
