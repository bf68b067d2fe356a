import {
  AutogradError,
  alias,
  type DType,
  type GraphNode,
  isGradEnabled,
  keep,
  type Tensor,
} from "@flambeau/tensor/functional";
import { context, type Level, liftedOf, sameShape, show, showShape, viewOf } from "@flambeau/tensor/plugin";

// What nodes save goes through the packer that is in effect, if there is one: it says what is kept in a tensor's place, and makes the
// tensor of it again for the backward pass.

/** What packers hold on to beside tensors: the node that has a checkpointed call's inputs, as far as the list of what a graph keeps goes. */
export interface Keeper {
  visit(visit: (t: Tensor) => void): void;
}

/** Keeps something in the place of each tensor that is saved. */
export interface Packer<T = unknown> {
  /** Whose graph: that of the transform around which the packer was put, or the program's own. */
  readonly level: Level | null;
  /** The tensor is the graph's: a packer that holds its memory gets a handle of its own. */
  pack(x: Tensor): T;
  /** The tensor again: a new handle without a place in a graph, in no scope, which is the caller's. */
  unpack(packed: T): Tensor;
  /** Tensors whose memory a graph keeps through `packed`. */
  holds(packed: T): readonly Tensor[];
  /** What else keeps tensors for it. */
  keeper(packed: T): Keeper | null;
  /** The graph needs it no more. */
  drop(packed: T): void;
}

let top: Packer | null = null;
/** The packer in effect: of those around the running code the innermost; nearly always none. */
export const packer = (): Packer | null => top;

/** Runs the synchronous `fn` with a packer in effect, or with none. */
export function withPacker<R>(inner: Packer | null, fn: () => R): R {
  const before = top;
  top = inner;
  try {
    return fn();
  } finally {
    top = before;
  }
}

/** The transforms around the running code, the innermost first. */
function* levels(): Generator<Level> {
  for (let frame = context.stack; frame !== null; frame = frame.below) {
    const level = frame.interpreter as Partial<Level>;
    if (level.transform !== undefined) yield level as Level; // only levels have one
  }
}
/** The innermost transform that records what is called now; null for the program's own graph. */
export function recordingLevel(): Level | null {
  for (const level of levels()) if (level.again !== undefined) return level;
  return null;
}
/** Whether what is called now is called for samples or tangents that end with their transform: it cannot be called again later. */
export function callsOnce(): boolean {
  for (const level of levels()) return level.again === undefined;
  return false;
}
/** Runs `fn` with all transforms recording again, those too that walk their graphs. */
export function recordingAgain(fn: () => void): void {
  let run = fn;
  for (const level of levels()) {
    const inner = run;
    if (level.again !== undefined) run = () => level.again?.(inner);
  }
  run();
}
export const levelOf = (x: Tensor): Level | null => liftedOf(x)?.level ?? null;

/** Keeps the tensors themselves. */
export const plain: Packer<Tensor> = {
  level: null,
  pack: (x) => viewOf(x, x.shape, x.strides, x.offset),
  unpack(kept) {
    const x = viewOf(kept, kept.shape, kept.strides, kept.offset);
    x.owner = null;
    return x;
  },
  holds: (kept) => [kept],
  keeper: () => null,
  drop: (kept) => kept.dispose(),
};

/** A saved tensor, packed. */
export class Packed {
  readonly packer: Packer;
  readonly value: unknown;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly device: string;
  /** Whose memory it was: what shows the same memory again must not have changed since. */
  private readonly source: WeakRef<Tensor["storage"]>;
  /** Negative for what the op that saved it overwrote. */
  private readonly version: number;
  /** Until the call's results have their places in the graph. */
  private unplaced: Tensor | null;
  private place: GraphNode | null = null;
  private slot = 0;
  private leaf: Tensor | null = null;

  constructor(by: Packer, x: Tensor, version: number) {
    this.packer = by;
    this.shape = x.shape;
    this.dtype = x.dtype;
    this.device = x.device;
    this.source = new WeakRef(x.storage);
    this.version = version;
    this.unplaced = x;
    this.value = by.pack(x);
  }

  /** Notes the tensor's place in the graph, which a result has only now. */
  settle(): void {
    const x = this.unplaced;
    if (x === null) return;
    this.unplaced = null;
    this.place = x.gradFn;
    this.slot = x.outputIndex;
    if (this.place === null && x.requiresGrad) this.leaf = x;
  }

  /**
   * The tensor, in the same place of the graph: a handle that is the caller's.
   *
   * @throws AutogradError when it is another one than what was packed, or its memory was written since.
   */
  unpack(node: string, title: string): Tensor {
    if (this.version < 0) throw overwrittenError(node, this.shape, "", this.version);
    const x = this.packer.unpack(this.value);
    const same = sameShape(x.shape, this.shape) && x.dtype === this.dtype && x.device === this.device;
    const changed = x.storage === this.source.deref() && x.storage.version !== this.version;
    if (!same || changed) x.dispose();
    if (!same)
      throw new AutogradError(
        `${node}: a ${described(this)} was saved, and what was unpacked is a ${described(x)}`,
        `an unpack hook gives the tensor that was packed, here by ${show(title)}`,
      );
    if (changed) throw overwrittenError(node, this.shape, `version ${x.storage.version}, `, this.version);
    // a graph that is made of it may be dropped, which the collector finds
    if (isGradEnabled()) keep(x);
    if (this.place !== null) {
      x.gradFn = this.place;
      x.outputIndex = this.slot;
    } else if (this.leaf !== null && isGradEnabled()) {
      // a leaf's place is the leaf itself: a view of it leads there
      const path = alias(this.leaf);
      x.gradFn = path.gradFn;
      x.outputIndex = path.outputIndex;
      path.dispose();
    }
    return x;
  }
}

export const described = (x: {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly device: string;
}): string => `${x.dtype} tensor of shape ${showShape(x.shape)} on "${x.device}"`;

/** What a rule needs was written since it was saved. */
export const overwrittenError = (node: string, shape: readonly number[], now: string, saved: number): AutogradError =>
  new AutogradError(
    `${node}: a tensor of shape [${shape.join(",")}] that it needs was changed in place ` +
      `(${now}saved ${saved < 0 ? "before this op overwrote it" : `at version ${saved}`})`,
    "use the out-of-place form of the op that changed it, or clone() before changing",
  );
