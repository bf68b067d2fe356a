import type { FusedKernels } from "@flambeau/tensor/plugin";
import { blockOf } from "../engine/memory.ts";
import type { Gemm } from "../kernels/gemm/gemm.ts";
import { BIAS_OF_COLUMNS, EVERYWHERE, NO_BIAS } from "../kernels/gemm/product.ts";
import { allFloat32, product } from "./views.ts";

/** x @ weight^T with the bias added as the sums are stored. */
export const linearKernels = (gemm: Gemm): Required<FusedKernels<"linear">> => ({
  linear: {
    supports: (inputs) => allFloat32(inputs) && inputs[1].shape[1] > 0,
    run([x, weight, bias], [out]) {
      const [columns, depth] = weight.shape;
      const p = gemm.product;
      p.batches = 1;
      p.rows = product(x.shape) / depth;
      p.columns = columns;
      p.depth = depth;
      p.left.block = blockOf(x.buffer);
      p.left.offset = x.offset;
      p.left.outer[0] = depth;
      p.left.inner[0] = 1;
      p.right.block = blockOf(weight.buffer);
      p.right.offset = weight.offset;
      p.right.outer[0] = depth;
      p.right.inner[0] = 1;
      p.columnRank = 1;
      p.depthRank = 1;
      p.window = EVERYWHERE;
      p.out = blockOf(out.buffer);
      p.outOffset = out.offset;
      p.outSize = p.rows * columns;
      p.outRowStep = columns;
      p.outPlane = 0;
      p.biasKind = bias === undefined ? NO_BIAS : BIAS_OF_COLUMNS;
      if (bias !== undefined) {
        p.bias = blockOf(bias.buffer);
        p.biasOffset = bias.offset;
        p.biasBatchStep = 0;
      }
      gemm.run();
    },
  },
});
