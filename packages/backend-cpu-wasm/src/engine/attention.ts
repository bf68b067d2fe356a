import { grainOf, privateRowBytes, registerRows, roundUp } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { scratchLimit, setArguments, setFloats } from "./workspace.ts";

/** The columns of the widest panel of any build. */
const panelColumns = 16;
/** Keys in a block at most. */
const mostKeys = 512;

/** Address and strides (in elements) of a tensor [batch, heads, rows, dim] whose last dim is contiguous. */
export interface HeadTensor {
  address: number;
  batch: number;
  head: number;
  row: number;
}

export interface AttentionSizes {
  queries: number;
  keys: number;
  /** Of queries and keys. */
  dim: number;
  /** Of values and output. */
  dimV: number;
}

/** [batch, heads, queries, keys] by strides, 0 to repeat: floats that are added to the scores, or bools in a byte that say what is seen. */
export interface Mask extends HeadTensor {
  column: number;
  /** Bytes of an element. */
  wide: 1 | 4;
}

/** softmax(q·kᵀ·scale + mask)·v, float32. */
export interface Attention extends AttentionSizes {
  batch: number;
  heads: number;
  q: HeadTensor;
  k: HeadTensor;
  v: HeadTensor;
  out: HeadTensor;
  /** [batch, heads, queries] f32, written by the forward and read by the backward; 0 when no backward follows. */
  logSums: number;
  mask?: Mask;
  scale: number;
  /** Query i sees the keys up to i. */
  causal: boolean;
}

export interface AttentionGradients {
  gradient: HeadTensor;
  dq: HeadTensor;
  dk: HeadTensor;
  dv: HeadTensor;
}

/** Queries and keys that are worked on together, so that they stay in the second-level cache, and the private memory that takes. */
interface Plan {
  queries: number;
  keys: number;
  bytes: number;
}

/** Keys come in blocks of one size, a multiple of a panel's columns: fewer the more values each has. */
function plan(a: AttentionSizes, backward: boolean): Plan {
  const up = (n: number) => roundUp(n, panelColumns);
  const wide = Math.max(up(a.dim), up(a.dimV));
  for (let most = mostKeys, queries = Math.max(1, Math.min(a.queries, backward ? 48 : 66)); ; ) {
    const keys = up(a.keys / Math.max(1, Math.ceil(a.keys / most)));
    const rows = queries * privateRowBytes(keys);
    const panels = keys * 4 * (backward ? 2 * up(a.dim) + up(a.dimV) : wide);
    const bytes = 1024 + panels + (backward ? 2 * rows + queries * wide * 4 : rows + queries * 8);
    if (bytes <= scratchLimit || (most === panelColumns && queries <= registerRows)) return { queries, keys, bytes };
    if (most > panelColumns) most /= 2;
    else queries = registerRows;
  }
}

/** Whether rows of this many values fit the threads' private memory: some tens of thousands do, however many there are. */
export function canAttend(sizes: AttentionSizes, backward: boolean): boolean {
  return plan(sizes, backward).bytes <= scratchLimit;
}

const stepsOf = (t: HeadTensor, wide = 4) => [t.batch * wide, t.head * wide, t.row * wide];
const nowhere: Mask = { address: 0, batch: 0, head: 0, row: 0, column: 0, wide: 4 };

function setCommon(engine: Engine, a: Attention, { queries, keys }: Plan): void {
  const mask = a.mask ?? nowhere;
  setArguments(engine, 0, [a.q.address, a.k.address, a.v.address, a.out.address, a.logSums, mask.address]);
  setArguments(engine, 6, [a.heads, a.queries, a.keys, a.dim, a.dimV]);
  setArguments(engine, 11, [
    ...stepsOf(a.q),
    ...stepsOf(a.k),
    ...stepsOf(a.v),
    ...stepsOf(a.out),
    ...stepsOf(mask, mask.wide),
  ]);
  setArguments(engine, 26, [mask.column * mask.wide]);
  setFloats(engine, 27, [a.scale]);
  setArguments(engine, 28, [a.causal ? 1 : 0, queries, Math.ceil(a.queries / queries)]);
  setArguments(engine, 47, [mask.wide, keys]);
}

export function attentionForward(engine: Engine, a: Attention): void {
  if (a.batch * a.heads * a.queries * a.dimV === 0) return;
  const blocks = plan(a, false);
  setCommon(engine, a, blocks);
  const items = a.batch * a.heads * Math.ceil(a.queries / blocks.queries);
  const grain = grainOf(20_000, blocks.queries * a.keys * a.dim);
  engine.run(engine.staticKernel("attention"), engine.desc, items, grain);
}

/** Writes dq, dk and dv. `a` is what the forward was given; its mask gets no gradient. */
export function attentionBackward(engine: Engine, a: Attention, to: AttentionGradients): void {
  if (a.batch * a.heads === 0) return;
  setCommon(engine, a, plan(a, true));
  setArguments(engine, 31, [to.gradient.address, to.dq.address, to.dk.address, to.dv.address]);
  setArguments(engine, 35, [...stepsOf(to.dq), ...stepsOf(to.dk), ...stepsOf(to.dv), ...stepsOf(to.gradient)]);
  engine.run(engine.staticKernel("attention_backward"), engine.desc, a.batch * a.heads, 1);
}
