import type { FusedKernel, View } from "@flambeau/tensor";
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

interface LayerNormAttrs {
  readonly count: number;
  readonly eps: number;
  readonly weight: boolean;
  readonly bias: boolean;
}
interface BatchNormAttrs {
  readonly eps: number;
  readonly weight: boolean;
  readonly bias: boolean;
  readonly momentum: number;
  readonly runningMean: View | null;
  readonly runningVar: View | null;
}
// core passes the attributes of the named op
const layerAttrs = (attrs: object): LayerNormAttrs => attrs as LayerNormAttrs;
const batchAttrs = (attrs: object): BatchNormAttrs => attrs as BatchNormAttrs;

const rowsOf = (x: View, count: number) => {
  const n = product(x.shape.slice(x.shape.length - count));
  return { rows: product(x.shape.slice(0, x.shape.length - count)), n };
};
const planeOf = (x: View) => ({ images: x.shape[0], channels: x.shape[1], plane: product(x.shape.slice(2)) });

/** Softmax and logSoftmax over the last dimension, layer and batch normalization, and their gradients. */
export function normalizationKernels(engine: Engine): Record<string, FusedKernel> {
  const supports: FusedKernel["supports"] = (inputs) => allFloat32(inputs);
  const lastDim: FusedKernel["supports"] = (inputs, attrs) => {
    const rank = inputs[0].shape.length;
    return rank > 0 && (attrs as { dim: number }).dim === rank - 1 && allFloat32(inputs); // the op's attribute
  };
  const forward = (run: typeof softmaxForward): FusedKernel => ({
    supports: lastDim,
    run([x], [y]) {
      const { rows, n } = rowsOf(x, 1);
      run(engine, rows, n, at(x), at(y));
    },
  });
  const backward = (run: typeof softmaxBackward): FusedKernel => ({
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
        const a = layerAttrs(attrs);
        const [x] = inputs;
        const weight = at(a.weight ? inputs[1] : undefined);
        const bias = at(a.bias ? inputs[inputs.length - 1] : undefined);
        layerNormForward(engine, {
          ...rowsOf(x, a.count),
          input: at(x),
          weight,
          bias,
          eps: a.eps,
          output: at(y),
          mean: at(mean),
          rstd: at(rstd),
        });
      },
    },
    layerNormBackward: {
      supports,
      run([g, x, mean, rstd, weight], outputs, attrs) {
        const a = layerAttrs(attrs);
        layerNormBackward(engine, {
          ...rowsOf(x, a.count),
          gradient: at(g),
          input: at(x),
          weight: at(weight),
          mean: at(mean),
          rstd: at(rstd),
          inputGradient: at(outputs[0]),
          weightGradient: at(a.weight ? outputs[1] : undefined),
          biasGradient: at(a.bias ? outputs[outputs.length - 1] : undefined),
        });
      },
    },
    batchNorm: {
      supports: (inputs, attrs) =>
        allFloat32(inputs) &&
        [batchAttrs(attrs).runningMean, batchAttrs(attrs).runningVar].every((r) => r === null || r.dtype === "float32"),
      run(inputs, [y, mean, rstd], attrs) {
        const a = batchAttrs(attrs);
        const [x] = inputs;
        batchNormForward(engine, {
          ...planeOf(x),
          input: at(x),
          weight: at(a.weight ? inputs[1] : undefined),
          bias: at(a.bias ? inputs[inputs.length - 1] : undefined),
          eps: a.eps,
          output: at(y),
          mean: at(mean),
          rstd: at(rstd),
          runningMean: at(a.runningMean ?? undefined),
          runningVariance: at(a.runningVar ?? undefined),
          momentum: a.momentum,
        });
      },
    },
    batchNormBackward: {
      supports,
      run([g, x, mean, rstd, weight], outputs, attrs) {
        const a = batchAttrs(attrs);
        batchNormBackward(engine, {
          ...planeOf(x),
          gradient: at(g),
          input: at(x),
          weight: at(weight),
          mean: at(mean),
          rstd: at(rstd),
          inputGradient: at(outputs[0]),
          weightGradient: at(a.weight ? outputs[1] : undefined),
          biasGradient: at(a.bias ? outputs[outputs.length - 1] : undefined),
        });
      },
    },
  };
}
