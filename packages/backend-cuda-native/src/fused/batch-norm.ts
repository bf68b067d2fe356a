import { type FusedKernels, isContiguous, sizeOf, type View, type Views } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import { allFloats } from "./floats.ts";

const mostBlocks = 65_535;
const or0 = (view: View | undefined): number => (view ? addressOf(view) : 0);

/** Images, channels, and the places of each. */
const sizes = ({ shape }: View): number[] => [shape[0], shape[1], sizeOf(shape.slice(2))];

/** Batch norm by the statistics of the batch, and its gradients (native/kernels/batch_norm.cuh). */
export function batchNormKernels(
  engine: Engine,
): Required<FusedKernels<"batchNorm" | "batchNormTracking" | "batchNormBackward">> {
  const forward = (
    x: View,
    [weight, bias, runningMean, runningVar]: Views,
    [y, mean, rstd]: readonly [View, View, View],
    { eps, momentum }: { readonly eps: number; readonly momentum: number },
  ): void => {
    engine
      .words()
      .ints(sizes(x))
      .float(eps)
      .float(momentum)
      .ints([y, mean, rstd, x].map(addressOf))
      .ints([weight, bias, runningMean, runningVar].map(or0));
    engine.launch(`batch_norm_${x.dtype}`, Math.min(x.shape[1], mostBlocks));
  };
  return {
    batchNorm: {
      supports: allFloats,
      run([x, ...factors], outputs, { eps, weight, bias }) {
        const [first, second] = factors;
        forward(x, [weight ? first : undefined, bias ? (weight ? second : first) : undefined], outputs, {
          eps,
          momentum: 0,
        });
      },
    },
    batchNormTracking: {
      // one value of each channel has no unbiased variance
      supports: (inputs) =>
        allFloats(inputs) &&
        inputs.slice(1, 3).every(({ shape, strides }) => isContiguous(shape, strides)) &&
        inputs[0].shape[0] * sizeOf(inputs[0].shape.slice(2)) > 1,
      run([x, runningMean, runningVar, ...factors], outputs, { weight, bias, ...attrs }) {
        const [first, second] = factors;
        const own = [weight ? first : undefined, bias ? (weight ? second : first) : undefined];
        forward(x, [...own, runningMean, runningVar], outputs, attrs);
      },
    },
    batchNormBackward: {
      supports: allFloats,
      run([g, x, mean, rstd, factor], [dx, ...others], { weight, bias }) {
        engine
          .words()
          .ints(sizes(x))
          .ints([dx, g, x, mean, rstd].map(addressOf))
          .ints([factor, weight ? others[0] : undefined, bias ? others[weight ? 1 : 0] : undefined].map(or0));
        engine.launch(`batch_norm_backward_${x.dtype}`, Math.min(x.shape[1], mostBlocks));
      },
    },
  };
}
