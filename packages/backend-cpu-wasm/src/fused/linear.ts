import { type FusedKernel, type FusedOps, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { gemm } from "../engine/gemm.ts";
import { allFloat32, at } from "./address.ts";

/** x @ weight^T with the bias added while the product is still in registers; then added to what lies there where told so. */
export function linear(
  engine: Engine,
  [x, weight, bias]: readonly [x: View, weight: View, bias?: View],
  out: View,
  accumulate: boolean,
): void {
  const [n, k] = weight.shape;
  gemm(engine, "float32", {
    a: at(x),
    b: at(weight),
    c: at(out),
    m: sizeOf(x.shape) / k,
    n,
    k,
    aRow: k,
    aCol: 1,
    bRow: 1,
    bCol: k,
    cRow: n,
    bias: at(bias),
    accumulate,
  });
}

export const linearKernel = (engine: Engine): FusedKernel<FusedOps["linear"]> => ({
  supports: (inputs) => allFloat32(inputs) && inputs[1].shape[1] > 0,
  run: (inputs, [out]) => linear(engine, inputs, out, false),
});
