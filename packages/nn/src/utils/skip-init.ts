import { ArgumentError, getDefaultDevice, withDevice } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../module.ts";

/**
 * Makes a module without computing initial values: `new Class(...args)`, its parameters and buffers in memory that nobody has set. For one whose
 * values come from a file.
 *
 * Shapes: those of the module.
 *
 * @throws ArgumentError when `Class` is no class of modules, or `args` no list.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.skip_init.html
 * @example
 * const layer = nn.utils.skipInit(nn.Linear, [5, 3]);
 * layer.weight.shape; // [3, 5]
 * nn.utils.skipInit(nn.Linear, [5, 3, { bias: false }]).bias; // null
 */
export function skipInit<A extends readonly unknown[], M extends Module>(Class: new (...args: A) => M, args: A): M {
  if (typeof Class !== "function")
    throw new ArgumentError("skipInit", `Class must be a class of modules, got ${show(Class)}`);
  if (!Array.isArray(args))
    throw new ArgumentError("skipInit", `args must be the list of its arguments, got ${show(args)}`);
  const last: unknown = args.at(-1);
  const named =
    typeof last === "object" && last !== null && "device" in last && typeof last.device === "string"
      ? last.device
      : null;
  const given =
    named === null ? args : ([...args.slice(0, -1), { ...(last as object), device: "meta" }] as unknown as A);
  const made = withDevice("meta", () => new Class(...given) as Module);
  if (!isModule(made))
    throw new ArgumentError("skipInit", `Class must be a class of modules, got one of ${show(made)}`);
  return made.toEmpty({ device: named ?? getDefaultDevice() }) as M;
}
