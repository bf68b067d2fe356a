import {
  add,
  detach,
  div,
  keep,
  mean,
  mul,
  ShapeError,
  square,
  sub,
  type Tensor,
  vectorNorm,
  zeros,
} from "@flambeau/tensor/functional";
import { checkNumber, checkTensor, showShape } from "@flambeau/tensor/plugin";
import { shown } from "../../repr.ts";
import { withPenalty } from "../surrogates.ts";
import { type Table, whole } from "../table.ts";
import { AbstractRecurrent } from "./abstract-recurrent.ts";

/** The penalties of sequences so far. */
const totals = new WeakMap<NormStabilizer, Tensor>();

/**
 * Passes hidden states through and keeps their norms steady: `y[t] = h[t]`, and each backward adds the gradient of
 * `beta * sum_t mean_n (|h[t, n]| - |h[t - 1, n]|)^2` in training. It stands behind a recurrent module, within a {@link Sequencer}.
 *
 * `updateLoss()` gives the penalty of the sequence so far, divided by its number of steps; its gradient is not divided, so that `beta` fits sequences of any
 * length. Torch7's code adds the norms there where its documentation and the paper, as here, take their difference.
 *
 * Shape: that of `x`, [N, features].
 *
 * @throws ArgumentError when `beta` is no number; ShapeError when `x` has not two dimensions.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.NormStabilizer
 * @see Krueger and Memisevic, "Regularizing RNNs by Stabilizing Activations", 2015, https://arxiv.org/abs/1511.08400
 * @example
 * const stabilizer = new NormStabilizer();
 * new Sequencer(stabilizer).forward([tensor([[3, 4]]), tensor([[0, 2]])]);
 * stabilizer.updateLoss().item(); // 4.5
 */
export class NormStabilizer extends AbstractRecurrent {
  readonly beta: number;
  constructor(beta = 1) {
    super();
    this.beta = checkNumber("NormStabilizer", "beta", beta);
  }
  override forward(x: Tensor): Tensor {
    checkTensor("NormStabilizer", "x", x);
    if (x.ndim !== 2)
      throw new ShapeError("NormStabilizer", `takes [N, features], got ${showShape(x.shape)}`, [x.shape]);
    return whole(() => super.forward(x));
  }
  protected next(x: Tensor, states: readonly Table[] | null): readonly Tensor[] {
    if (!this.training || states === null) return [x];
    const last = states[0] as Tensor; // what the last call gave
    const penalty = mul(mean(square(sub(vectorNorm(x, 2, -1), vectorNorm(last, 2, -1)))), this.beta);
    const before = totals.get(this);
    totals.set(this, keep(before === undefined ? detach(penalty) : add(before, detach(penalty))));
    before?.dispose();
    return [withPenalty(x, penalty)];
  }
  /** The penalty of the sequence so far, `beta / T * sum_t mean_n (|h[t, n]| - |h[t - 1, n]|)^2`. */
  updateLoss(): Tensor {
    const total = totals.get(this);
    return total === undefined ? zeros([]) : div(total, this.step);
  }
  /** @internal */
  override drop(): void {
    super.drop();
    totals.get(this)?.dispose();
    totals.delete(this);
  }
  override extraRepr(): string {
    return shown(this.beta);
  }
}
