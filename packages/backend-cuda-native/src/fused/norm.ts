import { bytesOf, type FusedKernels, type RowNormAttrs, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { type Behind, withBehind } from "./behind.ts";
import { allFloats, allStored } from "./floats.ts";
import { launchRows, rowsOf, rowThreads } from "./rows.ts";

/** Threads that sums down the columns should have, and rows of one at least. */
const enough = 65_536;
const fewestRows = 32;

const or0 = (view: View | undefined): number => (view ? addressOf(view) : 0);
/** Where a kernel's rows go: to a view, or through a program. */
type Target = View | Behind;
const isBehind = (to: Target): to is Behind => "program" in to;
const addressIn = (to: Target): number => (isBehind(to) ? 0 : addressOf(to));

/** Starts a kernel of rows, with what is behind it. */
function launch(engine: Engine, kernel: string, words: Words, to: Target, x: View, count: number): void {
  const { rows, n } = rowsOf(x, count);
  if (!isBehind(to)) launchRows(engine, kernel, x.dtype, rows, n);
  else
    withBehind(engine, words, to, rowThreads(engine, rows, n), () =>
      launchRows(engine, `${kernel}_mapped`, x.dtype, rows, n),
    );
}

export function normForward(
  engine: Engine,
  [x, ...factors]: readonly View[],
  { mean, rstd }: { mean?: View; rstd: View },
  { count, eps, weight, bias }: RowNormAttrs,
  to: Target,
): void {
  const { rows, n } = rowsOf(x, count);
  const words = engine
    .words()
    .ints([rows, n])
    .float(eps)
    .ints([addressIn(to), or0(mean), addressOf(rstd), addressOf(x)])
    .int(weight ? addressOf(factors[0]) : 0)
    .int(bias ? addressOf(factors[weight ? 1 : 0]) : 0);
  launch(engine, "norm", words, to, x, count);
}

/** The gradient of x, and those of the weight and the bias, in this order, as far as they are asked for. */
export function normBackward(
  engine: Engine,
  { g, x, mean, rstd, weight }: { g: View; x: View; mean?: View; rstd: View; weight: View | undefined },
  others: readonly View[],
  { count, weight: toWeight, bias: toBias }: Pick<RowNormAttrs, "count" | "weight" | "bias">,
  to: Target,
): void {
  const { rows, n } = rowsOf(x, count);
  const inputs = [addressOf(g), addressOf(x), or0(mean), addressOf(rstd)];
  const words = engine
    .words()
    .ints([rows, n, addressIn(to)])
    .ints(inputs)
    .int(or0(weight));
  launch(engine, "norm_backward", words, to, x, count);
  if (!toWeight && !toBias) return;
  const parts = Math.max(1, Math.min(Math.ceil(enough / n), Math.ceil(rows / fewestRows)));
  const sums = engine.alloc(2 * parts * n * bytesOf(x.dtype));
  try {
    engine.words().ints([rows, n, parts, sums.pointer]).ints(inputs);
    engine.forEach(`norm_columns_${x.dtype}`, parts * n);
    const [dweight, dbias] = [toWeight ? others[0] : undefined, toBias ? others[toWeight ? 1 : 0] : undefined];
    engine.words().ints([n, parts, sums.pointer, or0(dweight), or0(dbias)]);
    engine.forEach(`norm_column_sums_${x.dtype}`, n);
  } finally {
    engine.free(sums);
  }
}

/** Layer norm and RMS norm over trailing dimensions, and their gradients (native/kernels/norm.cuh). */
export function normKernels(
  engine: Engine,
): Required<FusedKernels<"layerNorm" | "layerNormBackward" | "rmsNorm" | "rmsNormBackward">> {
  return {
    layerNorm: {
      supports: allStored,
      run: (inputs, [y, mean, rstd], attrs) => normForward(engine, inputs, { mean, rstd }, attrs, y),
    },
    layerNormBackward: {
      supports: allFloats,
      run: ([g, x, mean, rstd, weight], [dx, ...others], attrs) =>
        normBackward(engine, { g, x, mean, rstd, weight }, others, attrs, dx),
    },
    rmsNorm: {
      supports: allStored,
      run: (inputs, [y, rstd], attrs) => normForward(engine, inputs, { rstd }, { ...attrs, bias: false }, y),
    },
    rmsNormBackward: {
      supports: allFloats,
      run: ([g, x, rstd, weight], [dx, ...others], attrs) =>
        normBackward(engine, { g, x, rstd, weight }, others, { ...attrs, bias: false }, dx),
    },
  };
}
