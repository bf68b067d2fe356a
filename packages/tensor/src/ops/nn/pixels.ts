import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
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
 * Channels into space: [..., C r r, H, W] to [..., C, H r, W r].
 *
 * @see W. Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", 2016
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  images("pixelShuffle", x, 3);
  const r = checkInteger("pixelShuffle", "upscaleFactor", upscaleFactor, 1);
  const lead = x.shape.slice(0, -3);
  const [c, h, w] = x.shape.slice(-3);
  if (c % (r * r) !== 0) throw new ShapeError("pixelShuffle", `${c} channels do not divide by ${r} squared`, [x.shape]);
  const apart = reshape(x, [...lead, c / (r * r), r, r, h, w]);
  const moved = permute(apart, behind(lead.length, [0, 3, 1, 4, 2]));
  return apartFrom(x, reshape(moved, [...lead, c / (r * r), h * r, w * r]));
}
/** Space into channels: [..., C, H r, W r] to [..., C r r, H, W]; undoes {@link pixelShuffle}. */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
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
/** Channels of [N, C, ...] dealt out anew: those of `groups` groups take turns. */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  if (x.ndim < 3) throw new ShapeError("channelShuffle", `needs [N, C, ...], got ${showShape(x.shape)}`, [x.shape]);
  const [n, c, ...rest] = x.shape;
  checkInteger("channelShuffle", "groups", groups, 1);
  if (c % groups !== 0) throw new ArgumentError("channelShuffle", `${c} channels do not divide into ${groups} groups`);
  return apartFrom(x, reshape(transpose(reshape(x, [n, groups, c / groups, ...rest]), 1, 2), x.shape));
}
