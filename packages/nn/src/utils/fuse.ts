import {
  ArgumentError,
  add,
  mul,
  noGrad,
  onesLike,
  reshape,
  rsqrt,
  ShapeError,
  sub,
  type Tensor,
  tidy,
  to,
  unsqueeze,
  zerosLike,
} from "@flambeau/tensor/functional";
import { checkNumber, checkOptions, checkTensor, type Kinds, option, show } from "@flambeau/tensor/plugin";
import type { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "../layers/norm.ts";
import { isModule, type Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { outputDim } from "./parametrizations/spectral-norm.ts";

/** A layer whose outputs a batch norm follows: a convolution or a linear one. */
type Weighted = Module & { weight: Parameter; bias: Parameter | null };
type BatchNorm = BatchNorm1d | BatchNorm2d | BatchNorm3d;

export interface FuseOptions {
  /** The weight's outputs stand in its second dimension, as in transposed convolutions. Default: whether the layer is one. */
  readonly transpose?: boolean | undefined;
}
const kinds: Kinds<FuseOptions> = { transpose: option.boolean };
/** What a batch norm in evaluation does: its statistics, and its scale and shift (null: 1 and 0). */
export interface BatchNormParts {
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
  readonly eps: number;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

function checkParts(op: string, weight: Tensor, bias: Tensor | null, parts: BatchNormParts): void {
  checkTensor(op, "weight", weight);
  if (bias !== null) checkTensor(op, "bias", bias);
  if (!option.object.takes(parts))
    throw new ArgumentError(op, `the batch norm's parts are an object, got ${show(parts)}`);
  checkTensor(op, "runningMean", parts.runningMean);
  checkTensor(op, "runningVar", parts.runningVar);
  checkNumber(op, "eps", parts.eps);
  for (const name of ["weight", "bias"] as const) if (parts[name] !== null) checkTensor(op, name, parts[name]);
}
function fused(
  weight: Tensor,
  bias: Tensor | null,
  parts: BatchNormParts,
  spread: (scale: Tensor) => Tensor,
): readonly [Parameter, Parameter] {
  const { runningMean: mean, runningVar, eps } = parts;
  return noGrad(() =>
    tidy(() => {
      const scale = mul(parts.weight ?? onesLike(mean), rsqrt(add(runningVar, eps)));
      const shifted = add(mul(sub(bias ?? zerosLike(mean), mean), scale), parts.bias ?? zerosLike(mean));
      const own = (t: Tensor, like: Tensor | null) =>
        new Parameter(to(t, (like ?? weight).dtype), like?.requiresGrad ?? false);
      return [own(mul(weight, spread(scale)), weight), own(shifted, bias)] as const;
    }),
  );
}

/**
 * Weight and bias of a convolution that does what one and a batch norm in evaluation do: with `s = bn.weight / sqrt(runningVar + eps)` for each
 * output channel they are `weight * s` and `(bias - runningMean) * s + bn.bias`.
 *
 * Shapes: `weight` [out, in, ...kernel] (`transpose`: [in, out, ...kernel]), all others [out].
 *
 * @throws ArgumentError when something else than a tensor is given; ShapeError when the shapes do not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_weights.html
 * @example
 * const parts = { runningMean: tensor([1]), runningVar: tensor([4]), eps: 0, weight: null, bias: null };
 * const [weight, bias] = nn.utils.fuseConvBnWeights(ones([1, 1, 1]), null, parts);
 * weight.tolist(); // [[[0.5]]]
 * bias.tolist(); // [-0.5]
 */
export function fuseConvBnWeights(
  weight: Tensor,
  bias: Tensor | null,
  batchNorm: BatchNormParts,
  options: FuseOptions = option.none,
): readonly [weight: Parameter, bias: Parameter] {
  checkOptions("fuseConvBnWeights", kinds, options);
  checkParts("fuseConvBnWeights", weight, bias, batchNorm);
  const { transpose = false } = options;
  const rest = Array<number>(Math.max(weight.ndim - 2, 0)).fill(1);
  return fused(weight, bias, batchNorm, (scale) => reshape(scale, transpose ? [1, -1, ...rest] : [-1, 1, ...rest]));
}
/**
 * Weight and bias of a linear layer that does what one and a batch norm in evaluation do: with `s = bn.weight / sqrt(runningVar + eps)` they are
 * `weight * s[:, None]` and `(bias - runningMean) * s + bn.bias`.
 *
 * Shapes: `weight` [out, in], all others [out], or [1] those of the batch norm.
 *
 * @throws ArgumentError when something else than a tensor is given; ShapeError when the shapes do not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_weights.html
 * @example
 * const parts = { runningMean: tensor([1]), runningVar: tensor([4]), eps: 0, weight: null, bias: null };
 * const [weight] = nn.utils.fuseLinearBnWeights(ones([1, 2]), null, parts);
 * weight.tolist(); // [[0.5, 0.5]]
 */
export function fuseLinearBnWeights(
  weight: Tensor,
  bias: Tensor | null,
  batchNorm: BatchNormParts,
): readonly [weight: Parameter, bias: Parameter] {
  checkParts("fuseLinearBnWeights", weight, bias, batchNorm);
  return fused(weight, bias, batchNorm, (scale) => unsqueeze(scale, -1));
}

function partsOf(op: string, layer: Weighted, bn: BatchNorm): BatchNormParts {
  if (!isModule(layer) || !("weight" in layer))
    throw new ArgumentError(op, `takes a layer with a weight, got ${show(layer)}`);
  if (!isModule(bn) || !("runningMean" in bn)) throw new ArgumentError(op, `takes a batch norm, got ${show(bn)}`);
  if (layer.training || bn.training)
    throw new ArgumentError(op, "both modules must be in evaluation mode", "call eval() on them");
  const { runningMean, runningVar, eps, weight, bias } = bn;
  if (runningMean === null || runningVar === null)
    throw new ArgumentError(op, "the batch norm has no running statistics");
  return { runningMean, runningVar, eps, weight, bias };
}
function copyWith<M extends Weighted>(layer: M, [weight, bias]: readonly [Parameter, Parameter]): M {
  const copy = layer.clone();
  Object.assign(copy, { weight, bias });
  return copy;
}

/**
 * A convolution that does what `bn(conv(x))` does in evaluation: a copy with the parameters of {@link fuseConvBnWeights}.
 *
 * Shapes: those of the convolution.
 *
 * @throws ArgumentError when one of the two is in training mode or is none, or the batch norm has no running statistics; ShapeError when it has
 * other channels.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_eval.html
 * @example
 * const [conv, bn] = [new nn.Conv2d(3, 8, 3).eval(), new nn.BatchNorm2d(8).eval()];
 * const x = randn([1, 3, 5, 5]);
 * nn.utils.fuseConvBnEval(conv, bn).forward(x).allclose(bn.forward(conv.forward(x)), { atol: 1e-6 }); // true
 */
export function fuseConvBnEval<M extends Weighted>(conv: M, bn: BatchNorm, options: FuseOptions = option.none): M {
  checkOptions("fuseConvBnEval", kinds, options);
  const parts = partsOf("fuseConvBnEval", conv, bn);
  const { transpose = outputDim(conv) === 1 } = options;
  return copyWith(conv, fuseConvBnWeights(conv.weight, conv.bias, parts, { transpose }));
}
/**
 * A linear layer that does what `bn(linear(x))` does in evaluation: a copy with the parameters of {@link fuseLinearBnWeights}.
 *
 * Shapes: those of the linear layer.
 *
 * @throws ArgumentError when one of the two is in training mode or is none, or the batch norm has no running statistics; ShapeError when it has
 * other features.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_eval.html
 * @example
 * const [linear, bn] = [new nn.Linear(3, 2).eval(), new nn.BatchNorm1d(2).eval()];
 * const x = randn([4, 3]);
 * nn.utils.fuseLinearBnEval(linear, bn).forward(x).allclose(bn.forward(linear.forward(x)), { atol: 1e-6 }); // true
 */
export function fuseLinearBnEval<M extends Weighted>(linear: M, bn: BatchNorm): M {
  const parts = partsOf("fuseLinearBnEval", linear, bn);
  const features = linear.weight.shape[0];
  if (bn.numFeatures !== features && bn.numFeatures !== 1)
    throw new ShapeError(
      "fuseLinearBnEval",
      `the layer has ${features} outputs, the batch norm ${bn.numFeatures} features`,
      [linear.weight.shape],
    );
  return copyWith(linear, fuseLinearBnWeights(linear.weight, linear.bias, parts));
}
