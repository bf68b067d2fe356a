import { ArgumentError, pad, type Tensor } from "@flambeau/tensor/functional";
import { Module } from "../module.ts";

/** A width for all sides, or (before, behind) for each dimension, the last one first. */
export type Padding = number | readonly number[];

abstract class Pad extends Module {
  readonly padding: readonly number[];
  protected abstract readonly mode: "constant" | "reflect" | "replicate" | "circular";
  readonly value: number = 0;
  constructor(rank: number, padding: Padding) {
    super();
    this.padding = typeof padding === "number" ? new Array<number>(2 * rank).fill(padding) : padding;
    if (this.padding.length !== 2 * rank)
      throw new ArgumentError(
        this.constructor.name,
        `padding needs one or ${2 * rank} widths, got ${JSON.stringify(padding)}`,
      );
  }
  forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: this.mode, value: this.value });
  }
  override extraRepr(): string {
    return `padding=${JSON.stringify(this.padding)}`;
  }
}
abstract class ZeroPad extends Pad {
  protected readonly mode = "constant";
}
abstract class ReflectionPad extends Pad {
  protected readonly mode = "reflect";
}
abstract class ReplicationPad extends Pad {
  protected readonly mode = "replicate";
}
abstract class CircularPad extends Pad {
  protected readonly mode = "circular";
}
abstract class ConstantPad extends Pad {
  protected readonly mode = "constant";
  override readonly value: number;
  constructor(rank: number, padding: Padding, value: number) {
    super(rank, padding);
    this.value = value;
  }
  override extraRepr(): string {
    return `${super.extraRepr()}, value=${this.value}`;
  }
}
/** Zeros around the last dimension; see {@link pad}. */
export class ZeroPad1d extends ZeroPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/** Zeros around the last 2 dimensions; see {@link pad}. */
export class ZeroPad2d extends ZeroPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/** Zeros around the last 3 dimensions; see {@link pad}. */
export class ZeroPad3d extends ZeroPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/** Mirrors at the edges of the last dimension; see {@link pad}. */
export class ReflectionPad1d extends ReflectionPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/** Mirrors at the edges of the last 2 dimensions; see {@link pad}. */
export class ReflectionPad2d extends ReflectionPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/** Mirrors at the edges of the last 3 dimensions; see {@link pad}. */
export class ReflectionPad3d extends ReflectionPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/** Repeats the edges of the last dimension; see {@link pad}. */
export class ReplicationPad1d extends ReplicationPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/** Repeats the edges of the last 2 dimensions; see {@link pad}. */
export class ReplicationPad2d extends ReplicationPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/** Repeats the edges of the last 3 dimensions; see {@link pad}. */
export class ReplicationPad3d extends ReplicationPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/** Continues from the other side in the last dimension; see {@link pad}. */
export class CircularPad1d extends CircularPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/** Continues from the other side in the last 2 dimensions; see {@link pad}. */
export class CircularPad2d extends CircularPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/** Continues from the other side in the last 3 dimensions; see {@link pad}. */
export class CircularPad3d extends CircularPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/** One value around the last dimension; see {@link pad}. */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(1, padding, value);
  }
}
/** One value around the last 2 dimensions; see {@link pad}. */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(2, padding, value);
  }
}
/** One value around the last 3 dimensions; see {@link pad}. */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(3, padding, value);
  }
}
