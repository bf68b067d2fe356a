import { ArgumentError, type DType, defaultGenerator, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkTensor, sameShape, showShape } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";
import { isBuffer, isLazy, isParameter } from "../parameter.ts";
import { type Class, type LazyModule, LazyModuleMixin, tensorsOf } from "./mixin.ts";
import { UninitializedBuffer, UninitializedParameter } from "./uninitialized.ts";

// The lazy forms of our layers: the first input says which layer it is, that one is made, and the lazy module takes its place.

/** Where tensors live, and of what they are. */
interface Made {
  readonly dtype?: DType | undefined;
  readonly device?: string | undefined;
}
interface Plan {
  /** Makes the layer for an input. */
  readonly make: (x: Tensor, made: Made) => Module;
  /** What is printed of the lazy one. */
  readonly text: string;
}
/** Where a module has its plan: in a field, which copies of it have, too. */
const plan = Symbol("plan");
const planOf = (module: object): Plan | undefined => (module as { readonly [plan]?: Plan })[plan];

/** The class of lazy modules that become modules of the class `Base`. */
export function Postponed<B extends Class<Module>>(Base: B): B & Class<LazyModule> {
  abstract class Lazy extends LazyModuleMixin<Class<Module>>(Base) {
    override get clsToBecome(): Class<Module> {
      return Base;
    }
    override initializeParameters(x: Tensor): void {
      const own = planOf(this);
      if (own === undefined) throw new ArgumentError(this.constructor.name, "its constructor has not run to its end");
      checkTensor(this.constructor.name, "x", x);
      becomeAs(this, x, own.make);
    }
    override extraRepr(): string {
      return planOf(this)?.text ?? super.extraRepr();
    }
  }
  return Lazy as unknown as B & Class<LazyModule>; // it has the constructor of `Base`, and adds what the mixin adds
}

/**
 * Leaves the tensors in a module's fields to its first call, but those in the fields `there`; `make` makes the layer that it is then, as it would
 * have been made in the first place.
 */
export function postpone(module: Module, make: Plan["make"], there: readonly string[] = []): void {
  Object.assign(module, { [plan]: { make, text: module.extraRepr() } });
  for (const [field, t] of tensorsOf(module)) {
    if (there.includes(field)) continue;
    const { dtype, device } = t;
    const stand = isBuffer(t)
      ? new UninitializedBuffer({ dtype, device }, t.persistent)
      : new UninitializedParameter(t.requiresGrad, { dtype, device });
    Object.assign(module, { [field]: stand });
    t.dispose();
  }
}

/** Runs what makes a layer of whose tensors none is kept: no numbers are drawn for it. */
function undrawn<T>(make: () => T): T {
  const state = defaultGenerator.getState();
  try {
    return make();
  } finally {
    defaultGenerator.setState(state);
  }
}

/**
 * Makes a lazy module what `make` makes: its uninitialized tensors get the memory of those there, other fields their values. Tensors that it
 * has already (from a file) must have their shapes.
 */
function becomeAs(module: Module & LazyModule, x: Tensor, make: Plan["make"]): void {
  const held = new Map(tensorsOf(module));
  const left = [...held.values()].filter(isLazy);
  const [place] = left.length > 0 ? left : [...held.values()];
  const made = () => make(x, place ? { dtype: place.dtype, device: place.device } : {});
  const layer = left.length > 0 ? made() : undrawn(made);
  const tensors = tensorsOf(layer);
  try {
    for (const [field, t] of tensors) {
      const own = held.get(field);
      if (own !== undefined && !isLazy(own) && !sameShape(own.shape, t.shape))
        throw new ShapeError(
          module.constructor.name,
          `the input ${showShape(x.shape)} asks for a ${field} of ${showShape(t.shape)}, and that which was loaded has ${showShape(own.shape)}`,
          [t.shape, own.shape],
        );
    }
    for (const [field, value] of Object.entries(layer))
      if (!isParameter(value) && !isBuffer(value) && field !== "training") Object.assign(module, { [field]: value });
    for (const [field, t] of tensors) {
      const own = held.get(field);
      if (isLazy(own)) own.setData(t);
    }
  } finally {
    for (const [, t] of tensors) t.dispose();
  }
}

/** The number of channels of an input [N, C, ...] or [C, ...] with `rank` more dimensions. */
export function channelsOf(op: string, x: Tensor, rank: number): number {
  if (x.ndim !== rank + 1 && x.ndim !== rank + 2)
    throw new ShapeError(
      op,
      `expected input [N, C, ...] or [C, ...] with ${rank} more dimensions, got ${showShape(x.shape)}`,
      [x.shape],
    );
  return x.shape[x.ndim - rank - 1];
}
