import { ArgumentError, noGrad, type Tensor } from "@flambeau/tensor/functional";
import { show, withoutInterpreters } from "@flambeau/tensor/plugin";
import { addHook, dropHook } from "../hooks.ts";
import type { Module } from "../module.ts";
import { isBuffer, isLazy, isParameter } from "../parameter.ts";

/** What {@link LazyModuleMixin} adds to a module. */
export interface LazyModule {
  /** The class whose module it is once it has its parameters; null where it stays what it is. */
  readonly clsToBecome: (abstract new (...args: never[]) => Module) | null;
  /** Gives shapes and first values to the parameters, from what `forward` is given the first time. */
  // biome-ignore lint/suspicious/noExplicitAny: a module takes what it takes
  initializeParameters(...inputs: any[]): void;
  /** Whether a parameter or buffer of its own has no shape yet. */
  hasUninitializedParams(): boolean;
}
// biome-ignore lint/suspicious/noExplicitAny: what TypeScript wants of a class that is extended by another function's
export type Class<M> = abstract new (...args: any[]) => M;

/** The parameters and buffers in a module's own fields. */
export const tensorsOf = (module: object): [field: string, tensor: Tensor][] =>
  Object.entries(module).filter(([, x]) => isParameter(x) || isBuffer(x));

/** Before the first forward. It is of no module's own, since copies of a module have its hooks. */
function initialize(module: Module & LazyModule, inputs: readonly unknown[]): void {
  // that is no part of a program that is watched, recorded or differentiated
  withoutInterpreters(() => noGrad(() => module.initializeParameters(...inputs)));
  for (const [, t] of tensorsOf(module)) if (isLazy(t)) void t.shape; // says what is to be done
  dropHook(module, "forwardPre", initialize);
  const { clsToBecome } = module;
  if (clsToBecome !== null) Object.setPrototypeOf(module, clsToBecome.prototype);
}

/**
 * A class of modules whose parameters get their shapes from the first call: `class Lazy extends LazyModuleMixin(Base)`. Its constructor makes
 * {@link UninitializedParameter}s, `initializeParameters(...inputs)` is called before the first `forward` and materializes them; then the
 * module is one of the class `clsToBecome`, if that is given.
 *
 * Shapes: those of the inputs of the first `forward`.
 *
 * @throws UnavailableError from the first `forward` when a parameter is still uninitialized after `initializeParameters`; ArgumentError when the
 * class has no such method, or `Base` is no class of modules.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.modules.lazy.LazyModuleMixin.html
 * @example
 * import { nn, noGrad, ones, type Tensor } from "flambeau";
 * class LazyScale extends nn.LazyModuleMixin(nn.Module) {
 *   by = new nn.UninitializedParameter();
 *   override initializeParameters(x: Tensor): void {
 *     this.by.materialize([x.shape[1]]);
 *     noGrad(() => this.by.fill_(2));
 *   }
 *   forward(x: Tensor): Tensor {
 *     return x.mul(this.by);
 *   }
 * }
 * const layer = new LazyScale();
 * layer.hasUninitializedParams(); // true
 * layer.forward(ones([1, 3])).tolist(); // [[2, 2, 2]]
 */
export function LazyModuleMixin<B extends Class<Module>>(Base: B): B & Class<LazyModule> {
  const given: unknown = Base;
  if (typeof given !== "function" || !("namedParameters" in (given.prototype ?? {})))
    throw new ArgumentError("LazyModuleMixin", `takes a class of modules, got ${show(given)}`);
  abstract class Lazy extends Base implements LazyModule {
    // biome-ignore lint/suspicious/noExplicitAny: those of the class that is extended
    constructor(...args: any[]) {
      super(...args);
      addHook(this, "forwardPre", initialize, {});
    }
    get clsToBecome(): LazyModule["clsToBecome"] {
      return null;
    }
    initializeParameters(..._: unknown[]): void {
      throw new ArgumentError(this.constructor.name, "a lazy module needs a method initializeParameters(...inputs)");
    }
    hasUninitializedParams(): boolean {
      return tensorsOf(this).some(([, t]) => isLazy(t));
    }
  }
  return Lazy;
}
