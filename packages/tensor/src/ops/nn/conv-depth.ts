import type { ConvAttrs, ConvGradientAttrs } from "../../contract/fused-ops.ts";
import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { runFused, takesFused } from "../../lower/fused.ts";
import { fillInto } from "../../lower/move.ts";
import { local } from "../../memory/tidy.ts";
import { clone } from "../create/copy.ts";
import { add_ } from "../pointwise/arithmetic.ts";
import { reshape, transpose } from "../shape/view.ts";
import { padded } from "./conv-padding.ts";

// 3-d convolutions by the device's 2-d kernels: the planes of the input that meet at a depth of the output become the channels of one
// image, so that [N, C, D, H, W] by [O, C, KD, KH, KW] is [N · D', C · KD, H, W] by [O, C · KD, KH, KW]. Each function gives null where
// the device has no such kernel, or there are no planes.

const flat = <A extends ConvAttrs>(a: A) => ({
  stride: a.stride.slice(1),
  padding: a.padding.slice(1),
  dilation: a.dilation.slice(1),
  groups: a.groups,
});
const flatWeight = (w: readonly number[]): number[] => [w[0], w[1] * w[2], w[3], w[4]];
/** A plane of each channel: what the kernel is asked about before anything is laid out. */
const planeOf = (x: Tensor): Tensor => {
  const planes = (of: readonly number[]) => of.filter((_, i) => i !== 2);
  return viewOf(x, planes(x.shape), planes(x.strides), x.offset);
};

/** The images of `x`, one for each depth of the output. */
function images(x: Tensor, kernel: number, depth: number, a: ConvAttrs): Tensor {
  const p = padded(x, [a.padding[0], 0, 0]);
  const [n, c, , h, w] = p.shape;
  const [sn, sc, sd, sh, sw] = p.strides;
  const strides = [sn, sd * a.stride[0], sc, sd * a.dilation[0], sh, sw];
  return reshape(clone(viewOf(p, [n, depth, c, kernel, h, w], strides, p.offset)), [n * depth, c * kernel, h, w]);
}
/** The output's side, [N, O, D', ...] as [N · D', O, ...]. */
function planes(g: Tensor): Tensor {
  const [n, o, d, h, w] = g.shape;
  return reshape(clone(transpose(g, 1, 2)), [n * d, o, h, w]);
}

/** The convolution: `shape` is that of the result. */
export function convByDepth(inputs: readonly Tensor[], shape: readonly number[], a: ConvAttrs): Tensor | null {
  const [x, w, ...bias] = inputs;
  if (x.size === 0) return null;
  const [n, o, depth, h, width] = shape;
  const out = [n * depth, o, h, width];
  const attrs = { ...flat(a), out };
  return local(() => {
    const weight = reshape(w, flatWeight(w.shape));
    if (!takesFused("conv", [planeOf(x), weight, ...bias], attrs)) return null;
    const given = [images(x, w.shape[2], depth, a), weight, ...bias];
    const y = runFused("conv", given, () => [empty(x.backend, x.dtype, out)], attrs);
    return y && clone(transpose(reshape(y[0], [n, depth, o, h, width]), 1, 2));
  });
}

/** Its transpose. */
export function convTransposeByDepth(g: Tensor, w: Tensor, a: ConvGradientAttrs): Tensor | null {
  if (g.size === 0) return null;
  const [n, c, size, h, width] = a.shape;
  const [depth, kernel] = [g.shape[2], w.shape[2]];
  const shape = [n * depth, c * kernel, h, width];
  const attrs = { ...flat(a), shape };
  return local(() => {
    const weight = reshape(w, flatWeight(w.shape));
    if (!takesFused("convTranspose", [planeOf(g), weight], attrs)) return null;
    const dx = runFused("convTranspose", [planes(g), weight], () => [empty(g.backend, g.dtype, shape)], attrs);
    if (!dx) return null;
    const whole = fillInto(empty(g.backend, g.dtype, [n, c, size + 2 * a.padding[0], h, width]), 0);
    const [sn, sc, sd, sh, sw] = whole.strides;
    const parts = reshape(dx[0], [n, depth, c, kernel, h, width]);
    const at = (of: readonly number[]) => of.filter((_, i) => i !== 3);
    for (let k = 0; k < kernel; k++) {
      const strides = [sn, sd * a.stride[0], sc, sh, sw];
      const target = viewOf(whole, [n, depth, c, h, width], strides, k * a.dilation[0] * sd);
      add_(target, viewOf(parts, at(parts.shape), at(parts.strides), parts.offset + k * parts.strides[3]));
    }
    return a.padding[0] === 0 ? whole : clone(viewOf(whole, a.shape, whole.strides, a.padding[0] * sd));
  });
}

/** The weight's gradient. */
export function convWeightGradByDepth(g: Tensor, x: Tensor, a: ConvGradientAttrs): Tensor | null {
  if (g.size === 0 || x.size === 0) return null;
  const shape = flatWeight(a.shape);
  const attrs = { ...flat(a), shape };
  return local(() => {
    if (!takesFused("convWeightGrad", [planeOf(g), planeOf(x)], attrs)) return null;
    const given = [planes(g), images(x, a.shape[2], g.shape[2], a)];
    const dw = runFused("convWeightGrad", given, () => [empty(g.backend, g.dtype, shape)], attrs);
    return dw && reshape(dw[0], a.shape);
  });
}
