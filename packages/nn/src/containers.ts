import { ArgumentError, IndexError, type Tensor } from "@flambeau/tensor/functional";
import { option, show } from "@flambeau/tensor/plugin";
import { isModule, Module } from "./module.ts";

/** A module from one tensor to one tensor: what Sequential chains. */
export type Layer = Module & { forward(x: Tensor): Tensor };

function position(kind: string, index: number, length: number): number {
  const i = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || i < 0 || i >= length)
    throw new IndexError(kind, `index ${index} is out of range for ${length} modules`);
  return i;
}

/**
 * Runs modules one after the other: `y = layers[n - 1](... layers[1](layers[0](x)))`. They are given one by one, or in a record that names
 * them.
 *
 * Shapes: what the first one takes and what the last one gives.
 *
 * @throws ArgumentError from the constructor when a name is empty, holds a dot or is that of a method.
 * @throws IndexError from `get` when there is no such layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 * @example
 * import { nn, randn } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * model.forward(randn([5, 4])).shape; // [5, 2]
 * [...model.stateDict().keys()]; // ["0.weight", "0.bias", "2.weight", "2.bias"]
 * const named = new nn.Sequential({ hidden: new nn.Linear(4, 2) });
 * [...named.stateDict().keys()]; // ["hidden.weight", "hidden.bias"]
 */
export class Sequential extends Module {
  constructor(...layers: readonly Layer[] | readonly [Readonly<Record<string, Layer>>]) {
    super();
    const [first] = layers;
    const named: [string, Layer][] =
      layers.length === 1 && typeof first === "object" && first !== null && !("isModule" in first)
        ? Object.entries(first as Record<string, Layer>)
        : (layers as readonly Layer[]).map((l, i) => [String(i), l]); // told apart just above
    for (const [name, layer] of named) {
      if (!isModule(layer)) throw new ArgumentError("Sequential", `layer ${name} must be a module, got ${show(layer)}`);
      this.registerModule(name, layer);
    }
  }
  private list(): Layer[] {
    return [...this.children()] as Layer[]; // the constructor and append take nothing else
  }
  /** How many layers there are. */
  get length(): number {
    return this.list().length;
  }
  /** The i-th layer; negative counts from the end. */
  get(index: number): Layer {
    return this.list()[position("Sequential", index, this.length)];
  }
  /** Adds a layer at the end. */
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

/**
 * Modules in a list, so that a model that holds it finds them: `list.get(i)`, and a loop over the list, give them back.
 *
 * Shapes: those of the modules; the list itself has no forward.
 *
 * @throws IndexError from `get` when there is no such module, and from `forward`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 * @example
 * const blocks = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 4)]);
 * let x = randn([2, 4]);
 * for (const block of blocks) x = block.forward(x).relu();
 * x.shape; // [2, 4]
 * [...blocks.stateDict().keys()]; // ["0.weight", "0.bias", "1.weight", "1.bias"]
 */
export class ModuleList<M extends Module = Module> extends Module {
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }
  private list(): M[] {
    return [...this.children()] as M[]; // append takes nothing else
  }
  /** How many modules there are. */
  get length(): number {
    return this.list().length;
  }
  /** The i-th module; negative counts from the end. */
  get(index: number): M {
    return this.list()[position("ModuleList", index, this.length)];
  }
  /** Adds a module at the end. */
  append(module: M): this {
    this.registerModule(String(this.length), module);
    return this;
  }
  /** Adds several modules at the end. */
  extend(modules: Iterable<M>): this {
    if (!option.iterable.takes(modules))
      throw new ArgumentError("ModuleList", `modules must be a list of modules, got ${show(modules)}`);
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

/**
 * Modules by name, so that a model that holds them finds them: `modules.get(name)` gives one back.
 *
 * Shapes: those of the modules; the dictionary itself has no forward.
 *
 * @throws IndexError from `get` when there is no such module, and from `forward`.
 * @throws ArgumentError when a name is empty, holds a dot or is that of a method.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 * @example
 * const heads = new nn.ModuleDict({ left: new nn.Linear(4, 2), right: new nn.Linear(4, 3) });
 * heads.get("right").forward(randn([5, 4])).shape; // [5, 3]
 * heads.keys(); // ["left", "right"]
 */
export class ModuleDict<M extends Module = Module> extends Module {
  constructor(modules: Readonly<Record<string, M>> = {}) {
    super();
    if (!option.object.takes(modules))
      throw new ArgumentError("ModuleDict", `modules must be an object of modules by name, got ${show(modules)}`);
    for (const [name, m] of Object.entries(modules)) this.registerModule(name, m);
  }
  /** The module of a name. */
  get(name: string): M {
    for (const [key, m] of this.namedChildren()) if (key === name) return m as M; // the constructor and set take nothing else
    throw new IndexError("ModuleDict", `there is no module "${name}"`);
  }
  /** Adds a module, or puts it in the place of the one of that name. */
  set(name: string, module: M): this {
    this.registerModule(name, module);
    return this;
  }
  /** Whether there is a module of a name. */
  has(name: string): boolean {
    return [...this.namedChildren()].some(([key]) => key === name);
  }
  /** All names, in the order in which they came. */
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
