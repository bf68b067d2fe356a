import type { Epilogue, FusedKernels, View } from "@flambeau/tensor/plugin";
import { blockOf } from "../engine/memory.ts";
import { Finish, takesFinish } from "../kernels/gemm/finish.ts";
import type { Gemm } from "../kernels/gemm/gemm.ts";
import { BIAS_OF_COLUMNS, EVERYWHERE, NO_BIAS } from "../kernels/gemm/product.ts";
import { allFloat32, product } from "./views.ts";

const supports = (inputs: readonly (View | undefined)[]): boolean =>
  allFloat32(inputs) && (inputs[1] as View).shape[1] > 0; // the weight is always there

/** x @ weight^T with the bias added as the sums are stored. */
export const linearKernels = (gemm: Gemm): Required<FusedKernels<"linear">> => ({
  linear: { supports, run: ([x, weight, bias], [out]) => run(gemm, x, weight, bias, out, null) },
});

/** The same, mapped as it is stored. */
export const linearEpilogue = (gemm: Gemm): Epilogue => ({
  supports: (inputs, [out], program, others) => supports(inputs) && takesFinish(inputs, program, others, out),
  run: ([x, weight, bias], [out], _attrs, program, others, params) =>
    run(gemm, x, weight, bias, out, new Finish(program, others, params, out)),
});

function run(gemm: Gemm, x: View, weight: View, bias: View | undefined, out: View, finish: Finish | null): void {
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
  gemm.run(finish);
}
