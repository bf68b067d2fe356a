import {
  ArgumentError,
  add,
  bernoulli,
  cat,
  clone,
  detach,
  div,
  full,
  interpolate,
  linear,
  mul,
  narrow,
  noGrad,
  ones,
  rand,
  randint,
  randn,
  reshape,
  ShapeError,
  squeeze,
  sub,
  type Tensor,
  tolist,
  unsqueeze,
  zeros,
} from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  showShape,
} from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { Buffer } from "../../parameter.ts";
import { shown } from "../../repr.ts";
import { whole } from "../table.ts";
import { windows } from "./crops.ts";

/** Holds what goes in to an image or a batch of them, with `channels` where that is given. */
function checkImages(op: string, x: Tensor, channels?: number): void {
  checkTensor(op, "x", x);
  if ((x.ndim !== 3 && x.ndim !== 4) || (channels !== undefined && x.shape[x.ndim - 3] !== channels))
    throw new ShapeError(
      op,
      `takes [N, ${channels ?? "C"}, H, W] or [${channels ?? "C"}, H, W], got ${showShape(x.shape)}`,
      [x.shape],
    );
}
/** Runs `run` on a batch of images; a single one is a batch of one. */
function onBatch(x: Tensor, run: (x: Tensor) => Tensor): Tensor {
  return whole(() => (x.ndim === 4 ? run(x) : squeeze(run(unsqueeze(x, 0)), 0)));
}
/** One number for each channel, as a factor of or an addend to images. */
const perChannel = (t: Tensor): Tensor => reshape(t, [...t.shape, 1, 1]);

export interface SpatialUniformCropOptions {
  /** Patches are of `s` times the size, s uniform in [least, most], and brought to the size (default: they are of the size). */
  readonly scale?: readonly number[] | undefined;
}
const cropKinds: Kinds<SpatialUniformCropOptions> = { scale: option.listOf(option.number, 2) };

/**
 * Crops a patch of `oheight` x `owidth` from each image: at a place of its own in training, where all are equally likely, `y = x[..., i:i+oheight,
 * j:j+owidth]`, and from the middle in evaluation. With `scale` patches are of several sizes in training, and interpolated.
 *
 * Torch7's code never takes the last place.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, oheight, owidth] or [C, oheight, owidth]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when a size is no positive integer or `scale` no range; ShapeError when a patch is larger than the image.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.SpatialUniformCrop
 * @example
 * const crop = new SpatialUniformCrop(2, 2);
 * crop.forward(rand([5, 3, 8, 8])).shape; // [5, 3, 2, 2]
 * crop.eval().forward(arange(16).reshape([1, 4, 4])).tolist(); // [[[5, 6], [9, 10]]]
 */
export class SpatialUniformCrop extends Module {
  readonly oheight: number;
  readonly owidth: number;
  readonly scale: readonly number[] | null;
  constructor(oheight: number, owidth: number = oheight, options: SpatialUniformCropOptions = {}) {
    super();
    checkOptions("SpatialUniformCrop", cropKinds, options);
    this.oheight = checkInteger("SpatialUniformCrop", "oheight", oheight, 1);
    this.owidth = checkInteger("SpatialUniformCrop", "owidth", owidth, 1);
    this.scale = options.scale ?? null;
    if (this.scale !== null && !(this.scale[0] > 0 && this.scale[1] >= this.scale[0]))
      throw new ArgumentError(
        "SpatialUniformCrop",
        `scale is [least, most], both positive, got ${showShape(this.scale)}`,
      );
  }
  forward(x: Tensor): Tensor {
    checkImages("SpatialUniformCrop", x);
    const { oheight, owidth, scale } = this;
    return onBatch(x, (images) => {
      if (!this.training) return this.middle(images);
      if (scale !== null) return this.scaled(images, scale);
      const [roomH, roomW] = this.room(images, oheight, owidth);
      const [n] = images.shape;
      const places = (room: number): Tensor => randint(0, room + 1, [n], { dtype: "int32", device: images.device });
      return windows(images, places(roomH), places(roomW), oheight, owidth);
    });
  }
  private room({ shape }: Tensor, height: number, width: number): [number, number] {
    const [roomH, roomW] = [shape[2] - height, shape[3] - width];
    if (roomH < 0 || roomW < 0)
      throw new ShapeError(
        "SpatialUniformCrop",
        `a patch of ${height}x${width} does not fit images ${showShape(shape)}`,
        [shape],
      );
    return [roomH, roomW];
  }
  private middle(images: Tensor): Tensor {
    const [roomH, roomW] = this.room(images, this.oheight, this.owidth);
    const rows = narrow(images, 2, Math.floor(roomH / 2), this.oheight);
    return narrow(rows, 3, Math.floor(roomW / 2), this.owidth);
  }
  private scaled(images: Tensor, [least, most]: readonly number[]): Tensor {
    const size = [this.oheight, this.owidth];
    const [n] = images.shape;
    const draws = tolist(rand([n, 3], { device: "cpu" })) as number[][]; // sizes are the host's to know
    const patches = draws.map(([u, i, j], at) => {
      const s = least + u * (most - least);
      const [height, width] = size.map((each) => Math.ceil(s * each));
      const [roomH, roomW] = this.room(images, height, width);
      const rows = narrow(narrow(images, 0, at, 1), 2, Math.floor(i * (roomH + 1)), height);
      const patch = narrow(rows, 3, Math.floor(j * (roomW + 1)), width);
      return interpolate(patch, { size, mode: "bilinear", alignCorners: true });
    });
    return cat(patches, 0);
  }
  override extraRepr(): string {
    return shown(this.oheight, this.owidth);
  }
}

/**
 * Drops the uppermost, lowest, leftmost or rightmost part of all images in training, a share `p` (0.2 unless it is given) of rows or columns, and scales the
 * rest: `y = x * kept / (1 - p)`; in evaluation `y = x`. As where the box around an object is drawn badly.
 *
 * Shape: that of `x`, [N, C, H, W] or [C, H, W]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is not in [0, 1); ShapeError when `x` is no image.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.SpatialRegionDropout
 * @example
 * const y = new SpatialRegionDropout(0.5).forward(ones([1, 4, 4]));
 * y.sum().item(); // 16: half of the elements are 2
 */
export class SpatialRegionDropout extends Module {
  p: number;
  constructor(p = 0.2) {
    super();
    this.p = checkShare("SpatialRegionDropout", p);
  }
  /** Changes the share that is dropped. */
  setp(p: number): this {
    this.p = checkShare("SpatialRegionDropout.setp", p);
    return this;
  }
  forward(x: Tensor): Tensor {
    checkImages("SpatialRegionDropout", x);
    if (!this.training) return x;
    return whole(() => {
      const side = Number(tolist(randint(0, 4, [], { device: "cpu" }))); // one for all: the host's to know
      const dim = x.ndim - (side < 2 ? 2 : 1);
      const size = x.shape[dim];
      const dropped = Math.floor(size * this.p);
      const shape = (n: number): number[] => x.shape.map((_, d) => (d === dim ? n : 1));
      const options = { dtype: x.dtype, device: x.device };
      const parts = [zeros(shape(dropped), options), full(shape(size - dropped), 1 / (1 - this.p), options)];
      return mul(x, cat(side % 2 === 0 ? parts : parts.reverse(), dim));
    });
  }
  override extraRepr(): string {
    return shown({ p: this.p });
  }
}
function checkShare(op: string, p: number): number {
  if (!(typeof p === "number" && p >= 0 && p < 1)) throw new ArgumentError(op, `p must be in [0, 1), got ${String(p)}`);
  return p;
}

/**
 * Drops all of its input with probability `p` (0.5 unless it is given) in training, and otherwise lets it through as it is: `y = x` or `y = 0 * x`.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is not in [0, 1).
 * @see https://github.com/Element-Research/dpnn/blob/master/TotalDropout.lua
 * @example
 * const sum = new TotalDropout().forward(ones([8])).sum().item();
 * sum === 0 || sum === 8; // true
 */
export class TotalDropout extends Module {
  readonly p: number;
  constructor(p = 0.5) {
    super();
    this.p = checkShare("TotalDropout", p);
  }
  forward(x: Tensor): Tensor {
    checkTensor("TotalDropout", "x", x);
    if (!this.training) return x;
    return whole(() => mul(x, bernoulli(full([], 1 - this.p, { dtype: x.dtype, device: x.device }))));
  }
  override extraRepr(): string {
    return shown({ p: this.p });
  }
}

/**
 * Takes a mean from each channel and divides by a deviation: `y[c] = (x[c] - mean[c]) / std[c]`. Both are given, not learned.
 *
 * Shape: that of `x`, [N, C, H, W] or [C, H, W]. Buffers: `mean` and `std` [C], ones where `std` is left out.
 *
 * @throws ShapeError from the constructor when mean and deviation are not [C]; from `forward` when `x` has not C channels.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.SpatialFeatNormalization
 * @example
 * const layer = new SpatialFeatNormalization(tensor([1, 2]), tensor([2, 4]));
 * layer.forward(tensor([[[3]], [[6]]])).tolist(); // [[[1]], [[1]]]
 */
export class SpatialFeatNormalization extends Module {
  mean: Buffer;
  std: Buffer;
  constructor(mean: Tensor, std: Tensor | null = null) {
    super();
    checkTensor("SpatialFeatNormalization", "mean", mean);
    if (std !== null) checkTensor("SpatialFeatNormalization", "std", std);
    if (mean.ndim !== 1 || (std !== null && showShape(std.shape) !== showShape(mean.shape)))
      throw new ShapeError(
        "SpatialFeatNormalization",
        `mean and deviation are [C], got ${showShape(mean.shape)} and ${showShape((std ?? mean).shape)}`,
        [mean.shape],
      );
    this.mean = new Buffer(noGrad(() => clone(detach(mean))));
    this.std = new Buffer(
      noGrad(() => (std === null ? ones(mean.shape, { dtype: mean.dtype, device: mean.device }) : clone(detach(std)))),
    );
  }
  forward(x: Tensor): Tensor {
    checkImages("SpatialFeatNormalization", x, this.mean.size);
    return whole(() => div(sub(x, perChannel(this.mean)), perChannel(this.std)));
  }
}

/**
 * Adds noise to each channel of each image in training, `y[n, c] = x[n, c] + u[n, c]` with u uniform in `-range[c] .. range[c]`; in evaluation `y = x`.
 *
 * Shape: that of `x`, [N, inputChannels, H, W] or [inputChannels, H, W]. Buffer: `range` [inputChannels].
 *
 * @throws ArgumentError from the constructor when `inputChannels` is no positive integer; ShapeError when `range` or `x` does not fit.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.SimpleColorTransform
 * @example
 * const y = new SimpleColorTransform(3, tensor([0.1, 0, 0.2])).forward(zeros([3, 2, 2]));
 * y.at(1).any().item(); // 0
 */
export class SimpleColorTransform extends Module {
  readonly inputChannels: number;
  range: Buffer;
  constructor(inputChannels: number, range: Tensor) {
    super();
    this.inputChannels = checkInteger("SimpleColorTransform", "inputChannels", inputChannels, 1);
    checkTensor("SimpleColorTransform", "range", range);
    if (range.size !== inputChannels)
      throw new ShapeError("SimpleColorTransform", `range is [${inputChannels}], got ${showShape(range.shape)}`, [
        range.shape,
      ]);
    this.range = new Buffer(noGrad(() => clone(reshape(detach(range), [inputChannels]))));
  }
  forward(x: Tensor): Tensor {
    checkImages("SimpleColorTransform", x, this.inputChannels);
    if (!this.training) return x;
    return whole(() => {
      const u = rand(x.shape.slice(0, -2), { dtype: x.dtype, device: x.device });
      return add(x, perChannel(mul(sub(mul(u, 2), 1), this.range)));
    });
  }
  override extraRepr(): string {
    return shown(this.inputChannels);
  }
}

/**
 * Adds noise along the principal components of colors to each image in training: `y[n] = x[n] + eigenVectors @ (a[n] * eigenValues)` with `a ~ N(0, std^2)`, one
 * for each component; in evaluation `y = x`. The components are the columns of `eigenVectors`.
 *
 * Shape: that of `x`, [N, inputChannels, H, W] or [inputChannels, H, W]. Buffers: `eigenVectors` [inputChannels, inputChannels] and `eigenValues`
 * [inputChannels].
 *
 * @throws ArgumentError from the constructor when `inputChannels` is no positive integer or `std` negative; ShapeError when the eigenvectors, the
 * eigenvalues or `x` do not fit.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.PCAColorTransform
 * @see Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012
 * @example
 * const y = new PCAColorTransform(2, eye(2), tensor([1, 0])).forward(zeros([2, 3, 3]));
 * y.at(1).any().item(); // 0: all noise lies along the first component
 */
export class PCAColorTransform extends Module {
  readonly inputChannels: number;
  readonly std: number;
  eigenVectors: Buffer;
  eigenValues: Buffer;
  constructor(inputChannels: number, eigenVectors: Tensor, eigenValues: Tensor, std = 0.1) {
    super();
    const op = "PCAColorTransform";
    this.inputChannels = checkInteger(op, "inputChannels", inputChannels, 1);
    checkTensor(op, "eigenVectors", eigenVectors);
    checkTensor(op, "eigenValues", eigenValues);
    this.std = checkNumber(op, "std", std);
    if (std < 0) throw new ArgumentError(op, `std must not be negative, got ${std}`);
    if (
      showShape(eigenVectors.shape) !== showShape([inputChannels, inputChannels]) ||
      eigenValues.size !== inputChannels
    )
      throw new ShapeError(
        op,
        `for ${inputChannels} channels eigenvectors are [${inputChannels}, ${inputChannels}] and eigenvalues [${inputChannels}], got ${showShape(eigenVectors.shape)} and ${showShape(eigenValues.shape)}`,
        [eigenVectors.shape, eigenValues.shape],
      );
    this.eigenVectors = new Buffer(noGrad(() => clone(detach(eigenVectors))));
    this.eigenValues = new Buffer(noGrad(() => clone(reshape(detach(eigenValues), [inputChannels]))));
  }
  forward(x: Tensor): Tensor {
    checkImages("PCAColorTransform", x, this.inputChannels);
    if (!this.training) return x;
    return whole(() => {
      const a = mul(randn(x.shape.slice(0, -2), { dtype: x.dtype, device: x.device }), this.std);
      return add(x, perChannel(linear(mul(a, this.eigenValues), this.eigenVectors)));
    });
  }
  override extraRepr(): string {
    return shown(this.inputChannels, { std: this.std });
  }
}
