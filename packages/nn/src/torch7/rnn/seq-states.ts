import {
  ArgumentError,
  abs,
  amax,
  type DType,
  detach,
  eq,
  keep,
  ShapeError,
  type Tensor,
  transpose,
  where,
  zeros,
} from "@flambeau/tensor/functional";
import { checkInteger, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { whole } from "../table.ts";
import { checkMode, keeps, type Remember } from "./abstract-recurrent.ts";
import type { Forgetful } from "./steps.ts";

export interface SeqOptions {
  /** Inputs and outputs are [N, L, features] instead of [L, N, features] (default false). */
  readonly batchFirst?: boolean | undefined;
  /** Outputs and states are zeros at steps whose input is zeros, which parts sequences (default false). */
  readonly maskZero?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
export const seqKinds: Kinds<SeqOptions> = {
  batchFirst: option.boolean,
  maskZero: option.boolean,
  dtype: option.dtype,
  device: option.string,
};

/** What a layer over whole sequences takes: a sequence, or first states and a sequence. */
export type SeqInput = Tensor | readonly Tensor[];

const kept = new WeakMap<Module, readonly Tensor[]>();

/** Layers over whole sequences, which may go on from the values that the sequence before ended with. */
export abstract class SeqModule extends Module implements Forgetful {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly batchFirst: boolean;
  private zeros: boolean;
  private mode: Remember = "neither";
  private trained = true;
  constructor(inputSize: number, outputSize: number, options: SeqOptions) {
    super();
    const name = this.constructor.name;
    this.inputSize = checkInteger(name, "inputSize", inputSize, 1);
    this.outputSize = checkInteger(name, "outputSize", outputSize, 1);
    this.batchFirst = options.batchFirst ?? false;
    this.zeros = options.maskZero ?? false;
  }
  /** The sizes of the states, the output's first. */
  protected abstract readonly widths: readonly number[];
  /** The states after all steps of x [L, N, inputSize], and the outputs; `masked` [L, N, 1] says where the input is zeros. */
  protected abstract steps(
    x: Tensor,
    states: readonly Tensor[],
    masked: Tensor | null,
  ): { readonly outputs: Tensor; readonly states: readonly Tensor[] };

  /** From now on outputs and states are zeros where the input is. */
  maskZero(): this {
    this.zeros = true;
    return this;
  }
  /** Sets when the next `forward` goes on from the states that this one ends with; see {@link remember}. */
  remember(mode: Remember = "both"): this {
    checkMode(`${this.constructor.name}.remember`, mode);
    this.mode = mode;
    return this;
  }
  /** Whether the next `forward` goes on from where the last one ended. */
  hasMemory(): boolean {
    return keeps(this.mode, this.training);
  }
  /** Forgets the states that the last `forward` ended with. */
  forget(): this {
    this.drop();
    return this;
  }
  /** @internal */
  drop(): void {
    for (const t of kept.get(this) ?? []) t.dispose();
    kept.delete(this);
  }
  /** `[c, h, x]`, `[h, x]` or x, as Torch7 has it; the states with the output's first, null where there is none. */
  private parts(input: SeqInput): { x: Tensor; given: (Tensor | null)[] } {
    const name = this.constructor.name;
    const most = this.widths.length + 1;
    if (!Array.isArray(input)) return { x: input as Tensor, given: this.widths.map(() => null) };
    const list = input as readonly Tensor[];
    if (list.length < 2 || list.length > most)
      throw new ArgumentError(
        name,
        `takes a sequence, ${most === 3 ? "[h0, x] or [c0, h0, x]" : "or [h0, x]"}, got a list of ${list.length}`,
      );
    const states = list.slice(0, -1).reverse();
    return { x: list[list.length - 1], given: this.widths.map((_, i) => states[i] ?? null) };
  }
  forward(input: SeqInput): Tensor {
    return whole(() => this.run(input));
  }
  private run(input: SeqInput): Tensor {
    const name = this.constructor.name;
    if (this.trained !== this.training) this.drop(); // each evaluation and each training starts anew
    this.trained = this.training;
    if (!this.hasMemory()) this.drop();
    const { x: given, given: states } = this.parts(input);
    checkTensor(name, "x", given);
    if (given.ndim !== 3 || given.shape[2] !== this.inputSize || given.size === 0)
      throw new ShapeError(
        name,
        `expected input ${this.batchFirst ? "[N, L" : "[L, N"}, ${this.inputSize}], got ${showShape(given.shape)}`,
        [given.shape],
      );
    const x = this.batchFirst ? transpose(given, 0, 1) : given;
    const n = x.shape[1];
    const before = kept.get(this);
    const first = this.widths.map((width, i) => {
      const state = states[i] ?? before?.[i] ?? zeros([n, width], { dtype: x.dtype, device: x.device });
      checkTensor(name, "a first state", state);
      if (showShape(state.shape) !== showShape([n, width]))
        throw new ShapeError(
          name,
          `the first state must have shape ${showShape([n, width])}, got ${showShape(state.shape)}${states[i] ? "" : ": call forget() before a batch of another size"}`,
          [state.shape],
        );
      return state;
    });
    const masked = this.zeros ? eq(amax(abs(x), -1, { keepdim: true }), 0) : null;
    const { outputs, states: last } = this.steps(x, first, masked);
    this.drop();
    if (this.hasMemory())
      kept.set(
        this,
        last.map((t) => keep(detach(t))),
      );
    return this.batchFirst ? transpose(outputs, 0, 1) : outputs;
  }
  override extraRepr(): string {
    return shown(this.inputSize, this.outputSize, {
      batchFirst: this.batchFirst || undefined,
      maskZero: this.zeros || undefined,
    });
  }
}
/** Zeros where `masked` [N, 1] is true. */
export const unmasked = (t: Tensor, masked: Tensor | null): Tensor => (masked === null ? t : where(masked, 0, t));
