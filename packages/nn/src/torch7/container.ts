import type { Tensor } from "@flambeau/tensor/functional";
import { Module } from "../module.ts";
import { checkModule, position, type Table } from "./table.ts";

/**
 * The base of Torch7's containers: modules in a list, to which `add` appends, and of which `get(i)` is the i-th.
 *
 * Shapes: what `forward` of each container takes and gives.
 *
 * @throws ArgumentError from `add` and the constructors for what is no module; IndexError from `get` when there is no such module.
 * @see https://github.com/torch/nn/blob/master/doc/containers.md#nn.Container
 * @example
 * const net = new Sequential().add(new nn.Linear(4, 2)).add(new nn.ReLU());
 * net.size(); // 2
 * [...net.stateDict().keys()]; // ["0.weight", "0.bias"]
 */
export abstract class Container extends Module {
  constructor(modules: readonly Module[] = []) {
    super();
    for (const m of modules) this.add(m);
  }
  /** Adds a module at the end. */
  add(module: Module): this {
    checkModule(this.constructor.name, "what is added", module);
    this.registerModule(String(this.size()), module);
    return this;
  }
  /** The module at a place, counted from 0; negative counts from the end. */
  get(index: number): Module {
    const all = [...this.children()];
    return all[position(this.constructor.name, index, all.length)];
  }
  /** How many modules there are. */
  size(): number {
    return [...this.children()].length;
  }
}

/**
 * Runs modules one after the other, of which each may take and give tensors or tables: `y = m[n - 1](... m[1](m[0](x)))`. The same as
 * `nn.Sequential` with Torch7's `add`, and with tables between the modules.
 *
 * Shapes: what the first one takes and what the last one gives.
 *
 * @throws ArgumentError for what is no module.
 * @see https://github.com/torch/nn/blob/master/doc/containers.md#nn.Sequential
 * @example
 * const net = new Sequential().add(new nn.ReLU()).add(new nn.Flatten());
 * net.forward(tensor([[-1, 2]])).tolist(); // [[0, 2]]
 */
export class Sequential extends Container {
  constructor(...modules: readonly Module[]) {
    super(modules);
  }
  forward<Y extends Table = Tensor>(x: Table): Y {
    let out: Table = x;
    for (const m of this.children()) out = m.forward(out);
    return out as Y; // the caller knows what the last one gives
  }
}
