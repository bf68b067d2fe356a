import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import { records } from "../../door/interpreter.ts";
import type { Op } from "../../door/op.ts";
import { applyMany } from "../../door/run.ts";
import { checkInteger, integersOf } from "../../layout/integers.ts";
import { sameShape, sizeOf } from "../../layout/shapes.ts";
import { runFused } from "../../lower/fused.ts";
import { add, add_, mul, mul_, sub } from "../pointwise/arithmetic.ts";
import { rsqrt } from "../pointwise/exponential.ts";
import { mean, sum } from "../reduce/reduction.ts";
import { unbroadcast } from "../reduce/unbroadcast.ts";
import { reshape } from "../shape/view.ts";

const lastDims = (x: Tensor, count: number): number[] => Array.from({ length: count }, (_, i) => x.ndim - count + i);

/** (x - mean) / sqrt(var + eps) over `dims`, in differentiable ops. */
function standardize(x: Tensor, dims: readonly number[], eps: number): { hat: Tensor; mean: Tensor; rstd: Tensor } {
  const mu = mean(x, dims, { keepdim: true });
  const centered = sub(x, mu);
  const rstd = rsqrt(add(mean(mul(centered, centered), dims, { keepdim: true }), eps));
  return { hat: mul(centered, rstd), mean: mu, rstd };
}

/** Gradient of a standardized x: rstd * (g - mean(g) - hat * mean(g * hat)). */
const unstandardize = (g: Tensor, hat: Tensor, rstd: Tensor, dims: readonly number[]): Tensor =>
  mul(rstd, sub(sub(g, mean(g, dims, { keepdim: true })), mul(hat, mean(mul(g, hat), dims, { keepdim: true }))));

interface LayerNormAttrs {
  /** How many trailing dimensions are normalized. */
  readonly count: number;
  readonly eps: number;
}

// inputs: x, and weight and bias when present; results: y, and mean and 1/std of each row for the gradient
const layerNormOp: Op<LayerNormAttrs & { readonly weight: boolean; readonly bias: boolean }> = {
  name: "layerNorm",
  forward(inputs, a) {
    const [x] = inputs;
    const weight = a.weight ? inputs[1] : null;
    const bias = a.bias ? inputs[inputs.length - 1] : null;
    const rows = x.shape.map((s, i) => (i < x.ndim - a.count ? s : 1));
    const fused = runFused(
      "layerNorm",
      inputs,
      () => [empty(x.backend, x.dtype, x.shape), empty(x.backend, x.dtype, rows), empty(x.backend, x.dtype, rows)],
      a,
    );
    if (fused) return fused;
    const dims = lastDims(x, a.count);
    const { hat, mean: mu, rstd } = standardize(x, dims, a.eps);
    let y = weight ? mul(hat, weight) : hat;
    if (bias) y = add(y, bias);
    return [y, mu, rstd];
  },
  save: (inputs, [, mu, rstd]) => [...inputs, mu, rstd],
  vjp({ attrs: a, saved, shapes, needs }, [g]) {
    if (!g) return needs.map(() => null);
    const [x] = saved;
    const weight = a.weight ? saved[1] : null;
    const dims = lastDims(x, a.count);
    const [savedMean, savedRstd] = saved.slice(-2);
    if (!records(weight ? [g, x, weight] : [g, x])) {
      const fused = runFused(
        "layerNormBackward",
        weight ? [g, x, savedMean, savedRstd, weight] : [g, x, savedMean, savedRstd],
        () => [
          empty(x.backend, x.dtype, x.shape),
          ...(a.weight ? [empty(x.backend, x.dtype, shapes[1])] : []),
          ...(a.bias ? [empty(x.backend, x.dtype, shapes[shapes.length - 1])] : []),
        ],
        a,
      );
      if (fused) return fused;
    }
    // a graph of the gradient itself needs mean and std as functions of x
    const { hat, rstd } = records([x])
      ? standardize(x, dims, a.eps)
      : { hat: mul(sub(x, savedMean), savedRstd), rstd: savedRstd };
    const dx = needs[0] ? unstandardize(weight ? mul(g, weight) : g, hat, rstd, dims) : null;
    const out = [dx];
    if (a.weight) out.push(needs[1] ? reshape(unbroadcast(mul(g, hat), shapes[1]), shapes[1]) : null);
    if (a.bias) out.push(needs[shapes.length - 1] ? unbroadcast(g, shapes[shapes.length - 1]) : null);
    return out;
  },
};

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

interface RmsNormAttrs extends LayerNormAttrs {
  readonly weight: boolean;
}
/** 1 / sqrt(mean(x^2) + eps) over `dims`, in differentiable ops. */
const inverseRms = (x: Tensor, dims: readonly number[], eps: number): Tensor =>
  rsqrt(add(mean(mul(x, x), dims, { keepdim: true }), eps));

// inputs: x, and weight when present; results: y, and 1/rms of each row for the gradient
const rmsNormOp: Op<RmsNormAttrs> = {
  name: "rmsNorm",
  forward(inputs, a) {
    const [x] = inputs;
    const rows = x.shape.map((s, i) => (i < x.ndim - a.count ? s : 1));
    const fused = runFused(
      "rmsNorm",
      inputs,
      () => [empty(x.backend, x.dtype, x.shape), empty(x.backend, x.dtype, rows)],
      a,
    );
    if (fused) return fused;
    const rstd = inverseRms(x, lastDims(x, a.count), a.eps);
    const hat = mul(x, rstd);
    return [a.weight ? mul(hat, inputs[1]) : hat, rstd];
  },
  save: (inputs, [, rstd]) => [...inputs, rstd],
  vjp({ attrs: a, saved, shapes, needs }, [g]) {
    if (!g) return needs.map(() => null);
    const [x] = saved;
    const weight = a.weight ? saved[1] : null;
    const savedRstd = saved[saved.length - 1];
    if (!records(weight ? [g, x, weight] : [g, x])) {
      const fused = runFused(
        "rmsNormBackward",
        weight ? [g, x, savedRstd, weight] : [g, x, savedRstd],
        () => shapes.map((s) => empty(x.backend, x.dtype, s)),
        a,
      );
      if (fused) return fused;
    }
    const dims = lastDims(x, a.count);
    // a graph of the gradient itself needs 1/rms as a function of x
    const rstd = records([x]) ? inverseRms(x, dims, a.eps) : savedRstd;
    const hat = mul(x, rstd);
    const gw = weight ? mul(g, weight) : g;
    const dx = needs[0] ? mul(rstd, sub(gw, mul(hat, mean(mul(gw, hat), dims, { keepdim: true })))) : null;
    if (!weight) return [dx];
    return [dx, needs[1] ? reshape(unbroadcast(mul(g, hat), shapes[1]), shapes[1]) : null];
  },
};

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
  });
  rstd.dispose(); // the graph, if there is one, holds it
  return y;
}

/** Channel parameters [C] in the shape that broadcasts against [N, C, ...]. */
const perChannel = (p: Tensor, rank: number): Tensor => reshape(p, [1, -1, ...new Array<number>(rank - 2).fill(1)]);
const allButChannel = (x: Tensor): number[] => x.shape.map((_, i) => i).filter((i) => i !== 1);

interface BatchNormAttrs {
  readonly eps: number;
  readonly weight: boolean;
  readonly bias: boolean;
  readonly momentum: number;
  /** Updated in place by the forward; null where they are not kept. */
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
}
// inputs: x, and weight and bias when present; results: y, and the batch's mean and 1/std per channel for the gradient
const batchNormOp: Op<BatchNormAttrs> = {
  name: "batchNorm",
  forward(inputs, a) {
    const [x] = inputs;
    const c = [x.shape[1]];
    for (const r of [a.runningMean, a.runningVar]) if (r) r.storage.version++;
    const fused = runFused(
      "batchNorm",
      inputs,
      () => [empty(x.backend, x.dtype, x.shape), empty(x.backend, x.dtype, c), empty(x.backend, x.dtype, c)],
      a,
    );
    if (fused) return fused;
    const dims = allButChannel(x);
    const mu = mean(x, dims, { keepdim: true });
    const centered = sub(x, mu);
    const variance = mean(mul(centered, centered), dims, { keepdim: true });
    const rstd = rsqrt(add(variance, a.eps));
    let y = mul(centered, rstd);
    if (a.weight) y = mul(y, perChannel(inputs[1], x.ndim));
    if (a.bias) y = add(y, perChannel(inputs[inputs.length - 1], x.ndim));
    const count = x.size / c[0];
    if (a.runningMean && count > 0) add_(mul_(a.runningMean, 1 - a.momentum), reshape(mu, c), { alpha: a.momentum });
    if (a.runningVar && count > 0)
      add_(mul_(a.runningVar, 1 - a.momentum), reshape(variance, c), { alpha: (a.momentum * count) / (count - 1) });
    return [y, reshape(mu, c), reshape(rstd, c)];
  },
  save: (inputs, [, mu, rstd]) => [...inputs, mu, rstd],
  vjp({ attrs: a, saved, shapes, needs }, [g]) {
    if (!g) return needs.map(() => null);
    const [x] = saved;
    const weight = a.weight ? saved[1] : null;
    const [savedMean, savedRstd] = saved.slice(-2);
    if (!records(weight ? [g, x, weight] : [g, x])) {
      const fused = runFused(
        "batchNormBackward",
        weight ? [g, x, savedMean, savedRstd, weight] : [g, x, savedMean, savedRstd],
        () => [empty(x.backend, x.dtype, x.shape), ...shapes.slice(1).map((s) => empty(x.backend, x.dtype, s))],
        a,
      );
      if (fused) return fused;
    }
    const dims = allButChannel(x);
    const rstd = perChannel(savedRstd, x.ndim);
    const of = records([x])
      ? standardize(x, dims, a.eps)
      : { hat: mul(sub(x, perChannel(savedMean, x.ndim)), rstd), rstd };
    const out = [
      needs[0] ? unstandardize(weight ? mul(g, perChannel(weight, x.ndim)) : g, of.hat, of.rstd, dims) : null,
    ];
    if (a.weight) out.push(needs[1] ? sum(mul(g, of.hat), dims) : null);
    if (a.bias) out.push(needs[shapes.length - 1] ? sum(g, dims) : null);
    return out;
  },
};

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
  const inputs = [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  const attrs = { eps, momentum, runningMean, runningVar, weight: weight !== null, bias: bias !== null };
  const [y, mu, rstd] = applyMany(batchNormOp, inputs, attrs);
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
  const rows = reshape(x, [n, numGroups, (c / numGroups) * sizeOf(x.shape.slice(2))]);
  let y = reshape(layerNorm(rows, rows.shape[2], { eps }), x.shape);
  if (weight) y = mul(y, perChannel(weight, x.ndim));
  return bias ? add(y, perChannel(bias, x.ndim)) : y;
}
