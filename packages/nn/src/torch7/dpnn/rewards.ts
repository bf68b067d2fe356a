import {
  add,
  argmax,
  detach,
  div,
  eq,
  gt,
  mean,
  mul,
  neg,
  reshape,
  ShapeError,
  square,
  sub,
  sum,
  type Tensor,
  to,
} from "@flambeau/tensor/functional";
import { checkNumber, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { type Criterion, checkCriterion, judged } from "../criterions/criterion.ts";
import { withGradientOf } from "../surrogates.ts";
import { checkModule, checkTensorList, whole } from "../table.ts";
import { reinforced } from "./reinforce.ts";

export interface RewardOptions {
  /** Factor of the reward for a right answer (default 1). */
  readonly scale?: number | undefined;
  /** What the baseline is trained with, towards the reward (default: the mean squared error). */
  readonly criterion?: Criterion | undefined;
  /** Whether rewards are divided by the number of examples (default true). */
  readonly sizeAverage?: boolean | undefined;
}
const kinds: Kinds<RewardOptions> = {
  scale: option.number,
  criterion: option.object,
  sizeAverage: option.boolean,
};

/** Criterions that reward right answers. */
abstract class ClassReward extends Module {
  readonly scale: number;
  readonly sizeAverage: boolean;
  // functions: the model is no part of its criterion
  private readonly model: () => Module;
  private readonly baseline: (b: Tensor, reward: Tensor) => Tensor;
  constructor(module: Module, options: RewardOptions) {
    super();
    const name = this.constructor.name;
    checkOptions(name, kinds, options);
    checkModule(name, "module", module);
    const { criterion } = options;
    if (criterion !== undefined) checkCriterion(name, criterion);
    this.model = () => module;
    this.scale = checkNumber(name, "scale", options.scale ?? 1);
    this.sizeAverage = options.sizeAverage ?? true;
    this.baseline = criterion === undefined ? (b, r) => mean(square(sub(b, r))) : (b, r) => judged(criterion, b, r);
  }
  /** Which answers are right, [N]. */
  protected abstract right(y: Tensor, target: Tensor): Tensor;

  forward(input: readonly Tensor[], target: Tensor): Tensor {
    const name = this.constructor.name;
    checkTensorList(name, input, 2);
    checkTensor(name, "target", target);
    return whole(() => {
      const [y, b] = input;
      const reward = mul(to(this.right(detach(y), target), b.dtype), this.scale);
      if (b.size !== reward.size)
        throw new ShapeError(
          name,
          `the baseline of ${reward.size} examples is one number for each, got ${showShape(b.shape)}`,
          [b.shape],
        );
      const baseline = reshape(b, reward.shape);
      const n = this.sizeAverage ? reward.size : 1;
      const loss = neg(div(sum(reward), n));
      const learned = this.baseline(baseline, reward);
      const drawn = reinforced(this.model(), div(sub(reward, detach(baseline)), n));
      const surrogate = drawn === null ? learned : add(drawn, learned);
      // the value is that of the reward, the gradient that of REINFORCE and of the baseline's criterion
      return withGradientOf(detach(loss), surrogate);
    });
  }
  override extraRepr(): string {
    return shown({ scale: this.scale === 1 ? undefined : this.scale });
  }
}

/**
 * Rewards a classifier for right answers, with less variance by a baseline: `loss = -mean_n(R[n])`, where `R[n]` is `scale` if `argmax(y[n])` is
 * `target[n]` and else 0. It takes `[y, b]`: scores of classes and the reward that is expected.
 *
 * Its gradient is not that of its value, which has none. `backward()` gives the modules in `module` that drew ({@link Reinforce}) the gradient of
 * `-mean_n((R[n] - b[n]) * ln f[n])`, summed over their draws, y none, and b that of `criterion(b, R)`, the mean squared error unless another one is given.
 * So it is added to a loss of y as it is: `nll(y, target).add(reward.forward([y, b], target)).backward()`.
 *
 * Where several steps of a sequence are classified, hand on the last one's y and b.
 *
 * Shapes: `[y, b]` of [N, classes] and [N] or [N, 1], or of one example [classes] and [1], and integer classes [N]; a 0-d tensor.
 *
 * @throws ArgumentError for what is no module or no list of two tensors; ShapeError when targets or baseline are not one for each example.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.VRClassReward
 * @example
 * const p = tensor([[0.5, 0.5], [0.5, 0.5]], { requiresGrad: true });
 * const choice = new ReinforceCategorical();
 * const y = choice.forward(p);
 * const loss = new VRClassReward(choice).forward([y, tensor([0.5, 0.5])], y.argmax(1));
 * loss.item(); // -1
 * loss.backward(); // what was chosen was right: it becomes likelier
 * p.grad?.allclose(y.mul(-(1 - 0.5) / 0.5 / 2)); // true
 */
export class VRClassReward extends ClassReward {
  constructor(module: Module, options: RewardOptions = {}) {
    super(module, options);
  }
  protected right(y: Tensor, target: Tensor): Tensor {
    const rows = y.ndim === 1 ? reshape(y, [1, -1]) : y;
    if (rows.ndim !== 2 || target.size !== rows.shape[0])
      throw new ShapeError(
        "VRClassReward",
        `scores [N, classes] and classes [N] are wanted, got ${showShape(y.shape)} and ${showShape(target.shape)}`,
        [y.shape, target.shape],
      );
    return eq(argmax(rows, 1), reshape(target, [-1]));
  }
}

/**
 * {@link VRClassReward} for two classes: `R[n]` is `scale` if `y[n] > 0.5` is `target[n]`, 0 or 1, and else 0. It takes `[y, b]`: probabilities of 1 and the
 * reward that is expected.
 *
 * Shapes: `[y, b]` of [N] and [N] or [N, 1], and targets [N]; a 0-d tensor.
 *
 * @throws ArgumentError for what is no module or no list of two tensors; ShapeError when probabilities, targets or baseline are not one for each example.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.BinaryClassReward
 * @example
 * const reward = new BinaryClassReward(new ReinforceBernoulli());
 * reward.forward([tensor([0.9, 0.2, 0.7]), zeros([3])], tensor([1, 0, 0])).item().toFixed(4); // "-0.6667"
 */
export class BinaryClassReward extends ClassReward {
  constructor(module: Module, options: RewardOptions = {}) {
    super(module, options);
  }
  protected right(y: Tensor, target: Tensor): Tensor {
    if (y.ndim !== 1 || target.ndim !== 1 || y.size !== target.size)
      throw new ShapeError(
        "BinaryClassReward",
        `probabilities [N] and targets [N] are wanted, got ${showShape(y.shape)} and ${showShape(target.shape)}`,
        [y.shape, target.shape],
      );
    return eq(to(gt(y, 0.5), target.dtype), target);
  }
}
