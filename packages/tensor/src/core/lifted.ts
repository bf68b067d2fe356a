import type { Buffer } from "../contract/view.ts";
import { isContiguous, sizeOf } from "../layout/shapes.ts";
import { adopt } from "../memory/scope.ts";
import { context } from "./context.ts";
import { AutogradError, showShape } from "./errors.ts";
import { Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";

// Handles of a level: what the inside of a function transform (vmap, grad, jvp) works with in the place of tensors. Such a handle has the
// shape, dtype and strides that the function sees, and stands for a value of the level below.

/** A level of a transform: an interpreter at the door that knows its own handles. */
export interface Level {
  /** The transform's name, for messages. */
  readonly transform: string;
  /** Of a level that records. Runs `fn`, which computes again what the function computed, with the level recording, also while it walks its graph. */
  again?<T>(fn: () => T): T;
  /** Of a level that records. Runs `fn` with this level on top and not recording; those below do. */
  unrecorded?<T>(fn: () => T): T;
  /** How many samples each of its handles stands for at once, where that is what they do: such a handle has no values to show. */
  readonly samples?: number;
}

const nowhere: Buffer = Object.freeze({});

/** In the place of memory: the value of the level below that a handle stands for. It has no elements that a kernel could reach. */
export class LiftedStorage extends Storage {
  readonly level: Level;
  /** The value on the level below. */
  readonly value: Tensor;
  /** Whether the value lives and ends with this; what was handed in from outside does not. */
  private owns: boolean;

  constructor(level: Level, value: Tensor, owns: boolean) {
    if (!sharing) shareVersions();
    super(value.storage.backend, value.storage.byteLength, nowhere);
    this.level = level;
    this.value = value;
    this.owns = owns;
    if (owns) value.owner = null; // the handle's scope decides from now on, and the collector where there is none
  }

  override get buffer(): Buffer {
    throw new AutogradError(
      `a tensor from inside ${this.level.transform}(...) was used outside of the function it was made in`,
      "return it from that function: what comes out is a tensor like any other",
    );
  }
  override watch(): void {
    if (this.owns) this.value.storage.watch();
  }
  override free(): void {
    if (this.data === null) return;
    this.data = null;
    if (!this.owns) return;
    this.value.dispose();
    // a graph of the level below may have it; once that is dropped, the collector finds it
    this.value.storage.watch();
  }
  /** The value, which from now on belongs to the open scope, as if it had just been made. */
  release(): Tensor {
    if (this.owns) adopt(this.value);
    this.owns = false;
    return this.value;
  }
}

/** Whether {@link shareVersions} is done: at first use, since what a module does when it is loaded stays in every bundle. */
let sharing = false;
/** Writes in place are counted where the memory is. The accessor stands for the field that other storages have. */
function shareVersions(): void {
  sharing = true;
  Object.defineProperty(LiftedStorage.prototype, "version", {
    get(this: LiftedStorage): number {
      return this.value.storage.version;
    },
    set(this: LiftedStorage, version: number) {
      if (this.value !== undefined) this.value.storage.version = version; // the base's constructor sets it, too
    },
  });
}

/** What a handle stands for; null for a tensor with memory. */
export const liftedOf = (t: Tensor): LiftedStorage | null => (t.storage instanceof LiftedStorage ? t.storage : null);

/** A handle on `storage` as the inside of the transform sees it. */
export function liftedHandle(
  storage: LiftedStorage,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Tensor {
  const rowMajor = isContiguous(shape, strides);
  return new Tensor(storage, storage.value.dtype, shape, strides, offset, rowMajor, sizeOf(shape));
}

/** The tensor with memory that a handle stands for in the end. */
export function bottomOf(t: Tensor): Tensor {
  let at = t;
  for (let lifted = liftedOf(at); lifted !== null; lifted = liftedOf(at)) at = lifted.value;
  return at;
}

/** What can be said of a handle that has no values of its own: `vmap(tensor of shape [3], float32, 4 samples)`; null for other tensors. */
export function describeLifted(t: Tensor): string | null {
  const samples: number[] = [];
  let name = "";
  let left = false;
  for (let lifted = liftedOf(t); lifted !== null; lifted = liftedOf(lifted.value)) {
    const { level } = lifted;
    if (level.samples !== undefined) samples.push(level.samples);
    if (name === "" || (level.samples !== undefined && samples.length === 1)) name = level.transform;
    left ||= !onStack(level);
  }
  if (samples.length === 0 && !left) return null;
  const count =
    samples.length > 0 ? `, ${samples.join(" x ")} sample${samples.length === 1 && samples[0] === 1 ? "" : "s"}` : "";
  return `${name}(tensor of shape ${showShape(t.shape)}, ${t.dtype}${count})`;
}
function onStack(level: Level): boolean {
  for (let frame = context.stack; frame !== null; frame = frame.below) if (frame.interpreter === level) return true;
  return false;
}
