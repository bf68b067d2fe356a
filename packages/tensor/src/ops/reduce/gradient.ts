import { ArgumentError, ShapeError, show, showShape } from "../../core/errors.ts";
import {
  tensor as aTensor,
  checkOptions,
  either,
  type Kinds,
  listOf,
  none,
  number,
  numbers,
  orNull,
} from "../../core/options.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType, widened } from "../../door/convert.ts";
import { normalizeDims } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { add, div, mul, neg, sub } from "../pointwise/arithmetic.ts";
import { cat } from "../shape/joining.ts";
import { narrow, reshape } from "../shape/view.ts";

export interface GradientOptions {
  /** Distance of neighbours, in each dimension or one for all (default 1); or for each dimension a 1-d tensor of coordinates. */
  readonly spacing?: number | readonly (number | Tensor)[] | null | undefined;
  /** The dimensions to differentiate along; null (the default) takes all. */
  readonly dim?: number | readonly number[] | null | undefined;
  /** Order of the estimate at the ends: 1 (the default) or 2. */
  readonly edgeOrder?: number | undefined;
}
const gradientKinds: Kinds<GradientOptions> = {
  spacing: orNull(either(number, listOf(either(number, aTensor)))),
  dim: orNull(numbers),
  edgeOrder: number,
};

/** weights[0] * x[start] + weights[1] * x[start + 1] + ... along `dim`, for `length` starts. */
function stencil(x: Tensor, dim: number, start: number, length: number, weights: readonly (Tensor | number)[]): Tensor {
  const terms = weights.map((w, i) => mul(narrow(x, dim, start + i, length), w));
  return terms.reduce((sum, t) => add(sum, t));
}

function evenly(x: Tensor, dim: number, dx: number, edgeOrder: number): Tensor {
  const n = x.shape[dim];
  const [first, last] =
    edgeOrder === 1
      ? [
          [-1, 1],
          [-1, 1],
        ]
      : [
          [-1.5, 2, -0.5],
          [0.5, -2, 1.5],
        ];
  const parts = [
    div(stencil(x, dim, 0, 1, first), dx),
    div(sub(narrow(x, dim, 2, n - 2), narrow(x, dim, 0, n - 2)), 2 * dx),
    div(stencil(x, dim, n - last.length, 1, last), dx),
  ];
  return cat(parts, dim);
}

function unevenly(x: Tensor, dim: number, coordinates: Tensor, edgeOrder: number): Tensor {
  const n = x.shape[dim];
  const shaped = reshape(
    coordinates,
    x.shape.map((_, i) => (i === dim ? n : 1)),
  );
  const steps = sub(narrow(shaped, dim, 1, n - 1), narrow(shaped, dim, 0, n - 1));
  const step = (start: number, length: number): Tensor => narrow(steps, dim, start, length);
  // second-order weights of three neighbours at the distances h and k (Fornberg 1988)
  const pair = (start: number, length: number) => {
    const [h, k] = [step(start, length), step(start + 1, length)];
    return { h, k, both: add(h, k) };
  };
  const middle = pair(0, n - 2);
  const centre = stencil(x, dim, 0, n - 2, [
    neg(div(middle.k, mul(middle.h, middle.both))),
    div(sub(middle.k, middle.h), mul(middle.h, middle.k)),
    div(middle.h, mul(middle.k, middle.both)),
  ]);
  const ends = (): [Tensor, Tensor] => {
    if (edgeOrder === 1)
      return [div(stencil(x, dim, 0, 1, [-1, 1]), step(0, 1)), div(stencil(x, dim, n - 2, 1, [-1, 1]), step(n - 2, 1))];
    const [a, b] = [pair(0, 1), pair(n - 3, 1)];
    return [
      stencil(x, dim, 0, 1, [
        neg(div(add(a.h, a.both), mul(a.h, a.both))),
        div(a.both, mul(a.h, a.k)),
        neg(div(a.h, mul(a.k, a.both))),
      ]),
      stencil(x, dim, n - 3, 1, [
        div(b.k, mul(b.h, b.both)),
        neg(div(b.both, mul(b.h, b.k))),
        div(add(b.k, b.both), mul(b.k, b.both)),
      ]),
    ];
  };
  const [first, last] = ends();
  return cat([first, centre, last], dim);
}

/**
 * Slope, along each dimension or those of `dim`, of the function whose samples are `x`: `g[i] = (x[i + 1] - x[i - 1]) / (2 * h)` inside for
 * samples at a distance h. Uneven distances are weighted to second order (Fornberg 1988); at the ends `g[0] = (x[1] - x[0]) / h`, or with
 * `edgeOrder` 2 the slope of a parabola.
 * Shapes: a list of tensors of x's shape, one for each dimension asked; coordinates in `spacing` are [N] for a dimension of size N.
 * Integers give the default floating dtype.
 *
 * @throws ShapeError when a dimension has fewer than `edgeOrder + 1` samples, or coordinates have another length.
 * @throws ArgumentError when `edgeOrder` is neither 1 nor 2, or `spacing` has not one entry for each dimension.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.gradient.html
 * @example
 * const [even] = gradient(tensor([1, 4, 9, 16]));
 * even?.tolist(); // [3, 4, 6, 7]
 * const [uneven] = gradient(tensor([0, 1, 9]), { spacing: [tensor([0, 1, 3])], edgeOrder: 2 });
 * uneven?.tolist(); // [0, 2, 6]
 */
export function gradient(x: Tensor, options: GradientOptions = none): Tensor[] {
  if (unscoped()) return scoped(gradient, x, options);
  checkOptions("gradient", gradientKinds, options);
  checkTensor("gradient", "x", x);
  const { spacing = null, dim = null, edgeOrder = 1 } = options;
  const stand = inFloat32(x);
  if (stand) return gradient(...stand, options).map((g) => toDType(g, x.dtype));
  const dims = dim === null ? x.shape.map((_, i) => i) : normalizeDims("gradient", dim, x.ndim);
  if (edgeOrder !== 1 && edgeOrder !== 2)
    throw new ArgumentError("gradient", `edgeOrder must be 1 or 2, got ${show(edgeOrder)}`);
  if (Array.isArray(spacing) && spacing.length !== dims.length)
    throw new ArgumentError("gradient", `spacing has ${spacing.length} entries, there are ${dims.length} dimensions`);
  return dims.map((d, i) => {
    const n = x.shape[d];
    if (n <= edgeOrder)
      throw new ShapeError(
        "gradient",
        `dimension ${d} of shape ${showShape(x.shape)} needs at least ${edgeOrder + 1} samples`,
        [x.shape],
      );
    const step = spacing === null ? 1 : typeof spacing === "number" ? spacing : spacing[i];
    if (!(step instanceof Tensor)) return evenly(x, d, step, edgeOrder);
    if (step.ndim !== 1 || step.size !== n)
      throw new ShapeError(
        "gradient",
        `coordinates ${showShape(step.shape)} do not go with dimension ${d} of size ${n}`,
        [step.shape, x.shape],
      );
    return unevenly(x, d, widened(step), edgeOrder);
  });
}
