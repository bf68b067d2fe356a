import { ArgumentError, minimum, pairwiseDistance, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  inFloat32,
  type Kinds,
  option,
  pointwise,
  pointwiseCall,
  scoped,
  showShape,
  toDType,
  unscoped,
  wholeBy,
} from "@flambeau/tensor/plugin";
import { type MarginOptions, positive } from "./margin.ts";
import { reduceLoss, reductionKinds } from "./reduce.ts";

export const tripletOp = pointwise("tripletMargin", (near, far, margin) => positive(near.sub(far).add(margin)));

/** How far apart corresponding vectors are. */
export type Distance = (x: Tensor, y: Tensor) => Tensor;

export interface TripletWithDistanceOptions extends MarginOptions {
  /** Gives the distances of two tensors' vectors. Default: the Euclidean {@link pairwiseDistance}. */
  readonly distanceFunction?: Distance | null | undefined;
  /** Take the negative's distance to the positive when that is smaller (Balntas et al. 2016). Default false. */
  readonly swap?: boolean | undefined;
}
export const tripletWithDistanceKinds: Kinds<TripletWithDistanceOptions> = {
  distanceFunction: option.orNull(option.callback),
  margin: option.number,
  swap: option.boolean,
  ...reductionKinds,
};
/**
 * The positive closer to the anchor than the negative by a margin, by a distance of one's own:
 * `loss = max(0, d(anchor, positive) - d(anchor, negative) + margin)`, reduced.
 *
 * {@link tripletMargin} is the one of p-norms. `margin` is 1 by default.
 *
 * Shapes: vectors [N, D] or [D]; a scalar, or what `distanceFunction` gives with `reduction: "none"`.
 *
 * @throws ShapeError when the numbers of dimensions differ, ArgumentError for a margin that is not positive or an unknown `reduction`; what
 * `distanceFunction` throws.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html
 * @example
 * const distanceFunction = (x: Tensor, y: Tensor) => x.sub(y).abs().sum(-1);
 * const [anchor, near, far] = [tensor([[0, 0]]), tensor([[1, 1]]), tensor([[2, 0]])];
 * losses.tripletMarginWithDistance(anchor, near, far, { distanceFunction }).item(); // 1
 */
export function tripletMarginWithDistance(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletWithDistanceOptions = {},
): Tensor {
  checkOptions("tripletMarginWithDistance", tripletWithDistanceKinds, options);
  checkTensor("tripletMarginWithDistance", "anchor", anchor);
  checkTensor("tripletMarginWithDistance", "positive", positive);
  checkTensor("tripletMarginWithDistance", "negative", negative);
  if (unscoped()) return scoped(tripletMarginWithDistance, anchor, positive, negative, options);
  const { distanceFunction, margin = 1, swap = false, reduction } = options;
  return triplet(
    "tripletMarginWithDistance",
    [anchor, positive, negative],
    distanceFunction ?? pairwiseDistance,
    margin,
    swap,
    reduction,
  );
}

function triplet(
  op: string,
  [anchor, positive, negative]: readonly [Tensor, Tensor, Tensor],
  distance: Distance,
  margin: number,
  swap: boolean,
  reduction: MarginOptions["reduction"],
): Tensor {
  if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim)
    throw new ShapeError(
      op,
      `anchor, positive and negative need the same number of dimensions, got ${showShape(anchor.shape)}, ${showShape(positive.shape)} and ${showShape(negative.shape)}`,
      [anchor.shape, positive.shape, negative.shape],
    );
  if (!(margin > 0)) throw new ArgumentError(op, `margin must be positive, got ${margin}`);
  const stand = inFloat32(anchor, positive, negative);
  if (stand) return toDType(triplet(op, stand, distance, margin, swap, reduction), anchor.dtype);
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = minimum(far, distance(positive, negative));
  return reduceLoss(pointwiseCall(tripletOp, [near, far, margin]), reduction);
}

export interface TripletOptions extends MarginOptions {
  /** Degree of the norm. Default 2. */
  readonly p?: number | undefined;
  /** Added to each difference. Default 1e-6. */
  readonly eps?: number | undefined;
  /** Take the negative's distance to the positive when that is smaller (Balntas et al. 2016). Default false. */
  readonly swap?: boolean | undefined;
}
export const tripletKinds: Kinds<TripletOptions> = {
  margin: option.number,
  p: option.number,
  eps: option.number,
  swap: option.boolean,
  ...reductionKinds,
};
/**
 * The positive closer to the anchor than the negative by a margin: `loss = max(0, |anchor - positive|_p - |anchor - negative|_p + margin)`,
 * reduced.
 *
 * `margin` is 1 by default.
 *
 * Shapes: vectors [N, D] or [D]; a scalar, or [N] (or 0-d) with `reduction: "none"`. Dtype: that to which they are promoted; integers give
 * the default floating dtype.
 *
 * @throws ShapeError when the numbers of dimensions differ or the shapes do not broadcast, ArgumentError for a margin that is not positive
 * or an unknown `reduction`, DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
 * @example
 * const [anchor, near, far] = [tensor([[0, 0]]), tensor([[1, 0]]), tensor([[2, 0]])];
 * losses.tripletMargin(anchor, near, far).item(); // 0.0000
 * losses.tripletMargin(anchor, near, far, { swap: true }).item(); // 1.0000: near and far are 1 apart
 */
export function tripletMargin(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletOptions = {},
): Tensor {
  const whole = wholeBy("tripletMargin", anchor);
  if (whole !== null) return whole(tripletMargin, [anchor, positive, negative, options]);
  if (unscoped()) return scoped(tripletMargin, anchor, positive, negative, options);
  checkOptions("tripletMargin", tripletKinds, options);
  checkTensor("tripletMargin", "anchor", anchor);
  checkTensor("tripletMargin", "positive", positive);
  checkTensor("tripletMargin", "negative", negative);
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction } = options;
  const distance: Distance = (x, y) => pairwiseDistance(x, y, { p, eps });
  return triplet("tripletMargin", [anchor, positive, negative], distance, margin, swap, reduction);
}
