import type { Backend, Tensor } from "@flambeau/tensor/functional";
import type { View } from "@flambeau/tensor/plugin";
import type { Instruction, Kind, Seen } from "./instruction.ts";

// All tapes that a function has recorded, as a tree: tapes that begin alike share that part. A tape is compared as it grows, by identity
// and numbers, without strings.

/** A view as core makes them: it knows whose memory it shows. */
export type Shown = View & { readonly storage: Tensor["storage"] };

const isNoKernel: ReadonlySet<Kind> = new Set(["write", "check", "memory"]);

/** In the place of a size: the memory ends. */
export const ENDS = -1;
const noNodes: readonly Node[] = [];

/** A call in the tree, and what came after it. */
export class Node {
  instruction: Instruction | null;
  readonly parent: Node | null;
  /** What was recorded after this: the likeliest first. */
  children: readonly Node[] = noNodes;
  /** Memory that begins and ends before the call, in threes: its number, its bytes or {@link ENDS}, and whose it is. */
  readonly memory: readonly number[];
  /** How many calls with data lead here, this one included; how many kernels; how many bytes were asked for. */
  readonly dataCount: number;
  readonly kernels: number;
  readonly bytes: number;
  /** Where the program made the call when it was first recorded. */
  readonly site: string;
  /** Tapes that ended here. */
  runs = 0;
  /** When the last of them did. */
  used = 0;
  /** Whether windows of it begin elsewhere from call to call. */
  moves = false;
  /** How often what leads here became another: plans are of one of these. */
  revision = 0;

  constructor(
    instruction: Instruction | null,
    parent: Node | null,
    memory: readonly number[],
    hasData: boolean,
    site: string,
  ) {
    this.instruction = instruction;
    this.parent = parent;
    this.memory = memory;
    const kind = instruction?.kind;
    this.dataCount = (parent?.dataCount ?? 0) + (hasData ? 1 : 0);
    this.kernels = (parent?.kernels ?? 0) + (kind === undefined || isNoKernel.has(kind) ? 0 : 1);
    let bytes = parent?.bytes ?? 0;
    for (let i = 1; i < memory.length; i += 3) if (memory[i] !== ENDS) bytes += memory[i];
    this.bytes = bytes;
    this.site = site;
    if (parent !== null) parent.children = [...parent.children, this];
  }

  /** The calls that lead here, the first one first. */
  path(): Node[] {
    const path: Node[] = [];
    for (let node: Node = this; node.parent !== null; node = node.parent) path.push(node);
    return path.reverse();
  }
}

function eachBehind(node: Node, visit: (node: Node) => void): void {
  const stack = [node];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    visit(at);
    stack.push(...at.children);
  }
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The tree of a compiled function. So many tapes are kept; the one that was not used for the longest time goes first. */
export class Tree {
  readonly root = new Node(null, null, [], false, "");
  readonly most: number;
  private readonly backends: Backend[] = [];
  private readonly lists = new Map<string, readonly number[]>();
  readonly ends = new Set<Node>();
  evicted = 0;
  private clock = 0;

  constructor(most: number) {
    this.most = most;
  }

  numberOf(backend: Backend): number {
    const known = this.backends.indexOf(backend);
    return known >= 0 ? known : this.backends.push(backend) - 1;
  }
  /** Equal shapes and strides as one list: what a tape is compared with should stay in the cache. */
  shared(numbers: readonly number[]): readonly number[] {
    const key = numbers.join();
    let list = this.lists.get(key);
    if (list === undefined) this.lists.set(key, (list = [...numbers]));
    return list;
  }

  /** A tape ended at `node`. */
  ended(node: Node): void {
    node.runs++;
    node.used = ++this.clock;
    if (node.runs > 1) return;
    this.ends.add(node);
    if (this.ends.size > this.most) this.evict();
  }

  /**
   * From here on some windows of a call begin where the run says: those of its reads, then of its writes, of which `isMoving` says so. Its `twins`, which are the
   * same call but for that, and what came after them, are forgotten.
   */
  loosen(node: Node, isMoving: readonly boolean[], twins: readonly Node[]): void {
    const loose = (seen: Seen, index: number): Seen =>
      isMoving[index] && seen.moving === null ? { ...seen, offset: 0, moving: { call: node, index } } : seen;
    const instruction = node.instruction as Instruction; // only the root has none
    const { reads, writes } = instruction;
    node.instruction = {
      ...instruction,
      reads: reads.map(loose),
      writes: writes.map((seen, i) => loose(seen, reads.length + i)),
    };
    node.moves = true;
    eachBehind(node, (after) => void after.revision++);
    for (const twin of twins) {
      forget(twin);
      eachBehind(twin, (after) => void this.ends.delete(after));
    }
  }

  private evict(): void {
    let oldest: Node | null = null;
    for (const node of this.ends) if (oldest === null || node.used < oldest.used) oldest = node;
    if (oldest === null) return;
    this.evicted++;
    this.ends.delete(oldest);
    oldest.runs = 0;
    // what led to it alone goes with it
    for (let node = oldest; node.parent !== null && node.children.length === 0 && node.runs === 0; node = node.parent)
      forget(node);
  }
}

function forget(node: Node): void {
  const parent = node.parent as Node; // the root stays
  parent.children = parent.children.filter((child) => child !== node);
}
