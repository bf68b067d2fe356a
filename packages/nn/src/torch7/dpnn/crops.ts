import { add, arange, expand, gather, reshape, type Tensor } from "@flambeau/tensor/functional";

/**
 * A window of each image, [N, C, height, width], from integer places of its first rows and columns [N]. The values of these are not read, so that a device
 * that works on its own goes on.
 */
export function windows(x: Tensor, rows: Tensor, columns: Tensor, height: number, width: number): Tensor {
  const [n, c, , w] = x.shape;
  const { device } = x;
  const from = (start: Tensor, size: number): Tensor =>
    add(reshape(start, [n, 1]), arange(size, { dtype: "int32", device }));
  const ofRows = gather(x, 2, expand(reshape(from(rows, height), [n, 1, height, 1]), [n, c, height, w]));
  return gather(ofRows, 3, expand(reshape(from(columns, width), [n, 1, 1, width]), [n, c, height, width]));
}
