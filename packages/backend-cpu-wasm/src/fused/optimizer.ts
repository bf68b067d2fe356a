import type { FusedKernel } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { adamStep, sgdStep } from "../engine/optim.ts";
import { allFloat32, at, product } from "./address.ts";

interface AdamAttrs {
  readonly step: number;
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly decoupledWeightDecay: boolean;
  readonly maximize: boolean;
}
interface SgdAttrs {
  /** 1 where the momentum buffers are not set yet: they become the gradients. */
  readonly first: number;
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
}

/** Optimizer steps: the gradients in; in place each parameter followed by its state, in one pass over it. */
export function optimizerKernels(engine: Engine): Record<string, FusedKernel> {
  return {
    adamStep: {
      supports: allFloat32,
      run(gradients, written, attrs) {
        const a = attrs as AdamAttrs; // the optimizer's
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
      run(gradients, written, attrs) {
        const a = attrs as SgdAttrs; // the optimizer's
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
