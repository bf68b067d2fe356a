import { bytesOf } from "@flambeau/tensor/plugin";
import { isCopy } from "./compose-programs.ts";
import { type Instruction, isAtStart, type Ref, type Seen } from "./instruction.ts";
import { sameNumbers } from "./tree.ts";
import { elements, isRowMajor, type Uses, type Work } from "./uses.ts";

// Memory that is copied whole into a part of other memory, as parts that are stacked: it lies there from the beginning.

/** Those that take any window; fast paths were asked about theirs. */
const anyWindow: ReadonlySet<Instruction["kind"]> = new Set(["map", "reduce", "matmul"]);

/** Has the memory that `copy` copies lie where it would be copied to, if that can be: the copy is not needed any more. */
export function liesThere(copy: Work, uses: Uses, bytes: ReadonlyMap<Ref, number>): boolean {
  const { kind, backend, what, reads, writes } = copy.instruction;
  if (kind !== "map" || !isCopy(what)) return false;
  const [from] = reads;
  const [to] = writes;
  // all of memory that nobody sees outside, in its order, into memory that the tape made
  if (bytes.get(from.ref) !== elements(from) * bytesOf(from.dtype) || to.ref < 0 || to.ref === from.ref) return false;
  if (from.dtype !== to.dtype || !sameNumbers(from.shape, to.shape)) return false;
  if (!isAtStart(from) || !isRowMajor(from) || to.moving !== null || !isRowMajor(to)) return false;
  const [maker] = uses.writers.get(from.ref) ?? [];
  if (maker === undefined) return false;
  const users = new Set([...(uses.writers.get(from.ref) ?? []), ...(uses.readers.get(from.ref) ?? [])]);
  users.delete(copy);
  let [first, last] = [copy.at, copy.at];
  for (const { instruction, at } of users) {
    if (!anyWindow.has(instruction.kind) || instruction.backend !== backend) return false;
    const windows = [...instruction.reads, ...instruction.writes];
    if (windows.some((w) => w.ref === from.ref && (w.dtype !== from.dtype || w.moving !== null))) return false;
    // a kernel does not read the memory that it writes
    const [read, written] = [instruction.reads, instruction.writes].map((list) => list.map(({ ref }) => ref));
    if (written.includes(from.ref) && read.some((ref) => ref === from.ref || ref === to.ref)) return false;
    if (written.includes(to.ref) || (written.includes(from.ref) && at > copy.at)) return false;
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  for (const work of [...(uses.writers.get(to.ref) ?? []), ...(uses.readers.get(to.ref) ?? [])]) {
    if (work === copy || work.at < first || work.at > last) continue;
    const { reads: r, writes: w } = work.instruction;
    if ([...r, ...w].some((seen) => seen.ref === to.ref && meets(seen, to))) return false;
  }
  const there = (seen: Seen): Seen =>
    seen.ref === from.ref ? { ...seen, ref: to.ref, offset: seen.offset + to.offset } : seen;
  uses.forget(copy);
  for (const user of users) {
    uses.forget(user);
    const { instruction } = user;
    user.instruction = {
      ...instruction,
      reads: instruction.reads.map(there),
      writes: instruction.writes.map(there),
    };
    uses.add(user);
  }
  maker.calls += copy.calls;
  return true;
}

/** Whether a window may touch a stretch of the same memory. */
function meets(window: Seen, stretch: Seen): boolean {
  if (window.moving !== null || window.dtype !== stretch.dtype) return true;
  let [low, high] = [window.offset, window.offset];
  for (const [d, size] of window.shape.entries()) {
    const reach = (size - 1) * window.strides[d];
    if (reach < 0) low += reach;
    else high += reach;
  }
  return low < stretch.offset + elements(stretch) && high >= stretch.offset;
}
