import { ArgumentError, isTensor, noGrad, type Tensor, tidy, to } from "@flambeau/tensor/functional";
import { checkOptions, option, show } from "@flambeau/tensor/plugin";
import { AveragedModel } from "./averaged-model.ts";

/** A module of nn, as far as its batch norms' statistics go. */
interface Runnable {
  training: boolean;
  forward(x: Tensor): unknown;
  modules(): Iterable<object>;
  train(mode?: boolean): unknown;
}
interface BatchNorm {
  readonly isBatchNorm: true;
  momentum: number | null;
  resetRunningStats(): void;
}
/** A batch: the input, or a list whose first entry is the input. */
type Batch = Tensor | readonly [Tensor, ...unknown[]];

/**
 * Computes the running statistics of a model's batch norms anew, from one pass over the batches: the plain averages
 * `r = (r_1 + ... + r_n) / n` of the batches' own.
 *
 * For averaged weights ({@link AveragedModel}), whose activations are none that training saw. The model runs in training mode without
 * recording; its mode and its layers' momentum are as before afterwards. Models without batch norms are left alone.
 *
 * Shapes: batches are what the model's forward takes, or lists that begin with it.
 *
 * @throws ArgumentError for what is no model, and a batch that is neither a tensor nor a list that begins with one; what forward throws.
 * @see https://docs.pytorch.org/docs/stable/optim.html#torch.optim.swa_utils.update_bn
 * @example
 * import { nn, optim, tensor } from "flambeau";
 * const norm = new nn.BatchNorm1d(1);
 * await optim.updateBn([tensor([[1], [3]]), tensor([[5], [7]])], new nn.Sequential(norm));
 * norm.runningMean?.tolist(); // [4]
 */
export async function updateBn(
  loader: Iterable<Batch> | AsyncIterable<Batch>,
  model: object,
  options: { readonly device?: string | undefined } = {},
): Promise<void> {
  checkOptions("updateBn", { device: option.string }, options);
  const { device } = options;
  const averaged = model instanceof AveragedModel ? model : null;
  const runnable = (averaged?.module ?? model) as Partial<Runnable> | null; // looked at next
  if (typeof runnable?.modules !== "function" || typeof runnable.forward !== "function")
    throw new ArgumentError("updateBn", `model must be a module or an AveragedModel, got ${show(model)}`);
  if (!option.object.takes(loader) || !(Symbol.iterator in loader || Symbol.asyncIterator in loader))
    throw new ArgumentError("updateBn", `loader must be an iterable of batches, got ${show(loader)}`);
  const net = runnable as Runnable;
  const norms = [...net.modules()].filter((m): m is BatchNorm => (m as Partial<BatchNorm>).isBatchNorm === true);
  if (norms.length === 0) return;
  const within = (run: () => void) => (averaged ? averaged.with(run) : run());
  within(() => {
    for (const norm of norms) norm.resetRunningStats();
  });
  // between the batches, while others may run, everything is as it was
  for await (const batch of loader) {
    const x: unknown = Array.isArray(batch) ? batch[0] : batch;
    if (!isTensor(x))
      throw new ArgumentError("updateBn", `a batch is a tensor, or a list that begins with one, got ${show(batch)}`);
    within(() => inTraining(net, norms, () => noGrad(() => tidy(() => void net.forward(device ? to(x, device) : x)))));
  }
}

function inTraining(net: Runnable, norms: readonly BatchNorm[], run: () => void): void {
  const momenta = norms.map((norm) => norm.momentum);
  const modes = [...net.modules()].map(
    (m) => [m as { training: boolean }, (m as { training: boolean }).training] as const,
  );
  net.train();
  for (const norm of norms) norm.momentum = null;
  try {
    run();
  } finally {
    norms.forEach((norm, i) => {
      norm.momentum = momenta[i];
    });
    for (const [m, mode] of modes) m.training = mode;
  }
}
