import type { DimAttrs, FusedKernel, FusedKernels, FusedOps, NormAttrs, View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import {
  batchNormBackward,
  batchNormForward,
  layerNormBackward,
  layerNormForward,
  logSoftmaxBackward,
  logSoftmaxForward,
  softmaxBackward,
  softmaxForward,
} from "../engine/norm.ts";
import { allFloat32, at, product } from "./address.ts";

const rowsOf = (x: View, count: number) => {
  const n = product(x.shape.slice(x.shape.length - count));
  return { rows: product(x.shape.slice(0, x.shape.length - count)), n };
};
const planeOf = (x: View) => ({ images: x.shape[0], channels: x.shape[1], plane: product(x.shape.slice(2)) });

/** Addresses of weight and bias, which are the last inputs, from number `first` on, where they are. */
const features = (inputs: readonly View[], first: number, { weight, bias }: NormAttrs) => ({
  weight: at(weight ? inputs[first] : undefined),
  bias: at(bias ? inputs[inputs.length - 1] : undefined),
});

type Softmaxes = "softmax" | "logSoftmax" | "softmaxBackward" | "logSoftmaxBackward";
type Norms = "layerNorm" | "batchNorm" | "batchNormTracking";
type NormGradients = "layerNormBackward" | "batchNormBackward";
/** Softmax and logSoftmax over the last dimension, layer and batch normalization, and their gradients. */
export function normalizationKernels(engine: Engine): Required<FusedKernels<Softmaxes | Norms | NormGradients>> {
  const supports: FusedKernel["supports"] = (inputs) => allFloat32(inputs);
  const lastDim = (inputs: readonly View[], { dim }: DimAttrs): boolean => {
    const rank = inputs[0].shape.length;
    return rank > 0 && dim === rank - 1 && allFloat32(inputs);
  };
  const forward = (run: typeof softmaxForward): FusedKernel<FusedOps["softmax"]> => ({
    supports: lastDim,
    run([x], [y]) {
      const { rows, n } = rowsOf(x, 1);
      run(engine, rows, n, at(x), at(y));
    },
  });
  const backward = (run: typeof softmaxBackward): FusedKernel<FusedOps["softmaxBackward"]> => ({
    supports: lastDim,
    run([g, y], [dx]) {
      const { rows, n } = rowsOf(y, 1);
      run(engine, rows, n, at(g), at(y), at(dx));
    },
  });
  return {
    softmax: forward(softmaxForward),
    logSoftmax: forward(logSoftmaxForward),
    softmaxBackward: backward(softmaxBackward),
    logSoftmaxBackward: backward(logSoftmaxBackward),
    layerNorm: {
      supports,
      run(inputs, [y, mean, rstd], attrs) {
        const [x] = inputs;
        layerNormForward(engine, {
          ...rowsOf(x, attrs.count),
          input: at(x),
          ...features(inputs, 1, attrs),
          eps: attrs.eps,
          output: at(y),
          mean: at(mean),
          rstd: at(rstd),
        });
      },
    },
    layerNormBackward: {
      supports,
      run([g, x, mean, rstd, weight], outputs, attrs) {
        layerNormBackward(engine, {
          ...rowsOf(x, attrs.count),
          gradient: at(g),
          input: at(x),
          weight: at(weight),
          mean: at(mean),
          rstd: at(rstd),
          inputGradient: at(outputs[0]),
          weightGradient: at(attrs.weight ? outputs[1] : undefined),
          biasGradient: at(attrs.bias ? outputs[outputs.length - 1] : undefined),
        });
      },
    },
    batchNorm: {
      supports,
      run(inputs, [y, mean, rstd], attrs) {
        const [x] = inputs;
        batchNormForward(engine, {
          ...planeOf(x),
          input: at(x),
          ...features(inputs, 1, attrs),
          eps: attrs.eps,
          output: at(y),
          mean: at(mean),
          rstd: at(rstd),
          runningMean: 0,
          runningVariance: 0,
          momentum: 0,
        });
      },
    },
    batchNormTracking: {
      supports,
      run(inputs, [y, mean, rstd], attrs) {
        const [x, runningMean, runningVar] = inputs;
        batchNormForward(engine, {
          ...planeOf(x),
          input: at(x),
          ...features(inputs, 3, attrs),
          eps: attrs.eps,
          output: at(y),
          mean: at(mean),
          rstd: at(rstd),
          runningMean: at(runningMean),
          runningVariance: at(runningVar),
          momentum: attrs.momentum,
        });
      },
    },
    batchNormBackward: {
      supports,
      run([g, x, mean, rstd, weight], outputs, attrs) {
        batchNormBackward(engine, {
          ...planeOf(x),
          gradient: at(g),
          input: at(x),
          weight: at(weight),
          mean: at(mean),
          rstd: at(rstd),
          inputGradient: at(outputs[0]),
          weightGradient: at(attrs.weight ? outputs[1] : undefined),
          biasGradient: at(attrs.bias ? outputs[outputs.length - 1] : undefined),
        });
      },
    },
  };
}
