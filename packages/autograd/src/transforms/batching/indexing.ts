import {
  add,
  arange,
  clone,
  detach,
  eq,
  expand,
  fullLike,
  movedim,
  mul,
  reshape,
  type Tensor,
  unsqueeze,
  where,
} from "@flambeau/tensor/functional";
import type { BatchCall, BatchRule, Lane } from "./call.ts";
import { aligned, batches, batchOf, folded, unfolded } from "./lanes.ts";

// Reading and writing at positions.

interface Dim {
  readonly dim: number;
}

const row = (t: Tensor): Tensor => (t.ndim === 1 ? unsqueeze(t, 1) : t);

/** Positions along a dimension, those of each sample in its own part. An index without elements may have any number of dimensions. */
const gather: BatchRule<Dim> = (call) => {
  const { attrs, samples, size, next } = call;
  const [x, index] = batches(call).map(row);
  const { shape } = samples[1];
  // what continues a line carries more attributes
  const moved = { ...attrs, dim: attrs.dim + 1 };
  if (index.ndim === x.ndim) return next([x, index], moved).map((t) => reshape(t, [size, ...shape]));
  const none = reshape(index, [size, 0, ...new Array<number>(x.ndim - 2).fill(1)]);
  return next([x, none], { ...attrs, dim: 1 }).map((t) => reshape(t, [size, ...shape]));
};
/** Inputs: what is written, the index, and what is written there. Written in place, the first is a view of the batch. */
const scatter: BatchRule<Dim> = (call) => {
  const { attrs, samples, size, next } = call;
  const inputs = batches(call).map(row);
  if (inputs.some((t) => t.ndim !== inputs[0].ndim)) return null; // without elements
  return next(inputs, { ...attrs, dim: attrs.dim + 1 }).map((t) => reshape(t, [size, ...samples[0].shape]));
};

/** How several dimensions are indexed at once: the attributes of those ops. */
interface Plan {
  readonly dims: readonly number[];
  readonly picked: readonly number[];
  readonly place: number;
}
interface Planned {
  readonly plan: Plan;
  readonly indices: readonly Tensor[];
  /** Where the batch stands in what is picked. */
  readonly at: number;
}
/** The plan for a batch: samples are indexed by their number where the indices differ among them. */
function planned({ attrs: { dims, picked, place }, size }: BatchCall<Plan>, x: Lane, given: readonly Lane[]): Planned {
  const indices = given.map((lane) => aligned(lane, picked.length));
  const own = dims.map((d) => d + 1);
  if (!given.some((lane) => lane.batched)) return { plan: { dims: own, picked, place: place + 1 }, indices, at: 0 };
  const whole = [size, ...picked];
  if (!x.batched) return { plan: { dims, picked: whole, place }, indices, at: place };
  const number = numberOf(size, picked.length, indices[0]);
  return { plan: { dims: [0, ...own], picked: whole, place }, indices: [number, ...indices], at: place };
}
/** The number of each sample, in a shape that broadcasts against a batch of indices. */
const numberOf = (size: number, ndim: number, like: Tensor): Tensor =>
  reshape(arange(0, size, 1, { dtype: like.dtype, device: like.device }), [size, ...new Array<number>(ndim).fill(1)]);

const index: BatchRule<Plan> = (call) => {
  const [x, ...given] = call.lanes;
  const { plan, indices, at } = planned(call, x, given);
  return call.next([x.value, ...indices], plan).map((t) => movedim(t, at, 0));
};
/** Inputs: what is written, the values that are written there, and the indices. */
const indexPut: BatchRule<Plan> = (call) => {
  const { lanes, size, next } = call;
  const [x, values, ...given] = lanes;
  const { plan, indices, at } = planned(call, { value: x.value, batched: true }, given);
  return next([batchOf(x, size), movedim(batchOf(values, size), 0, at), ...indices], plan);
};

interface Embedding {
  readonly paddingIdx: number | null;
  readonly scaleGradByFreq: boolean;
}
/** Rows of all weights below each other, and the index in those. */
function rowsOf(index: Lane, size: number, rows: number): Tensor {
  const each = batchOf(index, size);
  return add(each, mul(numberOf(size, index.value.ndim - (index.batched ? 1 : 0), each), rows));
}

const embedding: BatchRule<Embedding> = (call) => {
  const { lanes, samples, attrs, size, next } = call;
  const [weight, index] = lanes;
  if (!weight.batched && !attrs.scaleGradByFreq) return next([weight.value, index.value]);
  if (size === 0) return null;
  // how often a row occurs is counted in each sample: as if each had a weight
  const [rows] = samples[0].shape;
  const [y] = next([folded(batchOf(weight, size)), rowsOf(index, size, rows)], { ...attrs, paddingIdx: null });
  if (attrs.paddingIdx === null) return [y];
  return [where(unsqueeze(eq(batchOf(index, size), attrs.paddingIdx), -1), detach(y), y)];
};

interface EmbeddingGradient {
  readonly rows: number;
  readonly paddingIdx: number | null;
}
const embeddingGradient: BatchRule<EmbeddingGradient> = (call) => {
  const { lanes, attrs, size, next } = call;
  if (size === 0) return null;
  const [g, index] = lanes;
  let from = batchOf(g, size);
  if (attrs.paddingIdx !== null) {
    const padding = unsqueeze(eq(batchOf(index, size), attrs.paddingIdx), -1);
    from = where(padding, fullLike(from, 0), from);
  }
  const [out] = next([from, rowsOf(index, size, attrs.rows)], { rows: size * attrs.rows, paddingIdx: null });
  return [unfolded(out, size)];
};

/** A check, which gives nothing. */
const check: BatchRule = ({ lanes, next }) => next(lanes.map((lane) => lane.value));

/** Places of values in one sorted line take any values; lines of samples are lines of one tensor. */
const searchsorted: BatchRule = ({ lanes: [lines, values], samples, size, next }) => {
  if (!lines.batched && lines.value.ndim === 1) return next([lines.value, values.value]);
  const [line, wanted] = [batchOf(lines, size), batchOf(values, size)];
  if (samples[0].ndim > 1) return next([line, wanted]);
  return next([line, reshape(wanted, [size, samples[1].size])]).map((t) => reshape(t, [size, ...samples[1].shape]));
};

/** Which elements are among others: the same for all samples, or those of each. */
const isin: BatchRule = ({ lanes: [x, others], next }) => (others.batched ? null : next([x.value, others.value]));

/** Reads nothing of its input but the dtype. */
const countPlaces: BatchRule = ({ lanes, size, next }) =>
  next([lanes[0].value]).map((t) => clone(expand(t, [size, ...t.shape])));

export const indexRules = {
  checkIndex: check,
  countPlaces,
  embedding,
  embeddingBackward: embeddingGradient,
  gather,
  index,
  indexPut,
  indexPut_: indexPut,
  indexPutAdd: indexPut,
  indexPutAdd_: indexPut,
  isin,
  scatter,
  scatter_: scatter,
  scatterAdd: scatter,
  scatterAdd_: scatter,
  scatterMax: scatter,
  scatterMax_: scatter,
  scatterMin: scatter,
  scatterMin_: scatter,
  scatterMul: scatter,
  scatterMul_: scatter,
  scatterReduce: scatter,
  scatterReduce_: scatter,
  searchsorted,
} as const;
