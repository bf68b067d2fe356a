import type { Code } from "./assembler.ts";
import type { Graph, Node } from "./graph.ts";
import { DESC } from "./kernel.ts";
import { F64, f64, I32, i32 } from "./opcodes.ts";

// Reads of a kernel's arguments, by their byte offset from the address it is given (see layout.ts).

/** Writes the read of a word. */
export function argument(code: Code, offset: number): void {
  code.get(DESC);
  code.op(i32.load);
  code.memarg(offset);
}

/** A word. */
export const word = (g: Graph, offset: number): Node => g.load(I32, i32.load, g.local(I32, DESC, 0), offset);

/** A program's run-time number, of those that stand from `params` on. */
export const param = (g: Graph, params: number, number: number): Node =>
  g.load(F64, f64.load, g.local(I32, DESC, 0), params + 8 * number);
