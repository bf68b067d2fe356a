import { IndexError, type Tensor } from "@flambeau/tensor/functional";
import { Module } from "./module.ts";
import { isParameter, Parameter } from "./parameter.ts";

const own = (t: Tensor): Parameter => (isParameter(t) ? t : new Parameter(t));

/** Parameters in a list, so that they are found; tensors become parameters. Keys in stateDict are positions. */
export class ParameterList extends Module {
  constructor(parameters: Iterable<Tensor> = []) {
    super();
    this.extend(parameters);
  }
  // one that is there twice counts twice, unlike in parameters()
  private list(): Parameter[] {
    return Object.values(this).filter(isParameter);
  }
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
  append(parameter: Tensor): this {
    this.registerParameter(String(this.length), own(parameter));
    return this;
  }
  extend(parameters: Iterable<Tensor>): this {
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

/** Parameters by name, so that they are found; tensors become parameters. */
export class ParameterDict extends Module {
  constructor(parameters: Readonly<Record<string, Tensor>> = {}) {
    super();
    for (const [name, p] of Object.entries(parameters)) this.set(name, p);
  }
  private entries(): [string, Parameter][] {
    return Object.entries(this).filter((entry): entry is [string, Parameter] => isParameter(entry[1]));
  }
  get(name: string): Parameter {
    for (const [key, p] of this.entries()) if (key === name) return p;
    throw new IndexError("ParameterDict", `there is no parameter "${name}"`, `parameters: ${this.keys().join(", ")}`);
  }
  set(name: string, parameter: Tensor): this {
    this.registerParameter(name, own(parameter));
    return this;
  }
  has(name: string): boolean {
    return this.keys().includes(name);
  }
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
