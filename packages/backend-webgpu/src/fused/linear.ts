import type { Epilogue, FusedKernels, View } from "@flambeau/tensor/plugin";
import { blockOf } from "../engine/memory.ts";
import { Finish, takesFinish } from "../kernels/gemm/finish.ts";
import type { Gemm } from "../kernels/gemm/gemm.ts";
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
  p.isOfMatrices(1, product(x.shape) / depth, columns, depth, blockOf(out.buffer), out.offset);
  p.left.isMatrix(blockOf(x.buffer), x.offset, depth, 1);
  p.right.isMatrix(blockOf(weight.buffer), weight.offset, depth, 1);
  if (bias !== undefined) p.addsToColumns(bias);
  gemm.run(finish);
}
