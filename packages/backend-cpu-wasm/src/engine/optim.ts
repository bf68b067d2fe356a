import type { Engine } from "./engine.ts";
import { setArguments, setFloats, withWorkspace } from "./workspace.ts";

// Optimizer steps of one float32 parameter, in place, after PyTorch's definitions (and order of operations).

const grain = 8192;

/** Addresses (0 where there is none) and PyTorch's options. */
export interface SgdStep {
  n: number;
  parameter: number;
  gradient: number;
  /** Needed when momentum is not 0. */
  momentumBuffer: number;
  /** The buffer is not set yet: it becomes the gradient. */
  first: boolean;
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

export function sgdStep(engine: Engine, a: SgdStep): void {
  if (a.n === 0) return;
  const buffer = a.momentum === 0 ? 0 : a.momentumBuffer;
  setArguments(engine, 0, [a.parameter, a.gradient, buffer, Number(a.first), Number(a.nesterov), Number(a.maximize)]);
  setFloats(engine, 6, [a.lr, a.momentum, a.dampening, a.weightDecay]);
  engine.run(engine.staticKernel("sgd_step"), engine.desc, a.n, grain);
}

/** Addresses (0 where there is none) and PyTorch's options. */
export interface AdamStep {
  n: number;
  parameter: number;
  gradient: number;
  expAvg: number;
  expAvgSq: number;
  /** Running maximum of expAvgSq: given for AMSGrad. */
  maxExpAvgSq: number;
  /** Number of this step, from 1. */
  step: number;
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** AdamW: the decay acts on the parameter, not on the gradient. */
  decoupled: boolean;
  maximize: boolean;
}

export function adamStep(engine: Engine, a: AdamStep): void {
  if (a.n === 0) return;
  const addresses = [a.parameter, a.gradient, a.expAvg, a.expAvgSq, a.maxExpAvgSq];
  setArguments(engine, 0, [...addresses, Number(a.maximize)]);
  const f = engine.f32;
  const at = engine.desc >>> 2;
  f[at + 6] = a.lr / (1 - a.beta1 ** a.step);
  f[at + 7] = 1 / Math.sqrt(1 - a.beta2 ** a.step);
  f[at + 8] = 1 - a.beta1;
  f[at + 9] = a.beta2;
  f[at + 10] = 1 - a.beta2;
  f[at + 11] = a.eps;
  f[at + 12] = a.decoupled ? 0 : a.weightDecay;
  f[at + 13] = a.decoupled ? 1 - a.lr * a.weightDecay : 1;
  engine.run(engine.staticKernel("adam_step"), engine.desc, a.n, grain);
}

/** Σ x², accumulated in float64. */
export function sumOfSquares(engine: Engine, n: number, input: number): number {
  if (n === 0) return 0;
  const parts = Math.ceil(n / 4096);
  let total = 0;
  withWorkspace(engine, "sumOfSquares", parts * 8, (address) => {
    setArguments(engine, 0, [input, address, n]);
    engine.run(engine.staticKernel("square_parts"), engine.desc, parts, 4);
    const sums = engine.f64;
    for (let i = 0; i < parts; i++) total += sums[address / 8 + i];
  });
  return total;
}
