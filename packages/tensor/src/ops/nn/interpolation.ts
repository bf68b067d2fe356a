import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, numbers, oneOf, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { apartFrom } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { countElements } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { add } from "../pointwise/arithmetic.ts";
import { clamp } from "../pointwise/clamp.ts";
import { floor } from "../pointwise/rounding.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./adaptive-pooling.ts";
import { resample, type Taps } from "./resampling.ts";

export type InterpolationMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "bicubic" | "trilinear" | "area";

export interface InterpolateOptions {
  /** Sizes of the result's spatial dimensions, or one for all. */
  readonly size?: number | readonly number[] | null | undefined;
  /** Factor of each spatial dimension, or one for all, in place of `size`. */
  readonly scaleFactor?: number | readonly number[] | null | undefined;
  /** By the nearest element (the default), interpolated in one, two or three dimensions, cubic in two, or the mean of the area. */
  readonly mode?: InterpolationMode | undefined;
  /** Whether the corner elements' centres stay in place; otherwise the corners of the grid do (default). For linear and cubic modes. */
  readonly alignCorners?: boolean | null | undefined;
  /** Take the factor from the sizes once the result's is known, instead of the one given (default false). */
  readonly recomputeScaleFactor?: boolean | null | undefined;
  /** Widen the filter when the result is smaller (bilinear and bicubic; default false). */
  readonly antialias?: boolean | undefined;
}
type SizeOptions = Pick<InterpolateOptions, "size" | "scaleFactor">;
const sizeKinds: Kinds<SizeOptions> = { size: orNull(numbers), scaleFactor: orNull(numbers) };
export const interpolateKinds: Kinds<InterpolateOptions> = {
  ...sizeKinds,
  mode: oneOf("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"),
  alignCorners: orNull(boolean),
  recomputeScaleFactor: orNull(boolean),
  antialias: boolean,
};

/** How one dimension is sampled. */
interface Axis {
  readonly size: number;
  readonly out: number;
  /** Step in the input for one in the result. */
  readonly scale: number;
  readonly alignCorners: boolean;
  /** One of two spatial dimensions. */
  readonly ofImage: boolean;
  /** To the precision in which PyTorch computes positions. */
  readonly round: (x: number) => number;
}

const float = Math.fround;
const clip = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);
const each = (count: number, row: (o: number) => Taps): Taps[] => Array.from({ length: count }, (_, o) => row(o));

// positions are computed in float32, as PyTorch does: which element is nearest depends on the last digit
function nearest({ size, out, scale, ofImage }: Axis): Taps[] {
  // in images PyTorch goes by the sizes where these are equal or one is twice the other, whatever the factor
  const step = ofImage && (out === size || out === 2 * size) ? size / out : float(scale);
  return each(out, (o) => [{ from: clip(Math.floor(float(o * step)), size), weight: 1 }]);
}
const nearestExact = ({ size, out, scale }: Axis): Taps[] =>
  each(out, (o) => [{ from: clip(Math.floor(float((o + 0.5) * float(scale))), size), weight: 1 }]);

const centre = (o: number, { scale, alignCorners }: Axis): number =>
  alignCorners ? o * scale : (o + 0.5) * scale - 0.5;
/** A dimension that keeps its size stays as it is, whatever the factor. */
const same = ({ out }: Axis): Taps[] => each(out, (from) => [{ from, weight: 1 }]);
function linear(a: Axis): Taps[] {
  if (a.out === a.size) return same(a);
  return each(a.out, (o) => {
    const at = Math.max(centre(o, a), 0);
    const from = clip(Math.floor(at), a.size);
    const far = Math.min(Math.max(at - from, 0), 1);
    return [
      { from, weight: 1 - far },
      { from: clip(from + 1, a.size), weight: far },
    ];
  });
}
/** Keys' cubic convolution kernel (1981) with slope `a` at distance 1. */
function cubicWeight(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
}
function cubic(a: Axis): Taps[] {
  return each(a.out, (o) => {
    const at = centre(o, a);
    const first = Math.floor(at);
    return [-1, 0, 1, 2].map((k) => ({ from: clip(first + k, a.size), weight: cubicWeight(at - first - k, -0.75) }));
  });
}
/** Filters as wide as the step, each row's weights adding up to 1. */
function antialiased(filter: (x: number) => number, reach: number): (a: Axis) => Taps[] {
  return (a) => {
    const { size, out, scale, round } = a;
    if (out === size) return same(a);
    const step = round(scale);
    const stretch = Math.max(step, 1);
    const support = round(reach * stretch);
    const shrink = round(1 / stretch);
    return each(out, (o) => {
      const middle = round(step * (o + 0.5));
      const start = Math.max(Math.trunc(round(round(middle - support) + 0.5)), 0);
      const end = Math.min(Math.trunc(round(round(middle + support) + 0.5)), size);
      const taps = Array.from({ length: end - start }, (_, k) => ({
        from: start + k,
        weight: filter(round(round(round(start + k - middle) + 0.5) * shrink)),
      }));
      const total = taps.reduce((sum, t) => sum + t.weight, 0);
      return taps.map((t) => ({ from: t.from, weight: t.weight / total }));
    });
  };
}
const antialiasedLinear = antialiased((x) => Math.max(1 - Math.abs(x), 0), 1);
const antialiasedCubic = antialiased((x) => cubicWeight(x, -0.5), 2);

/** Weights as PyTorch has them for images of bytes: whole multiples of a power of 2, the finest with 15 bits; one for each place. */
function inFixedPoint(rows: readonly Taps[]): Taps[] {
  const merged = rows.map((row) => {
    const places = new Map<number, number>();
    for (const { from, weight } of row) places.set(from, (places.get(from) ?? 0) + weight);
    return [...places].map(([from, weight]) => ({ from, weight }));
  });
  const most = Math.max(...merged.flat().map((t) => t.weight));
  let unit = 1;
  while (unit < 2 ** 22 && Math.trunc(0.5 + most * unit * 2) < 2 ** 15) unit *= 2;
  return merged.map((row) =>
    row.map(({ from, weight }) => ({ from, weight: Math.trunc(weight * unit + (weight < 0 ? -0.5 : 0.5)) / unit })),
  );
}
/** Bytes stay bytes between the dimensions, the last of which comes first. Sums of 15 bits times 8 are exact in float32. */
function ofBytes(x: Tensor, out: readonly number[], rows: (i: number) => readonly Taps[]): Tensor {
  let y = toDType(x, "float32");
  for (let i = out.length - 1; i >= 0; i--)
    if (out[i] !== x.shape[2 + i])
      y = clamp(floor(add(resample(y, { dim: 2 + i, rows: inFixedPoint(rows(i)) }), 0.5)), 0, 255);
  return toDType(y, "uint8");
}

/** Each mode's table and the number of spatial dimensions it is for (0: any). */
const modes: {
  readonly [mode in Exclude<InterpolationMode, "area">]: { readonly rows: (a: Axis) => Taps[]; readonly rank: number };
} = {
  nearest: { rows: nearest, rank: 0 },
  "nearest-exact": { rows: nearestExact, rank: 0 },
  linear: { rows: linear, rank: 1 },
  bilinear: { rows: linear, rank: 2 },
  bicubic: { rows: cubic, rank: 2 },
  trilinear: { rows: linear, rank: 3 },
};

function checkMode(op: string, x: Tensor, n: number, options: InterpolateOptions): void {
  const { mode = "nearest", alignCorners = null, antialias = false } = options;
  const rank = mode === "area" ? 0 : modes[mode].rank;
  if (n < 1 || n > 3 || (rank > 0 && rank !== n))
    throw new ShapeError(
      op,
      `mode "${mode}" needs [N, C, ...] with ${rank || "1 to 3"} spatial dimensions, got ${showShape(x.shape)}`,
      [x.shape],
      rank > 0 && n >= 1 && n <= 3
        ? `for this input: ${["linear", "bilinear or bicubic", "trilinear"][n - 1]}`
        : undefined,
    );
  if (alignCorners !== null && rank === 0)
    throw new ArgumentError(op, `alignCorners is for linear and cubic modes, not for "${mode}"`);
  if (antialias && mode !== "bilinear" && mode !== "bicubic")
    throw new ArgumentError(op, `antialias is for bilinear and bicubic, not for "${mode}"`);
  if (rank > 0 && !isFloat(x.dtype) && !(x.dtype === "uint8" && rank === 2))
    throw new DTypeError(op, `mode "${mode}" needs a floating-point tensor, got ${x.dtype}`);
}

const isList = (x: number | readonly number[]): x is readonly number[] => Array.isArray(x);
/** Output sizes, and the factors where these and not the sizes tell the step. */
function target(
  op: string,
  x: Tensor,
  n: number,
  options: InterpolateOptions,
): { out: number[]; factors: number[] | null } {
  const { size = null, scaleFactor = null, mode, recomputeScaleFactor } = options;
  if ((size === null) === (scaleFactor === null))
    throw new ArgumentError(op, `give either size or scaleFactor${size === null ? "" : ", not both"}`);
  const name = size === null ? "scaleFactor" : "size";
  const given = size ?? scaleFactor ?? 1;
  const list = isList(given) ? [...given] : x.shape.slice(2).map(() => given);
  if (list.length !== n)
    throw new ArgumentError(op, `${name} needs one or ${n} entries for ${showShape(x.shape)}, got ${show(list)}`);
  if (size === null ? !list.every(Number.isFinite) : !list.every(Number.isSafeInteger))
    throw new ArgumentError(
      op,
      `${name} must hold ${size === null ? "finite numbers" : "integers"}, got ${show(list)}`,
    );
  const out = size === null ? list.map((f, i) => Math.floor(x.shape[2 + i] * f)) : list;
  const least = mode === "area" ? 0 : 1; // the mean of areas may be asked of none
  if (out.some((s) => !(s >= least)) || x.shape.slice(2).some((s) => s < 1))
    throw new ShapeError(op, `sizes must be at least ${least}: input ${showShape(x.shape)}, result ${showShape(out)}`, [
      x.shape,
    ]);
  countElements([...x.shape.slice(0, 2), ...out], op);
  return { out, factors: size !== null || recomputeScaleFactor || mode === "area" ? null : list };
}

/**
 * Resizes the spatial dimensions to `size` or by `scaleFactor`: by the nearest element, by linear or cubic interpolation in each dimension,
 * or by the mean of the area. Element o of O lies at `(o + 0.5) * L / O - 0.5`, with `alignCorners` at `o * (L - 1) / (O - 1)`; "nearest"
 * takes `y[o] = x[floor(o * L / O)]`.
 *
 * Shape: [N, C, L], [N, C, H, W] or [N, C, D, H, W], of which "linear" takes the first, "bilinear" and "bicubic" the second, "trilinear"
 * the third; [N, C, ...sizes] comes out. Dtype: that of `x`, a floating-point one but for the nearest element; "bilinear" and "bicubic" take uint8, too, whose results are
 * rounded after each dimension.
 *
 * @throws ArgumentError when not exactly one of `size` and `scaleFactor` is given, or `mode`, `alignCorners` and `antialias` do not fit.
 * @throws ShapeError when the mode does not take the rank of `x`, or a size is 0 (but in the result of "area").
 * @throws DTypeError when the mode computes and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 * @example
 * import { interpolate, tensor } from "@flambeau/tensor";
 * const x = tensor([[[0, 2]]]);
 * interpolate(x, { size: 4 }).tolist(); // [[[0, 0, 2, 2]]]
 * interpolate(x, { scaleFactor: 2, mode: "linear" }).tolist(); // [[[0, 0.5, 1.5, 2]]]
 * interpolate(x, { size: 3, mode: "linear", alignCorners: true }).tolist(); // [[[0, 1, 2]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions = none): Tensor {
  if (unscoped()) return scoped(interpolate, x, options);
  const op = "interpolate";
  checkOptions(op, interpolateKinds, options);
  const whole = options.mode === "area" ? null : wholeBy("interpolate", x); // means of areas are another function's
  if (whole !== null) return whole(interpolate, [x, options]);
  checkTensor("interpolate", "x", x);
  const n = x.ndim - 2;
  checkMode(op, x, n, options);
  const { out, factors } = target(op, x, n, options);
  const { mode = "nearest", antialias = false } = options;
  if (mode === "area") return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][n - 1](x, out);
  const alignCorners = options.alignCorners ?? false;
  const plain = modes[mode].rows;
  const rows = antialias ? (mode === "bicubic" ? antialiasedCubic : antialiasedLinear) : plain;
  const round = x.dtype === "float64" || x.dtype === "uint8" ? (v: number) => v : float;
  const axis = (i: number): Axis => {
    const size = x.shape[2 + i];
    const factor = factors?.[i] ?? 0;
    const free = factor > 0 ? 1 / factor : size / out[i];
    const scale = alignCorners ? (out[i] > 1 ? (size - 1) / (out[i] - 1) : 0) : free;
    return { size, out: out[i], scale, alignCorners, ofImage: n === 2, round };
  };
  if (x.dtype === "uint8" && rows !== nearest && rows !== nearestExact) return ofBytes(x, out, (i) => rows(axis(i)));
  const [wide] = inFloat32(x) ?? [x];
  // PyTorch reads along a dimension that keeps its size, too
  const twice = rows === linear && out.some((size, i) => size === x.shape[2 + i]);
  const y = out.reduce((from, _, i) => resample(from, { dim: 2 + i, rows: rows(axis(i)), twice }), wide);
  return apartFrom(x, wide === x ? y : toDType(y, x.dtype));
}

/**
 * {@link interpolate} by the nearest element: `y[o] = x[floor(o * L / O)]` in each spatial dimension.
 *
 * Shape: [N, C, ...] with one to three spatial dimensions -> [N, C, ...sizes]. Dtype: that of `x`.
 *
 * @throws ArgumentError when not exactly one of `size` and `scaleFactor` is given, or it has another length.
 * @throws ShapeError when `x` has another rank or a size is 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.upsample_nearest.html
 * @example
 * upsampleNearest(tensor([[[[1, 2]]]]), { scaleFactor: 2 }).tolist(); // [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]
 */
export function upsampleNearest(x: Tensor, options: SizeOptions = none): Tensor {
  if (unscoped()) return scoped(upsampleNearest, x, options);
  checkOptions("upsampleNearest", sizeKinds, options);
  checkTensor("upsampleNearest", "x", x);
  return interpolate(x, { ...options, mode: "nearest" });
}
/**
 * {@link interpolate}, bilinear with the corners' centres in place: element o of O lies at `o * (L - 1) / (O - 1)`.
 *
 * Shape: [N, C, H, W] -> [N, C, H', W']. Dtype: that of `x`, a floating-point one.
 *
 * @throws ArgumentError when not exactly one of `size` and `scaleFactor` is given, or it has another length.
 * @throws ShapeError when `x` has another rank or a size is 0.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.upsample_bilinear.html
 * @example
 * upsampleBilinear(tensor([[[[1, 2]]]]), { size: [1, 3] }).tolist(); // [[[[1, 1.5, 2]]]]
 */
export function upsampleBilinear(x: Tensor, options: SizeOptions = none): Tensor {
  if (unscoped()) return scoped(upsampleBilinear, x, options);
  checkOptions("upsampleBilinear", sizeKinds, options);
  checkTensor("upsampleBilinear", "x", x);
  return interpolate(x, { ...options, mode: "bilinear", alignCorners: true });
}
