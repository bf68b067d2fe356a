import type { Tensor } from "../../core/tensor.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { clone } from "../create/copy.ts";
import { asStrided } from "./as-strided.ts";
import { split, unbind } from "./splitting.ts";
import {
  diagonal,
  expand,
  narrow,
  permute,
  select,
  slice,
  squeeze,
  t,
  transpose,
  unfold,
  unsqueeze,
  viewAs,
} from "./view.ts";

/** A view op that copies: its result shares no memory. */
const copying =
  <Args extends readonly unknown[]>(view: (x: Tensor, ...args: Args) => Tensor) =>
  (x: Tensor, ...args: Args): Tensor =>
    clone(view(x, ...args));
/** {@link asStrided}, as a copy. */
export const asStridedCopy = copying(asStrided);
/** {@link diagonal}, as a copy. */
export const diagonalCopy = copying(diagonal);
/** {@link expand}, as a copy. */
export const expandCopy = copying(expand);
/** {@link narrow}, as a copy. */
export const narrowCopy = copying(narrow);
/** {@link permute}, as a copy. */
export const permuteCopy = copying(permute);
/** {@link select}, as a copy. */
export const selectCopy = copying(select);
/** {@link slice}, as a copy. */
export const sliceCopy = copying(slice);
/** {@link squeeze}, as a copy. */
export const squeezeCopy = copying(squeeze);
/** {@link t}, as a copy. */
export const tCopy = copying(t);
/** {@link transpose}, as a copy. */
export const transposeCopy = copying(transpose);
/** {@link unfold}, as a copy. */
export const unfoldCopy = copying(unfold);
/** {@link unsqueeze}, as a copy. */
export const unsqueezeCopy = copying(unsqueeze);
/** {@link viewAs}, as a copy. */
export const viewCopy = copying(viewAs);
/** {@link unbind}, as copies. */
export const unbindCopy = (x: Tensor, dim = 0): Tensor[] =>
  unscoped() ? scoped(unbindCopy, x, dim) : unbind(x, dim).map(clone);
/** {@link split}, as copies. */
export const splitCopy = (x: Tensor, size: number | readonly number[], dim = 0): Tensor[] =>
  unscoped() ? scoped(splitCopy, x, size, dim) : split(x, size, dim).map(clone);
