import {
  ArgumentError,
  DTypeError,
  div,
  isFloat,
  reshape,
  ShapeError,
  sub,
  type Tensor,
  tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { checkFinite, imagesOf } from "../checks.ts";

/** One number, or one for each channel. */
export function perChannel(op: string, name: string, list: readonly number[]): readonly number[] {
  if (!Array.isArray(list) || list.length === 0)
    throw new ArgumentError(op, `${name} is a list of numbers, one for each channel, got ${show(list)}`);
  for (const each of list) checkFinite(op, `each of ${name}`, each);
  return list;
}
export function checkStd(op: string, std: readonly number[]): readonly number[] {
  if (perChannel(op, "std", std).includes(0)) throw new ArgumentError(op, "std must not hold 0: it is divided by");
  return std;
}

/**
 * Each channel with its mean taken off and divided by its standard deviation: `y[c] = (x[c] - mean[c]) / std[c]`.
 *
 * Shape: `[..., C, H, W]`, that of `x`; `mean` and `std` have C entries, or one for all. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers; ShapeError where the entries are not as many as channels; ArgumentError for a `std` of 0.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.normalize.html
 * @example
 * normalize(ones([2, 1, 1]), [0.5, 0], [0.25, 2]).tolist(); // [[[2]], [[0.5]]]
 */
export function normalize(x: Tensor, mean: readonly number[], std: readonly number[]): Tensor {
  const op = "normalize";
  const { channels } = imagesOf(op, x);
  if (!isFloat(x.dtype))
    throw new DTypeError(
      op,
      `the image must be of floats, got ${x.dtype}`,
      'convert first: toDtype(x, "float32", { scale: true })',
    );
  perChannel(op, "mean", mean);
  checkStd(op, std);
  for (const [name, { length }] of Object.entries({ mean, std }))
    if (length !== 1 && length !== channels)
      throw new ShapeError(op, `${name} has ${length} entries for ${channels} channels`, [x.shape]);
  const column = (list: readonly number[]) =>
    reshape(tensor(list, { dtype: x.dtype, device: x.device }), [list.length, 1, 1]);
  return tidy(() => div(sub(x, column(mean)), column(std)));
}
