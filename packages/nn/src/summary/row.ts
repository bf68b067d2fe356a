import { isTensor, type Tensor } from "@flambeau/tensor/functional";
import { bytesOf } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";

/** A shape as it is printed, also of lists that hold shapes. */
export type Sizes = readonly number[];

/** A parameter of a layer. */
export interface RowParameter {
  readonly name: string;
  readonly shape: Sizes;
  readonly count: number;
}

/** One module of a model, at one of the calls that it got. */
export class SummaryRow {
  readonly module: Module;
  /** The name under which it stands in the module above it; of the model, its class. */
  readonly name: string;
  readonly className: string;
  readonly depth: number;
  /** @internal */
  readonly parent: SummaryRow | null;
  /** Its number among the rows of its depth, from 1 on. */
  index = 0;
  /** The rows below it. @internal */
  below: readonly SummaryRow[] = [];
  readonly isLeaf: boolean;
  /** Whether it was there in an earlier row, with all of its parameters. */
  recursive = false;
  inputShape: Sizes = [];
  outputShape: Sizes = [];
  outputBytes = 0;
  multAdds = 0;
  /** Of this module and those below, elements; of pruned ones those that are left. */
  params = 0;
  trainableParams = 0;
  paramBytes = 0;
  parameters: readonly RowParameter[] = [];

  constructor(module: Module, name: string, depth: number, parent: SummaryRow | null) {
    this.module = module;
    this.name = name;
    this.className = module.constructor.name;
    this.depth = depth;
    this.parent = parent;
    this.isLeaf = [...module.children()].length === 0;
  }

  /** Counts the parameters. */
  count(): void {
    this.params = 0;
    this.trainableParams = 0;
    this.paramBytes = 0;
    const shown: RowParameter[] = [];
    for (const [full, parameter] of this.module.namedParameters()) {
      const { name, count } = counted(this.module, full, parameter);
      this.params += count;
      this.paramBytes += count * bytesOf(parameter.dtype);
      if (parameter.requiresGrad) this.trainableParams += count;
      const [first, second, ...rest] = parameter.shape;
      // as [in, out, ...kernel]
      const shape = name === "weight" && second !== undefined ? [second, first, ...rest] : parameter.shape;
      if (this.parent !== null || !name.includes(".")) shown.push({ name, shape, count });
    }
    this.parameters = shown;
  }

  /** Takes what a call was given and gave, and estimates its multiplications with additions. */
  called(inputs: unknown, output: unknown): void {
    this.inputShape = sizesOf(inputs).shape;
    const { shape, bytes } = sizesOf(output);
    this.outputShape = shape;
    this.outputBytes = bytes * product(shape);
    this.multAdds = 0;
    const [batch = 0, , ...places] = shape;
    for (const [full, parameter] of this.module.namedParameters()) {
      const { name, count } = counted(this.module, full, parameter);
      if (name === "weight" || name === "bias") {
        // a kernel is applied at each place of each sample, a matrix to each row
        const times = this.className.includes("Conv")
          ? batch * product(places)
          : this.className.includes("Linear")
            ? product(shape.slice(0, -1))
            : batch;
        this.multAdds += count * times;
      } else if (name.includes("weight") || name.includes("bias")) this.multAdds += count * product(shape.slice(0, 2));
    }
  }

  /** "True", "False" or "Partial", "--" without parameters. */
  get trainable(): string {
    if (this.params === 0) return "--";
    return this.trainableParams === 0 ? "False" : this.trainableParams === this.params ? "True" : "Partial";
  }
  /** The parameters that no row below has. */
  get ownParams(): number {
    let total = this.params;
    const seen = new Set<Module>();
    for (let i = 0; i < this.below.length; ) {
      const row = this.below[i++];
      const known = seen.has(row.module);
      seen.add(row.module);
      if (!row.recursive) {
        total -= row.isLeaf ? row.params : row.ownParams;
        continue;
      }
      // those below it belong to the row where it was first
      if (!known) total -= row.params;
      while (i < this.below.length && this.below[i].depth > row.depth) i++;
    }
    return total;
  }
  /** The size of its kernel, null where it has none. */
  get kernelShape(): number | Sizes | null {
    if (isConvolution(this.module)) {
      const weights = [...this.module.parameters({ recurse: false })].filter((p) => p.ndim > 2);
      return weights[0]?.shape.slice(2) ?? null;
    }
    const size: unknown = Reflect.get(this.module, "kernelSize");
    return typeof size === "number" || Array.isArray(size) ? (size as number | number[]) : null;
  }
  /** Into how many groups its channels fall, null where it has none. */
  get groups(): number | null {
    const own: unknown = Reflect.get(this.module, "groups");
    if (typeof own === "number") return own;
    const { groups = 1 } = (Reflect.get(this.module, "options") ?? {}) as { readonly groups?: number };
    return isConvolution(this.module) ? groups : null;
  }
}
const isConvolution = (module: Module): boolean => /^(Parametrized)?(Lazy)?Conv/.test(module.constructor.name);

export const product = (sizes: Sizes): number => sizes.reduce((n, size) => n * size, 1);

/** How many elements a parameter has, and its name: of a pruned one those that its mask leaves, and the name that it had. */
function counted(module: Module, name: string, parameter: Tensor): { readonly name: string; readonly count: number } {
  if (!name.endsWith("_orig")) return { name, count: parameter.size };
  const plain = name.slice(0, -"_orig".length);
  for (const [key, mask] of module.namedBuffers())
    if (key === `${plain}_mask`) return { name: plain, count: Number(mask.sum().item()) };
  return { name, count: parameter.size };
}

/** The shape that is shown of what a module is given or gives, and the bytes of an element: of several things the first one's. */
function sizesOf(value: unknown): { readonly shape: Sizes; readonly bytes: number } {
  if (isTensor(value)) return { shape: value.shape, bytes: bytesOf(value.dtype) };
  if (Array.isArray(value)) return value.length > 0 ? sizesOf(value[0]) : nothing;
  if (typeof value !== "object" || value === null) return nothing;
  // a packed sequence
  if ("data" in value && isTensor(value.data)) return sizesOf(value.data);
  const parts = value instanceof Map ? [...value.values()] : Object.values(value);
  return parts.length > 0 ? sizesOf(parts.at(-1)) : nothing;
}
const nothing = { shape: [], bytes: 0 } as const;
