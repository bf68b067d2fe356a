/**
 * Something that may turn out to be wrong after the fact: an index out of range, a block that the device has no room for. What is
 * computed from it is in doubt until that is settled, and wrong once it is settled with an error.
 */
export class Doubt {
  /** Of several errors the one of the lowest number is told. */
  readonly number: number;
  /** What this one stands for, where it is several put together. */
  readonly parts: Doubts;
  settled = false;
  error: Error | null = null;
  #open = 0;
  /** Those that have this one as a part. */
  #wholes: Doubt[] = [];

  constructor(parts: Doubts = []) {
    this.number = parts.length > 0 ? parts[0].number : nextNumber++;
    this.parts = parts;
    for (const part of parts) {
      this.error ??= part.error;
      if (part.settled) continue;
      this.#open++;
      part.#wholes.push(this);
    }
    this.settled = parts.length > 0 && this.#open === 0;
  }

  get clean(): boolean {
    return this.settled && this.error === null;
  }

  /** From now on it is known: nothing was wrong, or `error`. */
  settle(error: Error | null): void {
    if (this.settled) return;
    this.error = error;
    const known: Doubt[] = [this];
    for (let doubt = known.pop(); doubt !== undefined; doubt = known.pop()) {
      doubt.settled = true;
      for (const whole of doubt.#wholes) {
        whole.error ??= doubt.error;
        if (--whole.#open === 0) known.push(whole);
      }
      doubt.#wholes = [];
    }
  }
}
let nextNumber = 1;

/** A small set. Nobody changes one, so that buffers share them. */
export type Doubts = readonly Doubt[];

/** More than these are put together as one. */
const most = 16;
let lastA: Doubts | null = null;
let lastB: Doubts | null = null;
let lastJoined: Doubts | null = null;

/** Without those that turned out to be nothing; null when none is left. */
export function remaining(doubts: Doubts | null): Doubts | null {
  if (doubts === null || !doubts.some((doubt) => doubt.clean)) return doubts;
  const left = doubts.filter((doubt) => !doubt.clean);
  return left.length > 0 ? left : null;
}

export function join(a: Doubts | null, b: Doubts | null): Doubts | null {
  if (a === b || b === null) return a;
  if (a === null) return b;
  // the tensors of one step meet the same two again and again
  if (a === lastA && b === lastB) return lastJoined;
  const more = b.filter((doubt) => !a.includes(doubt));
  let joined: Doubts = more.length > 0 ? [...a, ...more] : a;
  if (joined.length > most) joined = [new Doubt(joined)];
  lastA = a;
  lastB = b;
  lastJoined = joined;
  return joined;
}

/** What doubts are about in the end: those that are not made of others, and not known to be nothing. */
export function causes(doubts: Doubts | null): Set<Doubt> {
  const found = new Set<Doubt>();
  const seen = new Set<Doubt>();
  const todo = doubts === null ? [] : [...doubts];
  for (let doubt = todo.pop(); doubt !== undefined; doubt = todo.pop()) {
    if (seen.has(doubt) || doubt.clean) continue;
    seen.add(doubt);
    if (doubt.parts.length === 0) found.add(doubt);
    else todo.push(...doubt.parts);
  }
  return found;
}

/** The first of the errors that are known; null when there is none. */
export function firstError(of: Iterable<Doubt>): Error | null {
  let first: Doubt | null = null;
  for (const doubt of of) if (doubt.error !== null && (first === null || doubt.number < first.number)) first = doubt;
  return first === null ? null : first.error;
}

/** Doubts that hold for those alone who use a buffer as an index into so many elements. */
interface AsIndex {
  readonly size: number;
  doubts: Doubts | null;
}
/** What is to be minded about a block's contents. Most blocks have none. */
export class Care {
  doubts: Doubts | null = null;
  readonly #asIndex: AsIndex[] = [];

  /** Whoever uses the contents as an index into `size` elements is in doubt, and whoever computes with them. */
  doubtAsIndex(doubt: Doubt, size: number): void {
    const same = this.#asIndex.find((entry) => entry.size === size);
    if (same) same.doubts = join(remaining(same.doubts), [doubt]);
    else this.#asIndex.push({ size, doubts: [doubt] });
  }
  /** What a kernel takes over that reads the contents, as an index into `size` elements, or (-1) in any way. */
  passedOn(size: number): Doubts | null {
    let doubts = (this.doubts = remaining(this.doubts));
    for (const entry of this.#asIndex) {
      entry.doubts = remaining(entry.doubts);
      if (size < 0 || entry.size === size) doubts = join(doubts, entry.doubts);
    }
    return doubts;
  }
  /** Whether nothing is left to be minded. */
  get empty(): boolean {
    return this.doubts === null && this.#asIndex.every((entry) => entry.doubts === null);
  }
}
