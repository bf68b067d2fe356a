import { add, copy_, div, isFloat, lerp, lerp_, mul, noGrad, sub, type Tensor } from "@flambeau/tensor/functional";
import { share } from "./check.ts";

/** The new average from the old one, the current value and how many values went into the average so far. */
export type AvgFn = (average: Tensor, current: Tensor, count: number) => Tensor;
/** The same for all tensors of one device and dtype at once: it writes the new averages into the old ones. */
export type MultiAvgFn = (averages: readonly Tensor[], currents: readonly Tensor[], count: number) => void;

/**
 * The mean of all values (stochastic weight averaging, Izmailov et al. 2018): `average + (current - average) / (count + 1)`.
 *
 * Shapes: the function that it gives takes two tensors of one shape and gives that shape.
 *
 * @throws ShapeError from that function when the shapes do not broadcast.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * optim.getSwaAvgFn()(tensor([1]), tensor([4]), 2).tolist(); // [2]
 */
export const getSwaAvgFn = (): AvgFn => (average, current, count) =>
  isFloat(average.dtype)
    ? lerp(average, current, 1 / (count + 1))
    : add(average, div(sub(current, average), count + 1));

/**
 * The exponential moving average: `decay * average + (1 - decay) * current`; `decay` is 0.999 by default.
 *
 * Shapes: the function that it gives takes two tensors of one shape and gives that shape; integers give the default floating dtype.
 *
 * @throws ArgumentError for a `decay` outside 0..1; ShapeError from the function when the shapes do not broadcast.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * optim.getEmaAvgFn(0.9)(tensor([1]), tensor([2]), 5).tolist(); // [1.1000]
 */
export function getEmaAvgFn(decay = 0.999): AvgFn {
  share("getEmaAvgFn", "decay", decay);
  return (average, current) =>
    isFloat(average.dtype) ? lerp(average, current, 1 - decay) : add(mul(average, decay), mul(current, 1 - decay));
}

/**
 * The mean of all values for a list of tensors, in place: `average += (current - average) / (count + 1)`.
 *
 * Shapes: the function that it gives takes two lists of tensors, of the same shapes.
 *
 * @throws ShapeError from that function when the shapes do not broadcast.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * const averages = [tensor([1]), tensor([0])];
 * optim.getSwaMultiAvgFn()(averages, [tensor([4]), tensor([3])], 2);
 * averages.map((t) => t.tolist()); // [[2], [1]]
 */
export const getSwaMultiAvgFn = (): MultiAvgFn => inPlace((count) => 1 / (count + 1), getSwaAvgFn());

/**
 * The exponential moving average for a list of tensors, in place: `average = decay * average + (1 - decay) * current`; `decay` is 0.999 by
 * default.
 *
 * Shapes: the function that it gives takes two lists of tensors, of the same shapes.
 *
 * @throws ArgumentError for a `decay` outside 0..1; ShapeError from the function when the shapes do not broadcast.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * const averages = [tensor([1])];
 * optim.getEmaMultiAvgFn(0.9)(averages, [tensor([2])], 5);
 * averages[0].tolist(); // [1.1000]
 */
export function getEmaMultiAvgFn(decay = 0.999): MultiAvgFn {
  share("getEmaMultiAvgFn", "decay", decay);
  return inPlace(() => 1 - decay, getEmaAvgFn(decay));
}

function inPlace(weight: (count: number) => number, otherwise: AvgFn): MultiAvgFn {
  return (averages, currents, count) =>
    noGrad(() =>
      averages.forEach((average, i) => {
        if (isFloat(average.dtype)) lerp_(average, currents[i], weight(count));
        else copy_(average, otherwise(average, currents[i], count));
      }),
    );
}
