import { allocate, type Buffer, showShape, type TapeStorage, type View } from "@flambeau/tensor/plugin";
import {
  type Data,
  eachWritten,
  type Instruction,
  type Moves,
  noDims,
  offsetIn,
  perform,
  type Ref,
  type Seen,
} from "./instruction.ts";
import type { Slot } from "./slot.ts";
import { ENDS, type Node } from "./tree.ts";

/** What a run of a tape's segment brings with it. */
export interface Segment {
  readonly slots: readonly Slot[];
  /** Memory from before, in the order of its numbers. */
  readonly storages: readonly TapeStorage[];
  readonly buffers: readonly Buffer[];
  readonly data: readonly Data[];
  readonly moves: Moves;
}

/** A window whose memory changes from run to run, and where it begins there. */
export interface Frame extends View {
  buffer: Buffer;
  offset: number;
}
export const frame = ({ dtype, shape, strides }: Seen, buffer: Buffer, offset: number): Frame => ({
  buffer,
  dtype,
  offset,
  shape,
  strides,
});

/** Runs the calls one by one, as they would have been without a tape; after an error none of those that follow. */
export function runInOrder(path: readonly Node[], { slots, storages, buffers, data, moves }: Segment): void {
  const bufferOf = (ref: Ref): Buffer | null => (ref < 0 ? buffers[-1 - ref] : slots[ref].real);
  const framed = (seen: readonly Seen[]) => seen.map((s) => frame(s, bufferOf(s.ref) as Buffer, offsetIn(s, moves))); // its alloc came before
  const written = new Set<Ref>();
  let failed: { readonly error: unknown } | null = null;
  for (const node of path) {
    const { memory } = node;
    for (let i = 0; i < memory.length; i += 3) {
      const [ref, bytes] = [memory[i], memory[i + 1]];
      const { backend } = ref < 0 ? storages[-1 - ref] : slots[ref];
      const buffer = bytes === ENDS ? bufferOf(ref) : null;
      if (buffer !== null) backend.free(buffer);
      else if (bytes !== ENDS && failed === null)
        try {
          give(slots[ref], allocate(backend, bytes));
        } catch (error) {
          failed = { error: told(error, `memory of ${bytes} bytes`) };
        }
    }
    if (failed === null)
      try {
        const instruction = node.instruction as Instruction; // all but the root's
        perform(instruction, framed(instruction.reads), framed(instruction.writes), dataOf(node, data));
        eachWritten(instruction, (w) => written.add(w));
      } catch (error) {
        failed = { error: late(error, node) };
      }
  }
  if (failed === null) return;
  takeBack(slots, written);
  throw failed.error;
}

/** What a run brings to the call of `node`. */
export const dataOf = ({ dataCount, parent }: Node, data: readonly Data[]): Data =>
  dataCount > (parent?.dataCount ?? 0) ? data[dataCount - 1] : noDims;

/** The promised memory is there. */
export function give(slot: Slot, buffer: Buffer): void {
  slot.real = buffer;
  slot.storage?.fill(buffer);
}

/** After an error: tensors that nothing has written hold nothing that a program may see. */
export function takeBack(slots: readonly Slot[], written: ReadonlySet<Ref>): void {
  for (const slot of slots) {
    if (slot.freed || slot.real === null || written.has(slot.id)) continue;
    slot.backend.free(slot.real);
    slot.real = null;
  }
}

/** An error of a call that was made late, with where the program asked for it. */
export function late(error: unknown, { instruction, site }: Node): unknown {
  if (instruction === null) return error;
  const { kind, how, reads, writes } = instruction;
  const shapes = [...reads, ...writes].map(({ shape }) => showShape(shape)).join(", ");
  return told(error, `${kind === "fused" ? how : kind} of ${shapes}${site === "" ? "" : `, at ${site}`}`);
}
function told(error: unknown, what: string): unknown {
  if (!(error instanceof Error)) return error;
  const [first, ...hint] = error.message.split("\n");
  error.message = [`${first} (in a compiled function: ${what})`, ...hint].join("\n");
  return error;
}
