import { grainOf, roundUp } from "./blocks.ts";
import type { Engine, Next } from "./engine.ts";
import { setArguments, setFloats, withWorkspace, zero } from "./workspace.ts";

// Softmax and normalisation kernels, float32. "rows" are runs of n neighbouring values.

/** Rows for which a second thread pays. */
function rowGrain(n: number): number {
  return grainOf(4096, n);
}

function rowKernel(engine: Engine, name: string, rows: number, n: number, addresses: readonly number[]): void {
  if (rows === 0 || n === 0) return;
  setArguments(engine, 0, addresses);
  engine.run(engine.staticKernel(name), engine.desc, rows, rowGrain(n));
}

/** What follows on the rows of a normalization: a kernel over their elements, its arguments at the start of the engine's area. */
export type Following = Pick<Next, "id"> | null;
/** Then the normalization's own arguments stand behind it, from this word on. */
export const besideWords = 896;
/** A kernel over elements begins at multiples of these. */
const lanes = 16;

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

/** Runs of values that are normalised each. */
export interface Rows {
  rows: number;
  n: number;
}

/** Channels that are normalised each, over all images. */
export interface Planes {
  images: number;
  channels: number;
  /** Values of one channel of one image. */
  plane: number;
}

/** Addresses; 0 where there is none. `mean` and `rstd` hold a value for each row, or channel, and are written. */
export interface Norm {
  input: number;
  weight: number;
  bias: number;
  eps: number;
  output: number;
  mean: number;
  rstd: number;
}

/** Addresses; gradients that are not wanted are 0. */
export interface NormBackward {
  gradient: number;
  input: number;
  weight: number;
  mean: number;
  rstd: number;
  inputGradient: number;
  weightGradient: number;
  biasGradient: number;
}

/** Updated in place: (1 - momentum)·old + momentum·new, with the unbiased variance. */
export interface Running {
  mean: number;
  variance: number;
  momentum: number;
}

/** output = (input - mean) / √(var + eps) · weight + bias along each row. */
export function layerNormForward(engine: Engine, { rows, n }: Rows, a: Norm, following: Following = null): void {
  if (rows === 0 || n === 0) return;
  const first = following === null ? 0 : besideWords;
  setArguments(engine, first, [a.input, a.weight, a.bias, a.output, a.mean, a.rstd, n]);
  setFloats(engine, first + 7, [a.eps]);
  const [id, desc, grain] = [engine.staticKernel("layer_norm"), engine.desc + first * 4, rowGrain(n)];
  if (following === null) return engine.run(id, desc, rows, grain);
  const next = { id: following.id, desc: engine.desc, items: n, total: rows * n };
  engine.runBoth(id, desc, rows, roundUp(grain, lanes), next);
}

/** Rows whose gradients of weight and bias are summed in one go: fixed by the shape, so that the sums have the same order on any number of threads. */
const rowsOfShare = (rows: number, n: number): number => Math.max(Math.ceil(rows / 32), rowGrain(n));

/** Whether a kernel over elements can follow {@link layerNormBackward}. */
export const canFollowBackward = ({ rows, n }: Rows): boolean => (rowsOfShare(rows, n) * n) % lanes === 0;

export function layerNormBackward(
  engine: Engine,
  { rows, n }: Rows,
  a: NormBackward,
  following: Following = null,
): void {
  const parameters = a.weightGradient !== 0 || a.biasGradient !== 0;
  if (rows === 0 || n === 0) {
    for (const address of [a.weightGradient, a.biasGradient]) {
      if (address !== 0) zero(engine, address, n);
    }
    return;
  }
  const share = rowsOfShare(rows, n);
  const shares = Math.ceil(rows / share);
  const run = (sums: number): void => {
    const first = following === null ? 0 : besideWords;
    setArguments(engine, first, [a.gradient, a.input, a.weight, a.mean, a.rstd, a.inputGradient, sums, n, rows, share]);
    const [id, desc] = [engine.staticKernel("layer_norm_backward"), engine.desc + first * 4];
    if (following === null) return engine.run(id, desc, shares, 1);
    engine.runBoth(id, desc, shares, 1, { id: following.id, desc: engine.desc, items: share * n, total: rows * n });
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

/** Normalises each channel by the statistics of the batch. */
export function batchNormForward(
  engine: Engine,
  { images, channels, plane }: Planes,
  a: Norm,
  running?: Running,
): void {
  if (images * plane === 0) return;
  setArguments(engine, 0, [a.input, a.weight, a.bias, a.output, a.mean, a.rstd, images, channels, plane]);
  setFloats(engine, 9, [a.eps]);
  setArguments(engine, 10, [running?.mean ?? 0, running?.variance ?? 0]);
  setFloats(engine, 12, [running?.momentum ?? 0]);
  engine.run(engine.staticKernel("batch_norm"), engine.desc, channels, rowGrain(images * plane));
}

export function batchNormBackward(engine: Engine, { images, channels, plane }: Planes, a: NormBackward): void {
  if (images * plane === 0) return;
  setArguments(engine, 0, [a.gradient, a.input, a.weight, a.mean, a.rstd, a.inputGradient]);
  setArguments(engine, 6, [images, channels, plane, a.weightGradient, a.biasGradient]);
  engine.run(engine.staticKernel("batch_norm_backward"), engine.desc, channels, rowGrain(images * plane));
}
