import { type FusedKernel, type FusedOps, sizeOf } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { gemm } from "../engine/gemm.ts";
import { allFloat32, at } from "./address.ts";

/** x @ weight^T with the bias added while the product is still in registers. */
export const linearKernel = (engine: Engine): FusedKernel<FusedOps["linear"]> => ({
  supports: (inputs) => allFloat32(inputs) && inputs[1].shape[1] > 0,
  run([x, weight, bias], [out]) {
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
    });
  },
});
