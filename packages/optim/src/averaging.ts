import {
  ArgumentError,
  add,
  clone,
  copy_,
  detach,
  div,
  isFloat,
  keep,
  lerp,
  noGrad,
  sub,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show, showShape, toDevice, toDType } from "@flambeau/tensor/plugin";
import { share } from "./check.ts";

/** What has weights: a module of nn, or anything like it. */
export interface HasTensors {
  parameters(): Iterable<Tensor>;
  buffers(): Iterable<Tensor>;
}
/** The new average from the old one, the current value and how many values went into the average so far. */
export type Average = (average: Tensor, current: Tensor, count: number) => Tensor;

/**
 * The mean of all values (stochastic weight averaging, Izmailov et al. 2018): `average + (current - average) / (count + 1)`.
 *
 * Shapes: the function that it gives takes two tensors of one shape and gives that shape.
 *
 * @throws ShapeError from that function when the shapes do not broadcast.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * optim.swaAverage()(tensor([1]), tensor([4]), 2).tolist(); // [2]
 */
export const swaAverage = (): Average => (average, current, count) =>
  isFloat(average.dtype)
    ? lerp(average, current, 1 / (count + 1))
    : add(average, div(sub(current, average), count + 1));

/**
 * The exponential moving average: `decay * average + (1 - decay) * current`.
 *
 * Shapes: the function that it gives takes two tensors of one shape and gives that shape; integers give the default floating dtype.
 *
 * @throws ArgumentError for a `decay` outside 0..1; ShapeError from the function when the shapes do not broadcast.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * optim.emaAverage(0.9)(tensor([1]), tensor([2]), 5).tolist(); // [1.1000]
 */
export function emaAverage(decay = 0.999): Average {
  share("emaAverage", "decay", decay);
  return (average, current) => lerp(average, current, 1 - decay);
}

export interface AveragedOptions {
  /** How values are averaged. Default: swaAverage(), the mean of all. */
  readonly average?: Average | undefined;
  /** Average buffers too, instead of copying the current ones. Default false. */
  readonly useBuffers?: boolean | undefined;
}
const averagedKinds: Kinds<AveragedOptions> = { average: option.callback, useBuffers: option.boolean };

function checkModel(model: HasTensors): void {
  if (typeof model?.parameters !== "function" || typeof model.buffers !== "function")
    throw new ArgumentError("AveragedModel", `model must be a module, got ${show(model)}`);
}

/**
 * Running averages of a model's weights, which often generalize better than the last ones: `average = f(average, weight, count)` at each
 * update.
 *
 * Update them after optimizer steps; put them into the model with `swap(model)` to evaluate, and call it again to go on training.
 * Averaged batch norms need statistics of their own: after swap, run a few batches in training mode with the running statistics reset.
 *
 * Shapes: the averages have the shapes, dtypes and devices of the model's parameters and buffers.
 *
 * @throws ArgumentError from `updateParameters` and `swap` for a model with other tensors.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * import { nn, optim } from "flambeau";
 * const model = new nn.Linear(2, 1);
 * const averaged = new optim.AveragedModel(model, { average: optim.emaAverage(0.99) });
 * // after each optimizer.step():
 * averaged.updateParameters(model);
 * averaged.swap(model); // evaluate with the averages...
 * averaged.swap(model); // ...and train on
 * averaged.nAveraged; // 1
 */
export class AveragedModel implements HasTensors {
  /** How many values went into the averages. */
  nAveraged = 0;
  private readonly averages: readonly Tensor[];
  private readonly copies: readonly Tensor[];
  private readonly average: Average;
  private readonly useBuffers: boolean;

  constructor(model: HasTensors, options: AveragedOptions = {}) {
    checkOptions("AveragedModel", averagedKinds, options);
    const { average = swaAverage(), useBuffers = false } = options;
    checkModel(model);
    const own = (t: Tensor) => noGrad(() => keep(clone(detach(t))));
    this.averages = [...model.parameters()].map(own);
    this.copies = [...model.buffers()].map(own);
    this.average = average;
    this.useBuffers = useBuffers;
  }
  /** The averages of the parameters, in their order. */
  parameters(): readonly Tensor[] {
    return this.averages;
  }
  /** The averages or copies of the buffers, in their order. */
  buffers(): readonly Tensor[] {
    return this.copies;
  }

  /** Takes the model's current weights into the averages; the first ones are copied. @throws ArgumentError for another model. */
  updateParameters(model: HasTensors): void {
    const pairs = this.pairs(model);
    noGrad(() =>
      tidy(() => {
        pairs.forEach(([mine, theirs], i) => {
          const current = toDevice(detach(theirs), mine.device);
          const averaged = this.nAveraged > 0 && (this.useBuffers || i < this.averages.length);
          copy_(mine, averaged ? toDType(this.average(mine, current, this.nAveraged), mine.dtype) : current);
        });
      }),
    );
    this.nAveraged++;
  }

  /** Exchanges the model's weights with the averages (and its buffers with theirs), in place. @throws ArgumentError for another model. */
  swap(model: HasTensors): void {
    const pairs = this.pairs(model);
    noGrad(() =>
      tidy(() => {
        for (const [mine, theirs] of pairs) {
          const held = clone(mine);
          copy_(mine, toDevice(detach(theirs), mine.device));
          copy_(theirs, toDevice(held, theirs.device));
        }
      }),
    );
  }

  private pairs(model: HasTensors): (readonly [mine: Tensor, theirs: Tensor])[] {
    checkModel(model);
    const mine = [...this.averages, ...this.copies];
    const theirs = [...model.parameters(), ...model.buffers()];
    if (mine.length !== theirs.length)
      throw new ArgumentError("AveragedModel", `holds ${mine.length} tensors, the model ${theirs.length}`);
    mine.forEach((t, i) => {
      if (t.shape.join() !== theirs[i].shape.join())
        throw new ArgumentError(
          "AveragedModel",
          `tensor ${i} has shape ${showShape(t.shape)}, the model's ${showShape(theirs[i].shape)}`,
        );
    });
    return mine.map((t, i) => [t, theirs[i]] as const);
  }
}
