import { data, detach, type Tensor, to } from "@flambeau/tensor/functional";

/** Whether something is a tensor; not `instanceof`: a program may have two copies of the tensor package loaded. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "storage" in value && "strides" in value && "dtype" in value;

/** The elements of a tensor as numbers. The reading starts now: they are those of the moment of the call. @throws for a tensor that is disposed. */
export function numbersOf(t: Tensor): Promise<ArrayLike<number>> {
  // of one that is gone, this throws at once
  if (t.disposed) detach(t);
  if (t.dtype === "float16" || t.dtype === "bfloat16") {
    const wide = to(t, { dtype: "float32" });
    return numbersOf(wide).finally(() => wide.dispose());
  }
  return data(t).then((values) =>
    values instanceof BigInt64Array ? Float64Array.from(values, Number) : (values as ArrayLike<number>),
  );
}
