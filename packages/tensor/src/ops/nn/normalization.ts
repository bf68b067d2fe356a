import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { applyMany } from "../../door/run.ts";
import { checkInteger, integersOf } from "../../layout/integers.ts";
import { sameShape, sizeOf } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { copy_, inFloat32, toDType } from "../create/copy.ts";
import { zerosLike } from "../create/creation.ts";
import { add, mul, sub } from "../pointwise/arithmetic.ts";
import { rsqrt } from "../pointwise/exponential.ts";
import { unbroadcast } from "../reduce/unbroadcast.ts";
import { reshape } from "../shape/view.ts";
import { batchNormOp, batchNormTrackingOp, perChannel } from "./batch-norm-op.ts";
import { type Norm, normGradient, normOp } from "./norm-op.ts";

const rows: Omit<Norm<"layerNorm" | "rmsNorm">, "name" | "centered"> = {
  dims: (x, { count }) => Array.from({ length: count }, (_, i) => x.ndim - count + i),
  features: (x, { count }) => x.shape.slice(x.ndim - count),
  statistics: (x, { count }) => x.shape.map((s, i) => (i < x.ndim - count ? s : 1)),
  spread: (t) => t,
  gather: (g, x, { count }) => unbroadcast(g, x.shape.slice(x.ndim - count)),
};

const layer: Norm<"layerNorm"> = { ...rows, name: "layerNorm", centered: true };
export const layerNormBackwardOp = normGradient(layer);
export const layerNormOp = normOp(layer, layerNormBackwardOp);

/**
 * Layer normalization (Ba et al. 2016) over the trailing `normalizedShape`: y = (x - mean) / sqrt(var + eps) * weight + bias,
 * with the biased variance.
 *
 * @throws ShapeError when x does not end in normalizedShape.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  { weight = null, bias = null, eps = 1e-5 }: { weight?: Tensor | null; bias?: Tensor | null; eps?: number } = {},
): Tensor {
  const shape = integersOf("layerNorm", "normalizedShape", normalizedShape);
  if (!sameShape(x.shape.slice(x.ndim - shape.length), shape) || shape.length === 0)
    throw new ShapeError(
      "layerNorm",
      `input ${showShape(x.shape)} does not end in the normalized shape ${showShape(shape)}`,
      [x.shape, shape],
    );
  for (const p of [weight, bias])
    if (p && !sameShape(p.shape, shape))
      throw new ShapeError(
        "layerNorm",
        `weight and bias must have shape ${showShape(shape)}, got ${showShape(p.shape)}`,
        [p.shape],
      );
  const inputs = [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  const [y, mu, rstd] = applyMany(layerNormOp, inputs, {
    count: shape.length,
    eps,
    weight: weight !== null,
    bias: bias !== null,
  });
  mu.dispose(); // the graph, if there is one, holds them
  rstd.dispose();
  return y;
}

const rms: Norm<"rmsNorm"> = { ...rows, name: "rmsNorm", centered: false };
export const rmsNormBackwardOp = normGradient(rms);
export const rmsNormOp = normOp(rms, rmsNormBackwardOp);

/** Root-mean-square normalization (Zhang & Sennrich 2019): x / sqrt(mean(x^2) + eps) * weight over the trailing `normalizedShape`. */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  { weight = null, eps = null }: { weight?: Tensor | null; eps?: number | null } = {},
): Tensor {
  const shape = integersOf("rmsNorm", "normalizedShape", normalizedShape);
  if (!sameShape(x.shape.slice(x.ndim - shape.length), shape) || shape.length === 0)
    throw new ShapeError(
      "rmsNorm",
      `input ${showShape(x.shape)} does not end in the normalized shape ${showShape(shape)}`,
      [x.shape, shape],
    );
  if (weight && !sameShape(weight.shape, shape))
    throw new ShapeError("rmsNorm", `weight must have shape ${showShape(shape)}, got ${showShape(weight.shape)}`, [
      weight.shape,
    ]);
  const [y, rstd] = applyMany(rmsNormOp, weight ? [x, weight] : [x], {
    count: shape.length,
    eps: eps ?? (x.dtype === "float64" ? 2 ** -52 : 2 ** -23),
    weight: weight !== null,
    bias: false,
  });
  rstd.dispose(); // the graph, if there is one, holds it
  return y;
}

export interface BatchNormOptions {
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  /** Normalize with the batch's own statistics and update the running ones; else with the running ones. */
  readonly training?: boolean;
  /** Weight of the batch in the running statistics. */
  readonly momentum?: number;
  readonly eps?: number;
}
/**
 * Batch normalization (Ioffe & Szegedy 2015) of [N, C, ...] per channel: (x - mean) / sqrt(var + eps) * weight + bias. In training
 * the running statistics are updated in place: r = (1 - momentum) r + momentum * batch (with the unbiased variance).
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = options;
  if (x.ndim < 2) {
    if (x.size === 0) return mul(x, 1); // PyTorch lets an empty vector through
    throw new ShapeError("batchNorm", `expected input with at least 2 dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  }
  for (const p of [weight, bias, runningMean, runningVar])
    if (p && !sameShape(p.shape, [x.shape[1]]))
      throw new ShapeError(
        "batchNorm",
        `parameters and statistics must have shape [${x.shape[1]}] for input ${showShape(x.shape)}, got ${showShape(p.shape)}`,
        [p.shape, x.shape],
      );
  const stand = inFloat32(x, weight, bias, runningMean, runningVar);
  if (stand) {
    const [wide, w, b, mean32, var32] = stand;
    const y = batchNorm(wide, mean32, var32, { ...options, weight: w, bias: b });
    for (const [t, kept] of [
      [runningMean, mean32],
      [runningVar, var32],
    ])
      if (training && t && kept) noGrad(() => copy_(t, kept));
    return toDType(y, x.dtype);
  }
  if (!training) {
    if (!runningMean || !runningVar)
      throw new ArgumentError(
        "batchNorm",
        "evaluation needs running statistics",
        "pass { training: true } to use the batch's",
      );
    let y = mul(sub(x, perChannel(runningMean, x.ndim)), rsqrt(add(perChannel(runningVar, x.ndim), eps)));
    if (weight) y = mul(y, perChannel(weight, x.ndim));
    return bias ? add(y, perChannel(bias, x.ndim)) : y;
  }
  const count = x.size / x.shape[1];
  if (count === 1)
    throw new ArgumentError(
      "batchNorm",
      `training needs more than one value per channel, got input ${showShape(x.shape)}`,
    );
  const features = [...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  const attrs = { eps, weight: weight !== null, bias: bias !== null };
  const running = runningMean ?? runningVar;
  let results: readonly Tensor[];
  if (running === null) results = applyMany(batchNormOp, [x, ...features], attrs);
  else {
    // the op keeps both statistics: one that nobody wants is lost
    const inputs = [x, runningMean ?? zerosLike(running), runningVar ?? zerosLike(running), ...features];
    for (const t of inputs) checkSameDevice("batchNorm", x, t);
    results = applyMany(batchNormTrackingOp, inputs, { ...attrs, momentum }).slice(2);
  }
  const [y, mu, rstd] = results;
  mu.dispose(); // the graph, if there is one, holds them
  rstd.dispose();
  return y;
}

/** Normalizes each sample's groups of channels over the group's channels and positions, then scales and shifts per channel. */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  { weight = null, bias = null, eps = 1e-5 }: { weight?: Tensor | null; bias?: Tensor | null; eps?: number } = {},
): Tensor {
  const [n, c] = x.shape;
  if (x.ndim < 2)
    throw new ShapeError("groupNorm", `expected input with at least 2 dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  checkInteger("groupNorm", "numGroups", numGroups);
  if (numGroups < 1 || c % numGroups !== 0)
    throw new ArgumentError("groupNorm", `numGroups (${numGroups}) must divide the ${c} channels`);
  const stand = inFloat32(x, weight, bias);
  if (stand) {
    const [wide, w, b] = stand;
    return toDType(groupNorm(wide, numGroups, { weight: w, bias: b, eps }), x.dtype);
  }
  const rows = reshape(x, [n, numGroups, (c / numGroups) * sizeOf(x.shape.slice(2))]);
  let y = reshape(layerNorm(rows, rows.shape[2], { eps }), x.shape);
  if (weight) y = mul(y, perChannel(weight, x.ndim));
  return bias ? add(y, perChannel(bias, x.ndim)) : y;
}
