import type { DType, TypedArray } from "../../core/dtype.ts";
import { ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { data, decode, valuesFor } from "../../lower/host.ts";
import type { Nested } from "../create/creation.ts";

function one(x: Tensor): void {
  if (x.size !== 1)
    throw new ShapeError(
      "item",
      `a tensor of shape ${showShape(x.shape)} has ${x.size} elements, item() needs exactly one`,
      [x.shape],
      "use tolist() or data()",
    );
}
/**
 * The value of a tensor with one element: `x[0]`, a number (bools give 0 or 1), or a bigint for int64 beyond 2^53. Who reads such numbers
 * says so: `item<number | bigint>(x)`.
 *
 * Shape: any with one element, [] or [1, 1] alike. Dtype: any.
 *
 * @throws ShapeError when there is not exactly one element.
 * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `await x.itemAsync()`. On "meta", which has no
 * values, it is a DataDependentError.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html
 * @example
 * tensor([[2.5]]).item(); // 2.5
 * tensor([1, 2, 3]).sum().item(); // 6
 */
export function item<T extends number | bigint = number>(x: Tensor): T {
  checkTensor("item", "x", x);
  one(x);
  return itemOf<T>(valuesFor("item", x, "it gives the value at once", "write: await x.itemAsync()"), x.dtype);
}
function itemOf<T extends number | bigint>(raw: TypedArray, dtype: DType): T {
  const [value] = decode(raw, dtype);
  return (typeof value === "boolean" ? Number(value) : value) as T; // the caller knows whether int64 is at hand
}
/**
 * {@link item} that waits for the device; works on every backend.
 *
 * @example
 * await tensor([1, 2, 3]).sum().itemAsync(); // 6
 */
export async function itemAsync<T extends number | bigint = number>(x: Tensor): Promise<T> {
  checkTensor("itemAsync", "x", x);
  one(x);
  return itemOf<T>(await data(x), x.dtype);
}
/**
 * The elements as nested arrays: `list[i][j] = x[i, j]`, and a bare value for 0-d tensors. Bools give booleans, int64 beyond 2^53 bigints.
 *
 * Shape: any; arrays are nested as deep as there are dimensions. Dtype: any.
 *
 * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `await x.tolistAsync()`. On "meta", which has no
 * values, it is a DataDependentError.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html
 * @example
 * tensor([[1, 2], [3, 4]]).t().tolist(); // [[1, 3], [2, 4]]
 * tensor(true).tolist(); // true
 */
export const tolist = (x: Tensor): Nested => {
  checkTensor("tolist", "x", x);
  return nested(x, valuesFor("tolist", x, "it gives the values at once", "write: await x.tolistAsync()"));
};
/**
 * What `JSON.stringify` writes of a tensor: the elements as {@link tolist} gives them, bigints as decimal text. NaN and infinities become
 * null, as everywhere in JSON; io keeps tensors exactly.
 *
 * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write what `await x.tolistAsync()` gives.
 * @example
 * JSON.stringify({ w: tensor([[1, 2], [3, NaN]]) }); // '{"w":[[1,2],[3,null]]}'
 */
export const toJSON = (x: Tensor): Json => jsonOf(tolist(x));
export type Json = number | boolean | string | readonly Json[];
const jsonOf = (value: Nested): Json =>
  typeof value === "bigint" ? String(value) : typeof value === "object" ? value.map(jsonOf) : value;
/**
 * {@link tolist} that waits for the device; works on every backend.
 *
 * @example
 * await tensor([[1, 2]]).tolistAsync(); // [[1, 2]]
 */
export const tolistAsync = async (x: Tensor): Promise<Nested> => {
  checkTensor("tolistAsync", "x", x);
  return nested(x, await data(x));
};

function nested({ shape, dtype }: Tensor, raw: TypedArray): Nested {
  const values = decode(raw, dtype);
  const build = (dim: number, start: number, size: number): Nested => {
    if (dim === shape.length) return values[start];
    const step = size / shape[dim];
    return Array.from({ length: shape[dim] }, (_, i) => build(dim + 1, start + i * step, step));
  };
  return build(0, 0, values.length);
}
