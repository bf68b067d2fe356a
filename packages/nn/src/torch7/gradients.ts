import { abs, add, clone, customOp, mul, sign, sum, type Tensor } from "@flambeau/tensor/functional";
import { checkNumber, checkOptions, checkTensor, type Kinds, option } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { whole } from "./table.ts";

const scaleGradient = customOp("torch7::scaleGradient", {
  forward: ([x]: readonly [Tensor], _: { readonly by: number }) => clone(x),
  vjp: ({ attrs: { by } }, [g]) => [g && mul(g, by)],
  batch: (_, [x]) => clone(x),
});

/**
 * Passes its input through, and the gradient back with the other sign: `y = x`, `dx = -lambda * dy`. What lies before it learns to make
 * worse what lies behind it does better. `lambda` is 1 unless it is given; `setLambda` changes it.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when `lambda` is no number.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.GradientReversal
 * @see Ganin et al., "Domain-Adversarial Training of Neural Networks", 2015, https://arxiv.org/abs/1505.07818
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * new GradientReversal(0.5).forward(x).sum().backward();
 * x.grad?.tolist(); // [-0.5, -0.5]
 */
export class GradientReversal extends Module {
  lambda: number;
  constructor(lambda = 1) {
    super();
    this.lambda = checkNumber("GradientReversal", "lambda", lambda);
  }
  /** Changes the factor of the gradients. */
  setLambda(lambda: number): this {
    this.lambda = checkNumber("GradientReversal.setLambda", "lambda", lambda);
    return this;
  }
  forward(x: Tensor): Tensor {
    checkTensor("GradientReversal", "x", x);
    return scaleGradient(x, { by: -this.lambda });
  }
  override extraRepr(): string {
    return shown({ lambda: this.lambda });
  }
}

/**
 * Passes its input through, and zeros back: `y = x`, `dx = 0 * dy`. Unlike after `detach`, what lies before it gets gradients, of zeros.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.ZeroGrad
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * new ZeroGrad().forward(x).mul(tensor([3, 4])).sum().backward();
 * x.grad?.tolist(); // [0, 0]
 */
export class ZeroGrad extends Module {
  forward(x: Tensor): Tensor {
    checkTensor("ZeroGrad", "x", x);
    return scaleGradient(x, { by: 0 });
  }
}

interface Penalty {
  readonly weight: number;
  /** Whether the gradient from behind goes on. */
  readonly passes: boolean;
}
const addPenalty = customOp("torch7::l1Penalty", {
  forward: ([x]: readonly [Tensor], _: Penalty) => clone(x),
  save: ([x]) => [x],
  vjp: ({ saved: [x], attrs: { weight, passes } }, [g]) => {
    const own = mul(sign(x), weight);
    return [passes && g ? add(g, own) : own];
  },
  batch: (_, [x]) => clone(x),
  jvp: ({ tangents: [t] }) => [t], // the value is x; the penalty belongs to backward passes
});

export interface L1PenaltyOptions {
  /** Whether the weight is divided by the number of elements. Default false. */
  readonly sizeAverage?: boolean | undefined;
  /** Whether the gradient from behind is added to that of the penalty; otherwise the penalty's takes its place. Default true. */
  readonly provideOutput?: boolean | undefined;
}
const penaltyKinds: Kinds<L1PenaltyOptions> = { sizeAverage: option.boolean, provideOutput: option.boolean };

/**
 * Passes its input through and adds, in each backward pass, the gradient of `l1weight * sum(|x|)`: `y = x`, `dx = dy + l1weight * sign(x)`.
 * A penalty within a net, which no loss has to know of. `penalty(x)` computes its value.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when `l1weight` is no number.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.L1Penalty
 * @example
 * const x = tensor([3, -2], { requiresGrad: true });
 * const sparse = new L1Penalty(0.1);
 * sparse.forward(x).sum().backward();
 * x.grad?.tolist(); // [1.1, 0.9]
 * sparse.penalty(x).item(); // 0.5
 */
export class L1Penalty extends Module {
  readonly l1weight: number;
  readonly sizeAverage: boolean;
  readonly provideOutput: boolean;
  constructor(l1weight: number, options: L1PenaltyOptions = {}) {
    super();
    checkOptions("L1Penalty", penaltyKinds, options);
    this.l1weight = checkNumber("L1Penalty", "l1weight", l1weight);
    this.sizeAverage = options.sizeAverage ?? false;
    this.provideOutput = options.provideOutput ?? true;
  }
  private weightFor(x: Tensor): number {
    return this.sizeAverage ? this.l1weight / x.size : this.l1weight;
  }
  forward(x: Tensor): Tensor {
    checkTensor("L1Penalty", "x", x);
    return addPenalty(x, { weight: this.weightFor(x), passes: this.provideOutput });
  }
  /** The value of the penalty. */
  penalty(x: Tensor): Tensor {
    checkTensor("L1Penalty.penalty", "x", x);
    return whole(() => mul(sum(abs(x)), this.weightFor(x)));
  }
  override extraRepr(): string {
    return shown(this.l1weight, { sizeAverage: this.sizeAverage, provideOutput: this.provideOutput });
  }
}
