import {
  ArgumentError,
  add,
  div,
  indexSelect,
  logicalNot,
  narrow,
  nonzero,
  squeeze,
  sum,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { type Criterion, checkCriterion, judged } from "../criterions/criterion.ts";
import type { Table } from "../table.ts";
import { type Sequence, stepsOf } from "./abstract-sequencer.ts";
import { zeroExamples } from "./masking.ts";
import { checkTable, firstOf, mapTable } from "./steps.ts";

export interface SequencerCriterionOptions {
  /** Whether the sum over the steps is divided by their number (default false). */
  readonly sizeAverage?: boolean | undefined;
}
const kinds: Kinds<SequencerCriterionOptions> = { sizeAverage: option.boolean };

/** Sum of tensors, which are freed. */
function total(parts: readonly Tensor[]): Tensor {
  return parts.reduce((sum, each) => {
    const next = add(sum, each);
    sum.dispose();
    each.dispose();
    return next;
  });
}

/**
 * Applies a criterion to each step of a sequence with that of the target: `loss = sum_t criterion(input[t], target[t])`, divided by the number of
 * steps with `sizeAverage`.
 *
 * Shapes: two tensors [L, ...], or two lists of as many steps; what the criterion gives.
 *
 * @throws ArgumentError for what is no criterion, no sequence or one of another length.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.SequencerCriterion
 * @example
 * const criterion = new SequencerCriterion(new losses.MSELoss());
 * criterion.forward([tensor([1, 2]), tensor([3])], [tensor([1, 4]), tensor([2])]).item(); // 3
 */
export class SequencerCriterion extends Module {
  readonly criterion: Criterion;
  readonly sizeAverage: boolean;
  constructor(criterion: Criterion, options: SequencerCriterionOptions = {}) {
    super();
    checkOptions("SequencerCriterion", kinds, options);
    checkCriterion("SequencerCriterion", criterion);
    this.criterion = criterion;
    this.sizeAverage = options.sizeAverage ?? false;
  }
  forward(input: Sequence, target: Sequence): Tensor {
    const [steps, targets] = [stepsOf("SequencerCriterion", input), stepsOf("SequencerCriterion", target)];
    if (steps.length !== targets.length)
      throw new ArgumentError(
        "SequencerCriterion",
        `the input has ${steps.length} steps and the target ${targets.length}`,
      );
    const loss = total(steps.map((step, i) => judged(this.criterion, step, targets[i])));
    return this.sizeAverage ? div(loss, steps.length) : loss;
  }
  override extraRepr(): string {
    return shown({ sizeAverage: this.sizeAverage || undefined });
  }
}

/**
 * Applies a criterion to each step of a sequence with the same target: `loss = sum_t criterion(input[t], target)`.
 *
 * Shapes: a tensor [L, ...] or a list of steps, and a target of one step; what the criterion gives.
 *
 * @throws ArgumentError for what is no criterion or no sequence.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.RepeaterCriterion
 * @example
 * new RepeaterCriterion(new losses.MSELoss()).forward([tensor([1]), tensor([2])], tensor([4])).item(); // 13
 */
export class RepeaterCriterion extends Module {
  readonly criterion: Criterion;
  constructor(criterion: Criterion) {
    super();
    checkCriterion("RepeaterCriterion", criterion);
    this.criterion = criterion;
  }
  forward(input: Sequence, target: Table): Tensor {
    checkTable("RepeaterCriterion", target);
    return total(stepsOf("RepeaterCriterion", input).map((step) => judged(this.criterion, step, target)));
  }
}

/**
 * Applies a criterion to the examples of a batch that are not zeros: `loss = criterion(input[kept], target[kept])`, where an example counts unless that of
 * the first tensor that goes in, of `nInputDim` dimensions, is all zeros. Where none is left the loss is 0.
 *
 * Shapes: a tensor or a table of tensors [N, ...], and a target [N, ...]; what the criterion gives.
 *
 * @throws ArgumentError for what is no criterion; ShapeError when the first tensor is not of `nInputDim` + 1 dimensions.
 * @throws UnavailableError on a device that cannot be read at once: the number of examples depends on values.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.MaskZeroCriterion
 * @example
 * const criterion = new MaskZeroCriterion(new losses.MSELoss(), 1);
 * criterion.forward(tensor([[1], [0], [2]]), tensor([[2], [9], [2]])).item(); // 0.5
 */
export class MaskZeroCriterion extends Module {
  readonly criterion: Criterion;
  readonly nInputDim: number;
  constructor(criterion: Criterion, nInputDim: number) {
    super();
    checkCriterion("MaskZeroCriterion", criterion);
    this.criterion = criterion;
    this.nInputDim = checkInteger("MaskZeroCriterion", "nInputDim", nInputDim, 0);
  }
  forward(input: Table, target: Table): Tensor {
    const op = "MaskZeroCriterion";
    for (const table of [input, target]) checkTable(op, table);
    const masked = zeroExamples(op, input, this.nInputDim);
    if (masked.ndim === 0)
      throw new ArgumentError(op, `takes batches, got a single example of ${this.nInputDim} dimensions`);
    const rows = squeeze(nonzero(logicalNot(masked)), 1);
    if (rows.size === 0) return sum(narrow(firstOf(input), 0, 0, 0)); // 0, with a graph
    const kept = <T extends Table>(table: T): T => mapTable(table, (t) => indexSelect(t, 0, rows));
    return judged(this.criterion, kept(input), kept(target));
  }
  override extraRepr(): string {
    return shown({ nInputDim: this.nInputDim });
  }
}
