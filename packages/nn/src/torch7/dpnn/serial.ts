import { clone, type DType, detach, isFloat, keep, noGrad, type Tensor, to } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import type { StateDict } from "../../state.ts";
import { checkModule } from "../table.ts";

export interface SerialOptions {
  /** What floating-point tensors are saved as (default: as they are). */
  readonly dtype?: DType | undefined;
}
const kinds: Kinds<SerialOptions> = { dtype: option.dtype };
const keyOf = (prefix: string, name: string): string => `${prefix}grad:${name}`;

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
    this.registerStateDictPostHook((serial, state, prefix) => serial.save(state, prefix));
    this.registerLoadStateDictPreHook((serial, state, prefix) => serial.load(state, prefix));
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
  /** What is saved of the part of a state that is below `prefix`. */
  private save(state: StateDict, prefix: string): void {
    const saved = (t: Tensor): Tensor =>
      this.dtype === null || !isFloat(t.dtype) ? t : noGrad(() => to(detach(t), this.dtype as DType)); // looked at just before
    for (const [key, t] of [...state]) if (key.startsWith(prefix)) state.set(key, saved(t));
    if (!this.gradients) return;
    for (const [name, p] of this.namedParameters()) if (p.grad !== null) state.set(keyOf(prefix, name), saved(p.grad));
  }
  /** Takes the gradients out of a state, and takes them on. */
  private load(state: StateDict, prefix: string): void {
    for (const [name, p] of this.namedParameters()) {
      const grad = state.get(keyOf(prefix, name));
      if (grad !== undefined) p.grad = keep(noGrad(() => clone(to(grad, p.dtype))));
      state.delete(keyOf(prefix, name));
    }
  }
  override extraRepr(): string {
    return shown({ dtype: this.dtype ?? undefined });
  }
}
