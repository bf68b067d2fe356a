import { FlambeauError } from "../../../core/errors.ts";
import { type Operands, Pointwise } from "../../../door/pointwise.ts";
import type { Variant } from "../../../door/variant.ts";

/**
 * Pointwise ops under one name, told apart by a number among their operands that shapes the formula (an order, a degree). Calls go to
 * the {@link member} for that number, which has it as an operand too: so the name and the operands of a call say all.
 */
export class PointwiseFamily extends Pointwise {
  private readonly members = new Map<number, Pointwise>();
  private readonly place: number;
  private readonly make: (n: number) => Pointwise;

  /** `make` gives the op of `count` operands for a number, which stands at `place` among them. */
  constructor(name: string, count: number, place: number, make: (n: number) => Pointwise) {
    const none = () => {
      throw new FlambeauError(`${name} has a formula for each number: ask a member`);
    };
    super(name, count, none, {});
    this.place = place;
    this.make = make;
  }

  member(n: number): Pointwise {
    let op = this.members.get(n);
    if (op === undefined) this.members.set(n, (op = this.make(n)));
    return op;
  }
  override variantOf(attrs: Operands): Variant {
    return this.member(Number(attrs.operands[this.place])).variantOf(attrs);
  }
}
