import {
  type DimAttrs,
  type Fused,
  type FusedKernel,
  type FusedKernels,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import { allFloats, allStored } from "./floats.ts";
import { launchRows } from "./rows.ts";

/** Softmax and logSoftmax along any dimension, and their gradients (native/kernels/softmax.cuh). */
export function softmaxKernels(
  engine: Engine,
): Required<FusedKernels<"softmax" | "logSoftmax" | "softmaxBackward" | "logSoftmaxBackward">> {
  const make = (
    kernel: string,
    supports: (views: readonly View[]) => boolean,
  ): FusedKernel<Fused<readonly View[], readonly [output: View], DimAttrs>> => ({
    supports,
    run(inputs, [output], { dim }) {
      const { shape, dtype } = inputs[0];
      const n = shape[dim] ?? 1;
      const step = sizeOf(shape.slice(dim + 1));
      const lines = sizeOf(shape) / n;
      const words = engine.words().int(lines).int(n).int(step).int(addressOf(output));
      for (const input of inputs) words.int(addressOf(input));
      launchRows(engine, kernel, dtype, lines, n, step);
    },
  });
  return {
    softmax: make("softmax", allStored),
    logSoftmax: make("log_softmax", allStored),
    softmaxBackward: make("softmax_backward", allFloats),
    logSoftmaxBackward: make("log_softmax_backward", allFloats),
  };
}
