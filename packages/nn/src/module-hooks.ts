import { checkFunction, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { addGlobalHook } from "./global-hooks.ts";
import type { BackwardHook, BackwardPreHook, ForwardHook, ForwardPreHook } from "./hooks.ts";
import type { Module } from "./module.ts";
import type { Buffer, Parameter } from "./parameter.ts";
import { addRegistrationHook } from "./registrations.ts";

export interface GlobalForwardHookOptions {
  /** Called, too, when something before it throws. Default false. */
  readonly alwaysCall?: boolean | undefined;
}
const forwardKinds: Kinds<GlobalForwardHookOptions> = { alwaysCall: option.boolean };
const add = (
  op: string,
  kind: Parameters<typeof addGlobalHook>[0],
  hook: unknown,
  options: GlobalForwardHookOptions,
) => {
  checkFunction(op, "hook", hook);
  return addGlobalHook(kind, hook as never, options); // its kind goes with its type above
};

/**
 * Calls `hook(module, inputs, output)` after each forward of every module; what it returns, if anything, is the output. Hooks for all modules come
 * before a module's own. For debugging and profiling. Gives a function that removes it.
 *
 * A call counts that goes through the class's method `forward`: of a module whose `forward` is a function in a field, no.
 *
 * Shapes: none of its own; `output = hook(module, inputs, output) ?? output`.
 *
 * @throws ArgumentError when `hook` is no function.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.modules.module.register_module_forward_hook.html
 * @example
 * import { nn, ones } from "flambeau";
 * const names: string[] = [];
 * const remove = nn.registerModuleForwardHook((module) => void names.push(module.constructor.name));
 * new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU()).forward(ones([1, 2]));
 * remove();
 * names; // ["Linear", "ReLU", "Sequential"]
 */
export function registerModuleForwardHook(
  hook: ForwardHook<Module>,
  options: GlobalForwardHookOptions = option.none,
): () => void {
  checkOptions("registerModuleForwardHook", forwardKinds, options);
  return add("registerModuleForwardHook", "forward", hook, options);
}
/**
 * Calls `hook(module, inputs)` before each forward of every module; a returned array takes the inputs' place. Otherwise as
 * {@link registerModuleForwardHook}.
 *
 * @example
 * const widths: unknown[] = [];
 * const remove = nn.registerModuleForwardPreHook((_, [x]) => void widths.push((x as Tensor).shape.at(-1)));
 * new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU()).forward(ones([1, 2]));
 * remove();
 * widths; // [2, 2, 3]
 */
export const registerModuleForwardPreHook = (hook: ForwardPreHook<Module>): (() => void) =>
  add("registerModuleForwardPreHook", "forwardPre", hook, option.none);
/**
 * Calls `hook(module, gradInputs, gradOutputs)` in each backward through a call of any module, as `registerFullBackwardHook` of one module.
 * Otherwise as {@link registerModuleForwardHook}.
 *
 * @example
 * const names: string[] = [];
 * const remove = nn.registerModuleFullBackwardHook((module) => void names.push(module.constructor.name));
 * new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU()).forward(ones([1, 2])).sum().backward();
 * remove();
 * names; // ["Sequential", "ReLU", "Linear"]
 */
export const registerModuleFullBackwardHook = (hook: BackwardHook<Module>): (() => void) =>
  add("registerModuleFullBackwardHook", "backward", hook, option.none);
/**
 * Calls `hook(module, gradOutputs)` in each backward before the gradients of any module's outputs go into it, as `registerFullBackwardPreHook`
 * of one module. Otherwise as {@link registerModuleForwardHook}.
 *
 * @example
 * let calls = 0;
 * const remove = nn.registerModuleFullBackwardPreHook(() => void calls++);
 * new nn.Linear(2, 2).forward(ones([1, 2])).sum().backward();
 * remove();
 * calls; // 1
 */
export const registerModuleFullBackwardPreHook = (hook: BackwardPreHook<Module>): (() => void) =>
  add("registerModuleFullBackwardPreHook", "backwardPre", hook, option.none);

const addRegistration = (op: string, kind: "parameter" | "buffer" | "module", hook: unknown) => {
  checkFunction(op, "hook", hook);
  return addRegistrationHook(kind, hook as never); // its kind goes with its type above
};
/**
 * Calls `hook(module, name, parameter)` when a parameter becomes part of a module; what it returns, if anything, takes its place:
 * `module[name] = hook(module, name, parameter) ?? parameter`. Gives a function that removes it.
 *
 * Fields are watched of the modules that are made while there is such a hook; of others only `registerParameter` is seen.
 *
 * Shapes: none of its own.
 *
 * @throws ArgumentError when `hook` is no function.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.modules.module.register_module_parameter_registration_hook.html
 * @example
 * const names: string[] = [];
 * const remove = nn.registerModuleParameterRegistrationHook((_, name) => void names.push(name));
 * new nn.Linear(2, 2);
 * remove();
 * names; // ["weight", "bias"]
 */
export const registerModuleParameterRegistrationHook = (
  hook: (module: Module, name: string, parameter: Parameter) => Parameter | void,
): (() => void) => addRegistration("registerModuleParameterRegistrationHook", "parameter", hook);
/**
 * Calls `hook(module, name, buffer)` when a buffer becomes part of a module. Otherwise as {@link registerModuleParameterRegistrationHook}.
 *
 * @example
 * const names: string[] = [];
 * const remove = nn.registerModuleBufferRegistrationHook((_, name) => void names.push(name));
 * new nn.BatchNorm1d(2);
 * remove();
 * names; // ["runningMean", "runningVar", "numBatchesTracked"]
 */
export const registerModuleBufferRegistrationHook = (
  hook: (module: Module, name: string, buffer: Buffer) => Buffer | void,
): (() => void) => addRegistration("registerModuleBufferRegistrationHook", "buffer", hook);
/**
 * Calls `hook(module, name, submodule)` when a module becomes part of another. Otherwise as {@link registerModuleParameterRegistrationHook}.
 *
 * @example
 * const names: string[] = [];
 * const remove = nn.registerModuleModuleRegistrationHook((_, name) => void names.push(name));
 * new nn.Sequential(new nn.ReLU(), new nn.Tanh());
 * remove();
 * names; // ["0", "1"]
 */
export const registerModuleModuleRegistrationHook = (
  hook: (module: Module, name: string, submodule: Module) => Module | void,
): (() => void) => addRegistration("registerModuleModuleRegistrationHook", "module", hook);
