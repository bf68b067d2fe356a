import * as arithmetic from "./ops/arithmetic.ts";
import * as comparison from "./ops/comparison.ts";
import * as copy from "./ops/copy.ts";
import * as matmul from "./ops/matmul.ts";
import * as reduction from "./ops/reduction.ts";
import * as views from "./ops/view.ts";
import * as host from "./host.ts";
import { item, itemAsync, tolist } from "./values.ts";

const { asStridedOp: _asStridedOp, broadcastTo, viewAs, ...viewMethods } = views;
const { reducedDims: _r, keptShape: _k, droppedShape: _d, reduceKept: _rk, squeezeFresh: _s, restore: _re, checkNonEmpty: _c, ...reductions } = reduction;
const { copyProgram: _cp, copyInto: _ci, fillInto: _fi, dense: _de, withoutOverlap: _w, toDType: _td, toDevice: _tv, ...copies } = copy;
const { where: choose, ...comparisons } = comparison;

/** Every function that is also a method of Tensor, by method name. Its first parameter is the tensor. */
export const methods = {
  ...arithmetic,
  ...comparisons,
  ...viewMethods,
  ...reductions,
  ...copies,
  ...matmul,
  view: viewAs,
  expandTo: broadcastTo,
  dataSync: host.dataSync,
  data: host.data,
  item,
  itemAsync,
  tolist,
};
void choose;
