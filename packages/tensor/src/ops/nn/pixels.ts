import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { apartFrom } from "../../door/run.ts";
import { checkInteger } from "../../layout/integers.ts";
import { permute, reshape, transpose } from "../shape/view.ts";

function images(op: string, x: Tensor, least: number): void {
  if (x.ndim < least)
    throw new ShapeError(op, `needs at least ${least} dimensions [..., C, H, W], got ${showShape(x.shape)}`, [x.shape]);
}
/** A permutation of the last dimensions by `order`; the `lead` first ones stay. */
const behind = (lead: number, order: readonly number[]): number[] => [
  ...Array.from({ length: lead }, (_, i) => i),
  ...order.map((d) => d + lead),
];

/**
 * Moves channels into space, with r = `upscaleFactor`: `y[..., c, h * r + i, w * r + j] = x[..., c * r * r + i * r + j, h, w]`.
 *
 * Shape: [..., C * r * r, H, W] -> [..., C, H * r, W * r]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than three dimensions or its channels do not divide by r squared.
 * @throws ArgumentError when `upscaleFactor` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html
 * @see Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", 2016,
 * https://arxiv.org/abs/1609.05158
 * @example
 * pixelShuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2).tolist(); // [[[1, 2], [3, 4]]]
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  checkTensor("pixelShuffle", "x", x);
  images("pixelShuffle", x, 3);
  const r = checkInteger("pixelShuffle", "upscaleFactor", upscaleFactor, 1);
  const lead = x.shape.slice(0, -3);
  const [c, h, w] = x.shape.slice(-3);
  if (c % (r * r) !== 0) throw new ShapeError("pixelShuffle", `${c} channels do not divide by ${r} squared`, [x.shape]);
  const apart = reshape(x, [...lead, c / (r * r), r, r, h, w]);
  const moved = permute(apart, behind(lead.length, [0, 3, 1, 4, 2]));
  return apartFrom(x, reshape(moved, [...lead, c / (r * r), h * r, w * r]));
}
/**
 * Moves space into channels, with r = `downscaleFactor`: `y[..., c * r * r + i * r + j, h, w] = x[..., c, h * r + i, w * r + j]`. It undoes
 * {@link pixelShuffle}.
 *
 * Shape: [..., C, H * r, W * r] -> [..., C * r * r, H, W]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than three dimensions or its height or width does not divide by r.
 * @throws ArgumentError when `downscaleFactor` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
 * @example
 * pixelUnshuffle(tensor([[[1, 2], [3, 4]]]), 2).tolist(); // [[[1]], [[2]], [[3]], [[4]]]
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  checkTensor("pixelUnshuffle", "x", x);
  images("pixelUnshuffle", x, 3);
  const r = checkInteger("pixelUnshuffle", "downscaleFactor", downscaleFactor, 1);
  const lead = x.shape.slice(0, -3);
  const [c, h, w] = x.shape.slice(-3);
  if (h % r !== 0 || w % r !== 0)
    throw new ShapeError("pixelUnshuffle", `height ${h} and width ${w} do not divide by ${r}`, [x.shape]);
  const apart = reshape(x, [...lead, c, h / r, r, w / r, r]);
  const moved = permute(apart, behind(lead.length, [0, 2, 4, 1, 3]));
  return apartFrom(x, reshape(moved, [...lead, c * r * r, h / r, w / r]));
}
/**
 * Deals the channels of [N, C, ...] out anew so that those of `groups` groups take turns:
 * `y[n, i * groups + g] = x[n, g * (C / groups) + i]`.
 *
 * Shape: that of `x`, which is [N, C, ...] with at least three dimensions. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than three dimensions.
 * @throws ArgumentError when `groups` is no positive integer that divides the channels.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 * @see Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices", 2018,
 * https://arxiv.org/abs/1707.01083
 * @example
 * channelShuffle(tensor([[[1], [2], [3], [4]]]), 2).tolist(); // [[[1], [3], [2], [4]]]
 */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  checkTensor("channelShuffle", "x", x);
  if (x.ndim < 3) throw new ShapeError("channelShuffle", `needs [N, C, ...], got ${showShape(x.shape)}`, [x.shape]);
  const [n, c, ...rest] = x.shape;
  checkInteger("channelShuffle", "groups", groups, 1);
  if (c % groups !== 0) throw new ArgumentError("channelShuffle", `${c} channels do not divide into ${groups} groups`);
  return apartFrom(x, reshape(transpose(reshape(x, [n, groups, c / groups, ...rest]), 1, 2), x.shape));
}
