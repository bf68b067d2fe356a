import { type Tensor, zeros } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, integersOf, type Kinds, option } from "@flambeau/tensor/plugin";
import type { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { checkModule, type Table } from "../table.ts";
import type { AbstractRecurrent } from "./abstract-recurrent.ts";
import { AbstractSequencer } from "./abstract-sequencer.ts";
import { kindOf, stepwise } from "./recurrence.ts";
import { checkTable, firstOf } from "./steps.ts";

export interface RecurrentAttentionOptions {
  /** Whether each step gives `[output, action]` instead of the output alone (default false). */
  readonly forwardActions?: boolean | undefined;
}
const kinds: Kinds<RecurrentAttentionOptions> = { forwardActions: option.boolean };

/**
 * A recurrent model of attention: at each step `z[t] = action(y[t - 1])`, where to look, and `y[t] = rnn([x, z[t]])`, what is made of it. y before the first
 * step is zeros of `hiddenSize`.
 *
 * `action` ends in a module that draws ({@link ReinforceNormal}, {@link ReinforceCategorical}, {@link ReinforceBernoulli}). No gradient comes to it through
 * `rnn`; a reward criterion ({@link VRClassReward}) gives it the gradient of its draws' log-probabilities, and from there it goes on through the outputs
 * of the steps before. Both modules forget before each `forward`.
 *
 * Shapes: `x` [N, ...], or a table; a list of `nStep` outputs of `rnn`, the first [N, ...hiddenSize].
 *
 * @throws ArgumentError from the constructor for what is no module, or when `nStep` or a size is no positive integer.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.RecurrentAttention
 * @see Mnih et al., "Recurrent Models of Visual Attention", 2014, https://arxiv.org/abs/1406.6247
 * @example
 * const sensor = new Sequential(new SpatialGlimpse(4, 1), new nn.Flatten(), new nn.Linear(16, 8));
 * const rnn = new Recurrent(8, sensor, new nn.Linear(8, 8));
 * const locator = new Sequential(new nn.Linear(8, 2), new nn.Tanh(), new ReinforceNormal(0.1));
 * const attention = new RecurrentAttention(rnn, locator, 3, [8]);
 * attention.forward(rand([5, 1, 12, 12])).map((y) => y.shape); // [[5, 8], [5, 8], [5, 8]]
 */
export class RecurrentAttention extends AbstractSequencer {
  readonly rnn: AbstractRecurrent<Table, Table>;
  readonly action: AbstractRecurrent<Table, Table>;
  readonly nStep: number;
  readonly hiddenSize: readonly number[];
  readonly forwardActions: boolean;
  constructor(
    rnn: Module,
    action: Module,
    nStep: number,
    hiddenSize: number | readonly number[],
    options: RecurrentAttentionOptions = {},
  ) {
    super();
    checkOptions("RecurrentAttention", kinds, options);
    checkModule("RecurrentAttention", "rnn", rnn);
    checkModule("RecurrentAttention", "action", action);
    this.nStep = checkInteger("RecurrentAttention", "nStep", nStep, 1);
    this.hiddenSize = integersOf("RecurrentAttention", "hiddenSize", hiddenSize, 1);
    this.forwardActions = options.forwardActions ?? false;
    this.rnn = stepwise(rnn);
    this.action = stepwise(action);
  }
  forward<Y extends Table = Tensor>(x: Table): Y[] {
    checkTable("RecurrentAttention", x);
    this.forget();
    const first = firstOf(x);
    const { dtype, device } = kindOf(this.action, first);
    const start = zeros([first.shape[0], ...this.hiddenSize], { dtype, device });
    const outputs: Y[] = [];
    let seen: Table = start;
    for (let step = 0; step < this.nStep; step++) {
      const where = this.action.forward(seen);
      seen = this.rnn.forward([x, where]);
      outputs.push((this.forwardActions ? [seen, where] : seen) as Y); // the caller knows which
    }
    start.dispose();
    return outputs;
  }
  override extraRepr(): string {
    return shown({ nStep: this.nStep });
  }
}
