import { clone, type DType, detach, isFloat, keep, noGrad, type Tensor, to } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { type LoadResult, Module, type StateDict, type StateDictLike } from "../../module.ts";
import { shown } from "../../repr.ts";
import { checkModule } from "../table.ts";

export interface SerialOptions {
  /** What floating-point tensors are saved as (default: as they are). */
  readonly dtype?: DType | undefined;
}
const kinds: Kinds<SerialOptions> = { dtype: option.dtype };
const gradientKey = "grad:";

/**
 * A module around another, `y = module(x)`, that says how much of it is saved: `stateDict()` gives parameters and buffers and, when it is heavy or medium,
 * the gradients under `"grad:..."`, all as `dtype`; `loadStateDict` takes that back.
 *
 * `lightSerial()` leaves the gradients out: for a model that only computes. In Torch7 `heavySerial()`, the default, also saves what modules computed last, which
 * they do not hold here; so it is the same as `mediumSerial()`.
 *
 * Shapes: those of the module.
 *
 * @throws ArgumentError from the constructor for what is no module or no dtype.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.Serial
 * @example
 * const serial = new Serial(new nn.Linear(2, 1), { dtype: "float16" });
 * serial.forward(ones([1, 2])).sum().backward();
 * [...serial.stateDict().keys()]; // ["module.weight", "module.bias", "grad:module.weight", "grad:module.bias"]
 * [...serial.lightSerial().stateDict().values()].map((t) => t.dtype); // ["float16", "float16"]
 */
export class Serial extends Module {
  readonly module: Module;
  readonly dtype: DType | null;
  private gradients = true;
  constructor(module: Module, options: SerialOptions = {}) {
    super();
    checkOptions("Serial", kinds, options);
    checkModule("Serial", "module", module);
    this.module = module;
    this.dtype = options.dtype ?? null;
  }
  // biome-ignore lint/suspicious/noExplicitAny: what the module takes and gives
  forward(...inputs: any[]): any {
    return this.module.forward(...inputs);
  }
  /** Everything is saved. */
  heavySerial(): this {
    this.gradients = true;
    return this;
  }
  /** Parameters, buffers and gradients are saved. */
  mediumSerial(): this {
    this.gradients = true;
    return this;
  }
  /** Parameters and buffers are saved. */
  lightSerial(): this {
    this.gradients = false;
    return this;
  }
  override stateDict(): StateDict {
    const out: StateDict = new Map();
    const saved = (t: Tensor): Tensor =>
      this.dtype === null || !isFloat(t.dtype) ? t : noGrad(() => to(detach(t), this.dtype as DType)); // looked at just before
    for (const [key, t] of super.stateDict()) out.set(key, saved(t));
    if (this.gradients)
      for (const [key, p] of this.namedParameters()) if (p.grad !== null) out.set(gradientKey + key, saved(p.grad));
    return out;
  }
  override loadStateDict(state: StateDictLike, options: { readonly strict?: boolean | undefined } = {}): LoadResult {
    const given = new Map<string, Tensor>(state instanceof Map ? state : Object.entries(state ?? {}));
    const gradients = new Map<string, Tensor>();
    for (const [key, t] of given)
      if (key.startsWith(gradientKey)) {
        gradients.set(key.slice(gradientKey.length), t);
        given.delete(key);
      }
    const inner = new Map([...given].map(([key, t]) => [key.replace(/^module\./, ""), t] as const));
    const result = this.module.loadStateDict(inner, options);
    for (const [key, p] of this.namedParameters()) {
      const grad = gradients.get(key);
      if (grad) p.grad = keep(noGrad(() => clone(to(grad, p.dtype))));
    }
    return {
      missingKeys: result.missingKeys.map((key) => `module.${key}`),
      unexpectedKeys: result.unexpectedKeys,
    };
  }
  override extraRepr(): string {
    return shown({ dtype: this.dtype ?? undefined });
  }
}
