import { ArgumentError, isTensor, type Tensor, unbind } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import type { Table } from "../table.ts";
import { checkMode, forget, keeps, type Remember } from "./abstract-recurrent.ts";
import { checkTable, type Forgetful } from "./steps.ts";

/** A sequence: a tensor [L, ...], or a list of its steps. */
export type Sequence = Tensor | readonly Table[];

/** The steps of a sequence. @throws ArgumentError for what is none, or has no steps. */
export function stepsOf(op: string, x: Sequence): readonly Table[] {
  if (!isTensor(x) && !Array.isArray(x))
    throw new ArgumentError(op, `a sequence is a tensor or a list of steps, got ${show(x)}`);
  if (isTensor(x) ? x.ndim === 0 || x.shape[0] === 0 : x.length === 0)
    throw new ArgumentError(op, "the sequence has no steps");
  checkTable(op, x);
  return isTensor(x) ? unbind(x) : x;
}

/**
 * The base of modules that hand whole sequences to one that is given them step by step.
 *
 * `remember(mode)` sets when the module keeps its state from one `forward` to the next: "neither" at first, so that each sequence starts anew; with
 * "both", which `remember()` means, `forget()` is the user's to call. Gradients go back to the start of a `forward`, not beyond. When the module goes
 * over to training or to evaluation it forgets.
 *
 * Shapes: those of a subclass.
 *
 * @throws ArgumentError from `remember` for another mode.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.AbstractSequencer
 * @example
 * const sequencer = new Sequencer(new LSTM(2, 3)).remember("eval");
 * sequencer.hasMemory(); // false
 * sequencer.eval().hasMemory(); // true
 */
export abstract class AbstractSequencer extends Module implements Forgetful {
  private mode: Remember = "neither";
  private trained = true;

  /** Sets when the module keeps its state from one `forward` to the next. */
  remember(mode: Remember = "both"): this {
    checkMode(`${this.constructor.name}.remember`, mode);
    this.mode = mode;
    return this;
  }
  /** Whether the next `forward` goes on from where the last one ended. */
  hasMemory(): boolean {
    return keeps(this.mode, this.training);
  }
  /** Makes the module forget. */
  forget(): this {
    forget(this);
    return this;
  }
  /** The modules below hold all there is. @internal */
  drop(): void {}
  /** Forgets where a sequence starts anew. */
  protected begin(): void {
    const changed = this.trained !== this.training;
    this.trained = this.training;
    if (changed || !this.hasMemory()) this.forget();
  }
}
