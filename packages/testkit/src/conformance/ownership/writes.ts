import {
  add,
  add_,
  clone,
  copy_,
  detach,
  fill_,
  fromBytes,
  maskedFill,
  maskedFill_,
  mul,
  mul_,
  neg,
  noGrad,
  select,
  selectScatter,
  sigmoid,
  sigmoid_,
  sin,
  slice,
  sliceScatter,
  type Tensor,
  transpose,
  unbind,
  unsqueeze,
  where,
  zero_,
} from "@flambeau/tensor";
import { encode } from "@flambeau/tensor/plugin";

/**
 * A change of a result in place, and the program out of place that gives the same values. Both take the result and an operand of
 * its shape that requires gradients, and return what the loss is made of, in the same order.
 */
export interface Write {
  readonly name: string;
  /** Of a part of the result: it needs a dimension, and elements that do not repeat, of which a part could be changed alone. */
  readonly part?: true;
  /** Outside the graph: the values change, the gradients do not. */
  readonly untracked?: true;
  readonly inPlace: (y: Tensor, c: Tensor) => readonly Tensor[];
  readonly apart: (y: Tensor, c: Tensor) => readonly Tensor[];
}

const patterns = new Map<string, Uint8Array>();
/** A tensor like `t` with elements that follow from their positions. `name` stands for the rule. */
function pattern(
  t: Tensor,
  name: string,
  element: (i: number) => number,
  dtype = t.dtype,
  requiresGrad = false,
): Tensor {
  const key = `${name} ${dtype} ${t.size}`;
  let bytes = patterns.get(key);
  if (bytes === undefined)
    patterns.set(
      key,
      (bytes = encode(
        Float64Array.from({ length: t.size }, (_, i) => element(i)),
        dtype,
      )),
    );
  return fromBytes(bytes, dtype, t.shape, { device: t.device, requiresGrad });
}
/** Values like no others, some negative, none 0. */
export const varied = (t: Tensor, seed: number, requiresGrad = false): Tensor =>
  pattern(t, `varied ${seed}`, (i) => (((i * 37 + seed * 11) % 23) - 11.5) / 8, t.dtype, requiresGrad);
const some = (t: Tensor): Tensor => pattern(t, "some", (i) => Number(i % 3 !== 1), "bool");
const all = (t: Tensor): Tensor => pattern(t, "all", () => 1, "bool");
const turned = (t: Tensor): Tensor => (t.ndim < 2 ? t : transpose(t, 0, -1));
/** The transpose of square tensors, others as they are. */
const mirrored = (t: Tensor): Tensor => (t.shape[0] === t.shape.at(-1) ? turned(t) : t);
const half = (t: Tensor): number => Math.ceil(t.shape[t.ndim - 1] / 2);

export const writes: readonly Write[] = [
  { name: "mul_", inPlace: (y, c) => [mul_(y, c)], apart: (y, c) => [mul(y, c)] },
  { name: "add_", inPlace: (y, c) => [add_(y, c, { alpha: 2 })], apart: (y, c) => [add(y, c, { alpha: 2 })] },
  { name: "sigmoid_", inPlace: (y) => [sigmoid_(y)], apart: (y) => [sigmoid(y)] },
  { name: "copy_", inPlace: (y, c) => [copy_(y, c)], apart: (y, c) => [where(all(y), c, y)] },
  { name: "zero_", inPlace: (y) => [zero_(y)], apart: (y) => [where(all(y), 0, y)] },
  {
    name: "maskedFill_",
    inPlace: (y) => [maskedFill_(y, some(y), 0.5)],
    apart: (y) => [maskedFill(y, some(y), 0.5)],
  },
  {
    name: "mul_ of a row",
    part: true,
    inPlace(y, c) {
      mul_(select(y, 0, -1), select(c, 0, -1));
      return [y];
    },
    apart: (y, c) => [selectScatter(y, mul(select(y, 0, -1), select(c, 0, -1)), 0, -1)],
  },
  {
    name: "sigmoid_ of a slice",
    part: true,
    inPlace(y) {
      sigmoid_(slice(y, -1, 0, half(y)));
      return [y];
    },
    apart: (y) => [sliceScatter(y, sigmoid(slice(y, -1, 0, half(y))), -1, 0, half(y))],
  },
  {
    name: "mul_ of the transpose",
    inPlace(y, c) {
      mul_(turned(y), turned(c));
      return [y];
    },
    apart: (y, c) => [mul(y, c)],
  },
  {
    name: "mul_ of a part",
    part: true,
    inPlace(y, c) {
      mul_(unbind(y, 0)[0], select(c, 0, 0));
      return [y];
    },
    apart: (y, c) => [selectScatter(y, mul(select(y, 0, 0), select(c, 0, 0)), 0, 0)],
  },
  {
    name: "mul_, then sigmoid_ of an older row",
    part: true,
    inPlace(y, c) {
      const row = select(y, 0, 0);
      mul_(y, c);
      sigmoid_(row);
      return [y, row];
    },
    apart(y, c) {
      const product = mul(y, c);
      const row = sigmoid(select(product, 0, 0));
      return [selectScatter(product, row, 0, 0), row];
    },
  },
  { name: "mul_ outside the graph", untracked: true, inPlace: (y, c) => [noGrad(() => mul_(y, c))], apart: (y) => [y] },
  {
    name: "fill_ of what was detached",
    untracked: true,
    inPlace(y) {
      fill_(detach(y), 3);
      return [y];
    },
    apart: (y) => [y],
  },
  { name: "mul_ by itself", inPlace: (y) => [mul_(y, y)], apart: (y) => [mul(y, y)] },
  {
    name: "add_ of its own transpose",
    inPlace: (y) => [add_(y, mirrored(y))],
    apart: (y) => [add(y, mirrored(y))],
  },
  {
    name: "mul_ of a row by another",
    part: true,
    inPlace(y) {
      mul_(select(y, 0, 0), select(y, 0, -1));
      return [y];
    },
    apart: (y) => [selectScatter(y, mul(select(y, 0, 0), select(y, 0, -1)), 0, 0)],
  },
  {
    name: "copy_ of a slice over its neighbour",
    part: true,
    inPlace(y) {
      copy_(slice(y, -1, 1), slice(y, -1, 0, -1));
      return [y];
    },
    apart: (y) => [sliceScatter(y, slice(y, -1, 0, -1), -1, 1)],
  },
  {
    name: "sin, then mul_",
    inPlace(y, c) {
      const before = sin(y);
      return [mul_(y, c), before];
    },
    apart(y, c) {
      const before = sin(y);
      return [mul(y, c), before];
    },
  },
  {
    name: "neg, then mul_",
    inPlace(y, c) {
      const before = neg(y);
      return [mul_(y, c), before];
    },
    apart(y, c) {
      const before = neg(y);
      return [mul(y, c), before];
    },
  },
  {
    name: "mul_ of a clone's row, copied back",
    part: true,
    inPlace(y, c) {
      const other = clone(y);
      mul_(select(other, 0, 0), select(c, 0, 0));
      return [copy_(y, other), other];
    },
    apart(y, c) {
      const other = selectScatter(y, mul(select(y, 0, 0), select(c, 0, 0)), 0, 0);
      return [other, clone(other)];
    },
  },
  {
    name: "mul_ of a row of a slice, then of the slice",
    part: true,
    inPlace(y, c) {
      const part = slice(y, 0, 0, 1);
      const row = select(part, 0, 0);
      sigmoid_(row);
      mul_(part, slice(c, 0, 0, 1));
      return [row, y, part];
    },
    apart(y, c) {
      const part = mul(unsqueeze(sigmoid(select(y, 0, 0)), 0), slice(c, 0, 0, 1));
      return [select(part, 0, 0), sliceScatter(y, part, 0, 0, 1), part];
    },
  },
];
