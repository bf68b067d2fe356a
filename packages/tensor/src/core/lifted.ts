import type { Buffer } from "../contract/view.ts";
import { isContiguous, sizeOf } from "../layout/shapes.ts";
import { adopt } from "../memory/scope.ts";
import { AutogradError } from "./errors.ts";
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
    super(value.storage.backend, value.storage.byteLength, nowhere);
    this.level = level;
    this.value = value;
    this.owns = owns;
    if (owns) value.owner = null; // the handle's scope decides from now on, and the collector where there is none
    // writes in place are counted where the memory is
    Object.defineProperty(this, "version", {
      get: () => value.storage.version,
      set: (version: number) => {
        value.storage.version = version;
      },
    });
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
    if (this.owns) this.value.dispose();
  }
  /** The value, which from now on belongs to the open scope, as if it had just been made. */
  release(): Tensor {
    if (this.owns) adopt(this.value);
    this.owns = false;
    return this.value;
  }
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
