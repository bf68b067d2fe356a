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
import { Module } from "../module.ts";

/** Resizes the spatial dimensions; see {@link interpolate}. */
export class Upsample extends Module {
  readonly options: InterpolateOptions;
  constructor(options: Omit<InterpolateOptions, "antialias">) {
    super();
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
  override extraRepr(): string {
    const { size, scaleFactor, mode = "nearest" } = this.options;
    return `${(size ?? null) === null ? `scaleFactor=${JSON.stringify(scaleFactor)}` : `size=${JSON.stringify(size)}`}, mode=${mode}`;
  }
}
/** {@link Upsample} by the nearest element. */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: Pick<InterpolateOptions, "size" | "scaleFactor">) {
    super({ ...options, mode: "nearest" });
  }
}
/** {@link Upsample}, bilinear with the corners' centres in place. */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: Pick<InterpolateOptions, "size" | "scaleFactor">) {
    super({ ...options, mode: "bilinear", alignCorners: true });
  }
}

/** Channels to pixels: [N, C r r, H, W] to [N, C, H r, W r] (Shi et al. 2016). */
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
    return `upscaleFactor=${this.upscaleFactor}`;
  }
}
/** Pixels to channels: [N, C, H r, W r] to [N, C r r, H, W]. */
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
    return `downscaleFactor=${this.downscaleFactor}`;
  }
}
/** Interleaves `groups` groups of channels (Zhang et al. 2018). */
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
    return `groups=${this.groups}`;
  }
}

const showPatches = (kernel: Spatial, { dilation = 1, padding = 0, stride = 1 }: PatchOptions): string =>
  `kernelSize=${JSON.stringify(kernel)}, dilation=${JSON.stringify(dilation)}, padding=${JSON.stringify(padding)}, stride=${JSON.stringify(stride)}`;
/** Sliding blocks of images as columns; see {@link im2col}. */
export class Unfold extends Module {
  readonly kernelSize: Spatial;
  readonly options: PatchOptions;
  constructor(kernelSize: Spatial, options: PatchOptions = {}) {
    super();
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
/** Columns of blocks added up into images; see {@link col2im}. */
export class Fold extends Module {
  readonly outputSize: Spatial;
  readonly kernelSize: Spatial;
  readonly options: PatchOptions;
  constructor(outputSize: Spatial, kernelSize: Spatial, options: PatchOptions = {}) {
    super();
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return col2im(x, this.outputSize, this.kernelSize, this.options);
  }
  override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}, ${showPatches(this.kernelSize, this.options)}`;
  }
}
