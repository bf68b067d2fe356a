import {
  add,
  cat,
  clamp,
  cumsum,
  eq,
  floorDivide,
  gather,
  isFloat,
  mul,
  narrow,
  ne,
  onesLike,
  reshape,
  rsub,
  scatterAdd,
  sum,
  type Tensor,
  tidy,
  where,
  zeros,
} from "@flambeau/tensor/functional";
import { toDType as cast } from "@flambeau/tensor/plugin";
import { bitsOf, imagesOf } from "../checks.ts";
import { scaledTo } from "./dtype.ts";

/**
 * An image with its brightnesses spread evenly, channel by channel: `y = table[x]`, where the table goes by how many pixels are darker. Computed
 * in 256 levels, as Pillow does.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws DTypeError for bools and wide integers.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.equalize.html
 * @example
 * const image = arange(1024).reshape([1, 32, 32]).div(16).to("uint8"); // sixteen of each of 64 levels
 * equalize(image).max().item(); // 255
 */
export function equalize(x: Tensor): Tensor {
  const op = "equalize";
  const { channels, height, width, batch } = imagesOf(op, x);
  if (!isFloat(x.dtype)) bitsOf(op, x);
  if (x.size === 0) return x;
  return tidy(() => {
    const n = batch.reduce((product, size) => product * size, channels);
    const levels = cast(reshape(scaledTo(op, x, "uint8"), [n, height * width]), "int32");
    const empty = zeros([n, 256], { dtype: "int32", device: x.device });
    const counts = scatterAdd(empty, 1, levels, onesLike(levels));
    const upTo = cast(cumsum(counts, 1), "int32");
    // the brightest level there is takes no part
    const brightest = sum(cast(mul(counts, cast(eq(upTo, height * width), "int32")), "float32"), 1, { keepdim: true });
    const step = floorDivide(rsub(cast(brightest, "int32"), height * width), 255);
    const divisor = clamp(step, 1);
    const darker = narrow(upTo, 1, 0, 255);
    const table = clamp(floorDivide(add(darker, floorDivide(step, 2)), divisor), 0, 255);
    const first = zeros([n, 1], { dtype: "int32", device: x.device });
    const spread = gather(cat([first, table], 1), 1, levels);
    const out = cast(where(ne(step, 0), spread, levels), "uint8");
    return scaledTo(op, reshape(out, x.shape), x.dtype);
  });
}
