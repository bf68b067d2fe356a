import {
  ArgumentError,
  add,
  avgPool2d,
  cat,
  clamp,
  constantPadNd,
  detach,
  floor,
  interpolate,
  mul,
  ShapeError,
  select,
  squeeze,
  type Tensor,
  to,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkInteger, checkNumber, integersOf, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { checkTensorList, whole } from "../table.ts";
import { windows } from "./crops.ts";

/**
 * Patches of an image around a place, the next one `scale` times as large as the one before and all brought to one size: what an eye sees, sharp in the
 * middle and coarse around. It takes `[image, location]`; locations are (y, x), from (-1, -1), top left, to (1, 1), bottom right.
 *
 * Outside of the image there are zeros. Larger patches are means of blocks where `scale` is 2, else interpolated. No gradient goes to locations.
 *
 * `size` is a number or [height, width], `depth` (3 unless it is given) the number of patches.
 *
 * Shapes: an image [N, C, H, W] or [C, H, W] and locations [N, 2] or [2]; [N, depth * C, height, width] or [depth * C, height, width], the smallest patch
 * first. Dtype: that of the image.
 *
 * @throws ArgumentError from the constructor when a size or `depth` is no positive integer, or `scale` is not positive; ShapeError when images and locations
 * do not fit.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.SpatialGlimpse
 * @see Mnih et al., "Recurrent Models of Visual Attention", 2014, https://arxiv.org/abs/1406.6247
 * @example
 * const image = arange(16).reshape([1, 1, 4, 4]);
 * new SpatialGlimpse(2, 1).forward([image, zeros([1, 2])]).tolist(); // [[[[5, 6], [9, 10]]]]
 */
export class SpatialGlimpse extends Module {
  readonly height: number;
  readonly width: number;
  readonly depth: number;
  readonly scale: number;
  constructor(size: number | readonly number[], depth = 3, scale = 2) {
    super();
    const sizes = integersOf("SpatialGlimpse", "size", size, 1);
    if (sizes.length < 1 || sizes.length > 2)
      throw new ArgumentError("SpatialGlimpse", `size is a number or [height, width], got ${showShape(sizes)}`);
    this.height = sizes[0];
    this.width = sizes[1] ?? sizes[0];
    this.depth = checkInteger("SpatialGlimpse", "depth", depth, 1);
    this.scale = checkNumber("SpatialGlimpse", "scale", scale);
    if (!(scale > 0)) throw new ArgumentError("SpatialGlimpse", `scale must be positive, got ${scale}`);
  }
  forward(input: readonly Tensor[]): Tensor {
    checkTensorList("SpatialGlimpse", input, 2);
    const [image, location] = input;
    const single = image.ndim === 3;
    const n = single ? 1 : image.shape[0];
    if (
      (!single && image.ndim !== 4) ||
      location.shape[location.ndim - 1] !== 2 ||
      location.size !== 2 * n ||
      location.ndim > 2
    )
      throw new ShapeError(
        "SpatialGlimpse",
        `takes images [N, C, H, W] and locations [N, 2], got ${showShape(image.shape)} and ${showShape(location.shape)}`,
        [image.shape, location.shape],
      );
    return whole(() => {
      const images = single ? unsqueeze(image, 0) : image;
      const places = detach(location.ndim === 1 ? unsqueeze(location, 0) : location);
      // from 0, top left, to 1
      const at = mul(add(places, 1), 0.5);
      const patches = this.sizes().map(([height, width]) => this.patch(images, at, height, width));
      const out = cat(patches, 1);
      return single ? squeeze(out, 0) : out;
    });
  }
  private sizes(): [height: number, width: number][] {
    const sizes: [number, number][] = [[this.height, this.width]];
    while (sizes.length < this.depth) {
      const [height, width] = sizes[sizes.length - 1];
      sizes.push([Math.floor(height * this.scale), Math.floor(width * this.scale)]);
    }
    return sizes;
  }
  private patch(images: Tensor, at: Tensor, height: number, width: number): Tensor {
    const [, , h, w] = images.shape;
    const [padH, padW] = [Math.floor((height - 1) / 2), Math.floor((width - 1) / 2)];
    const [roomH, roomW] = [h + 2 * padH - height, w + 2 * padW - width];
    if (roomH < 0 || roomW < 0)
      throw new ShapeError(
        "SpatialGlimpse",
        `a patch of ${height}x${width} does not fit an image ${showShape([h, w])}`,
        [images.shape],
      );
    const start = (dim: number, room: number): Tensor =>
      to(floor(clamp(mul(select(at, 1, dim), room), 0, room)), "int32");
    const padded = constantPadNd(images, [padW, padW, padH, padH]);
    const crop = windows(padded, start(0, roomH), start(1, roomW), height, width);
    if (height === this.height && width === this.width) return crop;
    if (this.scale === 2) return avgPool2d(crop, [height / this.height, width / this.width]);
    return interpolate(crop, { size: [this.height, this.width], mode: "bilinear", alignCorners: true });
  }
  override extraRepr(): string {
    return shown({ size: [this.height, this.width], depth: this.depth, scale: this.scale });
  }
}
