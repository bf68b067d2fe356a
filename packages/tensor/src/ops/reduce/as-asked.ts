import type { DType } from "../../core/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { toDType } from "../../door/convert.ts";

/** A sum or product in the dtype that was asked for: narrow integers are summed in wider ones. */
export const asAsked = (out: Tensor, dtype: DType | undefined): Tensor => (dtype ? toDType(out, dtype) : out);
