/** Number of 32-bit words in the state. */
export const stateWords = 624;
const shift = 397;
const upperBit = 0x80000000;
const lowerBits = 0x7fffffff;
const matrix = 0x9908b0df;

/**
 * The 32-bit Mersenne Twister, seeded and stepped as PyTorch's CPU engine (and NumPy's `RandomState`) does.
 *
 * Source: M. Matsumoto, T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998), with the 2002 initialisation.
 * Words are made in blocks of 624; `left` and `next` are PyTorch's own counters, kept so that a saved state is byte-equal.
 *
 * @example
 * new MT19937(5489).next32(); // 3499211612
 */
export class MT19937 {
  readonly state = new Uint32Array(stateWords);
  /** Words until the next block, plus one. */
  left = 1;
  /** Index of the next word in `state`. */
  next = 0;

  constructor(seed = 5489) {
    this.seed(seed);
  }

  /** Restart from the low 32 bits of `seed`. */
  seed(seed: number): void {
    const state = this.state;
    state[0] = seed >>> 0;
    for (let j = 1; j < stateWords; j++) {
      const previous = state[j - 1];
      state[j] = Math.imul(1812433253, previous ^ (previous >>> 30)) + j;
    }
    this.left = 1;
    this.next = 0;
  }

  /** The next word, 0 to 2^32 - 1. */
  next32(): number {
    if (--this.left === 0) this.#twist();
    return temper(this.state[this.next++]);
  }

  /** Fill `out` with the next `out.length` words; the same as that many `next32()`, a block at a time. */
  fill(out: Uint32Array): void {
    const state = this.state;
    let written = 0;
    while (written < out.length) {
      if (this.left === 1) {
        this.#twist();
        this.left = stateWords + 1;
      }
      const count = Math.min(this.left - 1, out.length - written);
      for (let i = 0, from = this.next; i < count; i++) out[written + i] = temper(state[from + i]);
      written += count;
      this.next += count;
      this.left -= count;
    }
  }

  #twist(): void {
    const p = this.state;
    const split = stateWords - shift;
    for (let i = 0; i < split; i++) p[i] = p[i + shift] ^ mix(p[i], p[i + 1]);
    for (let i = split; i < stateWords - 1; i++) p[i] = p[i - split] ^ mix(p[i], p[i + 1]);
    p[stateWords - 1] = p[shift - 1] ^ mix(p[stateWords - 1], p[0]);
    this.left = stateWords;
    this.next = 0;
  }
}

function mix(u: number, v: number): number {
  // -(v & 1) is all ones or none: a branch would be guessed wrong every second time
  return (((u & upperBit) | (v & lowerBits)) >>> 1) ^ (-(v & 1) & matrix);
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  y ^= y >>> 18;
  return y >>> 0;
}
