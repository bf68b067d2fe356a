import { type FusedKernels, sizeOf } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { laidOut } from "../engine/views.ts";
import { matmul } from "../kernels/matmul.ts";
import { allStored } from "./floats.ts";

/** x weight^T + bias: one product, whose sums the bias is added to. */
export const linearKernels = (engine: Engine): Required<FusedKernels<"linear">> => ({
  linear: {
    supports: allStored,
    run([x, weight, bias], [y]) {
      const [features, inputs] = weight.shape;
      const rows = sizeOf(x.shape) / inputs;
      matmul(
        engine,
        laidOut(x, [1, rows, inputs], [0, inputs, 1]),
        laidOut(weight, [1, inputs, features], [0, 1, inputs]),
        laidOut(y, [1, rows, features], [0, features, 1]),
        bias,
      );
    },
  },
});
