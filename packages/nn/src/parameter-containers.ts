import { ArgumentError, IndexError, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { option, show } from "@flambeau/tensor/plugin";
import { Module } from "./module.ts";
import { isParameter, Parameter } from "./parameter.ts";

const own = (t: Tensor): Parameter => (isParameter(t) ? t : new Parameter(t));

/**
 * Parameters in a list, so that a model that holds it finds them: `list.get(i)` gives them back. Tensors become parameters; keys in the
 * state are positions.
 *
 * Shapes: any; each parameter keeps the shape, dtype and memory of its tensor.
 *
 * @throws IndexError from `get` when there is no such parameter, and from `forward`.
 * @throws AutogradError when a tensor is not floating-point.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 * @example
 * const weights = new nn.ParameterList([ones([2]), zeros([3])]);
 * weights.get(-1).shape; // [3]
 * [...weights.stateDict().keys()]; // ["0", "1"]
 */
export class ParameterList extends Module {
  constructor(parameters: Iterable<Tensor> = []) {
    super();
    this.extend(parameters);
  }
  // one that is there twice counts twice, unlike in parameters()
  private list(): Parameter[] {
    return Object.values(this).filter(isTensor) as Parameter[]; // nothing but parameters, or what stands for them in a functionalCall
  }
  /** How many parameters there are. */
  get length(): number {
    return this.list().length;
  }
  /** The i-th parameter; negative counts from the end. */
  get(index: number): Parameter {
    const i = index < 0 ? index + this.length : index;
    if (!Number.isInteger(index) || i < 0 || i >= this.length)
      throw new IndexError("ParameterList", `index ${index} is out of range for ${this.length} parameters`);
    return this.list()[i];
  }
  /** Adds a parameter at the end. */
  append(parameter: Tensor): this {
    this.registerParameter(String(this.length), own(parameter));
    return this;
  }
  /** Adds several parameters at the end. */
  extend(parameters: Iterable<Tensor>): this {
    if (!option.iterable.takes(parameters))
      throw new ArgumentError("ParameterList", `parameters must be a list of tensors, got ${show(parameters)}`);
    for (const p of parameters) this.append(p);
    return this;
  }
  [Symbol.iterator](): Iterator<Parameter> {
    return this.list()[Symbol.iterator]();
  }
  forward(): never {
    throw new IndexError("ParameterList", "a list of parameters has no forward", "use its parameters in your module's");
  }
}

/**
 * Parameters by name, so that a model that holds them finds them: `parameters.get(name)` gives one back. Tensors become parameters.
 *
 * Shapes: any; each parameter keeps the shape, dtype and memory of its tensor.
 *
 * @throws IndexError from `get` when there is no such parameter, and from `forward`.
 * @throws AutogradError when a tensor is not floating-point.
 * @throws ArgumentError when a name is empty, holds a dot or is that of a method.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 * @example
 * const scales = new nn.ParameterDict({ left: ones([2]), right: zeros([3]) });
 * scales.get("left").requiresGrad; // true
 * scales.keys(); // ["left", "right"]
 */
export class ParameterDict extends Module {
  constructor(parameters: Readonly<Record<string, Tensor>> = {}) {
    super();
    if (!option.object.takes(parameters))
      throw new ArgumentError(
        "ParameterDict",
        `parameters must be an object of tensors by name, got ${show(parameters)}`,
      );
    for (const [name, p] of Object.entries(parameters)) this.set(name, p);
  }
  private entries(): [string, Parameter][] {
    return Object.entries(this).filter((entry): entry is [string, Parameter] => isTensor(entry[1]));
  }
  /** The parameter of a name. */
  get(name: string): Parameter {
    for (const [key, p] of this.entries()) if (key === name) return p;
    throw new IndexError("ParameterDict", `there is no parameter "${name}"`, `parameters: ${this.keys().join(", ")}`);
  }
  /** Adds a parameter, or puts it in the place of the one of that name. */
  set(name: string, parameter: Tensor): this {
    this.registerParameter(name, own(parameter));
    return this;
  }
  /** Whether there is a parameter of a name. */
  has(name: string): boolean {
    return this.keys().includes(name);
  }
  /** All names, in the order in which they came. */
  keys(): string[] {
    return this.entries().map(([key]) => key);
  }
  forward(): never {
    throw new IndexError(
      "ParameterDict",
      "a dictionary of parameters has no forward",
      "use its parameters in your module's",
    );
  }
}
