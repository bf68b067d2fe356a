import { type DType, ShapeError, type Tensor, zeros } from "@flambeau/tensor/functional";
import { checkInteger, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { shown } from "../../repr.ts";
import { whole } from "../table.ts";
import { AbstractRecurrent, type RecurrentOptions } from "./abstract-recurrent.ts";

export interface GatedOptions extends RecurrentOptions {
  /** How many steps gradients go back through (default 9999). */
  readonly rho?: number | undefined;
  /** Probability of dropout on what goes into each gate, the same elements in all steps of a sequence (default 0). */
  readonly p?: number | undefined;
  /** One draw of dropout for all examples of a batch, which `trimZero` needs (default false). */
  readonly mono?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
export const gatedKinds: Kinds<GatedOptions> = {
  rho: option.number,
  p: option.number,
  mono: option.boolean,
  dtype: option.dtype,
  device: option.string,
};

/** Recurrent modules whose states are vectors: zeros before the first step. */
export abstract class VectorRecurrent extends AbstractRecurrent {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly p: number;
  readonly mono: boolean;

  constructor(inputSize: number, outputSize: number, options: GatedOptions) {
    super(options.rho ?? 9999);
    const name = this.constructor.name;
    this.inputSize = checkInteger(name, "inputSize", inputSize, 1);
    this.outputSize = checkInteger(name, "outputSize", outputSize, 1);
    this.p = options.p ?? 0;
    this.mono = options.mono ?? false;
  }
  /** How many states of `outputSize` there are. */
  protected abstract readonly stateCount: number;
  /** The states after a step. */
  protected abstract cell(x: Tensor, states: readonly Tensor[]): readonly Tensor[];

  protected override first(x: Tensor): readonly Tensor[] {
    return Array.from({ length: this.stateCount }, () =>
      zeros([...x.shape.slice(0, -1), this.outputSize], { dtype: x.dtype, device: x.device }),
    );
  }
  protected next(x: Tensor, states: readonly Tensor[]): readonly Tensor[] {
    const name = this.constructor.name;
    for (const state of states) {
      const shape = [...x.shape.slice(0, -1), this.outputSize];
      if (showShape(state.shape) !== showShape(shape))
        throw new ShapeError(
          name,
          `for input ${showShape(x.shape)} the states before must have shape ${showShape(shape)}, got ${showShape(state.shape)}: call forget() before a sequence of another batch`,
          [x.shape, state.shape],
        );
    }
    return this.cell(x, states);
  }
  override forward(x: Tensor): Tensor {
    const name = this.constructor.name;
    checkTensor(name, "x", x);
    if (x.ndim < 1 || x.ndim > 2 || x.shape[x.ndim - 1] !== this.inputSize)
      throw new ShapeError(
        name,
        `expected input [N, ${this.inputSize}] or [${this.inputSize}], got ${showShape(x.shape)}`,
        [x.shape],
      );
    return whole(() => super.forward(x));
  }
  override extraRepr(): string {
    return shown(this.inputSize, this.outputSize, { p: this.p || undefined });
  }
}
