import {
  ArgumentError,
  add_,
  defaultGenerator,
  itemAsync,
  mul,
  noGrad,
  type Tensor,
  UnavailableError,
} from "@flambeau/tensor/functional";
import { fillRandperm, show, tracer } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";
import { type Criterion, checkCriterion, judged } from "./criterions/criterion.ts";
import { checkModule, whole } from "./table.ts";

/** A pair of what the module takes and of what the criterion compares its result with. */
export type TrainingExample = readonly [input: unknown, target: unknown];
/** Examples in a list, or an object that counts them and gives one of a place, which counts from 0. */
export type TrainingData =
  | readonly TrainingExample[]
  | { size(): number; get(index: number): TrainingExample | Promise<TrainingExample> };

/**
 * Trains a module by one step of gradient descent after each example: `p = p - learningRate * dp`. The fields are what can be set: the
 * learning rate, which after each pass is `learningRate / (1 + iteration * learningRateDecay)`, the number of passes, whether examples come
 * in random order, whether the mean error of each pass is printed, and hooks.
 *
 * Shapes: none; what the module and the criterion take.
 *
 * @throws ArgumentError for what is no module, no criterion or no data set; UnavailableError where no autograd engine is loaded.
 * @see https://github.com/torch/nn/blob/master/doc/training.md#nn.StochasticGradient
 * @example
 * const model = new nn.Linear(1, 1);
 * const trainer = new StochasticGradient(model, new losses.MSELoss());
 * trainer.verbose = false;
 * trainer.learningRate = 0.1;
 * trainer.maxIteration = 200;
 * const error = await trainer.train([[tensor([0]), tensor([1])], [tensor([1]), tensor([3])]]);
 * error < 1e-3; // true
 */
export class StochasticGradient {
  learningRate = 0.01;
  learningRateDecay = 0;
  /** How many times it goes through all examples; 0 is without end. */
  maxIteration = 25;
  /** Whether the examples come in a random order, one for all passes. */
  shuffleIndices = true;
  /** Whether the mean error of each pass is printed. */
  verbose = true;
  /** Called after each example. */
  hookExample: ((trainer: StochasticGradient, example: TrainingExample) => void) | null = null;
  /** Called after each pass, counted from 1, with its mean error. */
  hookIteration: ((trainer: StochasticGradient, iteration: number, error: number) => void) | null = null;
  readonly module: Module;
  readonly criterion: Criterion;
  constructor(module: Module, criterion: Criterion) {
    checkModule("StochasticGradient", "module", module);
    checkCriterion("StochasticGradient", criterion);
    this.module = module;
    this.criterion = criterion;
  }

  /** Trains on a data set, and gives the mean error of the last pass. */
  async train(dataset: TrainingData): Promise<number> {
    const { size, get } = opened(dataset);
    const order = new Int32Array(size).map((_, i) => i);
    if (this.shuffleIndices) fillRandperm(order, defaultGenerator);
    let rate = this.learningRate;
    for (let iteration = 1; ; iteration++) {
      let total = 0;
      for (const index of order) {
        const example = await get(index);
        total += await this.step(example, rate);
        this.hookExample?.(this, example);
      }
      const error = total / size;
      this.hookIteration?.(this, iteration, error);
      if (this.verbose) console.log(`# current error = ${error}`);
      if (this.maxIteration > 0 && iteration >= this.maxIteration) return error;
      rate = this.learningRate / (1 + (iteration + 1) * this.learningRateDecay);
    }
  }

  /** One example: its loss, and a step against its gradients. */
  private async step([input, target]: TrainingExample, rate: number): Promise<number> {
    const engine = tracer();
    if (engine === null)
      throw new UnavailableError("StochasticGradient: no autograd engine is loaded", 'import "@flambeau/autograd"');
    const loss = whole((): Tensor => {
      this.module.zeroGrad();
      const loss = judged(this.criterion, this.module.forward(input), target);
      engine.backward(loss, {});
      noGrad(() => {
        for (const p of this.module.parameters()) if (p.grad) add_(p, mul(p.grad, -rate));
      });
      this.module.zeroGrad();
      return loss;
    });
    const value = await itemAsync(loss);
    loss.dispose();
    return Number(value);
  }
}

function opened(dataset: TrainingData): {
  size: number;
  get: (index: number) => TrainingExample | Promise<TrainingExample>;
} {
  const given: unknown = dataset;
  if (Array.isArray(given)) {
    for (const example of given)
      if (!Array.isArray(example) || example.length !== 2)
        throw new ArgumentError(
          "StochasticGradient.train",
          `an example is a pair [input, target], got ${show(example)}`,
        );
    if (given.length > 0) return { size: given.length, get: (index) => given[index] };
  } else if (typeof given === "object" && given !== null && "size" in given && "get" in given) {
    const { size, get } = given;
    if (typeof size === "function" && typeof get === "function") {
      const count: unknown = size.call(given);
      if (typeof count === "number" && Number.isInteger(count) && count > 0)
        return { size: count, get: (index) => get.call(given, index) };
    }
  }
  throw new ArgumentError(
    "StochasticGradient.train",
    `takes examples, one at least, in a list or in an object with size() and get(index), got ${show(given)}`,
  );
}
