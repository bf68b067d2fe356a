import type { ConvAttrs, ConvGradientAttrs } from "../../contract/fused-ops.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkOptions, either, type Kinds, none, number, numbers, oneOf } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkInteger, integersOf } from "../../layout/integers.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { runFused } from "../../lower/fused.ts";
import { copyInto, fillInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { clone } from "../create/copy.ts";
import { matmul } from "../linalg/matmul.ts";
import { add, add_ } from "../pointwise/arithmetic.ts";
import { sum } from "../reduce/reduction.ts";
import { reshape, slice, squeeze, transpose, unsqueeze } from "../shape/view.ts";
import { convByDepth, convTransposeByDepth, convWeightGradByDepth } from "./conv-depth.ts";
import { padded } from "./conv-padding.ts";

/** One number for all spatial dimensions, or one for each. */
export type Spatial = number | readonly number[];

/** `value` for each of n dimensions: integers of at least `least`. */
export function spatial(op: string, name: string, value: Spatial, n: number, least?: number): readonly number[] {
  const list = integersOf(op, name, value, least);
  if (list.length === 1) return new Array<number>(n).fill(list[0]);
  if (list.length !== n) throw new ArgumentError(op, `${name} must be an integer or ${n} integers, got ${show(value)}`);
  return list;
}

const outputSize = (size: number, kernel: number, i: number, a: ConvAttrs): number =>
  Math.floor((size + 2 * a.padding[i] - a.dilation[i] * (kernel - 1) - 1) / a.stride[i]) + 1;

function outputShape(x: readonly number[], w: readonly number[], a: ConvAttrs): number[] {
  return [x[0], w[0], ...x.slice(2).map((s, i) => outputSize(s, w[i + 2], i, a))];
}

/** The windows of a padded image as columns: [N, groups, C/groups * kernel..., out...]. */
function columns(x: Tensor, kernel: readonly number[], out: readonly number[], a: ConvAttrs): Tensor {
  const p = padded(x, a.padding);
  const [n, c] = p.shape;
  const windows = viewOf(
    p,
    [n, c, ...kernel, ...out],
    [
      p.strides[0],
      p.strides[1],
      ...kernel.map((_, i) => p.strides[i + 2] * a.dilation[i]),
      ...out.map((_, i) => p.strides[i + 2] * a.stride[i]),
    ],
    p.offset,
  );
  return reshape(clone(windows), [n, a.groups, (c / a.groups) * sizeOf(kernel), sizeOf(out)]);
}

/** Adds columns back into an image: the transpose of {@link columns}. One strided addition per kernel position. */
function fold(
  cols: Tensor,
  shape: readonly number[],
  kernel: readonly number[],
  out: readonly number[],
  a: ConvAttrs,
): Tensor {
  const [n, c, ...size] = shape;
  const full = [n, c, ...size.map((s, i) => s + 2 * a.padding[i])];
  const image = fillInto(empty(cols.backend, cols.dtype, full), 0);
  const parts = reshape(cols, [n, c, sizeOf(kernel), ...out]);
  const position = kernel.map(() => 0);
  for (let k = 0; k < sizeOf(kernel); k++) {
    const at = position.reduce((o, v, i) => o + v * a.dilation[i] * image.strides[i + 2], 0);
    const target = viewOf(
      image,
      [n, c, ...out],
      [image.strides[0], image.strides[1], ...out.map((_, i) => image.strides[i + 2] * a.stride[i])],
      at,
    );
    const part = viewOf(
      parts,
      [n, c, ...out],
      parts.strides.filter((_, i) => i !== 2),
      parts.offset + k * parts.strides[2],
    );
    add_(target, part);
    for (let i = kernel.length - 1; i >= 0 && ++position[i] === kernel[i]; i--) position[i] = 0;
  }
  if (a.padding.every((p) => p === 0)) return image;
  return clone(
    viewOf(
      image,
      shape,
      image.strides,
      a.padding.reduce((o, p, i) => o + p * image.strides[i + 2], 0),
    ),
  );
}

const grouped = (w: Tensor, groups: number): Tensor =>
  reshape(w, [groups, w.shape[0] / groups, sizeOf(w.shape.slice(1))]);

/** y = x * w + b (cross-correlation; the bias is optional). Its two gradients are the ops below, which are each other's gradients in turn. */
export const convOp: Op<ConvAttrs> = {
  name: "conv",
  rounds: 1,
  tied: true,
  forward(inputs, a) {
    const [x, w, bias] = inputs;
    const shape = a.out ?? outputShape(x.shape, w.shape, a);
    const fused = runFused("conv", inputs, () => [empty(x.backend, x.dtype, shape)], a);
    if (fused) return fused[0];
    const flat = x.ndim === 5 ? convByDepth(inputs, shape, a) : null;
    if (flat) return flat;
    return local(() => {
      const cols = columns(x, w.shape.slice(2), shape.slice(2), a);
      const y = reshape(matmul(grouped(w, a.groups), cols), shape);
      return bias === undefined ? y : add_(y, perChannel(bias, y.ndim));
    });
  },
  save: ([x, w]) => [x, w],
  vjp({ attrs, saved: [x, w], needs }, [g]) {
    if (!g) return needs.map(() => null);
    const dx = needs[0] ? convInputGrad(g, w, x.shape, attrs) : null;
    const dw = needs[1] ? convWeightGrad(g, x, w.shape, attrs) : null;
    return needs.length === 2
      ? [dx, dw]
      : [
          dx,
          dw,
          needs[2]
            ? sum(
                g,
                g.shape.map((_, i) => i).filter((i) => i !== 1),
              )
            : null,
        ];
  },
};

export const convTransposeOp: Op<ConvGradientAttrs> = {
  name: "convTranspose",
  rounds: 1,
  tied: true,
  forward([g, w], a) {
    const fused = runFused("convTranspose", [g, w], () => [empty(g.backend, g.dtype, a.shape)], a);
    if (fused) return fused[0];
    const flat = g.ndim === 5 ? convTransposeByDepth(g, w, a) : null;
    if (flat) return flat;
    return local(() => {
      const out = g.shape.slice(2);
      const rows = reshape(g, [g.shape[0], a.groups, g.shape[1] / a.groups, sizeOf(out)]);
      return fold(matmul(transpose(grouped(w, a.groups), 1, 2), rows), a.shape, w.shape.slice(2), out, a);
    });
  },
  save: ([g, w]) => [g, w],
  vjp({ attrs, saved: [g, w], needs }, [gg]) {
    if (!gg) return [null, null];
    return [
      needs[0] ? applyOne(convOp, [gg, w], { ...attrs, out: g.shape }) : null,
      needs[1] ? convWeightGrad(g, gg, w.shape, attrs) : null,
    ];
  },
};
const convInputGrad = (g: Tensor, w: Tensor, shape: readonly number[], a: ConvAttrs): Tensor =>
  applyOne(convTransposeOp, [g, w], { ...a, shape });

export const convWeightGradOp: Op<ConvGradientAttrs> = {
  name: "convWeightGrad",
  forward([g, x], a) {
    const fused = runFused("convWeightGrad", [g, x], () => [empty(g.backend, g.dtype, a.shape)], a);
    if (fused) return fused[0];
    const flat = g.ndim === 5 ? convWeightGradByDepth(g, x, a) : null;
    if (flat) return flat;
    return local(() => {
      const out = g.shape.slice(2);
      const cols = columns(x, a.shape.slice(2), out, a);
      const rows = reshape(g, [g.shape[0], a.groups, g.shape[1] / a.groups, sizeOf(out)]);
      return reshape(sum(matmul(rows, transpose(cols, 2, 3)), 0), a.shape);
    });
  },
  save: ([g, x]) => [g, x],
  vjp({ attrs, saved: [g, x], needs }, [gg]) {
    if (!gg) return [null, null];
    return [
      needs[0] ? applyOne(convOp, [x, gg], { ...attrs, out: g.shape }) : null,
      needs[1] ? convInputGrad(g, gg, x.shape, attrs) : null,
    ];
  },
};
const convWeightGrad = (g: Tensor, x: Tensor, shape: readonly number[], a: ConvAttrs): Tensor =>
  applyOne(convWeightGradOp, [g, x], { ...a, shape });

export interface ConvOptions {
  /** Steps between windows (default 1). */
  readonly stride?: Spatial | undefined;
  /** Zeros on each side (default 0); "same" keeps the size (stride 1), "valid" is 0. */
  readonly padding?: Spatial | "same" | "valid" | undefined;
  /** Distance between a window's elements (default 1). */
  readonly dilation?: Spatial | undefined;
  /** Into how many groups the channels fall; each output sees those of its own group only (default 1). */
  readonly groups?: number | undefined;
}
export const convKinds: Kinds<ConvOptions> = {
  stride: numbers,
  padding: either(numbers, oneOf("same", "valid")),
  dilation: numbers,
  groups: number,
};

const perChannel = (bias: Tensor, rank: number): Tensor => reshape(bias, [-1, ...new Array<number>(rank - 2).fill(1)]);

function checkConv(
  op: string,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null | undefined,
  n: number,
  groups: number,
  channels: number,
  out: number,
): void {
  checkSameDevice(op, x, w);
  if (bias) checkTensor(op, "bias", bias);
  if (w.ndim !== n + 2 || (x.ndim !== n + 2 && x.ndim !== n + 1))
    throw new ShapeError(
      op,
      `expected input with ${n + 1} or ${n + 2} and weight with ${n + 2} dimensions, got ${showShape(x.shape)} and ${showShape(w.shape)}`,
      [x.shape, w.shape],
    );
  if (x.dtype !== w.dtype || (bias && bias.dtype !== w.dtype))
    throw new DTypeError(
      op,
      `input is ${x.dtype}, weight ${w.dtype}${bias ? `, bias ${bias.dtype}` : ""}: they must be the same`,
    );
  const c = x.shape[x.ndim - n - 1];
  if (channels % groups !== 0) throw new ArgumentError(op, `groups (${groups}) must divide the ${channels} channels`);
  if (c !== channels)
    throw new ShapeError(
      op,
      `input has ${c} channels but weight expects ${channels} (weight ${showShape(w.shape)}, input ${showShape(x.shape)})`,
      [x.shape, w.shape],
    );
  if (bias && (bias.ndim !== 1 || bias.shape[0] !== out))
    throw new ShapeError(op, `bias must have shape [${out}], got ${showShape(bias.shape)}`, [bias.shape]);
}

function conv(
  op: string,
  n: number,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null | undefined,
  options: ConvOptions,
): Tensor {
  checkOptions(op, convKinds, options);
  const whole = wholeBy("conv", x);
  if (whole !== null) return whole(conv, [op, n, x, w, bias, options]);
  checkTensor(op, "w", w);
  const { groups = 1, stride: by = 1, dilation: apart = 1 } = options;
  checkInteger(op, "groups", groups, 1);
  checkConv(op, x, w, bias, n, groups, (w.shape[1] ?? 0) * groups, w.shape[0]);
  if (w.shape[0] % groups !== 0)
    throw new ArgumentError(op, `groups (${groups}) must divide the ${w.shape[0]} output channels`);
  if (x.ndim === n + 1) return squeeze(conv(op, n, unsqueeze(x, 0), w, bias, options), 0);
  const stride = spatial(op, "stride", by, n, 1);
  const dilation = spatial(op, "dilation", apart, n, 1);
  let input = x;
  let padding: readonly number[];
  if (options.padding === "same") {
    if (stride.some((s) => s !== 1)) throw new ArgumentError(op, 'padding "same" needs stride 1');
    const total = dilation.map((d, i) => d * (w.shape[i + 2] - 1));
    padding = total.map((t) => Math.floor(t / 2));
    if (total.some((t) => t % 2 === 1))
      input = padEnd(
        x,
        total.map((t) => t % 2),
      );
  } else {
    const { padding: around = 0 } = options;
    padding = spatial(op, "padding", around === "valid" ? 0 : around, n, 0);
  }
  const attrs: ConvAttrs = { stride, padding, dilation, groups };
  if (
    outputShape(input.shape, w.shape, attrs)
      .slice(2)
      .some((s) => s < 1)
  )
    throw new ShapeError(
      op,
      `the kernel ${showShape(w.shape.slice(2))} does not fit the padded input ${showShape(x.shape.slice(2))} (padding ${showShape(padding)})`,
      [x.shape, w.shape],
    );
  // one spatial dimension is two of which the first has size 1: one set of fast kernels serves both
  if (n === 1) {
    const flat: ConvAttrs = { stride: [1, ...stride], padding: [0, ...padding], dilation: [1, ...dilation], groups };
    return squeeze(applyOne(convOp, withBias(unsqueeze(input, 2), unsqueeze(w, 2), bias), flat), 2);
  }
  return applyOne(convOp, withBias(input, w, bias), attrs);
}

const withBias = (x: Tensor, w: Tensor, bias: Tensor | null | undefined): Tensor[] => (bias ? [x, w, bias] : [x, w]);

/** Zeros behind the end of each spatial dimension. */
function padEnd(x: Tensor, extra: readonly number[]): Tensor {
  return applyOne(padEndOp, [x], { extra });
}
export const padEndOp: Op<{ extra: readonly number[] }> = {
  name: "padEnd",
  forward([x], { extra }) {
    const out = fillInto(
      empty(
        x.backend,
        x.dtype,
        x.shape.map((s, i) => (i < 2 ? s : s + extra[i - 2])),
      ),
      0,
    );
    copyInto(viewOf(out, x.shape, out.strides, 0), x);
    return out;
  },
  vjp: ({ shapes }, [g]) => [g && shapes[0].reduce((t, s, i) => (i < 2 ? t : slice(t, i, 0, s)), g)],
};

/**
 * Cross-correlation of `x` with the kernels of `weight` over one dimension:
 * `y[n, o, l] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, l * stride + k * dilation - padding]`.
 *
 * Shapes: `x` [N, C, L] or [C, L], `weight` [O, C / groups, K], `bias` [O]; result [N, O, L'] or [O, L'] with
 * `L' = floor((L + 2 * padding - dilation * (K - 1) - 1) / stride) + 1`. Dtype: all have the same one, which the result has, too.
 *
 * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the kernel is larger than the padded input.
 * @throws ArgumentError when `groups` does not divide O, `stride` or `dilation` is not positive, `padding` is negative, or "same" meets a
 * stride other than 1.
 * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
 * @example
 * import { conv1d, tensor } from "@flambeau/tensor";
 * const x = tensor([[[1, 2, 4, 8]]]);
 * conv1d(x, tensor([[[1, -1]]])).tolist(); // [[[-1, -2, -4]]]
 * conv1d(x, tensor([[[1, 1, 1]]]), tensor([10]), { padding: 1, stride: 2 }).tolist(); // [[[13, 24]]]
 */
export const conv1d = (x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = none): Tensor =>
  conv("conv1d", 1, x, weight, bias, options);
/**
 * Cross-correlation of `x` with the kernels of `weight` over two dimensions:
 * `y[n, o, h, w] = bias[o] + sum over c, i, j of weight[o, c, i, j] * x[n, c, h * s + i * d - p, w * s + j * d - p]` with s the stride, d
 * the dilation and p the padding.
 *
 * Shapes: `x` [N, C, H, W] or [C, H, W], `weight` [O, C / groups, KH, KW], `bias` [O]; result [N, O, H', W'] or [O, H', W'] with
 * `H' = floor((H + 2 * padding - dilation * (KH - 1) - 1) / stride) + 1`, W' likewise. Dtype: all have the same one, which the result has,
 * too.
 *
 * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the kernel is larger than the padded input.
 * @throws ArgumentError when `groups` does not divide O, `stride` or `dilation` is not positive, `padding` is negative, or "same" meets a
 * stride other than 1.
 * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 * @example
 * import { conv2d, ones } from "@flambeau/tensor";
 * conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2])).tolist(); // [[[[4, 4], [4, 4]]]]
 * const depthwise = conv2d(ones([8, 6, 32, 32]), ones([6, 1, 3, 3]), null, { padding: "same", groups: 6 });
 * depthwise.shape; // [8, 6, 32, 32]
 */
export const conv2d = (x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = none): Tensor =>
  conv("conv2d", 2, x, weight, bias, options);
/**
 * Cross-correlation of `x` with the kernels of `weight` over three dimensions:
 * `y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]`, where p and k are positions of
 * three coordinates.
 *
 * Shapes: `x` [N, C, D, H, W] or [C, D, H, W], `weight` [O, C / groups, KD, KH, KW], `bias` [O]; result [N, O, D', H', W'] or [O, D', H',
 * W'] with `D' = floor((D + 2 * padding - dilation * (KD - 1) - 1) / stride) + 1`, H' and W' likewise. Dtype: all have the same one, which
 * the result has, too.
 *
 * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the kernel is larger than the padded input.
 * @throws ArgumentError when `groups` does not divide O, `stride` or `dilation` is not positive, `padding` is negative, or "same" meets a
 * stride other than 1.
 * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html
 * @example
 * conv3d(ones([1, 2, 3, 3, 3]), ones([1, 2, 2, 2, 3])).tolist(); // [[[[[24], [24]], [[24], [24]]]]]
 * conv3d(ones([1, 2, 8, 8, 8]), ones([4, 2, 3, 3, 3]), null, { stride: [1, 2, 2] }).shape; // [1, 4, 6, 3, 3]
 */
export const conv3d = (x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = none): Tensor =>
  conv("conv3d", 3, x, weight, bias, options);

export interface ConvTransposeOptions {
  /** Steps between the places of neighbouring elements (default 1). */
  readonly stride?: Spatial | undefined;
  /** Elements taken from each side of the result (default 0). */
  readonly padding?: Spatial | undefined;
  /** Rows added to one side of the result, to choose among the sizes that a strided convolution maps to one (default 0). */
  readonly outputPadding?: Spatial | undefined;
  /** Distance between a kernel's elements (default 1). */
  readonly dilation?: Spatial | undefined;
  /** Into how many groups the channels fall; each input reaches the outputs of its own group only (default 1). */
  readonly groups?: number | undefined;
}
export const convTransposeKinds: Kinds<ConvTransposeOptions> = {
  stride: numbers,
  padding: numbers,
  outputPadding: numbers,
  groups: number,
  dilation: numbers,
};
function convTranspose(
  op: string,
  n: number,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null | undefined,
  options: ConvTransposeOptions,
): Tensor {
  checkOptions(op, convTransposeKinds, options);
  const whole = wholeBy("convTranspose", x);
  if (whole !== null) return whole(convTranspose, [op, n, x, w, bias, options]);
  checkTensor(op, "w", w);
  const { groups = 1, stride: by = 1, padding: around = 0, outputPadding = 0, dilation: apart = 1 } = options;
  checkInteger(op, "groups", groups, 1);
  checkConv(op, x, w, bias, n, groups, w.shape[0], (w.shape[1] ?? 0) * groups);
  if (x.ndim === n + 1) return squeeze(convTranspose(op, n, unsqueeze(x, 0), w, bias, options), 0);
  const stride = spatial(op, "stride", by, n, 1);
  const padding = spatial(op, "padding", around, n, 0);
  const extra = spatial(op, "outputPadding", outputPadding, n, 0);
  const dilation = spatial(op, "dilation", apart, n, 1);
  if (extra.some((e, i) => e >= stride[i] && e >= dilation[i]))
    throw new ArgumentError(op, `outputPadding ${showShape(extra)} must be smaller than stride or dilation`);
  const size = x.shape
    .slice(2)
    .map((s, i) => (s - 1) * stride[i] - 2 * padding[i] + dilation[i] * (w.shape[i + 2] - 1) + extra[i] + 1);
  if (size.some((s) => s < 0))
    throw new ShapeError(op, `the result would have size ${showShape(size)}`, [x.shape, w.shape]);
  const shape = [x.shape[0], w.shape[1] * groups, ...size];
  const stand = bias && inFloat32(x, w, bias);
  if (stand) return toDType(convTranspose(op, n, ...stand, options), x.dtype);
  const y = convInputGrad(x, w, shape, { stride, padding, dilation, groups });
  return bias ? add(y, perChannel(bias, y.ndim)) : y;
}
/**
 * Transposed convolution over one dimension, which lays each element's kernel into the result and adds up:
 * `y[n, o, l * stride + k * dilation - padding] += x[n, c, l] * weight[c, o, k]`, plus `bias[o]`. It maps sizes back to those that
 * {@link conv1d} takes to them, and is that function's gradient.
 *
 * Shapes: `x` [N, C, L] or [C, L], `weight` [C, O / groups, K], `bias` [O]; result [N, O, L'] or [O, L'] with
 * `L' = (L - 1) * stride - 2 * padding + dilation * (K - 1) + outputPadding + 1`. Dtype: all have the same one, which the result has, too.
 *
 * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the result would have no elements.
 * @throws ArgumentError when `groups` does not divide C, `stride` or `dilation` is not positive, `padding` is negative, or `outputPadding`
 * is smaller than neither.
 * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
 * @example
 * import { convTranspose1d, tensor } from "@flambeau/tensor";
 * convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10, 100]]])).tolist(); // [[[1, 12, 120, 200]]]
 * convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10]]]), null, { stride: 2 }).tolist(); // [[[1, 10, 2, 20]]]
 */
export const convTranspose1d = (
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = none,
): Tensor =>
  unscoped()
    ? scoped(convTranspose1d, x, weight, bias, options)
    : convTranspose("convTranspose1d", 1, x, weight, bias, options);
/**
 * Transposed convolution over two dimensions, which lays each element's kernel into the result and adds up:
 * `y[n, o, h * stride + i * dilation - padding, w * stride + j * dilation - padding] += x[n, c, h, w] * weight[c, o, i, j]`, plus
 * `bias[o]`. It maps sizes back to those that {@link conv2d} takes to them, and is that function's gradient.
 *
 * Shapes: `x` [N, C, H, W] or [C, H, W], `weight` [C, O / groups, KH, KW], `bias` [O]; result [N, O, H', W'] or [O, H', W'] with
 * `H' = (H - 1) * stride - 2 * padding + dilation * (KH - 1) + outputPadding + 1`, W' likewise. Dtype: all have the same one, which the
 * result has, too.
 *
 * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the result would have no elements.
 * @throws ArgumentError when `groups` does not divide C, `stride` or `dilation` is not positive, `padding` is negative, or `outputPadding`
 * is smaller than neither.
 * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
 * @example
 * import { convTranspose2d, ones, tensor } from "@flambeau/tensor";
 * convTranspose2d(tensor([[[[1, 2]]]]), ones([1, 1, 2, 2])).tolist(); // [[[[1, 3, 2], [1, 3, 2]]]]
 * convTranspose2d(ones([1, 4, 16, 16]), ones([4, 2, 2, 2]), null, { stride: 2 }).shape; // [1, 2, 32, 32]
 */
export const convTranspose2d = (
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = none,
): Tensor =>
  unscoped()
    ? scoped(convTranspose2d, x, weight, bias, options)
    : convTranspose("convTranspose2d", 2, x, weight, bias, options);
/**
 * Transposed convolution over three dimensions, which lays each element's kernel into the result and adds up:
 * `y[n, o, p * stride + k * dilation - padding] += x[n, c, p] * weight[c, o, k]`, where p and k are positions of three coordinates, plus
 * `bias[o]`. It maps sizes back to those that {@link conv3d} takes to them, and is that function's gradient.
 *
 * Shapes: `x` [N, C, D, H, W] or [C, D, H, W], `weight` [C, O / groups, KD, KH, KW], `bias` [O]; result [N, O, D', H', W'] or [O, D', H',
 * W'] with `D' = (D - 1) * stride - 2 * padding + dilation * (KD - 1) + outputPadding + 1`, H' and W' likewise. Dtype: all have the same
 * one, which the result has, too.
 *
 * @throws ShapeError when ranks or channels do not fit, `bias` has another size than O, or the result would have no elements.
 * @throws ArgumentError when `groups` does not divide C, `stride` or `dilation` is not positive, `padding` is negative, or `outputPadding`
 * is smaller than neither.
 * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose3d.html
 * @example
 * convTranspose3d(ones([1, 1, 1, 1, 2]), ones([1, 1, 1, 1, 2])).tolist(); // [[[[[1, 2, 1]]]]]
 * convTranspose3d(ones([1, 4, 4, 4, 4]), ones([4, 2, 2, 2, 2]), null, { stride: 2 }).shape; // [1, 2, 8, 8, 8]
 */
export const convTranspose3d = (
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = none,
): Tensor =>
  unscoped()
    ? scoped(convTranspose3d, x, weight, bias, options)
    : convTranspose("convTranspose3d", 3, x, weight, bias, options);
