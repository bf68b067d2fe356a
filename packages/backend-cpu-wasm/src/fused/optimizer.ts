import type { FusedKernels } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { adamStep, sgdStep } from "../engine/optim.ts";
import { allFloat32, at, product } from "./address.ts";

/** Optimizer steps: the gradients in; in place each parameter followed by its state, in one pass over it. */
export function optimizerKernels(engine: Engine): Required<FusedKernels<"adamStep" | "sgdStep">> {
  return {
    adamStep: {
      supports: allFloat32,
      run(gradients, written, a) {
        const each = written.length / gradients.length;
        gradients.forEach((gradient, k) => {
          const [p, expAvg, expAvgSq, maximum] = written.slice(k * each, (k + 1) * each);
          adamStep(engine, {
            n: product(p.shape),
            parameter: at(p),
            gradient: at(gradient),
            expAvg: at(expAvg),
            expAvgSq: at(expAvgSq),
            maxExpAvgSq: at(maximum),
            step: a.step,
            lr: a.lr,
            beta1: a.betas[0],
            beta2: a.betas[1],
            eps: a.eps,
            weightDecay: a.weightDecay,
            decoupled: a.decoupledWeightDecay,
            maximize: a.maximize,
          });
        });
      },
    },
    sgdStep: {
      supports: allFloat32,
      run(gradients, written, a) {
        const each = written.length / gradients.length;
        gradients.forEach((gradient, k) => {
          const [p, momentumBuffer] = written.slice(k * each, (k + 1) * each);
          sgdStep(engine, {
            ...a,
            first: a.first === 1,
            n: product(p.shape),
            parameter: at(p),
            gradient: at(gradient),
            momentumBuffer: at(momentumBuffer),
          });
        });
      },
    },
  };
}
