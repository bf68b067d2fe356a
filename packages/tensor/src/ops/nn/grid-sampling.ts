import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { boolean, checkOptions, type Kinds, none, oneOf, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { type Pointwise, pointwise } from "../../door/pointwise.ts";
import { wholeBy } from "../../door/stack.ts";
import { where as choose, type Expr, scalar } from "../../expr/expr.ts";
import { checkIntegers } from "../../layout/integers.ts";
import { countElements, sizeOf } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import { gather } from "../index/gather-scatter.ts";
import { matmul } from "../linalg/matmul.ts";
import { add, mul } from "../pointwise/arithmetic.ts";
import { clamp } from "../pointwise/clamp.ts";
import { floor, round } from "../pointwise/rounding.ts";
import { slopeless } from "../pointwise/slopeless.ts";
import { expand, reshape, select, transpose } from "../shape/view.ts";

export interface GridSampleOptions extends AffineGridOptions {
  /** How values between elements come about; bicubic only for images. "bilinear", the default, is trilinear in volumes. */
  readonly mode?: "bilinear" | "nearest" | "bicubic" | undefined;
  /** What lies outside: zeros (the default), the edge, or the input mirrored. */
  readonly paddingMode?: "zeros" | "border" | "reflection" | undefined;
}
export interface AffineGridOptions {
  /** Whether -1 and 1 are the centres of the corner elements; otherwise they are the corners of the grid (default false). */
  readonly alignCorners?: boolean | null | undefined;
}
const affineGridKinds: Kinds<AffineGridOptions> = { alignCorners: orNull(boolean) };
const gridSampleKinds: Kinds<GridSampleOptions> = {
  mode: oneOf("bilinear", "nearest", "bicubic"),
  paddingMode: oneOf("zeros", "border", "reflection"),
  ...affineGridKinds,
};

// from -1..1 to element positions
const rule = { title: "gridSample" } as const;
export const gridPositionOp = pointwise("gridPosition", (g, scale, shift) => g.mul(scale).add(shift), rule);
// NaN counts as 0, as in PyTorch
export const gridBorderOp = pointwise("gridBorder", (x, last) => choose(x.gt(0), choose(x.lt(last), x, last), 0), {
  ...rule,
  // at the very edge the gradient is that of outside, as in PyTorch
  grad: (g, [x, last]) => [choose(x.gt(0), choose(x.lt(last), g, 0), 0), null],
});
// mirrored at low and low + span, as often as needed
export const gridMirrorOp = pointwise("gridMirror", (x, low, span) => mirrored(x, low, span).value, {
  ...rule,
  grad: (g, [x, low, span]) => {
    const { odd } = mirrored(x, low, span);
    const slope = choose(x.lt(low), g.neg(), g);
    return [choose(odd, slope.neg(), slope), null, null];
  },
});
function mirrored(x: Expr, low: Expr, span: Expr): { value: Expr; odd: Expr } {
  const distance = scalar.abs(x.sub(low));
  const flips = scalar.floor(distance.div(span));
  const extra = distance.sub(flips.mul(span));
  const odd = flips.sub(scalar.floor(flips.mul(0.5)).mul(2)).gt(0.5);
  return { value: choose(odd, span.sub(extra), extra).add(low), odd };
}
// NaN is outside
export const gridInsideOp = pointwise(
  "gridInside",
  (weight, at, size) => choose(at.ge(0).and(at.lt(size)), weight, 0),
  rule,
);

// Keys' cubic convolution with slope -0.75
const near = (d: Expr): Expr => d.mul(1.25).sub(2.25).mul(d).mul(d).add(1);
const far = (d: Expr): Expr => d.mul(-0.75).add(3.75).mul(d).sub(6).mul(d).add(3);
// Weights of the taps around a position t in [0, 1) behind the first one's neighbour, each with how far it lies from that neighbour.
export const gridLinearFirstOp = pointwise("gridLinearFirst", (t) => t.neg().add(1), rule);
export const gridLinearSecondOp = pointwise("gridLinearSecond", (t) => t.mul(1), rule);
export const gridCubicFirstOp = pointwise("gridCubicFirst", (t) => far(t.add(1)), rule);
export const gridCubicSecondOp = pointwise("gridCubicSecond", (t) => near(t), rule);
export const gridCubicThirdOp = pointwise("gridCubicThird", (t) => near(t.neg().add(1)), rule);
export const gridCubicFourthOp = pointwise("gridCubicFourth", (t) => far(t.neg().add(2)), rule);
type Weights = readonly (readonly [offset: number, weight: Pointwise])[];
const linearTaps: Weights = [
  [0, gridLinearFirstOp],
  [1, gridLinearSecondOp],
];
const cubicTaps: Weights = [
  [-1, gridCubicFirstOp],
  [0, gridCubicSecondOp],
  [1, gridCubicThirdOp],
  [2, gridCubicFourthOp],
];

type PaddingMode = NonNullable<GridSampleOptions["paddingMode"]>;

/** Positions brought into the input, where the padding mode says so. */
function padded(x: Tensor, size: number, mode: PaddingMode, alignCorners: boolean): Tensor {
  if (mode === "zeros") return x;
  let inside = x;
  if (mode === "reflection") {
    const span = alignCorners ? size - 1 : size;
    inside = span === 0 ? mul(x, 0) : pointwiseCall(gridMirrorOp, [x, alignCorners ? 0 : -0.5, span]);
  }
  return pointwiseCall(gridBorderOp, [inside, size - 1]);
}

interface Tap {
  /** Positions in the dimension, in range, as int32. */
  readonly at: Tensor;
  /** null: 1 everywhere. */
  readonly weight: Tensor | null;
}
/** The elements of one dimension that take part, and by how much. */
function tapsOf(g: Tensor, size: number, options: GridSampleOptions): Tap[] {
  const { mode = "bilinear", paddingMode = "zeros" } = options;
  const alignCorners = options.alignCorners ?? false;
  const scale = (alignCorners ? size - 1 : size) / 2;
  const raw = pointwiseCall(gridPositionOp, [g, scale, (size - 1) / 2]);
  const position = mode === "bicubic" ? raw : padded(raw, size, paddingMode, alignCorners);
  const tap = (where: Tensor, weight: Tensor | null): Tap => {
    const at = noGrad(() => toDType(clamp(where, 0, size - 1), "int32"));
    if (paddingMode !== "zeros") return { at, weight };
    const full = weight ?? noGrad(() => add(mul(where, 0), 1));
    return { at, weight: pointwiseCall(gridInsideOp, [full, where, size]) };
  };
  if (mode === "nearest") {
    const where = noGrad(() => round(position));
    const { at, weight } = tap(where, null);
    // the one place where the result hangs on the grid: its gradient is zeros
    return [{ at, weight: slopeless("gridSample", [position], () => weight ?? add(mul(where, 0), 1)) }];
  }
  const first = noGrad(() => floor(position));
  const t = add(position, first, { alpha: -1 });
  return (mode === "bicubic" ? cubicTaps : linearTaps).map(([offset, weight]) => {
    const neighbour = noGrad(() => add(first, offset));
    // cubic taps are brought into the input one by one
    const where = mode === "bicubic" ? noGrad(() => padded(neighbour, size, paddingMode, alignCorners)) : neighbour;
    return tap(where, pointwiseCall(weight, [t]));
  });
}

function check(x: Tensor, grid: Tensor, { mode }: GridSampleOptions): void {
  const op = "gridSample";
  const n = x.ndim - 2;
  if ((n !== 2 && n !== 3) || grid.ndim !== x.ndim || grid.shape[0] !== x.shape[0] || grid.shape[grid.ndim - 1] !== n)
    throw new ShapeError(
      op,
      `expected input [N, C, H, W] and grid [N, h, w, 2], or one dimension more and 3, got ${showShape(x.shape)} and ${showShape(grid.shape)}`,
      [x.shape, grid.shape],
    );
  if (x.shape.slice(2).some((s) => s < 1))
    throw new ShapeError(op, `expected spatial dimensions that are not empty, got ${showShape(x.shape)}`, [x.shape]);
  if (!isFloat(x.dtype) || grid.dtype !== x.dtype)
    throw new DTypeError(op, `input and grid must have one floating-point dtype, got ${x.dtype} and ${grid.dtype}`);
  if (mode === "bicubic" && n === 3)
    throw new ArgumentError(op, 'mode "bicubic" is for images only', 'of volumes there are "bilinear" and "nearest"');
}

/**
 * Values of images (or volumes) at the positions of a grid: `y[n, c, i, j] = x[n, c, v, u]` with `(u, v) = grid[n, i, j]`, where -1 and 1
 * are the edges and values between elements are interpolated. Positions lead with the last dimension: (x, y), in volumes (x, y, z).
 *
 * Shapes: `x` [N, C, H, W] and `grid` [N, h, w, 2] give [N, C, h, w]; `x` [N, C, D, H, W] and `grid` [N, d, h, w, 3] give [N, C, d, h, w].
 * Dtype: both have the same floating-point one, which the result has, too.
 *
 * @throws ShapeError when `x` and `grid` do not fit, or `x` has no positions.
 * @throws DTypeError when the two do not have one floating-point dtype.
 * @throws ArgumentError when `mode` or `paddingMode` is none of those listed, or bicubic is asked for in volumes.
 * @throws DeviceError when the two live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
 * @see Jaderberg et al., "Spatial Transformer Networks", 2015, https://arxiv.org/abs/1506.02025
 * @example
 * import { gridSample, tensor } from "@flambeau/tensor";
 * const x = tensor([[[[1, 3], [5, 7]]]]);
 * gridSample(x, tensor([[[[0, 0]]]])).tolist(); // [[[[4]]]]
 * gridSample(x, tensor([[[[-1, -1], [1, -1]]]]), { alignCorners: true }).tolist(); // [[[[1, 3]]]]
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = none): Tensor {
  const whole = wholeBy("gridSample", x);
  if (whole !== null) return whole(gridSample, [x, grid, options]);
  if (unscoped()) return scoped(gridSample, x, grid, options);
  checkOptions("gridSample", gridSampleKinds, options);
  checkTensor("gridSample", "x", x);
  checkTensor("gridSample", "grid", grid);
  const wide = inFloat32(x, grid);
  if (wide) return toDType(gridSample(...wide, options), x.dtype);
  check(x, grid, options);
  const [batch, channels] = x.shape;
  const size = x.shape.slice(2);
  const out = grid.shape.slice(1, -1);
  const count = sizeOf(out);
  // the grid's coordinates run from the last dimension to the first
  const dims = size.map((s, i) => tapsOf(select(grid, -1, size.length - 1 - i), s, options));
  let corners: Tap[] = dims[0];
  for (let i = 1; i < dims.length; i++)
    corners = corners.flatMap((a) =>
      dims[i].map((b) => ({
        at: noGrad(() => add(mul(a.at, size[i]), b.at)),
        weight: a.weight && b.weight && mul(a.weight, b.weight),
      })),
    );
  const planes = reshape(x, [batch, channels, sizeOf(size)]);
  let sum: Tensor | null = null;
  for (const { at, weight } of corners) {
    const index = expand(reshape(at, [batch, 1, count]), [batch, channels, count]);
    const values = gather(planes, 2, index);
    const part = weight ? mul(values, reshape(weight, [batch, 1, count])) : values;
    sum = sum === null ? part : add(sum, part);
  }
  return reshape(sum ?? planes, [batch, channels, ...out]); // there is at least one corner
}

/**
 * The grid at which {@link gridSample} applies affine maps: `grid[n, i, j] = theta[n] @ [x, y, 1]`, where x and y run from -1 to 1 along
 * the last and the next to last dimension. With `alignCorners` (default false) -1 and 1 are the centres of the corner elements, otherwise
 * the corners of the grid.
 *
 * Shapes: `theta` [N, 2, 3] and `size` [N, C, H, W] give [N, H, W, 2]; `theta` [N, 3, 4] and [N, C, D, H, W] give [N, D, H, W, 3]. Dtype:
 * that of `theta`.
 *
 * @throws ShapeError when `theta` does not fit `size`.
 * @throws ArgumentError when `size` holds anything but positive integers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
 * @example
 * const identity = tensor([[[1, 0, 0], [0, 1, 0]]]);
 * affineGrid(identity, [1, 1, 1, 2]).tolist(); // [[[[-0.5, 0], [0.5, 0]]]]
 * affineGrid(identity, [1, 1, 1, 2], { alignCorners: true }).tolist(); // [[[[-1, 0], [1, 0]]]]
 */
export function affineGrid(theta: Tensor, size: readonly number[], options: AffineGridOptions = none): Tensor {
  if (unscoped()) return scoped(affineGrid, theta, size, options);
  checkOptions("affineGrid", affineGridKinds, options);
  checkTensor("affineGrid", "theta", theta);
  countElements(checkIntegers("affineGrid", "size", size, 1), "affineGrid");
  const n = size.length - 2;
  const expected = [size[0], n, n + 1];
  if ((n !== 2 && n !== 3) || showShape(theta.shape) !== showShape(expected))
    throw new ShapeError(
      "affineGrid",
      `for size ${showShape(size)} theta must have shape ${showShape(expected)}, got ${showShape(theta.shape)}`,
      [theta.shape],
    );
  const spatial = size.slice(2);
  const along = (s: number, i: number): number =>
    options.alignCorners ? (s > 1 ? (2 * i) / (s - 1) - 1 : 0) : (2 * i + 1) / s - 1;
  let points: number[][] = [[]];
  for (const s of spatial) points = points.flatMap((p) => Array.from({ length: s }, (_, i) => [along(s, i), ...p]));
  const base = fromValues(
    "affineGrid",
    points.flatMap((p) => [...p, 1]),
    [points.length, n + 1],
    { dtype: theta.dtype, device: theta.device },
  );
  return reshape(matmul(base, transpose(theta, 1, 2)), [size[0], ...spatial, n]);
}
