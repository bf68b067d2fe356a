import {
  channelShuffle,
  col2im,
  type InterpolateOptions,
  im2col,
  interpolate,
  type PatchOptions,
  pixelShuffle,
  pixelUnshuffle,
  type Spatial,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkOptions, interpolateKinds, type Kinds, option, patchKinds } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { quoted, real, shown } from "../repr.ts";

type UpsampleOptions = Omit<InterpolateOptions, "antialias">;
const upsampleKinds: Kinds<UpsampleOptions> = option.without(interpolateKinds, "antialias");
type SizeOptions = Pick<InterpolateOptions, "size" | "scaleFactor">;
const sizeKinds: Kinds<SizeOptions> = { size: interpolateKinds.size, scaleFactor: interpolateKinds.scaleFactor };

/** A factor is a float in PyTorch, one for all dimensions or a list. */
const factor = (x: UpsampleOptions["scaleFactor"]): string =>
  typeof x === "object" && x !== null ? `(${x.map(real).join(", ")})` : String(real(x ?? null));

/**
 * Resizes the spatial dimensions to `size` or by `scaleFactor`: by the nearest element, `y[o] = x[floor(o * L / O)]`, by linear or cubic
 * interpolation, or by the mean of the area, as `mode` says. The module of {@link interpolate}.
 *
 * Shape: [N, C, L], [N, C, H, W] or [N, C, D, H, W] -> [N, C, ...sizes]. Dtype: that of `x`, a floating-point one but for the nearest
 * element.
 *
 * @throws ArgumentError from `forward` when not exactly one of `size` and `scaleFactor` is given, or `mode` and `alignCorners` do not fit.
 * @throws ShapeError when the mode does not take the rank of `x`, or a size is 0.
 * @throws DTypeError when the mode computes and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 * @example
 * new nn.Upsample({ scaleFactor: 2 }).forward(tensor([[[0, 2]]])).tolist(); // [[[0, 0, 2, 2]]]
 * new nn.Upsample({ size: 3, mode: "linear", alignCorners: true }).forward(tensor([[[0, 2]]])).tolist(); // [[[0, 1, 2]]]
 */
export class Upsample extends Module {
  readonly options: InterpolateOptions;
  constructor(options: UpsampleOptions) {
    super();
    checkOptions("Upsample", upsampleKinds, options);
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
  override extraRepr(): string {
    const { size, scaleFactor, mode = "nearest" } = this.options;
    return shown({
      scaleFactor: (size ?? null) === null ? factor(scaleFactor) : undefined,
      size: size ?? undefined,
      mode: quoted(mode),
    });
  }
}
/**
 * {@link Upsample} by the nearest element: `y[o] = x[floor(o * L / O)]` in each spatial dimension.
 *
 * Shape: [N, C, H, W] -> [N, C, H', W']. Dtype: that of `x`.
 *
 * @throws ArgumentError from `forward` when not exactly one of `size` and `scaleFactor` is given, or it has another length.
 * @throws ShapeError when `x` has another rank or a size is 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
 * @example
 * new nn.UpsamplingNearest2d({ scaleFactor: 2 }).forward(tensor([[[[1, 2]]]])).tolist(); // [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: SizeOptions) {
    checkOptions("UpsamplingNearest2d", sizeKinds, options);
    super({ ...options, mode: "nearest" });
  }
}
/**
 * {@link Upsample}, bilinear with the corners' centres in place: element o of O lies at `o * (L - 1) / (O - 1)`.
 *
 * Shape: [N, C, H, W] -> [N, C, H', W']. Dtype: that of `x`, a floating-point one.
 *
 * @throws ArgumentError from `forward` when not exactly one of `size` and `scaleFactor` is given, or it has another length.
 * @throws ShapeError when `x` has another rank or a size is 0.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
 * @example
 * new nn.UpsamplingBilinear2d({ size: [1, 3] }).forward(tensor([[[[1, 2]]]])).tolist(); // [[[[1, 1.5, 2]]]]
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: SizeOptions) {
    checkOptions("UpsamplingBilinear2d", sizeKinds, options);
    super({ ...options, mode: "bilinear", alignCorners: true });
  }
}

/**
 * Moves channels into space, with r = `upscaleFactor`: `y[..., c, h * r + i, w * r + j] = x[..., c * r * r + i * r + j, h, w]`. The module
 * of {@link pixelShuffle}.
 *
 * Shape: [..., C * r * r, H, W] -> [..., C, H * r, W * r]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than three dimensions or its channels do not divide by r squared.
 * @throws ArgumentError from `forward` when `upscaleFactor` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 * @see Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", 2016,
 * https://arxiv.org/abs/1609.05158
 * @example
 * new nn.PixelShuffle(2).forward(tensor([[[1]], [[2]], [[3]], [[4]]])).tolist(); // [[[1, 2], [3, 4]]]
 */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;
  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }
  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }
  override extraRepr(): string {
    return shown({ upscaleFactor: this.upscaleFactor });
  }
}
/**
 * Moves space into channels, with r = `downscaleFactor`: `y[..., c * r * r + i * r + j, h, w] = x[..., c, h * r + i, w * r + j]`. The
 * module of {@link pixelUnshuffle}.
 *
 * Shape: [..., C, H * r, W * r] -> [..., C * r * r, H, W]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than three dimensions or its height or width does not divide by r.
 * @throws ArgumentError from `forward` when `downscaleFactor` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 * @example
 * new nn.PixelUnshuffle(2).forward(tensor([[[1, 2], [3, 4]]])).tolist(); // [[[1]], [[2]], [[3]], [[4]]]
 */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;
  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }
  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor);
  }
  override extraRepr(): string {
    return shown({ downscaleFactor: this.downscaleFactor });
  }
}
/**
 * Deals the channels out anew so that those of `groups` groups take turns: `y[n, i * groups + g] = x[n, g * (C / groups) + i]`. The module
 * of {@link channelShuffle}.
 *
 * Shape: that of `x`, [N, C, ...] with at least three dimensions. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than three dimensions.
 * @throws ArgumentError from `forward` when `groups` is no positive integer that divides the channels.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 * @see Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices", 2018,
 * https://arxiv.org/abs/1707.01083
 * @example
 * new nn.ChannelShuffle(2).forward(tensor([[[1], [2], [3], [4]]])).tolist(); // [[[1], [3], [2], [4]]]
 */
export class ChannelShuffle extends Module {
  readonly groups: number;
  constructor(groups: number) {
    super();
    this.groups = groups;
  }
  forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups);
  }
  override extraRepr(): string {
    return shown({ groups: this.groups });
  }
}

const showPatches = (kernelSize: Spatial, { dilation = 1, padding = 0, stride = 1 }: PatchOptions): string =>
  shown({ kernelSize, dilation, padding, stride });
/**
 * Sliding blocks of images as columns: `y[n, c * kh * kw + i * kw + j, l] = x[n, c, h * s + i * d - p, w * s + j * d - p]` with s the
 * stride, d the dilation and p the padding, where l counts the blocks (h, w) row by row. The module of {@link im2col}.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C * kh * kw, L] or [C * kh * kw, L] with L blocks. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or the kernel does not fit the padded images.
 * @throws ArgumentError from `forward` when `kernelSize`, `dilation` or `stride` is not positive, `padding` is negative, or one has more
 * than two entries.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 * @example
 * new nn.Unfold([1, 2]).forward(tensor([[[1, 2], [3, 4]]])).tolist(); // [[1, 3], [2, 4]]
 */
export class Unfold extends Module {
  readonly kernelSize: Spatial;
  readonly options: PatchOptions;
  constructor(kernelSize: Spatial, options: PatchOptions = {}) {
    super();
    checkOptions("Unfold", patchKinds, options);
    this.kernelSize = kernelSize;
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return im2col(x, this.kernelSize, this.options);
  }
  override extraRepr(): string {
    return showPatches(this.kernelSize, this.options);
  }
}
/**
 * Columns of blocks added up into images: `y[n, c, h * s + i * d - p, w * s + j * d - p] += x[n, c * kh * kw + i * kw + j, l]` with s the
 * stride, d the dilation and p the padding. It is {@link Unfold} transposed. The module of {@link col2im}.
 *
 * Shape: [N, C * kh * kw, L] or [C * kh * kw, L] -> [N, C, ...outputSize] or [C, ...outputSize]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank, its sizes are not those of blocks of such images, or the kernel does not fit them.
 * @throws ArgumentError from `forward` when `outputSize`, `kernelSize`, `dilation` or `stride` is not positive, `padding` is negative, or
 * one has more than two entries.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html
 * @example
 * new nn.Fold([1, 3], [1, 2]).forward(tensor([[1, 2], [10, 20]])).tolist(); // [[[1, 12, 20]]]
 */
export class Fold extends Module {
  readonly outputSize: Spatial;
  readonly kernelSize: Spatial;
  readonly options: PatchOptions;
  constructor(outputSize: Spatial, kernelSize: Spatial, options: PatchOptions = {}) {
    super();
    checkOptions("Fold", patchKinds, options);
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return col2im(x, this.outputSize, this.kernelSize, this.options);
  }
  override extraRepr(): string {
    return shown({ outputSize: this.outputSize }, showPatches(this.kernelSize, this.options));
  }
}
