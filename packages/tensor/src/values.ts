import { ShapeError, showShape } from "./errors.ts";
import { data, dataSync, decode } from "./host.ts";
import type { Nested } from "./ops/creation.ts";
import type { Tensor } from "./tensor.ts";

function one(x: Tensor): void {
  if (x.size !== 1)
    throw new ShapeError(
      "item",
      `a tensor of shape ${showShape(x.shape)} has ${x.size} elements, item() needs exactly one`,
      [x.shape],
      "use tolist() or data()",
    );
}
/** The value of a tensor with one element: a number (bools give 0 or 1, int64 beyond 2^53 is rounded). */
export function item(x: Tensor): number {
  one(x);
  return Number(decode(dataSync(x), x.dtype)[0]);
}
/** {@link item} that waits for the device. */
export async function itemAsync(x: Tensor): Promise<number> {
  one(x);
  return Number(decode(await data(x), x.dtype)[0]);
}
/** The elements as nested arrays (a bare value for 0-d tensors). */
export function tolist(x: Tensor): Nested {
  const values = decode(dataSync(x), x.dtype);
  const build = (dim: number, start: number, size: number): Nested => {
    if (dim === x.ndim) return values[start];
    const step = size / x.shape[dim];
    return Array.from({ length: x.shape[dim] }, (_, i) => build(dim + 1, start + i * step, step));
  };
  return build(0, 0, x.size);
}
