import {
  type DimAttrs,
  type FusedKernel,
  type FusedKernels,
  type FusedOps,
  type NormAttrs,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import {
  batchNormBackward,
  batchNormForward,
  layerNormBackward,
  layerNormForward,
  logSoftmaxBackward,
  logSoftmaxForward,
  type Norm,
  type NormBackward,
  type Planes,
  type Rows,
  softmaxBackward,
  softmaxForward,
} from "../engine/norm.ts";
import { allFloat32, at } from "./address.ts";

/** The last `count` dimensions make a row. */
export const rowsOf = ({ shape }: View, count: number): Rows => {
  const kept = shape.length - count;
  let rows = 1;
  let n = 1;
  for (let d = 0; d < kept; d++) rows *= shape[d];
  for (let d = kept; d < shape.length; d++) n *= shape[d];
  return { rows, n };
};
const planesOf = (x: View): Planes => ({ images: x.shape[0], channels: x.shape[1], plane: sizeOf(x.shape.slice(2)) });

/** Weight and bias are the last inputs, from number `first` on, where they are. */
export const normOf = (
  inputs: readonly View[],
  [y, mean, rstd]: readonly View[],
  first: number,
  { eps, weight, bias }: NormAttrs,
): Norm => ({
  input: at(inputs[0]),
  weight: at(weight ? inputs[first] : undefined),
  bias: at(bias ? inputs[inputs.length - 1] : undefined),
  eps,
  output: at(y),
  mean: at(mean),
  rstd: at(rstd),
});

/** Their gradients are the last outputs. */
export const gradientsOf = (
  [g, x, mean, rstd, w]: readonly View[],
  outputs: readonly View[],
  { weight, bias }: NormAttrs,
): NormBackward => ({
  gradient: at(g),
  input: at(x),
  weight: at(w),
  mean: at(mean),
  rstd: at(rstd),
  inputGradient: at(outputs[0]),
  weightGradient: at(weight ? outputs[1] : undefined),
  biasGradient: at(bias ? outputs[outputs.length - 1] : undefined),
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
      run(inputs, outputs, attrs) {
        layerNormForward(engine, rowsOf(inputs[0], attrs.count), normOf(inputs, outputs, 1, attrs));
      },
    },
    layerNormBackward: {
      supports,
      run(inputs, outputs, attrs) {
        layerNormBackward(engine, rowsOf(inputs[1], attrs.count), gradientsOf(inputs, outputs, attrs));
      },
    },
    batchNorm: {
      supports,
      run(inputs, outputs, attrs) {
        batchNormForward(engine, planesOf(inputs[0]), normOf(inputs, outputs, 1, attrs));
      },
    },
    batchNormTracking: {
      supports,
      run(inputs, outputs, attrs) {
        const [x, mean, variance] = inputs;
        const running = { mean: at(mean), variance: at(variance), momentum: attrs.momentum };
        batchNormForward(engine, planesOf(x), normOf(inputs, outputs, 3, attrs), running);
      },
    },
    batchNormBackward: {
      supports,
      run(inputs, outputs, attrs) {
        batchNormBackward(engine, planesOf(inputs[1]), gradientsOf(inputs, outputs, attrs));
      },
    },
  };
}
