import { ArgumentError, add, detach, isTensor, mul, reshape, type Tensor } from "@flambeau/tensor/functional";
import { checkNumber, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { isModule, Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { checkList, checkModule, type Table, whole } from "../table.ts";
import { type Criterion, checkCriterion, judged } from "./criterion.ts";

/** Criterions with weights. */
abstract class Weighted extends Module {
  private readonly criterions: Criterion[] = [];
  private readonly weights: number[] = [];
  /** Adds a criterion, of weight 1 unless one is given. */
  add(criterion: Criterion, weight = 1): this {
    const name = this.constructor.name;
    checkCriterion(name, criterion);
    checkNumber(name, "weight", weight);
    const i = this.criterions.push(criterion) - 1;
    this.weights.push(weight);
    if (isModule(criterion)) this.registerModule(String(i), criterion); // it may have parameters
    return this;
  }
  /** The weighted sum of what `loss` gives for each criterion. */
  protected total(loss: (criterion: Criterion, i: number) => Tensor): Tensor {
    if (this.criterions.length === 0)
      throw new ArgumentError(this.constructor.name, "has no criterions", "add(criterion, weight) them first");
    return this.criterions
      .map((criterion, i) => mul(loss(criterion, i), this.weights[i]))
      .reduce((sum, each) => add(sum, each));
  }
  /** How many criterions there are. */
  protected get length(): number {
    return this.criterions.length;
  }
}

/**
 * Weighted sum of several criterions of one input and target: `loss = weight[0] * c[0](input, target) + weight[1] * c[1](input, target) + ...`.
 *
 * Shapes: what the criterions take; a scalar.
 *
 * @throws ArgumentError from `add` for what is no criterion, from `forward` when there is none.
 * @see https://github.com/torch/nn/blob/master/doc/criterion.md#nn.MultiCriterion
 * @example
 * const criterion = new MultiCriterion().add(new losses.MSELoss(), 0.5).add(new losses.L1Loss());
 * criterion.forward(tensor([1, 2]), tensor([1, 4])).item(); // 2
 */
export class MultiCriterion extends Weighted {
  forward(input: Table, target: Table): Tensor {
    return whole(() => this.total((criterion) => judged(criterion, input, target)));
  }
}

export interface ParallelCriterionOptions {
  /** Whether all criterions get the same target. Default false: the i-th gets the i-th of a list. */
  readonly repeatTarget?: boolean | undefined;
}
const parallelKinds: Kinds<ParallelCriterionOptions> = { repeatTarget: option.boolean };

/**
 * Weighted sum of several criterions, of which each has an input and a target of its own:
 * `loss = weight[0] * c[0](input[0], target[0]) + weight[1] * c[1](input[1], target[1]) + ...`.
 *
 * Shapes: lists of what the criterions take; a scalar.
 *
 * @throws ArgumentError from `add` for what is no criterion, from `forward` when there is none, or fewer inputs or targets than criterions.
 * @see https://github.com/torch/nn/blob/master/doc/criterion.md#nn.ParallelCriterion
 * @example
 * const criterion = new ParallelCriterion().add(new losses.MSELoss(), 0.5).add(new losses.L1Loss());
 * criterion.forward([tensor([1]), tensor([2])], [tensor([3]), tensor([5])]).item(); // 5
 */
export class ParallelCriterion extends Weighted {
  readonly repeatTarget: boolean;
  constructor(options: ParallelCriterionOptions = {}) {
    super();
    checkOptions("ParallelCriterion", parallelKinds, options);
    this.repeatTarget = options.repeatTarget ?? false;
  }
  forward(input: readonly Table[], target: Table): Tensor {
    checkList("ParallelCriterion", input);
    if (!this.repeatTarget) checkList("ParallelCriterion", target);
    const targets = target as readonly Table[]; // where they are looked at one by one
    if (input.length < this.length || (!this.repeatTarget && targets.length < this.length))
      throw new ArgumentError(
        "ParallelCriterion",
        `has ${this.length} criterions, got ${input.length} inputs${this.repeatTarget ? "" : ` and ${targets.length} targets`}`,
      );
    return whole(() =>
      this.total((criterion, i) => judged(criterion, input[i], this.repeatTarget ? target : targets[i])),
    );
  }
  override extraRepr(): string {
    return shown({ repeatTarget: this.repeatTarget || undefined });
  }
}

/**
 * A criterion as a module that takes its input and its target as one list: `y = criterion([input, target])`.
 *
 * Shapes: a list of what the criterion takes; a scalar.
 *
 * @throws ArgumentError when the input is no list of two; from the constructor for what is no criterion.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CriterionTable
 * @example
 * new CriterionTable(new losses.MSELoss()).forward([tensor([1, 2]), tensor([1, 4])]).item(); // 2
 */
export class CriterionTable extends Module {
  readonly criterion: Criterion;
  constructor(criterion: Criterion) {
    super();
    checkCriterion("CriterionTable", criterion);
    this.criterion = criterion;
  }
  forward(x: readonly Table[]): Tensor {
    checkList("CriterionTable", x, 2);
    return judged(this.criterion, x[0], x[1]);
  }
}

/**
 * A criterion as a node of a graph: `[input, target] -> criterion(input, target)` as a tensor of one element. No gradient comes to the target.
 *
 * Shapes: a list of what the criterion takes; [1].
 *
 * @throws ArgumentError when the input is no list of two; from the constructor for what is no criterion.
 * @see https://github.com/torch/nngraph/blob/master/ModuleFromCriterion.lua
 * @example
 * new ModuleFromCriterion(new losses.MSELoss()).forward([tensor([1, 2]), tensor([1, 4])]).tolist(); // [2]
 */
export class ModuleFromCriterion extends Module {
  readonly criterion: Criterion;
  constructor(criterion: Criterion) {
    super();
    checkCriterion("ModuleFromCriterion", criterion);
    this.criterion = criterion;
  }
  forward(x: readonly Table[]): Tensor {
    checkList("ModuleFromCriterion", x, 2);
    return whole(() => reshape(judged(this.criterion, x[0], isTensor(x[1]) ? detach(x[1]) : x[1]), [1]));
  }
}

/**
 * A criterion whose input and target each go through a module before: `loss = criterion(inputModule(input), targetModule(target))`. Either
 * may be null. Unlike in Torch7, parameters of these modules are found and learn.
 *
 * Shapes: what the modules take, or the criterion; a scalar.
 *
 * @throws ArgumentError for what is no criterion or no module.
 * @see https://github.com/torch/nn/blob/master/doc/criterion.md#nn.ModuleCriterion
 * @example
 * const criterion = new ModuleCriterion(new losses.MSELoss(), new nn.Flatten(0), null);
 * criterion.forward(tensor([[1], [2]]), tensor([1, 4])).item(); // 2
 */
export class ModuleCriterion extends Module {
  readonly criterion: Criterion;
  readonly inputModule: Module | null;
  readonly targetModule: Module | null;
  constructor(criterion: Criterion, inputModule: Module | null = null, targetModule: Module | null = null) {
    super();
    checkCriterion("ModuleCriterion", criterion);
    if (inputModule !== null) checkModule("ModuleCriterion", "inputModule", inputModule);
    if (targetModule !== null) checkModule("ModuleCriterion", "targetModule", targetModule);
    this.criterion = criterion;
    this.inputModule = inputModule;
    this.targetModule = targetModule;
  }
  forward(input: Table, target: Table): Tensor {
    return whole(() =>
      judged(
        this.criterion,
        this.inputModule ? this.inputModule.forward(input) : input,
        this.targetModule ? this.targetModule.forward(target) : target,
      ),
    );
  }
}
