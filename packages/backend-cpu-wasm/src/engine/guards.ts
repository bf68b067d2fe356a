import { type Allocator, Heap } from "./heap.ts";

// The debug build's heap: each block lies between two guards, and what nobody has written is poison. Kernels may read 16 bytes
// past a block (see heap.ts), and then read what is NaN in every float type; they may write nothing there: the upper guard
// starts at the first byte that was not asked for. Free memory is poison, too, so that what is written to it shows when it is
// handed out again; that makes one guard of everything between the blocks and the memory's upper end.

const guardBytes = 256;
/** Each half is a NaN, and so are the words and pairs of them; as integers they are nobody's index, size or truth value. */
const guardWord = 0xfff9fff6;
const poisonWord = 0xfff5fffa;
/** Blocks that took no part in a call, looked at after it in turn. */
const sampled = 8;
/** The part of a work area that each kernel finds poisoned: more than small problems use. */
const freshBytes = 1 << 16;

const bytesWithGuards = (byteLength: number): number => 2 * guardBytes + 4 * Math.ceil(byteLength / 4);

interface Difference {
  readonly first: number;
  readonly bytes: number;
}

/** A heap whose blocks have guards. Errors name `running`, the kernel at work. */
export class GuardedHeap implements Allocator {
  running = "the start";
  readonly #memory: WebAssembly.Memory;
  readonly #heap: Heap;
  /** Live blocks: byte lengths by address. */
  readonly #live = new Map<number, number>();
  /** Looked at after every kernel: the threads' work areas, which all of them may write, and the lower end. */
  readonly #attended = new Map<number, string>();
  #turn: Iterator<number> = this.#live.keys();
  #u8: Uint8Array;
  #u32: Uint32Array;

  /** Takes [start, end of the memory); see {@link Heap}. */
  constructor(memory: WebAssembly.Memory, start: number, grow: (bytes: number) => boolean, limit: number) {
    this.#memory = memory;
    this.#u8 = new Uint8Array(memory.buffer);
    this.#u32 = new Uint32Array(memory.buffer);
    const end = memory.buffer.byteLength;
    // an empty block at the lower end, whose guards lie between the kernels' arguments and all other blocks
    const first = start + 2 * guardBytes;
    this.#fill(start, first, guardWord);
    this.#live.set(start + guardBytes, 0);
    this.attend(start + guardBytes, "the heap's lower end");
    this.#fill(first, end, poisonWord);
    const longer = (bytes: number): boolean => {
      const from = memory.buffer.byteLength;
      if (!grow(bytes)) return false;
      this.#fill(from, from + bytes, poisonWord);
      return true;
    };
    this.#heap = new Heap(first, end, longer, limit);
  }

  get usedBytes(): number {
    return this.#heap.usedBytes;
  }

  alloc(byteLength: number): number {
    return this.#open(this.#heap.alloc(bytesWithGuards(byteLength)), byteLength);
  }

  reserve(byteLength: number): number {
    return this.#open(this.#heap.reserve(bytesWithGuards(byteLength)), byteLength);
  }

  /** @throws Error when no such block lives, or (once it is given back) when its guards were overwritten. */
  free(address: number, byteLength: number): void {
    if (this.#live.get(address) !== byteLength)
      throw new Error(
        `cpu: no block of ${byteLength} bytes lives at ${address}: it was freed before, or is another one`,
      );
    const damage = this.#damage(address, byteLength, "a block");
    this.#live.delete(address);
    const whole = bytesWithGuards(byteLength);
    this.#fill(address - guardBytes, address - guardBytes + whole, poisonWord);
    this.#heap.free(address - guardBytes, whole);
    if (damage) throw new Error(`cpu: ${this.running}, or what ran before it, ${damage}`);
  }

  /** Has a block looked at after every kernel; `name` is what errors call it. */
  attend(address: number, name: string): void {
    this.#attended.set(address, name);
  }

  /** A kernel begins: in the threads' work areas it finds nothing that the last one left. */
  begin(name: string): void {
    this.running = name;
    for (const address of this.#attended.keys())
      this.#fill(address, address + Math.min(this.#live.get(address)!, freshBytes), poisonWord);
  }

  /** @throws Error unless a block lives at the address. */
  checkLive(address: number, name: string): void {
    if (!this.#live.has(address))
      throw new Error(`cpu: ${this.running} was given ${name}, whose memory was given back`);
  }

  /**
   * Looks at the guards of blocks that `running` was given, of those attended, and of a few others in turn.
   *
   * @throws Error when one was overwritten. It is whole again afterwards: the next error is about something else.
   */
  check(given: ReadonlyMap<number, string>): void {
    for (const blocks of [given, this.#attended])
      for (const [address, name] of blocks) {
        const damage = this.#damage(address, this.#live.get(address) ?? 0, name);
        if (damage) throw new Error(`cpu: ${this.running} ${damage}`);
      }
    for (let i = 0; i < sampled; i++) {
      let { value, done } = this.#turn.next();
      if (done) {
        this.#turn = this.#live.keys();
        ({ value, done } = this.#turn.next());
        if (done) return;
      }
      this.#checkOther(value);
    }
  }

  /** Looks at the guards of every live block. @throws Error when one was overwritten. */
  checkAll(): void {
    for (const address of this.#live.keys()) this.#checkOther(address);
  }

  #checkOther(address: number): void {
    const damage = this.#damage(
      address,
      this.#live.get(address)!,
      this.#attended.get(address) ?? "a block it was not given",
    );
    if (damage) throw new Error(`cpu: ${this.running}, or what ran before it, ${damage}`);
  }

  /** Makes a block of free memory, `at` its lower guard (0 for none). */
  #open(at: number, byteLength: number): number {
    if (at === 0) return 0;
    const whole = bytesWithGuards(byteLength);
    const written = this.#difference(at, at + whole, poisonWord);
    if (written) {
      this.#fill(at, at + whole, poisonWord);
      this.#heap.free(at, whole);
      throw new Error(
        `cpu: ${this.running}, or what ran before it, changed ${written.bytes} bytes of free memory, from ${written.first} on`,
      );
    }
    const address = at + guardBytes;
    this.#fill(at, address, guardWord);
    this.#fill(address + byteLength, at + whole, guardWord);
    this.#live.set(address, byteLength);
    return address;
  }

  /** Says what was done to a block's guards, and mends them; undefined when they are whole. */
  #damage(address: number, byteLength: number, name: string): string | undefined {
    const from = address - guardBytes;
    const end = address + byteLength;
    const to = from + bytesWithGuards(byteLength);
    const below = this.#difference(from, address, guardWord);
    const above = this.#difference(end, to, guardWord);
    const found = below ?? above;
    if (!found) return undefined;
    this.#fill(from, address, guardWord);
    this.#fill(end, to, guardWord);
    const side = below ? (above ? "below and above" : "below") : "above";
    const bytes = (below?.bytes ?? 0) + (above?.bytes ?? 0);
    return `changed ${bytes} bytes ${side} ${name}: its ${byteLength} bytes are at ${address}, the first one changed is byte ${found.first - address}`;
  }

  /** Where [from, to) does not repeat the word. */
  #difference(from: number, to: number, word: number): Difference | undefined {
    this.#view();
    let first = -1;
    let bytes = 0;
    const compare = (start: number, end: number) => {
      for (let at = start; at < end; at++) {
        if (this.#u8[at] === ((word >>> (8 * (at & 3))) & 255)) continue;
        if (first < 0) first = at;
        bytes++;
      }
    };
    const [firstWord, lastWord] = wordsWithin(from, to);
    compare(from, 4 * firstWord);
    for (let i = firstWord; i < lastWord; i++) if (this.#u32[i] !== word) compare(4 * i, 4 * i + 4);
    compare(4 * lastWord, to);
    return first < 0 ? undefined : { first, bytes };
  }

  /** Makes [from, to) repeat the word. */
  #fill(from: number, to: number, word: number): void {
    this.#view();
    const set = (start: number, end: number) => {
      for (let at = start; at < end; at++) this.#u8[at] = (word >>> (8 * (at & 3))) & 255;
    };
    const [firstWord, lastWord] = wordsWithin(from, to);
    set(from, 4 * firstWord);
    this.#u32.fill(word, firstWord, lastWord);
    set(4 * lastWord, to);
  }

  #view(): void {
    const { buffer } = this.#memory;
    if (this.#u8.byteLength === buffer.byteLength) return;
    this.#u8 = new Uint8Array(buffer);
    this.#u32 = new Uint32Array(buffer);
  }
}

/** The whole words in [from, to), as positions of words; where there is none, both are `to`'s. */
function wordsWithin(from: number, to: number): [first: number, last: number] {
  const first = Math.ceil(from / 4);
  const last = Math.floor(to / 4);
  return first <= last ? [first, last] : [to / 4, to / 4];
}
