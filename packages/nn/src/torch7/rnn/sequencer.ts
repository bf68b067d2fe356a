import { isTensor, stack, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger } from "@flambeau/tensor/plugin";
import type { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { checkModule, checkTensorList, type Table } from "../table.ts";
import type { AbstractRecurrent } from "./abstract-recurrent.ts";
import { AbstractSequencer, type Sequence, stepsOf } from "./abstract-sequencer.ts";
import { stepwise } from "./recurrence.ts";

/**
 * Hands a sequence to a module step by step: `y[t] = module(x[t])`. A module that is not recurrent itself is put into a {@link Recursor}, so that it
 * may be one of several recurrent and other ones.
 *
 * The module forgets before each sequence, unless `remember` was called: then it goes on from where it was.
 *
 * Shapes: a tensor [L, ...] gives a tensor [L, ...], a list of steps a list of as many.
 *
 * @throws ArgumentError for what is no module, no sequence, or one without steps.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.Sequencer
 * @example
 * const net = new Sequencer(new Sequential(new LSTM(4, 8), new nn.Linear(8, 2)));
 * net.forward(randn([5, 3, 4])).shape; // [5, 3, 2]
 * net.forward([randn([3, 4]), randn([3, 4])]).length; // 2
 */
export class Sequencer extends AbstractSequencer {
  readonly module: AbstractRecurrent<Table, Table>;
  constructor(module: Module) {
    super();
    checkModule("Sequencer", "module", module);
    this.module = stepwise(module);
  }
  forward(x: Tensor): Tensor;
  forward<Y extends Table = Tensor>(x: readonly Table[]): Y[];
  forward(x: Sequence): Tensor | Table[];
  forward(x: Sequence): Tensor | Table[] {
    const steps = stepsOf("Sequencer", x);
    // gradients go back to here
    this.module.maxBPTTstep(steps.length);
    this.begin();
    const outputs = steps.map((step) => this.module.forward(step));
    if (!isTensor(x)) return outputs;
    checkTensorList("Sequencer", outputs);
    return stack(outputs, 0);
  }
}

/**
 * Hands one input to a module `nStep` times: `y[t] = module(x)`, where the module is recurrent or holds recurrent ones. It forgets before each `forward`.
 *
 * Shapes: what the module takes; a list of `nStep` times what it gives.
 *
 * @throws ArgumentError for what is no module, or when `nStep` is no positive integer.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.Repeater
 * @example
 * new Repeater(new LSTM(4, 8), 3).forward(randn([2, 4])).length; // 3
 */
export class Repeater extends AbstractSequencer {
  readonly module: AbstractRecurrent<Table, Table>;
  readonly nStep: number;
  constructor(module: Module, nStep: number) {
    super();
    checkModule("Repeater", "module", module);
    this.nStep = checkInteger("Repeater", "nStep", nStep, 1);
    this.module = stepwise(module).maxBPTTstep(nStep);
  }
  forward<Y extends Table = Tensor>(x: Table): Y[] {
    this.forget();
    return Array.from({ length: this.nStep }, () => this.module.forward(x) as Y); // the caller knows what the module gives
  }
  override extraRepr(): string {
    return shown({ nStep: this.nStep });
  }
}
