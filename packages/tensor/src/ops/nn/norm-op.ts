import type { FusedOps, NormAttrs } from "../../contract/fused-ops.ts";
import { accumulationType } from "../../core/dtype.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany } from "../../door/run.ts";
import { runFused } from "../../lower/fused.ts";
import { add, mul, sub } from "../pointwise/arithmetic.ts";
import { rsqrt } from "../pointwise/exponential.ts";
import { mean } from "../reduce/reduction.ts";
import { reshape } from "../shape/view.ts";

// What the ops of layer, root-mean-square and batch normalization share: (x - mean) / std * weight + bias, and its gradient. Kernels
// are for tensors that have elements.

/** The normalizations, by the name of op and kernel. */
type NormName = "batchNorm" | "layerNorm" | "rmsNorm";
type AttrsOf<K extends NormName> = FusedOps[K]["attrs"];

/** What tells one normalization from another. */
export interface Norm<K extends NormName> {
  readonly name: K;
  /** Whether the mean is taken away. Otherwise the variance is that around 0. */
  readonly centered: boolean;
  /** The dimensions over which mean and variance are taken. */
  dims(x: Tensor, a: AttrsOf<K>): number[];
  /** The shape of weight and bias. */
  features(x: Tensor, a: AttrsOf<K>): readonly number[];
  /** The shape in which mean and 1 / std are results of the op. */
  statistics(x: Tensor, a: AttrsOf<K>): readonly number[];
  /** Features and statistics in a shape that broadcasts against that of `x`. */
  spread(t: Tensor, x: Tensor): Tensor;
  /** The gradient of a feature that takes part in each of `g`'s elements. */
  gather(g: Tensor, x: Tensor, a: AttrsOf<K>): Tensor;
}

/** A normalized x and how it was made; dimensions that were reduced have size 1. */
export interface Normalized {
  /** (x - mean) / std. */
  readonly hat: Tensor;
  /** Absent where the mean is not taken away. */
  readonly mean: Tensor | null;
  readonly variance: Tensor;
  /** 1 / std. */
  readonly rstd: Tensor;
}
/** In differentiable ops. */
export function normalized<K extends NormName>(norm: Norm<K>, x: Tensor, a: AttrsOf<K>): Normalized {
  const dims = norm.dims(x, a);
  const mu = norm.centered ? mean(x, dims, { keepdim: true }) : null;
  const apart = mu === null ? x : sub(x, mu);
  const variance = mean(mul(apart, apart), dims, { keepdim: true });
  const rstd = rsqrt(add(variance, a.eps));
  return { hat: mul(apart, rstd), mean: mu, variance, rstd };
}
/** The results of the op, made of {@link normalized}: y, mean where there is one, and 1 / std. */
export function finished<K extends NormName>(
  norm: Norm<K>,
  inputs: readonly Tensor[],
  { hat, mean: mu, rstd }: Normalized,
  a: AttrsOf<K>,
): Tensor[] {
  const [x] = inputs;
  const shape = norm.statistics(x, a);
  let y = a.weight ? mul(hat, norm.spread(inputs[1], x)) : hat;
  if (a.bias) y = add(y, norm.spread(inputs[inputs.length - 1], x));
  return mu === null ? [y, reshape(rstd, shape)] : [y, reshape(mu, shape), reshape(rstd, shape)];
}
/** Room for the results of the op. The gradient reads the statistics: those of halves are not rounded. */
export function room<K extends NormName>(norm: Norm<K>, x: Tensor, a: AttrsOf<K>): Tensor[] {
  const shape = norm.statistics(x, a);
  const wide = accumulationType(x.dtype);
  const out = [empty(x.backend, x.dtype, x.shape), empty(x.backend, wide, shape)];
  if (norm.centered) out.push(empty(x.backend, wide, shape));
  return out;
}

/** The attributes of a gradient: `needs` says which of x, weight and bias it is wanted of. */
type GradientAttrs<A extends NormAttrs> = A & { readonly needs: readonly boolean[] };
/** The gradient of a normalization, as an op. */
type NormGradient<A extends NormAttrs> = Op<GradientAttrs<A>>;

/** Inputs: g, x, the statistics among the op's results, and weight where there is one; results: those gradients of the op's inputs that are needed. */
export function normGradient<K extends NormName>(norm: Norm<K>): NormGradient<AttrsOf<K>> {
  const name: `${NormName}Backward` = `${norm.name}Backward`;
  const like = (x: Tensor, shape: readonly number[]): Tensor => empty(x.backend, x.dtype, shape);
  return {
    name,
    forward(inputs, a) {
      const [g, x, ...saved] = inputs;
      const outputs = (): Tensor[] => {
        const out = [like(x, x.shape)];
        if (a.weight) out.push(like(x, norm.features(x, a)));
        if (a.bias) out.push(like(x, norm.features(x, a)));
        return out;
      };
      const fused = x.size === 0 ? null : runFused(name, inputs, outputs, a);
      if (fused) return fused.filter((_, i) => a.needs[i]);
      const rstd = norm.spread(saved[norm.centered ? 1 : 0], x);
      const apart = norm.centered ? sub(x, norm.spread(saved[0], x)) : x;
      return gradients(norm, g, x, a.weight ? saved[saved.length - 1] : null, mul(apart, rstd), rstd, a);
    },
    // a graph of the gradient itself needs mean and std as functions of x
    decompose(inputs, a) {
      const [g, x] = inputs;
      const { hat, rstd } = normalized(norm, x, a);
      return gradients(norm, g, x, a.weight ? inputs[inputs.length - 1] : null, hat, rstd, a);
    },
  };
}
/** Of x: (g - mean(g) - hat * mean(g * hat)) / std, for the g that reaches hat. */
function gradients<K extends NormName>(
  norm: Norm<K>,
  g: Tensor,
  x: Tensor,
  weight: Tensor | null,
  hat: Tensor,
  rstd: Tensor,
  a: GradientAttrs<AttrsOf<K>>,
): Tensor[] {
  const out: Tensor[] = [];
  if (a.needs[0]) {
    const dims = norm.dims(x, a);
    const inner = weight === null ? g : mul(g, norm.spread(weight, x));
    const apart = norm.centered ? sub(inner, mean(inner, dims, { keepdim: true })) : inner;
    out.push(mul(rstd, sub(apart, mul(hat, mean(mul(inner, hat), dims, { keepdim: true })))));
  }
  if (a.weight && a.needs[1]) out.push(norm.gather(mul(g, hat), x, a));
  if (a.bias && a.needs[a.needs.length - 1]) out.push(norm.gather(g, x, a));
  return out;
}

/** What {@link gradientsBy} reads of a call: x, the statistics, and weight where there is one. */
export const savedFor = (inputs: readonly Tensor[], statistics: readonly Tensor[], a: NormAttrs): readonly Tensor[] =>
  a.weight ? [inputs[0], ...statistics, inputs[1]] : [inputs[0], ...statistics];
/** The rule of a normalization's gradient: what `needs` asks for, null for the rest. */
export function gradientsBy<A extends NormAttrs>(
  op: NormGradient<A>,
  g: Tensor | null,
  saved: readonly Tensor[],
  attrs: A,
  needs: readonly boolean[],
): (Tensor | null)[] {
  if (g === null) return needs.map(() => null);
  const found = applyMany(op, [g, ...saved], { ...attrs, needs });
  let next = 0;
  return needs.map((needed) => (needed ? found[next++] : null));
}

/** The op of a normalization that knows nothing but its input. Inputs: x, weight and bias where they are; results: y and the statistics. */
export function normOp<K extends NormName>(norm: Norm<K>, gradient: NormGradient<AttrsOf<K>>): Op<AttrsOf<K>> {
  return {
    name: norm.name,
    rounds: 1,
    forward(inputs, a) {
      const [x] = inputs;
      const fused = x.size === 0 ? null : runFused(norm.name, inputs, () => room(norm, x, a), a);
      return fused ?? finished(norm, inputs, normalized(norm, x, a), a);
    },
    save: (inputs, [, ...statistics], a) => savedFor(inputs, statistics, a),
    vjp: ({ attrs, saved, needs }, [g]) => gradientsBy(gradient, g, saved, attrs, needs),
  };
}
