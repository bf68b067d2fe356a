import type { DType } from "../../core/dtype.ts";
import { ArgumentError, ShapeError, show, showShape } from "../../core/errors.ts";
import { pair } from "../../core/named.ts";
import { tensor as aTensor, checkOptions, type Kinds, none, numbers, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne, create } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { sameShape, sizeOf } from "../../layout/shapes.ts";
import { numbersFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import {
  type Drawn,
  fillUniformAs,
  type GeneratorOptions,
  generatorKinds,
  generatorOf,
  rounded,
} from "../create/drawing.ts";
import type { Picked } from "../index/picking.ts";
import { squeeze, unsqueeze } from "../shape/view.ts";
import { type Spatial, spatial } from "./conv.ts";
import { planePositions, type Windows, windowMaximum } from "./window-maximum.ts";

export interface FractionalMaxPoolOptions extends GeneratorOptions {
  /** Sizes of the result. */
  readonly outputSize?: Spatial | null | undefined;
  /** Sizes of the result as parts of the input's, between 0 and 1, in place of `outputSize`. */
  readonly outputRatio?: Spatial | null | undefined;
  /** Numbers in [0, 1) that place the windows, [N, C, spatial dimensions]; default: drawn, as PyTorch draws them. */
  readonly randomSamples?: Tensor | null | undefined;
}
export const fractionalKinds: Kinds<FractionalMaxPoolOptions> = {
  outputSize: orNull(numbers),
  outputRatio: orNull(numbers),
  randomSamples: orNull(aTensor),
  ...generatorKinds,
};

const isList = (x: Spatial | null): x is readonly number[] => Array.isArray(x);
/** Where the windows of one dimension start: steps of about (size - kernel) / (out - 1), shifted by the sample. */
function starts(sample: number, size: number, out: number, kernel: number, round: (x: number) => number): number[] {
  const step = out > 1 ? round((size - kernel) / (out - 1)) : 0;
  const shift = Math.trunc(round(sample * step));
  return Array.from({ length: out }, (_, i) =>
    i === out - 1 ? size - kernel : Math.trunc(round(round(i + sample) * step)) - shift,
  );
}

/** How the windows are laid: attributes of the ops below. */
export interface Layout {
  /** Sizes of the input, the windows and the result, one for each dimension. */
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly out: readonly number[];
  readonly planes: number;
  /** The input's dtype, in which places are computed. */
  readonly dtype: DType;
  readonly device: string;
}
/** Positions of the windows of each plane, whose `values` place them: int32 [planes, windows * their cells]. */
function positionsFor(values: ArrayLike<number>, { size, kernel, out, planes, dtype, device }: Layout): Tensor {
  const n = size.length;
  const round = (v: number) => rounded(dtype === "float64" ? v : Math.fround(v), dtype);
  const positions: number[] = [];
  for (let plane = 0; plane < planes; plane++) {
    const windows = size.map((s, i): Windows => {
      // the samples of two dimensions come width first, those of three depth first
      const sample = round(values[plane * n + (n === 2 ? 1 - i : i)]);
      return starts(sample, s, out[i], kernel[i], round).map((from) =>
        Array.from({ length: kernel[i] }, (_, k) => from + k),
      );
    });
    for (const p of planePositions(size, windows)) positions.push(p);
  }
  const shape = [planes, sizeOf(out) * sizeOf(kernel)];
  return fromValues(title(n), positions, shape, { dtype: "int32", device });
}
const title = (n: number): string => `fractionalMaxPool${n}d`;

export const fractionalPositionsOp: Op<Layout & Drawn> = {
  name: "fractionalPositions",
  draws: true,
  forward(_, { generator, ...a }) {
    const count = a.planes * a.size.length;
    const values = a.dtype === "float64" ? new Float64Array(count) : new Float32Array(count);
    fillUniformAs(a.dtype, values, generator);
    return positionsFor(values, a);
  },
};
/** {@link fractionalPositionsOp} with samples that are given. */
export const fractionalPositionsAtOp: Op<Layout> = {
  name: "fractionalPositionsAt",
  forward([samples], a) {
    const op = title(a.size.length);
    const why = "windows are laid out on the host";
    const values = numbersFor(op, samples, why, "keep randomSamples on the cpu");
    return positionsFor(Array.from(values, Number), a);
  },
};

function fractional(
  op: string,
  n: number,
  x: Tensor,
  kernelSize: Spatial,
  options: FractionalMaxPoolOptions,
): { values: Tensor; indices: Tensor } {
  const whole = wholeBy(op, x);
  if (whole !== null) return whole(fractional, [op, n, x, kernelSize, options]);
  if (unscoped()) return scoped(fractional, op, n, x, kernelSize, options);
  checkOptions(op, fractionalKinds, options);
  checkTensor(op, "x", x);
  if (x.ndim !== n + 1 && x.ndim !== n + 2)
    throw new ShapeError(op, `expected input with ${n + 1} or ${n + 2} dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  const kernel = spatial(op, "kernelSize", kernelSize, n, 1);
  const { outputSize = null, outputRatio = null } = options;
  if ((outputSize === null) === (outputRatio === null))
    throw new ArgumentError(op, `give either outputSize or outputRatio${outputSize === null ? "" : ", not both"}`);
  const size = x.shape.slice(x.ndim - n);
  const ratios = isList(outputRatio) ? outputRatio : size.map(() => outputRatio);
  if (outputRatio !== null && (ratios.length !== n || ratios.some((r) => !(typeof r === "number" && r > 0 && r < 1))))
    throw new ArgumentError(
      op,
      `outputRatio must be one number between 0 and 1 or ${n} of them, got ${show(outputRatio)}`,
    );
  const out =
    outputSize === null
      ? size.map((s, i) => Math.trunc(s * Number(ratios[i])))
      : spatial(op, "outputSize", outputSize, n);
  if (out.some((o, i) => o < 1 || o + kernel[i] - 1 > size[i]))
    throw new ShapeError(
      op,
      `${showShape(out)} windows of ${showShape(kernel)} do not fit the input ${showShape(x.shape)}`,
      [x.shape],
    );
  const batched = x.ndim === n + 1 ? unsqueeze(x, 0) : x;
  const [batch, channels] = batched.shape;
  const shape = [batch, channels, n];
  const given = options.randomSamples ?? null;
  // as in PyTorch, samples of further examples may be there
  if (given && (given.shape[0] < batch || !sameShape(given.shape.slice(1), [channels, n])))
    throw new ShapeError(op, `randomSamples must have shape ${showShape(shape)}, got ${showShape(given.shape)}`, [
      given.shape,
    ]);
  const layout: Layout = { size, kernel, out, planes: batch * channels, dtype: x.dtype, device: x.device };
  const positions = given
    ? applyOne(fractionalPositionsAtOp, [given], layout)
    : create(fractionalPositionsOp, { ...layout, generator: generatorOf(options) });
  const found = windowMaximum(batched, positions, out);
  positions.dispose();
  return x.ndim === n + 1 ? { values: squeeze(found.values, 0), indices: squeeze(found.indices, 0) } : found;
}
function valuesOf({ values, indices }: { values: Tensor; indices: Tensor }): Tensor {
  indices.dispose(); // the graph, if there is one, holds them
  return values;
}
/**
 * Maximum over windows of images whose places are drawn, so that sizes need not divide:
 * `y[n, c, i, j] = max(x[n, c, s(i) .. s(i) + kh - 1, t(j) .. t(j) + kw - 1])`. With u drawn from [0, 1) for each plane and dimension,
 * `s(i) = floor((i + u) * a) - floor(u * a)` for `a = (H - kh) / (H' - 1)`; the last window ends with the input.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'], sizes as `outputSize` says or `outputRatio` times those of `x`,
 * rounded down. `randomSamples` are [N, C, 2], that of the width first. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank, the windows do not fit the input, or `randomSamples` has another shape.
 * @throws ArgumentError when not exactly one of `outputSize` and `outputRatio` is given, or one holds what is no size or ratio.
 * @throws UnavailableError when `randomSamples` are on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fractional_max_pool2d.html
 * @see Graham, "Fractional Max-Pooling", 2014, https://arxiv.org/abs/1412.6071
 * @example
 * import { fractionalMaxPool2d, randn, tensor } from "@flambeau/tensor";
 * fractionalMaxPool2d(randn([1, 3, 10, 10]), 2, { outputRatio: 0.7 }).shape; // [1, 3, 7, 7]
 * const options = { outputSize: [1, 3], randomSamples: tensor([[[0.5, 0]]]) }; // windows start at 0, 2 and 3
 * fractionalMaxPool2d(tensor([[[1, 5, 2, 4, 3]]]), [1, 2], options).tolist(); // [[[5, 4, 4]]]
 */
export const fractionalMaxPool2d = (
  x: Tensor,
  kernelSize: Spatial,
  options: FractionalMaxPoolOptions = none,
): Tensor =>
  unscoped()
    ? scoped(fractionalMaxPool2d, x, kernelSize, options)
    : valuesOf(fractional("fractionalMaxPool2d", 2, x, kernelSize, options));
/**
 * {@link fractionalMaxPool2d} of volumes: `y[n, c, i, j, k]` is the largest element of a window that starts at places drawn for each plane.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'], sizes as `outputSize` says or `outputRatio` times those
 * of `x`, rounded down. `randomSamples` are [N, C, 3], that of the depth first. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank, the windows do not fit the input, or `randomSamples` has another shape.
 * @throws ArgumentError when not exactly one of `outputSize` and `outputRatio` is given, or one holds what is no size or ratio.
 * @throws UnavailableError when `randomSamples` are on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 * @example
 * fractionalMaxPool3d(randn([1, 3, 10, 10, 10]), 2, { outputRatio: [0.5, 0.7, 0.9] }).shape; // [1, 3, 5, 7, 9]
 */
export const fractionalMaxPool3d = (
  x: Tensor,
  kernelSize: Spatial,
  options: FractionalMaxPoolOptions = none,
): Tensor =>
  unscoped()
    ? scoped(fractionalMaxPool3d, x, kernelSize, options)
    : valuesOf(fractional("fractionalMaxPool3d", 3, x, kernelSize, options));
/**
 * {@link fractionalMaxPool2d} with the positions of the maxima: `x.flatten(-2)[indices] = values` in each plane.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link fractionalMaxPool2d}. Dtype: that of `x`, and int32 for the
 * positions (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError, UnavailableError when {@link fractionalMaxPool2d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fractional_max_pool2d.html
 * @example
 * const options = { outputSize: [1, 3], randomSamples: tensor([[[0.5, 0]]]) };
 * fractionalMaxPool2dWithIndices(tensor([[[1, 5, 2, 4, 3]]]), [1, 2], options).indices.tolist(); // [[[1, 3, 3]]]
 */
export const fractionalMaxPool2dWithIndices = (
  x: Tensor,
  kernelSize: Spatial,
  options: FractionalMaxPoolOptions = none,
): Picked => pair(fractional("fractionalMaxPool2d", 2, x, kernelSize, options));
/**
 * {@link fractionalMaxPool3d} with the positions of the maxima: `x.flatten(-3)[indices] = values` in each plane.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link fractionalMaxPool3d}. Dtype: that of `x`, and int32 for the
 * positions (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError, UnavailableError when {@link fractionalMaxPool3d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 * @example
 * fractionalMaxPool3dWithIndices(randn([1, 3, 8, 8, 8]), 2, { outputSize: 5 }).indices.shape; // [1, 3, 5, 5, 5]
 */
export const fractionalMaxPool3dWithIndices = (
  x: Tensor,
  kernelSize: Spatial,
  options: FractionalMaxPoolOptions = none,
): Picked => pair(fractional("fractionalMaxPool3d", 3, x, kernelSize, options));
