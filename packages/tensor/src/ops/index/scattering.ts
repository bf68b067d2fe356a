import type { ScatterMode } from "../../contract/backend.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { applyInPlace } from "../../door/write.ts";
import { lifted } from "../../layout/windows.ts";
import { runGather, runScatter } from "../../lower/machine.ts";
import { freshCopy } from "../../lower/move.ts";
import { filledLike } from "../create/allocation.ts";
import { expand } from "../shape/view.ts";

// Reads and writes at index positions along one dimension, as ops with gradients. Arguments are checked and index values in range.

export interface DimAttrs {
  readonly dim: number;
}
export const gatherOp: Op<DimAttrs> = {
  name: "gather",
  forward([x, index], { dim }) {
    const out = empty(x.backend, x.dtype, index.shape);
    if (out.size > 0) runGather(x, lifted(x), lifted(index), lifted(out), dim);
    return out;
  },
  save: ([, index]) => [index],
  vjp: ({ attrs: { dim }, saved: [index], shapes }, [g]) => [
    g && addAt(filledLike(g, shapes[0], 0), dim, index, g),
    null,
  ],
};
/** out[i][j][k] = x[i][index[i][j][k]][k] for dim 1, and so on. */
export const takeAt = (x: Tensor, dim: number, index: Tensor): Tensor => applyOne(gatherOp, [x, index], { dim });
const tiedGather: Op<DimAttrs> = { ...gatherOp, tied: true };
/** {@link takeAt} whose gradient is {@link Op.tied}. */
export const takeTied = (x: Tensor, dim: number, index: Tensor): Tensor => applyOne(tiedGather, [x, index], { dim });

/** A write of source values at index positions: into a copy of the target, or into the target itself. */
export interface Writing {
  readonly copied: Op<DimAttrs>;
  readonly inPlace: Op<DimAttrs>;
}

function writing(name: string, mode: ScatterMode, rule: Pick<Op<DimAttrs>, "save" | "vjp">): Writing {
  const write = (target: Tensor, [, index, source]: readonly Tensor[], dim: number): Tensor => {
    if (index.size > 0 && target.size > 0) runScatter(target, mode, lifted(target), lifted(index), lifted(source), dim);
    return target;
  };
  return {
    copied: { ...rule, name, forward: (inputs, { dim }) => write(freshCopy(inputs[0]), inputs, dim) },
    inPlace: { ...rule, name: `${name}_`, writes: [0], forward: (inputs, { dim }) => write(inputs[0], inputs, dim) },
  };
}
/** target[i][index[i][j][k]][k] = source[i][j][k], and so on; of equal positions the last one stays. */
export const setting: Writing = writing("scatter", "set", {
  save: ([, index]) => [index],
  vjp({ attrs: { dim }, saved: [index], needs }, [g]) {
    if (!g) return [null, null, null];
    const inside = needs[0] ? writeAt(setting, g, dim, index, expand(filledLike(g, [], 0), index.shape)) : null;
    return [inside, null, needs[2] ? takeAt(g, dim, index) : null];
  },
});
/** target[i][index[i][j][k]][k] += source[i][j][k], and so on. */
export const adding: Writing = writing("scatterAdd", "add", {
  save: ([, index]) => [index],
  vjp: ({ attrs: { dim }, saved: [index], needs }, [g]) => [g, null, g && needs[2] ? takeAt(g, dim, index) : null],
});
// without gradients: scatterReduce has rules of its own around them
export const multiplying: Writing = writing("scatterMul", "mul", {});
export const raising: Writing = writing("scatterMax", "max", {});
export const lowering: Writing = writing("scatterMin", "min", {});

/** `target` with `source` written at `index`, as a new tensor. `source` has the index's shape and the target's dtype. */
export const writeAt = (w: Writing, target: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
  applyOne(w.copied, [target, index, source], { dim });
/** {@link writeAt} in place. */
export const writeInto = (w: Writing, target: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
  applyInPlace(w.inPlace, target, [target, index, source], { dim });
/** target + source at `index`. */
export const addAt = (target: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
  writeAt(adding, target, dim, index, source);
