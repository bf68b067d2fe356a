import { bytesOf, type FusedKernels, type RowNormAttrs, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import { allFloats, allStored } from "./floats.ts";
import { launchRows, rowsOf } from "./rows.ts";

/** Threads that sums down the columns should have, and rows of one at least. */
const enough = 65_536;
const fewestRows = 32;

const or0 = (view: View | undefined): number => (view ? addressOf(view) : 0);

/** Layer norm and RMS norm over trailing dimensions, and their gradients (native/kernels/norm.cuh). */
export function normKernels(
  engine: Engine,
): Required<FusedKernels<"layerNorm" | "layerNormBackward" | "rmsNorm" | "rmsNormBackward">> {
  const forward = (
    [x, ...factors]: readonly View[],
    { y, mean, rstd }: { y: View; mean?: View; rstd: View },
    { count, eps, weight, bias }: RowNormAttrs,
  ): void => {
    const { rows, n } = rowsOf(x, count);
    engine
      .words()
      .ints([rows, n])
      .float(eps)
      .ints([addressOf(y), or0(mean), addressOf(rstd), addressOf(x)])
      .int(weight ? addressOf(factors[0]) : 0)
      .int(bias ? addressOf(factors[weight ? 1 : 0]) : 0);
    launchRows(engine, "norm", x.dtype, rows, n);
  };

  /** The gradient of x, and those of the weight and the bias, in this order, as far as they are asked for. */
  const backward = (
    { g, x, mean, rstd, weight }: { g: View; x: View; mean?: View; rstd: View; weight: View | undefined },
    [dx, ...others]: readonly View[],
    { count, weight: toWeight, bias: toBias }: Pick<RowNormAttrs, "count" | "weight" | "bias">,
  ): void => {
    const { rows, n } = rowsOf(x, count);
    const inputs = [addressOf(g), addressOf(x), or0(mean), addressOf(rstd)];
    engine
      .words()
      .ints([rows, n, addressOf(dx)])
      .ints(inputs)
      .int(or0(weight));
    launchRows(engine, "norm_backward", x.dtype, rows, n);
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
  };
  return {
    layerNorm: {
      supports: allStored,
      run: (inputs, [y, mean, rstd], attrs) => forward(inputs, { y, mean, rstd }, attrs),
    },
    layerNormBackward: {
      supports: allFloats,
      run: ([g, x, mean, rstd, weight], outputs, attrs) => backward({ g, x, mean, rstd, weight }, outputs, attrs),
    },
    rmsNorm: {
      supports: allStored,
      run: (inputs, [y, rstd], attrs) => forward(inputs, { y, rstd }, { ...attrs, bias: false }),
    },
    rmsNormBackward: {
      supports: allFloats,
      run: ([g, x, rstd, weight], outputs, attrs) =>
        backward({ g, x, rstd, weight }, outputs, { ...attrs, bias: false }),
    },
  };
}
