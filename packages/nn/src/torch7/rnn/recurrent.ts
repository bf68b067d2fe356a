import { ArgumentError, add, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { Sigmoid } from "../../layers/activation.ts";
import type { Module } from "../../module.ts";
import { Add, CAdd } from "../scaling.ts";
import { checkModule, type Table } from "../table.ts";
import { AbstractRecurrent, type RecurrentOptions, unlimited } from "./abstract-recurrent.ts";

export interface SimpleRecurrentOptions extends RecurrentOptions {
  /** What the output goes through (default: `nn.Sigmoid`). */
  readonly transfer?: Module | undefined;
  /** What makes one tensor of the list `[input(x), feedback(y)]` (default: their sum). */
  readonly merge?: Module | undefined;
  /** How many steps gradients go back through (default: all). */
  readonly rho?: number | undefined;
}
const kinds: Kinds<SimpleRecurrentOptions> = { transfer: option.object, merge: option.object, rho: option.number };

/**
 * A recurrent net of modules that are given: `y[0] = transfer(start(input(x[0])))` and from then on
 * `y[t] = transfer(merge([input(x[t]), feedback(y[t - 1])]))`. `start` is a module, or a size, for which a learned shift is added.
 *
 * Shapes: what `input` takes; the output of `transfer`. What `input`, `start` and `feedback` give has one shape.
 *
 * @throws ArgumentError for what is no module, no size or no positive `rho`, and from `maskZero` and `trimZero`: the first step has another module,
 * so that a {@link Recurrence} is wanted there.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.Recurrent
 * @example
 * const rnn = new Recurrent(3, new nn.Linear(2, 3), new nn.Linear(3, 3), { transfer: new nn.Tanh() });
 * rnn.forward(randn([5, 2])).shape; // [5, 3]
 * rnn.forward(randn([5, 2])).shape; // [5, 3]
 * rnn.step; // 2
 */
export class Recurrent<X extends Table = Tensor, Y extends Table = Tensor> extends AbstractRecurrent<X, Y> {
  readonly start: Module;
  readonly input: Module;
  readonly feedback: Module;
  readonly transfer: Module;
  readonly merge: Module | null;
  constructor(
    start: number | readonly number[] | Module,
    input: Module,
    feedback: Module,
    options: SimpleRecurrentOptions = {},
  ) {
    checkOptions("Recurrent", kinds, options);
    super(options.rho ?? unlimited);
    const { transfer = new Sigmoid(), merge = null } = options;
    checkModule("Recurrent", "input", input);
    checkModule("Recurrent", "feedback", feedback);
    checkModule("Recurrent", "transfer", transfer);
    if (merge !== null) checkModule("Recurrent", "merge", merge);
    this.start = Array.isArray(start)
      ? new CAdd(...(start as readonly number[]))
      : typeof start === "number"
        ? new Add(start)
        : (start as Module); // looked at below
    checkModule("Recurrent", "start", this.start);
    this.input = input;
    this.feedback = feedback;
    this.transfer = transfer;
    this.merge = merge;
  }
  protected next(x: X, states: readonly Table[] | null): readonly Table[] {
    const share = this.input.forward(x);
    if (states === null) return [this.transfer.forward(this.start.forward(share))];
    const back = this.feedback.forward(states[0]);
    return [this.transfer.forward(this.merge === null ? add(share, back) : this.merge.forward([share, back]))];
  }
  override maskZero(_nInputDim: number): never {
    throw unmaskable("maskZero");
  }
  override trimZero(_nInputDim: number): never {
    throw unmaskable("trimZero");
  }
}
const unmaskable = (method: string): ArgumentError =>
  new ArgumentError(`Recurrent.${method}`, "the first step has another module than those after it", "use a Recurrence");
