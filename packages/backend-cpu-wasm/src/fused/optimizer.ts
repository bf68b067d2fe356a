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
  readonly first: boolean;
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
}

/** One optimizer step of one parameter in one pass: the gradient (and AMSGrad's maximum) in, the parameter and its state in place. */
export function optimizerKernels(engine: Engine): Record<string, FusedKernel> {
  return {
    adamStep: {
      supports: allFloat32,
      run([gradient, maximum], [p, expAvg, expAvgSq], attrs) {
        const a = attrs as AdamAttrs; // the optimizer's
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
      },
    },
    sgdStep: {
      supports: allFloat32,
      run([gradient], [p, momentumBuffer], attrs) {
        const a = attrs as SgdAttrs; // the optimizer's
        sgdStep(engine, {
          ...a,
          n: product(p.shape),
          parameter: at(p),
          gradient: at(gradient),
          momentumBuffer: at(momentumBuffer),
        });
      },
    },
  };
}
