import { grainOf, privateRowBytes, roundUp } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { scratchLimit, setArguments, setFloats } from "./workspace.ts";

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

/** Queries that are worked on together, fewer the more keys there are, and the private memory that takes. */
function plan(a: AttentionSizes, backward: boolean): { block: number; bytes: number } {
  const up = (n: number) => roundUp(n, 8);
  const wide = Math.max(up(a.dim), up(a.dimV));
  const panels = up(a.keys) * (backward ? a.dim + a.dimV : wide) * 4 + (backward ? up(a.dim) * a.keys * 4 : 0);
  for (let most = backward ? 48 : 66; ; most -= 6) {
    const block = Math.min(a.queries, most);
    const rows = block * privateRowBytes(a.keys);
    const bytes = 1024 + panels + (backward ? 2 * rows + block * wide * 4 : rows);
    if (bytes <= scratchLimit || most === 12) return { block, bytes };
  }
}

/** Whether this size fits the threads' private memory: with a dim of 64 some 13,000 keys, 4,800 of them for the gradient. */
export function canAttend(sizes: AttentionSizes, backward: boolean): boolean {
  return plan(sizes, backward).bytes <= scratchLimit;
}

const stepsOf = (t: HeadTensor, wide = 4) => [t.batch * wide, t.head * wide, t.row * wide];
const nowhere: Mask = { address: 0, batch: 0, head: 0, row: 0, column: 0, wide: 4 };

function setCommon(engine: Engine, a: Attention, block: number): void {
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
  setArguments(engine, 28, [a.causal ? 1 : 0, block, Math.ceil(a.queries / block)]);
  setArguments(engine, 47, [mask.wide]);
}

export function attentionForward(engine: Engine, a: Attention): void {
  if (a.batch * a.heads * a.queries * a.dimV === 0) return;
  const { block } = plan(a, false);
  setCommon(engine, a, block);
  const items = a.batch * a.heads * Math.ceil(a.queries / block);
  const grain = grainOf(20_000, block * a.keys * a.dim);
  engine.run(engine.staticKernel("attention"), engine.desc, items, grain);
}

/** Writes dq, dk and dv. `a` is what the forward was given; its mask gets no gradient. */
export function attentionBackward(engine: Engine, a: Attention, to: AttentionGradients): void {
  if (a.batch * a.heads === 0) return;
  const { block } = plan(a, true);
  setCommon(engine, a, Math.max(1, block));
  setArguments(engine, 31, [to.gradient.address, to.dq.address, to.dk.address, to.dv.address]);
  setArguments(engine, 35, [...stepsOf(to.dq), ...stepsOf(to.dk), ...stepsOf(to.dv), ...stepsOf(to.gradient)]);
  engine.run(engine.staticKernel("attention_backward"), engine.desc, a.batch * a.heads, 1);
}
