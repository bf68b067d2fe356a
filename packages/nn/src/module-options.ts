import { type Kinds, option } from "@flambeau/tensor/plugin";

// What the methods of modules take by name.

export interface HookOptions {
  /** Before the hooks that are there already. Default false. */
  readonly prepend?: boolean | undefined;
}
export const hookKinds: Kinds<HookOptions> = { prepend: option.boolean };
export interface ForwardHookOptions extends HookOptions {
  /** Called, too, when something before it throws. Default false. */
  readonly alwaysCall?: boolean | undefined;
}
export const forwardHookKinds: Kinds<ForwardHookOptions> = { ...hookKinds, alwaysCall: option.boolean };
/** Whether only this module itself is asked. */
export interface OwnOptions {
  /** Of all modules below, too. Default true. */
  readonly recurse?: boolean | undefined;
}
export const ownKinds: Kinds<OwnOptions> = { recurse: option.boolean };
export interface NamedModulesOptions {
  /** What all names start with, before a dot. Default "". */
  readonly prefix?: string | undefined;
  /** What stands under several names comes once, under the first. Default true. */
  readonly removeDuplicate?: boolean | undefined;
}
export const namedModulesKinds: Kinds<NamedModulesOptions> = { prefix: option.string, removeDuplicate: option.boolean };
export interface NamedTensorsOptions extends OwnOptions, NamedModulesOptions {}
export const namedTensorsKinds: Kinds<NamedTensorsOptions> = { ...namedModulesKinds, ...ownKinds };
export interface StateDictOptions {
  /** What all keys start with, as it is: end it with a dot. Default "". */
  readonly prefix?: string | undefined;
}
export const stateDictKinds: Kinds<StateDictOptions> = { prefix: option.string };
export interface LoadStateDictOptions {
  /** Keys that are missing or unexpected are an error. Default true. */
  readonly strict?: boolean | undefined;
  /** Put the given tensors in the place of the module's, instead of copying their values. Default false. */
  readonly assign?: boolean | undefined;
}
export const loadStateDictKinds: Kinds<LoadStateDictOptions> = { strict: option.boolean, assign: option.boolean };
export interface SetSubmoduleOptions {
  /** Refuse a path that leads to nothing. Default false. */
  readonly strict?: boolean | undefined;
}
export const setSubmoduleKinds: Kinds<SetSubmoduleOptions> = { strict: option.boolean };
