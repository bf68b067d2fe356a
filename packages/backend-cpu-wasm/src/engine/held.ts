import type { Allocator } from "./heap.ts";

/** A right operand as the kernels of products want it, and where. */
interface Packed {
  readonly address: number;
  readonly bytes: number;
  /** Bytes of an element. */
  readonly element: number;
  readonly n: number;
  readonly k: number;
  readonly row: number;
  readonly column: number;
}
interface Operand {
  holds: number;
  readonly packed: Packed[];
}

/** Right operands of products that nobody writes for a while: each is packed once, and not for each product. */
export class HeldOperands {
  readonly #operands = new Map<number, Operand>();
  readonly #memory: Pick<Allocator, "alloc" | "free">;

  constructor(memory: Pick<Allocator, "alloc" | "free">) {
    this.#memory = memory;
  }
  /** How many there are: nearly always none. */
  get size(): number {
    return this.#operands.size;
  }
  hold(address: number): void {
    const operand = this.#operands.get(address);
    if (operand === undefined) this.#operands.set(address, { holds: 1, packed: [] });
    else operand.holds++;
  }
  release(address: number): void {
    const operand = this.#operands.get(address);
    if (operand === undefined || --operand.holds > 0) return;
    this.#operands.delete(address);
    for (const packed of operand.packed) this.#memory.free(packed.address, packed.bytes);
  }

  /**
   * Where the operand at `address`, k × n with these steps, lies packed or is to be packed, `fresh` then; null when it is not held, or when there
   * is no room.
   */
  packed(
    address: number,
    n: number,
    k: number,
    row: number,
    column: number,
    element: number,
    bytes: number,
  ): { readonly address: number; readonly fresh: boolean } | null {
    const operand = this.#operands.get(address);
    if (operand === undefined) return null;
    for (const p of operand.packed)
      if (p.n === n && p.k === k && p.row === row && p.column === column && p.element === element)
        return { address: p.address, fresh: false };
    let target: number;
    try {
      target = this.#memory.alloc(bytes);
    } catch {
      return null;
    }
    operand.packed.push({ address: target, bytes, element, n, k, row, column });
    return { address: target, fresh: true };
  }
}
