import {
  ArgumentError,
  inFloat32,
  minimum,
  pairwiseDistance,
  pointwise,
  pointwiseCall,
  ShapeError,
  showShape,
  type Tensor,
  toDType,
} from "@flambeau/tensor/functional";
import { type MarginOptions, positive } from "./margin.ts";
import { reduceLoss } from "./reduce.ts";

export const tripletOp = pointwise("tripletMargin", (near, far, margin) => positive(near.sub(far).add(margin)));

/** How far apart corresponding vectors are. */
export type Distance = (x: Tensor, y: Tensor) => Tensor;

export interface TripletWithDistanceOptions extends MarginOptions {
  /** Default: the Euclidean {@link pairwiseDistance}. */
  readonly distanceFunction?: Distance | null;
  /** Take the negative's distance to the positive when that is smaller (Balntas et al. 2016). */
  readonly swap?: boolean;
}
/**
 * {@link tripletMargin} with a distance of one's own.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
 */
export function tripletMarginWithDistance(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { distanceFunction, margin = 1, swap = false, reduction }: TripletWithDistanceOptions = {},
): Tensor {
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
  return reduceLoss(op, pointwiseCall(tripletOp, [near, far, margin]), reduction);
}

export interface TripletOptions extends MarginOptions {
  /** Degree of the norm. */
  readonly p?: number;
  /** Added to each difference. */
  readonly eps?: number;
  /** Take the negative's distance to the positive when that is smaller (Balntas et al. 2016). */
  readonly swap?: boolean;
}
/**
 * max(0, |anchor - positive|_p - |anchor - negative|_p + margin) for vectors [N, D] or [D].
 *
 * @throws ShapeError when the ranks differ, ArgumentError for a margin that is not positive.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export function tripletMargin(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { margin = 1, p = 2, eps = 1e-6, swap = false, reduction }: TripletOptions = {},
): Tensor {
  const distance: Distance = (x, y) => pairwiseDistance(x, y, { p, eps });
  return triplet("tripletMargin", [anchor, positive, negative], distance, margin, swap, reduction);
}
