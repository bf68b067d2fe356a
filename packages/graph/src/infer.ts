import { backendOf, type DType, noGrad, type Tensor, tidy } from "@flambeau/tensor/functional";
import type { AnyOp } from "@flambeau/tensor/ops";
import { dispatch, emptyOn, withoutInterpreters } from "@flambeau/tensor/plugin";
import type { Shaped } from "./builder.ts";

/** A tensor without values of a shape and dtype. */
export const metaTensor = ({ shape, dtype }: Shaped): Tensor => emptyOn(backendOf("meta"), dtype, [...shape]);

/** The dtype of what an op with one result gives, found on "meta". */
export const dtypeOf = (op: AnyOp, inputs: readonly Tensor[], attrs: object): DType =>
  withoutInterpreters(() =>
    noGrad(() =>
      tidy(() => {
        const [out] = dispatch(op, inputs.map(metaTensor), attrs);
        return out.dtype;
      }),
    ),
  );
