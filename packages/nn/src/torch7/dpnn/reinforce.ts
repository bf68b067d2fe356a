import {
  ArgumentError,
  add,
  detach,
  isTensor,
  keep,
  mul,
  neg,
  reshape,
  ShapeError,
  sum,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { type Forgetful, inStep } from "../rnn/steps.ts";
import { checkModule, checkTensorList, whole } from "../table.ts";

/** What a module has drawn: the log-probability of each draw, with its graph, [N, ...], the draws of a sequence one after the other. */
const drawn = new WeakMap<Module, Tensor[]>();

export interface ReinforceOptions {
  /** Whether it draws in evaluation, too (default false). */
  readonly stochastic?: boolean | undefined;
}
const kinds: Kinds<ReinforceOptions> = { stochastic: option.boolean };

/** A draw, and the logarithm of its probability or density. */
export interface Drawn {
  readonly sample: Tensor;
  readonly logProb: Tensor;
}

/**
 * The base of modules that draw from a distribution whose parameters go in, and learn by REINFORCE (Williams 1992): by `-reward * d ln f(y; x) / dx`, where y
 * is the draw and f its probability or density.
 *
 * On Torch7 a reward is handed to these modules between forward and backward. Here a draw passes no gradient on, as there, and the module keeps
 * `ln f(y; x)` of its last draw, with the graph. A reward criterion ({@link VRClassReward}, {@link BinaryClassReward}), or {@link reinforce} with a reward
 * of your own, makes a loss of all that are in a model, `-sum(reward * ln f)`, whose `backward()` gives those gradients: criterion and model are used as
 * any others,
 *
 * `const loss = criterion.forward([model.forward(x), baseline], target); loss.backward();`
 *
 * Within a recurrent module or a sequencer each step's draw is kept, from `forget()` on; elsewhere a `forward` takes the place of the one before. In
 * evaluation the distribution's mean goes through, unless `stochastic` is true.
 *
 * A class of your own extends it with `draw(x)`, which gives a sample and its log-probability, and `expected(x)`.
 *
 * Shapes: those of a subclass.
 *
 * @throws ArgumentError from the constructor for an option of another name or type; from `forward` for what is no tensor and no list of them.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.Reinforce
 * @see Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning", 1992
 * @example
 * const p = tensor([[0.5], [0.25]], { requiresGrad: true });
 * const coin = new ReinforceBernoulli();
 * const heads = coin.forward(p);
 * reinforce(coin, tensor([1, 1])).backward();
 * const expected = heads.sub(p).div(p.mul(p.neg().add(1))).neg(); // -(y - p) / (p (1 - p))
 * p.grad?.allclose(expected); // true
 */
export abstract class Reinforce<X extends Tensor | readonly Tensor[] = Tensor> extends Module implements Forgetful {
  /** Whether it draws in evaluation, too. */
  stochastic: boolean;
  constructor(options: ReinforceOptions = {}) {
    super();
    checkOptions(this.constructor.name, kinds, options);
    this.stochastic = options.stochastic ?? false;
  }
  /** A draw for parameters, and the logarithm of its probability: differentiable in the parameters, for a sample that is given. */
  protected abstract draw(x: X): Drawn;
  /** What goes through in evaluation. */
  protected abstract expected(x: X): Tensor;

  forward(x: X): Tensor {
    const name = this.constructor.name;
    if (Array.isArray(x)) checkTensorList(name, x);
    else checkTensor(name, "x", x as Tensor);
    if (!inStep()) this.drop();
    if (!this.training && !this.stochastic) return this.expected(x);
    const { sample, logProb } = whole(() => {
      const { sample, logProb } = this.draw(x);
      return { sample: detach(sample), logProb };
    });
    const all = drawn.get(this) ?? [];
    all.push(keep(logProb));
    drawn.set(this, all);
    return sample;
  }
  /** The log-probabilities of the draws since the module forgot, in their order. */
  get logProbs(): readonly Tensor[] {
    return drawn.get(this) ?? [];
  }
  /** @internal */
  drop(): void {
    for (const t of drawn.get(this) ?? []) t.dispose();
    drawn.delete(this);
  }
  override extraRepr(): string {
    return shown({ stochastic: this.stochastic || undefined });
  }
}
const isReinforce = (m: Module): m is Reinforce => m instanceof Reinforce;

/** All modules in one that have drawn. */
const drawers = (module: Module): Reinforce[] =>
  [...module.modules()].filter(isReinforce).filter((m) => m.logProbs.length > 0);

/** `-sum_n reward[n] ln f[n]`, for one reward for each example. */
function lossOf(logProb: Tensor, reward: Tensor): Tensor {
  if (reward.ndim !== 1 || (reward.size !== 1 && logProb.shape[0] !== reward.size))
    throw new ShapeError(
      "reinforce",
      `the reward of draws ${showShape(logProb.shape)} is one number for each example, got ${showShape(reward.shape)}`,
      [logProb.shape, reward.shape],
    );
  const aligned =
    reward.size === 1 ? reshape(reward, []) : reshape(reward, [-1, ...logProb.shape.slice(1).map(() => 1)]);
  return neg(sum(mul(logProb, aligned)));
}

/** {@link reinforce}, or null where nothing was drawn. */
export function reinforced(module: Module, reward: Tensor | readonly Tensor[]): Tensor | null {
  const losses = drawers(module).flatMap(({ logProbs }) => {
    if (isTensor(reward)) return logProbs.map((each) => lossOf(each, reward));
    if (reward.length > logProbs.length)
      throw new ArgumentError(
        "reinforce",
        `there are rewards for ${reward.length} steps, and ${logProbs.length} draws`,
      );
    const last = logProbs.slice(logProbs.length - reward.length);
    return last.map((each, i) => lossOf(each, reward[i]));
  });
  return losses.length === 0 ? null : losses.reduce((sum, each) => add(sum, each));
}

/**
 * The loss that reinforces what the modules in `module` drew, `-sum over draws and n of reward[n] * ln f(y[n]; x[n])`: its `backward()` does what
 * `module:reinforce(reward)` and a backward do in Torch7. The reward is `alpha * (R - b)`, for a raw reward R and a baseline b. A list of rewards is one
 * for each step of a sequence, the last step's last.
 *
 * Shapes: a reward [N], or a list of such; a 0-d tensor.
 *
 * @throws ArgumentError when `module` is no module, nothing was drawn in it, or there are more rewards than draws; ShapeError when a reward is not one number
 * for each example.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.Module.reinforce
 * @example
 * const mean = zeros([1, 1], { requiresGrad: true });
 * const gaussian = new ReinforceNormal(0.5);
 * const y = gaussian.forward(mean);
 * reinforce(gaussian, tensor([2])).backward();
 * mean.grad?.allclose(y.mul(-2 / 0.25)); // true
 */
export function reinforce(module: Module, reward: Tensor | readonly Tensor[]): Tensor {
  checkModule("reinforce", "module", module);
  if (Array.isArray(reward)) for (const each of reward) checkTensor("reinforce", "each reward", each);
  else checkTensor("reinforce", "reward", reward as Tensor);
  const loss = whole(() => reinforced(module, reward));
  if (loss === null)
    throw new ArgumentError(
      "reinforce",
      "nothing was drawn in the module",
      "call its forward in training first; in evaluation modules draw if they are stochastic",
    );
  return loss;
}
