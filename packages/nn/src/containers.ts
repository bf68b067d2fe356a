import { IndexError, type Tensor } from "@flambeau/tensor/functional";
import { Module } from "./module.ts";

/** A module from one tensor to one tensor: what Sequential chains. */
export type Layer = Module & { forward(x: Tensor): Tensor };

function position(kind: string, index: number, length: number): number {
  const i = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || i < 0 || i >= length)
    throw new IndexError(kind, `index ${index} is out of range for ${length} modules`);
  return i;
}

/**
 * Runs modules one after the other.
 *
 * @example
 * import { nn, randn } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * console.log(model.forward(randn([5, 4])).shape); // [5, 2]
 */
export class Sequential extends Module {
  constructor(...layers: readonly Layer[] | readonly [Readonly<Record<string, Layer>>]) {
    super();
    const [first] = layers;
    const named: [string, Layer][] =
      layers.length === 1 && first && !("isModule" in first)
        ? Object.entries(first as Record<string, Layer>)
        : (layers as readonly Layer[]).map((l, i) => [String(i), l]); // told apart just above
    for (const [name, layer] of named) this.registerModule(name, layer);
  }
  private list(): Layer[] {
    return [...this.children()] as Layer[]; // the constructor and append take nothing else
  }
  get length(): number {
    return this.list().length;
  }
  /** The i-th layer; negative counts from the end. */
  get(index: number): Layer {
    return this.list()[position("Sequential", index, this.length)];
  }
  append(layer: Layer): this {
    this.registerModule(String(this.length), layer);
    return this;
  }
  [Symbol.iterator](): Iterator<Layer> {
    return this.list()[Symbol.iterator]();
  }
  forward(x: Tensor): Tensor {
    let out = x;
    for (const layer of this.list()) out = layer.forward(out);
    return out;
  }
}

/** Modules in a list, so that they are found as submodules. */
export class ModuleList<M extends Module = Module> extends Module {
  constructor(modules: Iterable<M> = []) {
    super();
    for (const m of modules) this.append(m);
  }
  private list(): M[] {
    return [...this.children()] as M[]; // append takes nothing else
  }
  get length(): number {
    return this.list().length;
  }
  get(index: number): M {
    return this.list()[position("ModuleList", index, this.length)];
  }
  append(module: M): this {
    this.registerModule(String(this.length), module);
    return this;
  }
  extend(modules: Iterable<M>): this {
    for (const m of modules) this.append(m);
    return this;
  }
  [Symbol.iterator](): Iterator<M> {
    return this.list()[Symbol.iterator]();
  }
  forward(): never {
    throw new IndexError("ModuleList", "a list of modules has no forward of its own", "call its modules' forward");
  }
}

/** Modules by name, so that they are found as submodules. */
export class ModuleDict<M extends Module = Module> extends Module {
  constructor(modules: Readonly<Record<string, M>> = {}) {
    super();
    for (const [name, m] of Object.entries(modules)) this.registerModule(name, m);
  }
  get(name: string): M {
    for (const [key, m] of this.namedChildren()) if (key === name) return m as M; // the constructor and set take nothing else
    throw new IndexError("ModuleDict", `there is no module "${name}"`);
  }
  set(name: string, module: M): this {
    this.registerModule(name, module);
    return this;
  }
  has(name: string): boolean {
    return [...this.namedChildren()].some(([key]) => key === name);
  }
  keys(): string[] {
    return [...this.namedChildren()].map(([key]) => key);
  }
  forward(): never {
    throw new IndexError(
      "ModuleDict",
      "a dictionary of modules has no forward of its own",
      "call its modules' forward",
    );
  }
}
