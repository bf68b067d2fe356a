import {
  ArgumentError,
  add,
  broadcastTo,
  cat,
  clampMin,
  detach,
  div,
  exp,
  full,
  gather,
  logaddexp,
  lt,
  mean,
  mul,
  narrow,
  neg,
  ShapeError,
  select,
  squeeze,
  sub,
  sum,
  Tensor,
  tensor,
  transpose,
  unsqueeze,
  where,
} from "@flambeau/tensor/functional";
import {
  checkIntegers,
  checkOptions,
  checkTensor,
  choose,
  inFloat32,
  type Kinds,
  option,
  pointwise,
  pointwiseCall,
  scalar,
  scoped,
  show,
  showShape,
  toDType,
  unscoped,
  valuesFor,
  wholeBy,
} from "@flambeau/tensor/plugin";
import { type ReductionOptions, reduceLoss, reductionKinds } from "./reduce.ts";

// stands for log 0: infinities would turn into NaN in differences
const impossible = -1e30;

/** One time step of the forward variables: log(e^stay + e^next + [may skip] e^skip) + logp. */
export const stepOp = pointwise(
  "ctcStep",
  (stay, next, skip, maySkip, logp) => {
    const third = choose(maySkip.ne(0), skip, impossible);
    const most = scalar.max(scalar.max(stay, next), third);
    const total = scalar
      .exp(stay.sub(most))
      .add(scalar.exp(next.sub(most)))
      .add(scalar.exp(third.sub(most)));
    return most.add(scalar.log(total)).add(logp);
  },
  {
    category: "float",
    title: "ctc",
    grad: (g, [stay, next, skip, maySkip, logp], out) => {
      const before = out.sub(logp);
      const share = (x: typeof stay) => g.mul(scalar.exp(x.sub(before)));
      return [share(stay), share(next), choose(maySkip.ne(0), share(skip), 0), null, g];
    },
  },
);

export interface CtcOptions extends ReductionOptions {
  /** The class that stands for no label. Default 0. */
  readonly blank?: number | undefined;
  /** Losses of targets that are too long for their input count for nothing instead of being infinite. Default false. */
  readonly zeroInfinity?: boolean | undefined;
}
export const ctcKinds: Kinds<CtcOptions> = { blank: option.number, ...reductionKinds, zeroInfinity: option.boolean };

type Lengths = Tensor | readonly number[];
const numbers = (name: string, x: Lengths): readonly number[] =>
  x instanceof Tensor
    ? Array.from(
        valuesFor("ctc", x, "alignments are laid out on the host", "keep targets and lengths on the cpu"),
        Number,
      )
    : checkIntegers("ctc", name, x);

/** Each example's labels, from [N, S] or all one after the other. */
function labelsOf(targets: Tensor, lengths: readonly number[]): number[][] {
  const all = numbers("targets", targets);
  if (targets.ndim === 2) return lengths.map((s, i) => all.slice(i * targets.shape[1], i * targets.shape[1] + s));
  let from = 0;
  return lengths.map((s) => all.slice(from, (from += s)));
}

function check(x: Tensor, targets: Tensor, inputLengths: readonly number[], lengths: readonly number[], blank: number) {
  const [steps, n, c] = x.shape;
  if (inputLengths.length !== n || lengths.length !== n)
    throw new ShapeError(
      "ctc",
      `for ${n} inputs there are ${inputLengths.length} input lengths and ${lengths.length} target lengths`,
      [x.shape],
    );
  if (!(Number.isInteger(blank) && blank >= 0 && blank < c))
    throw new ArgumentError("ctc", `blank must be a class of ${c}, got ${show(blank)}`);
  for (const t of inputLengths)
    if (!(t >= 0 && t <= steps))
      throw new ArgumentError("ctc", `input lengths must be between 0 and ${steps}, got ${t}`);
  const total = lengths.reduce((a, b) => a + b, 0);
  const fits =
    targets.ndim === 2 ? targets.shape[0] === n && lengths.every((s) => s <= targets.shape[1]) : targets.size === total;
  if (!fits || lengths.some((s) => s < 0))
    throw new ShapeError(
      "ctc",
      `targets ${showShape(targets.shape)} do not hold ${n} lists of lengths ${showShape(lengths)}`,
      [targets.shape],
      "targets are [N, S], or all lists one after the other",
    );
}

/**
 * Connectionist temporal classification (Graves et al. 2006): `loss[n] = -log(sum_a(prod_t(exp(logProbs[t, n, a[t]]))))` over all
 * alignments a of the targets, reduced.
 *
 * An alignment names a class for each time step and gives the targets when repeats are joined and blanks left out. "mean" divides each
 * loss by its target's length first. A target that is too long for its input has no alignment, and an infinite loss.
 *
 * As PyTorch's, the gradient is that with respect to what log_softmax took, which gives the right one when `logProbs` comes from it.
 *
 * Shapes: log-probabilities [T, N, C] (or [T, C]), targets [N, S] or all lists one after the other, lengths of N integers each. A
 * scalar, or [N] (or 0-d) with `reduction: "none"`. Dtype: that of `logProbs`.
 *
 * @throws ShapeError when targets or lengths do not fit, ArgumentError for an input length beyond T, a `blank` that is no class or an
 * unknown `reduction`, IndexError for a target that is no class, UnavailableError for targets or lengths on a device that cannot be read
 * at once.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 * @example
 * const logProbs = full([2, 1, 2], Math.log(0.5)); // two steps, one example, a blank and a class 1
 * losses.ctc(logProbs, tensor([[1]], { dtype: "int32" }), [2], [1]).item(); // 0.2877
 */
export function ctc(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CtcOptions = {},
): Tensor {
  const whole = wholeBy("ctc", logProbs);
  if (whole !== null) return whole(ctc, [logProbs, targets, inputLengths, targetLengths, options]);
  if (unscoped()) return scoped(ctc, logProbs, targets, inputLengths, targetLengths, options);
  checkOptions("ctc", ctcKinds, options);
  checkTensor("ctc", "logProbs", logProbs);
  checkTensor("ctc", "targets", targets);
  const { blank = 0, zeroInfinity = false, reduction = "mean" } = options;
  if (logProbs.ndim === 2) {
    const flat = targets.ndim === 1 ? unsqueeze(targets, 0) : targets;
    const one = ctc(unsqueeze(logProbs, 1), flat, inputLengths, targetLengths, options);
    return reduction === "none" ? squeeze(one, 0) : one;
  }
  if (logProbs.ndim !== 3)
    throw new ShapeError("ctc", `expected log-probabilities [T, N, C] or [T, C], got ${showShape(logProbs.shape)}`, [
      logProbs.shape,
    ]);
  const [times, lengths] = [numbers("inputLengths", inputLengths), numbers("targetLengths", targetLengths)];
  check(logProbs, targets, times, lengths, blank);
  const stand = inFloat32(logProbs);
  if (stand) return toDType(ctc(...stand, targets, inputLengths, targetLengths, options), logProbs.dtype);
  const loss = losses(logProbs, labelsOf(targets, lengths), times, blank, zeroInfinity);
  if (reduction !== "mean") return reduceLoss(loss, reduction);
  const divisor = tensor(Float64Array.from(lengths), { dtype: loss.dtype, device: loss.device });
  return mean(div(loss, clampMin(divisor, 1)));
}

function losses(x: Tensor, labels: number[][], times: readonly number[], blank: number, zeroInfinity: boolean): Tensor {
  const [steps, n] = x.shape;
  const device = { device: x.device };
  const width = 2 * Math.max(0, ...labels.map((l) => l.length)) + 1;
  // blanks around and between the labels
  const states = labels.map((l) =>
    Array.from({ length: width }, (_, s) => (s % 2 ? (l[(s - 1) / 2] ?? blank) : blank)),
  );
  const skips = states.map((l) => l.map((v, s) => (s > 1 && v !== blank && v !== l[s - 2] ? 1 : 0)));
  const table = (rows: number[][]) => tensor(rows, { dtype: "int32", ...device });
  const maySkip = table(skips);
  const index = table(states);
  const logp = gather(x, 2, broadcastTo(unsqueeze(index, 0), [steps, n, width]));
  const nothing = full([n, width + 2], impossible, { dtype: x.dtype, ...device });

  // before the first step: the state in front of the first blank, with certainty
  let alpha = nothing;
  for (let t = 0; t < Math.max(0, ...times); t++) {
    let next: Tensor;
    const now = select(logp, 0, t);
    if (t === 0) next = cat([narrow(now, 1, 0, Math.min(2, width)), narrow(nothing, 1, 0, Math.max(0, width - 2))], 1);
    else {
      const shifted = (by: number) => narrow(alpha, 1, 2 - by, width);
      next = pointwiseCall(stepOp, [shifted(0), shifted(1), shifted(2), maySkip, now]);
    }
    const framed = cat([narrow(nothing, 1, 0, 2), next], 1);
    const running = times.map((end) => [t < end ? 1 : 0]);
    alpha = running.every(([r]) => r === 1) ? framed : where(lt(0, table(running)), framed, alpha);
  }
  // an alignment ends in the last label or in the blank behind it
  const ends = table(labels.map((l) => [2 * l.length + 2, 2 * l.length + 1]));
  const last = gather(alpha, 1, ends);
  const total = logaddexp(select(last, 1, 0), select(last, 1, 1));
  // adds nothing to the value, and the classes' probabilities to the gradient
  const used = table(times.map((end) => Array.from({ length: steps }, (_, t) => (t < end ? 1 : 0))));
  const probability = sum(mul(exp(x), unsqueeze(transpose(used, 0, 1), 2)), [0, 2]);
  const loss = add(neg(total), sub(probability, detach(probability)));
  return where(lt(total, impossible / 2), zeroInfinity ? 0 : Infinity, loss);
}
