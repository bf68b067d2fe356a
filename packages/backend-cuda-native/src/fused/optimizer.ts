import { type FusedKernels, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { allStored } from "./floats.ts";

/** The elements of a parameter that one block updates at a time (native/kernels/optimizer.cuh). */
const share = 1024;
const mostBlocks = 65_535;

/** Optimizer steps of several parameters in a launch: the gradients in; in place each parameter followed by its state. */
export function optimizerKernels(engine: Engine): Required<FusedKernels<"adamStep" | "sgdStep">> {
  /** Launches the kernel for some of the parameters. */
  const launch = (
    kernel: string,
    picked: readonly number[],
    gradients: readonly View[],
    written: readonly View[],
    numbers: (words: Words) => Words,
  ): void => {
    const each = written.length / gradients.length;
    const firsts: number[] = [];
    let shares = 0;
    for (const t of picked) {
      firsts.push(shares);
      shares += Math.ceil(sizeOf(gradients[t].shape) / share);
    }
    const words = numbers(engine.words().int(shares)).int(picked.length);
    picked.forEach((t, k) => {
      words.ints([firsts[k], sizeOf(gradients[t].shape), addressOf(gradients[t])]);
      for (let v = 0; v < each; v++) words.int(addressOf(written[t * each + v]));
    });
    engine.launch(`${kernel}_${gradients[picked[0]].dtype}`, Math.min(shares, mostBlocks));
  };

  /** All of them, in as few launches as may be: what one of a launch writes is no other's, and all are of a type. */
  const run = (
    kernel: string,
    gradients: readonly View[],
    written: readonly View[],
    numbers: (words: Words) => Words,
  ): void => {
    const each = written.length / gradients.length;
    let picked: number[] = [];
    let writes = new Set<unknown>();
    let reads = new Set<unknown>();
    gradients.forEach((gradient, t) => {
      if (sizeOf(gradient.shape) === 0) return;
      const own = written.slice(t * each, (t + 1) * each).map(({ buffer }) => buffer);
      const meets = own.some((b) => writes.has(b) || reads.has(b)) || writes.has(gradient.buffer);
      if (picked.length > 0 && (meets || gradients[picked[0]].dtype !== gradient.dtype)) {
        launch(kernel, picked, gradients, written, numbers);
        [picked, writes, reads] = [[], new Set(), new Set()];
      }
      picked.push(t);
      for (const buffer of own) writes.add(buffer);
      reads.add(gradient.buffer);
    });
    if (picked.length > 0) launch(kernel, picked, gradients, written, numbers);
  };

  return {
    adamStep: {
      supports: allStored,
      run: (gradients, written, { lr, betas: [beta1, beta2], ...a }) =>
        run("adam_step", gradients, written, (words) =>
          words
            .float(a.decoupledWeightDecay ? 1 - lr * a.weightDecay : 1)
            .float(a.decoupledWeightDecay ? 0 : a.weightDecay)
            .float(1 - beta1)
            .float(beta2)
            .float(1 - beta2)
            .float(Math.sqrt(1 - beta2 ** a.step))
            .float(a.eps)
            .float(-lr / (1 - beta1 ** a.step))
            .ints([written.length === 4 * gradients.length ? 1 : 0, a.maximize ? 1 : 0]),
        ),
    },
    sgdStep: {
      supports: allStored,
      run: (gradients, written, a) =>
        run("sgd_step", gradients, written, (words) =>
          words
            .float(a.lr)
            .float(a.momentum)
            .float(1 - a.dampening)
            .float(a.weightDecay)
            .ints([written.length === 2 * gradients.length ? 1 : 0, a.first, a.nesterov ? 1 : 0, a.maximize ? 1 : 0]),
        ),
    },
  };
}
