import { type FusedKernels, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { adamStep, sgdStep } from "../engine/optim.ts";
import { allFloat32, at } from "./address.ts";

/** Calls `step` with each gradient, and with what is written of its parameter: itself and its state. */
function eachParameter(
  gradients: readonly View[],
  written: readonly View[],
  step: (gradient: View, written: readonly View[]) => void,
): void {
  const each = written.length / gradients.length;
  gradients.forEach((gradient, k) => {
    step(gradient, written.slice(k * each, (k + 1) * each));
  });
}

/** Optimizer steps: the gradients in; in place each parameter followed by its state, in one pass over it. */
export function optimizerKernels(engine: Engine): Required<FusedKernels<"adamStep" | "sgdStep">> {
  return {
    adamStep: {
      supports: allFloat32,
      run(gradients, written, a) {
        eachParameter(gradients, written, (gradient, [p, expAvg, expAvgSq, maximum]) =>
          adamStep(engine, {
            n: sizeOf(p.shape),
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
          }),
        );
      },
    },
    sgdStep: {
      supports: allFloat32,
      run(gradients, written, a) {
        eachParameter(gradients, written, (gradient, [p, momentumBuffer]) =>
          sgdStep(engine, {
            ...a,
            first: a.first === 1,
            n: sizeOf(p.shape),
            parameter: at(p),
            gradient: at(gradient),
            momentumBuffer: at(momentumBuffer),
          }),
        );
      },
    },
  };
}
