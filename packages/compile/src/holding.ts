import { eachWritten, type Instruction, type Ref, type Seen } from "./instruction.ts";

// Products of one plan with the same right operand, which nothing writes between them: the backend may keep it as their kernel wants it.

/** A stretch of a plan through which an operand stays as it is: from before one step to behind another. */
export interface Stretch {
  readonly operand: Seen;
  readonly first: number;
  readonly last: number;
}

/** What a call multiplies with on the right. */
function rightOperand({ kind, how, backend, reads }: Instruction): Seen | null {
  const multiplies =
    kind === "matmul" || ((kind === "fused" || kind === "epilogue") && (how === "linear" || how === "matmul"));
  return multiplies && backend.hold !== undefined && reads[1].moving === null ? reads[1] : null;
}

/** The operands of two products or more. */
export function stretchesOf(instructions: readonly Instruction[]): Stretch[] {
  const found: Stretch[] = [];
  /** By memory, and where in it they begin: whatever its steps, it stays packed for each. */
  const open = new Map<Ref, Map<number, { operand: Seen; first: number; last: number }>>();
  const close = (ref: Ref): void => {
    for (const stretch of open.get(ref)?.values() ?? []) if (stretch.last > stretch.first) found.push(stretch);
    open.delete(ref);
  };
  instructions.forEach((instruction, at) => {
    const operand = rightOperand(instruction);
    if (operand !== null) {
      let inMemory = open.get(operand.ref);
      if (inMemory === undefined) open.set(operand.ref, (inMemory = new Map()));
      const stretch = inMemory.get(operand.offset);
      if (stretch === undefined || stretch.operand.dtype !== operand.dtype)
        inMemory.set(operand.offset, { operand, first: at, last: at });
      else stretch.last = at;
    }
    eachWritten(instruction, close);
  });
  for (const ref of [...open.keys()]) close(ref);
  return found;
}
