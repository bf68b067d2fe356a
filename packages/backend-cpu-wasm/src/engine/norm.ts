import type { Engine } from "./engine.ts";
import { setArguments, withWorkspace } from "./workspace.ts";

// Softmax and normalisation kernels, float32. "rows" are runs of n neighbouring values.

/** Rows for which a second thread pays. */
function rowGrain(n: number): number {
  return Math.max(1, Math.ceil(4096 / n));
}

function setFloat(engine: Engine, slot: number, value: number): void {
  engine.f32[(engine.desc >>> 2) + slot] = value;
}

function rowKernel(engine: Engine, name: string, rows: number, n: number, addresses: readonly number[]): void {
  if (rows === 0 || n === 0) return;
  setArguments(engine, 0, addresses);
  engine.run(engine.staticKernel(name), engine.desc, rows, rowGrain(n));
}

/** output = exp(input) / Σ exp(input) along each row; in place is fine. */
export function softmaxForward(engine: Engine, rows: number, n: number, input: number, output: number): void {
  rowKernel(engine, "softmax", rows, n, [input, output, n]);
}

/** output = input - log Σ exp(input) along each row; in place is fine. */
export function logSoftmaxForward(engine: Engine, rows: number, n: number, input: number, output: number): void {
  rowKernel(engine, "log_softmax", rows, n, [input, output, n]);
}

/** From the gradient of softmax's output and that output. */
export function softmaxBackward(
  engine: Engine,
  rows: number,
  n: number,
  gradient: number,
  output: number,
  inputGradient: number,
): void {
  rowKernel(engine, "softmax_backward", rows, n, [gradient, output, n, inputGradient]);
}

/** From the gradient of logSoftmax's output and that output. */
export function logSoftmaxBackward(
  engine: Engine,
  rows: number,
  n: number,
  gradient: number,
  output: number,
  inputGradient: number,
): void {
  rowKernel(engine, "log_softmax_backward", rows, n, [gradient, output, n, inputGradient]);
}

/** Addresses; 0 where there is none. `mean` and `rstd` hold a value for each row and are written. */
export interface LayerNorm {
  rows: number;
  n: number;
  input: number;
  weight: number;
  bias: number;
  eps: number;
  output: number;
  mean: number;
  rstd: number;
}

/** output = (input - mean) / √(var + eps) · weight + bias along each row. */
export function layerNormForward(engine: Engine, a: LayerNorm): void {
  setFloat(engine, 7, a.eps);
  rowKernel(engine, "layer_norm", a.rows, a.n, [a.input, a.weight, a.bias, a.output, a.mean, a.rstd, a.n]);
}

/** Addresses; gradients that are not wanted are 0. */
export interface LayerNormBackward {
  rows: number;
  n: number;
  gradient: number;
  input: number;
  weight: number;
  mean: number;
  rstd: number;
  inputGradient: number;
  weightGradient: number;
  biasGradient: number;
}

export function layerNormBackward(engine: Engine, a: LayerNormBackward): void {
  const { rows, n } = a;
  const parameters = a.weightGradient !== 0 || a.biasGradient !== 0;
  if (rows === 0 || n === 0) {
    for (const address of [a.weightGradient, a.biasGradient]) {
      if (address !== 0) engine.f32.fill(0, address / 4, address / 4 + n);
    }
    return;
  }
  // fixed by the shape, so that the sums have the same order on any number of threads
  const share = Math.max(Math.ceil(rows / 32), rowGrain(n));
  const shares = Math.ceil(rows / share);
  const run = (sums: number): void => {
    setArguments(engine, 0, [a.gradient, a.input, a.weight, a.mean, a.rstd, a.inputGradient, sums, n, rows, share]);
    engine.run(engine.staticKernel("layer_norm_backward"), engine.desc, shares, 1);
  };
  if (!parameters) {
    run(0);
    return;
  }
  withWorkspace(engine, "layerNorm", shares * 2 * n * 4, (sums) => {
    run(sums);
    const end = engine.staticKernel("sum_parts");
    const grain = Math.max(64, Math.ceil(8192 / shares));
    for (const [from, to] of [
      [sums, a.weightGradient],
      [sums + n * 4, a.biasGradient],
    ]) {
      if (to === 0) continue;
      setArguments(engine, 0, [from, to, shares, 2 * n]);
      engine.run(end, engine.desc, n, grain);
    }
  });
}

/** Addresses; 0 where there is none. `mean` and `rstd` hold a value for each channel and are written. */
export interface BatchNorm {
  images: number;
  channels: number;
  /** Values of one channel of one image. */
  plane: number;
  input: number;
  weight: number;
  bias: number;
  eps: number;
  output: number;
  mean: number;
  rstd: number;
  /** Updated in place: (1 - momentum)·old + momentum·new, with the unbiased variance. */
  runningMean: number;
  runningVariance: number;
  momentum: number;
}

/** Normalises each channel by the statistics of the batch. */
export function batchNormForward(engine: Engine, a: BatchNorm): void {
  if (a.images * a.plane === 0) return;
  setArguments(engine, 0, [a.input, a.weight, a.bias, a.output, a.mean, a.rstd, a.images, a.channels, a.plane]);
  setFloat(engine, 9, a.eps);
  setArguments(engine, 10, [a.runningMean, a.runningVariance]);
  setFloat(engine, 12, a.momentum);
  engine.run(engine.staticKernel("batch_norm"), engine.desc, a.channels, rowGrain(a.images * a.plane));
}

/** Addresses; gradients that are not wanted are 0. */
export interface BatchNormBackward {
  images: number;
  channels: number;
  plane: number;
  gradient: number;
  input: number;
  weight: number;
  mean: number;
  rstd: number;
  inputGradient: number;
  weightGradient: number;
  biasGradient: number;
}

export function batchNormBackward(engine: Engine, a: BatchNormBackward): void {
  if (a.images * a.plane === 0) return;
  setArguments(engine, 0, [a.gradient, a.input, a.weight, a.mean, a.rstd, a.inputGradient]);
  setArguments(engine, 6, [a.images, a.channels, a.plane, a.weightGradient, a.biasGradient]);
  engine.run(engine.staticKernel("batch_norm_backward"), engine.desc, a.channels, rowGrain(a.images * a.plane));
}
