import { ArgumentError, defaultGenerator } from "@flambeau/tensor/functional";
import { checkInteger, fillRandperm } from "@flambeau/tensor/plugin";

/** Which input plane goes to which output plane, a pair for each kernel; both count from 0. */
export type Connections = readonly (readonly [input: number, output: number])[];

/**
 * A connection from each input plane to each output plane: `[[0, 0], [1, 0], ..., [nin - 1, nout - 1]]`.
 *
 * Shapes: none; `nin * nout` pairs.
 *
 * @throws ArgumentError when a number is no positive integer.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.tables.full
 * @example
 * tables.full(2, 2); // [[0, 0], [1, 0], [0, 1], [1, 1]]
 */
export function full(nin: number, nout: number): Connections {
  checkInteger("tables.full", "nin", nin, 1);
  checkInteger("tables.full", "nout", nout, 1);
  return Array.from({ length: nin * nout }, (_, k) => [k % nin, Math.floor(k / nin)]);
}

/**
 * A connection from each plane to the one of its number: `[[0, 0], [1, 1], ..., [n - 1, n - 1]]`.
 *
 * Shapes: none; `n` pairs.
 *
 * @throws ArgumentError when `n` is no positive integer.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.tables.onetoone
 * @example
 * tables.oneToOne(3); // [[0, 0], [1, 1], [2, 2]]
 */
export function oneToOne(n: number): Connections {
  checkInteger("tables.oneToOne", "n", n, 1);
  return Array.from({ length: n }, (_, k) => [k, k]);
}

/**
 * For each output plane `nto` different input planes at random, such that all input planes get about as many connections: `nto * nout` pairs
 * `[input, output]`. They are drawn from the default generator.
 *
 * Shapes: none; `nto * nout` pairs.
 *
 * @throws ArgumentError when a number is no positive integer, or `nto` above `nin`.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.tables.random
 * @example
 * tables.random(6, 4, 3).length; // 12
 */
export function random(nin: number, nout: number, nto: number): Connections {
  for (const [name, value] of Object.entries({ nin, nout, nto })) checkInteger("tables.random", name, value, 1);
  if (nto > nin) throw new ArgumentError("tables.random", `nto must be at most nin, got ${nto} of ${nin}`);
  const pairs: [number, number][] = [];
  let order: Int32Array<ArrayBuffer> = new Int32Array(0);
  let used = nin;
  for (let out = 0; out < nout; out++) {
    if (used + nto > nin) {
      order = fillRandperm(new Int32Array(nin), defaultGenerator);
      used = 0;
    }
    for (const input of order.subarray(used, used + nto)) pairs.push([input, out]);
    used += nto;
  }
  return pairs;
}
