import { ArgumentError, show } from "../core/errors.ts";
import { MT19937, stateWords } from "./mt19937.ts";

/** The seed PyTorch's generators start from when none is given. */
export const defaultSeed = 67280421310721n;

// The layout of `torch.get_rng_state()`: the old THGenerator record, then a cached float normal that nothing sets any more.
const stateBytes = 5056;
const at = { seed: 0, left: 8, seeded: 12, next: 16, words: 24, normal: 5024, normalIsValid: 5040 } as const;

/**
 * PyTorch's CPU random number generator: the same draws, in the same order, for the same seed.
 *
 * A `Generator` is a plain object with no device; the functions of `draw.ts` turn its words into distributions.
 * Reference: https://docs.pytorch.org/docs/stable/generated/torch.Generator.html
 *
 * @example
 * const generator = new Generator(0);
 * generator.random32(); // 2357136044, as np.random.RandomState(0) draws
 */
export class Generator {
  readonly #engine = new MT19937();
  #seed = defaultSeed;
  #nextNormal: number | undefined;
  constructor(seed: number | bigint = defaultSeed) {
    this.manualSeed(seed);
  }

  /** `x instanceof Generator` holds for the generators of another copy of this package too. */
  static [Symbol.hasInstance](x: unknown): boolean {
    return typeof x === "object" && x !== null && "random32" in x && "manualSeed" in x;
  }

  /**
   * Restart from `seed` and return this generator.
   *
   * A negative seed counts from 2^64, as in PyTorch. The engine is seeded with the low 32 bits.
   * @throws ArgumentError when `seed` is no integer in [-2^63, 2^64).
   */
  manualSeed(seed: number | bigint): this {
    if (typeof seed !== "bigint" && !Number.isSafeInteger(seed)) {
      throw new ArgumentError("manualSeed", `seed must be an integer, got ${show(seed)} (beyond 2^53 pass a bigint)`);
    }
    const wide = BigInt(seed);
    if (wide < -(2n ** 63n) || wide >= 2n ** 64n) {
      throw new ArgumentError("manualSeed", `seed must be in [-2^63, 2^64), got ${wide}`);
    }
    this.#seed = BigInt.asUintN(64, wide);
    this.#engine.seed(Number(this.#seed & 0xffffffffn));
    this.#nextNormal = undefined;
    return this;
  }

  /** Restart from a seed of 53 unpredictable bits and return it. */
  seed(): bigint {
    const words = globalThis.crypto.getRandomValues(new Uint32Array(2));
    const seed = (BigInt(words[0] & 0x1fffff) << 32n) | BigInt(words[1]);
    this.manualSeed(seed);
    return seed;
  }

  /** The seed this generator was last started from. */
  initialSeed(): bigint {
    return this.#seed;
  }

  /** The next 32-bit word. */
  random32(): number {
    return this.#engine.next32();
  }

  /** The next 64-bit word: two 32-bit words, the first one high. */
  random64(): bigint {
    const high = this.#engine.next32();
    return (BigInt(high) << 32n) | BigInt(this.#engine.next32());
  }

  /** Fill `out` with 32-bit words; the same as `out.length` times `random32()`, faster. @throws ArgumentError for another kind of array. */
  fill32(out: Uint32Array): void {
    if (!(out instanceof Uint32Array))
      throw new ArgumentError("Generator.fill32", `out must be a Uint32Array, got ${show(out)}`);
    this.#engine.fill(out);
  }

  /** A float32-grained uniform in [0, 1): the low 24 bits of one word. */
  uniform24(): number {
    return (this.#engine.next32() & 0xffffff) * 2 ** -24;
  }

  /** A float64 uniform in [0, 1): the low 53 bits of a 64-bit word. */
  uniform53(): number {
    const high = this.#engine.next32() & 0x1fffff;
    return (high * 2 ** 32 + this.#engine.next32()) * 2 ** -53;
  }

  /** A standard normal by Box-Muller in float64; the sine of each pair waits for the next call. */
  normal(): number {
    const waiting = this.#nextNormal;
    if (waiting !== undefined) {
      this.#nextNormal = undefined;
      return waiting;
    }
    const theta = 2 * Math.PI * this.uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform53()));
    this.#nextNormal = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }

  /** The state as 5056 bytes, equal to what `torch.get_rng_state()` gives after the same calls. */
  getState(): Uint8Array {
    const bytes = new Uint8Array(stateBytes);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(at.seed, this.#seed, true);
    view.setInt32(at.left, this.#engine.left, true);
    view.setInt32(at.seeded, 1, true);
    view.setUint32(at.next, this.#engine.next, true);
    for (let i = 0; i < stateWords; i++) view.setUint32(at.words + 8 * i, this.#engine.state[i], true);
    view.setFloat64(at.normal, this.#nextNormal ?? 0, true);
    view.setInt32(at.normalIsValid, this.#nextNormal === undefined ? 0 : 1, true);
    return bytes;
  }

  /**
   * Continue from a state that `getState()` or `torch.get_rng_state()` gave.
   * @throws ArgumentError when `bytes` is no such state; the generator is unchanged then.
   */
  setState(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array) || bytes.length !== stateBytes) {
      throw new ArgumentError(
        "setState",
        `expected ${stateBytes} bytes from getState(), got ${bytes instanceof Uint8Array ? bytes.length : show(bytes)}`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const left = view.getInt32(at.left, true);
    const next = view.getUint32(at.next, true);
    if (view.getInt32(at.seeded, true) !== 1 || left < 1 || left > stateWords || next > stateWords) {
      throw new ArgumentError("setState", `not a generator state (left ${left}, next ${next}); the bytes are corrupt`);
    }
    if (left !== 1 && left + next !== stateWords + 1) {
      throw new ArgumentError(
        "setState",
        `not a generator state (left ${left} and next ${next} disagree); the bytes are corrupt`,
      );
    }
    this.#seed = view.getBigUint64(at.seed, true);
    this.#engine.left = left;
    this.#engine.next = next;
    for (let i = 0; i < stateWords; i++) this.#engine.state[i] = view.getUint32(at.words + 8 * i, true);
    this.#nextNormal = view.getInt32(at.normalIsValid, true) ? view.getFloat64(at.normal, true) : undefined;
  }

  /** A second generator that draws from here on what this one draws. */
  clone(): Generator {
    const copy = new Generator();
    copy.setState(this.getState());
    return copy;
  }
}

/**
 * Has `draw` go on with the engine of `generator`: its 624 words, how many of them are left, and the place of the next one. What it makes
 * of them is the state afterwards.
 */
export function withEngine(generator: Generator, draw: (engine: Uint32Array) => void): void {
  const bytes = generator.getState();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const engine = new Uint32Array(stateWords + 2);
  for (let i = 0; i < stateWords; i++) engine[i] = view.getUint32(at.words + 8 * i, true);
  engine[stateWords] = view.getInt32(at.left, true) - 1;
  engine[stateWords + 1] = view.getUint32(at.next, true);
  draw(engine);
  for (let i = 0; i < stateWords; i++) view.setUint32(at.words + 8 * i, engine[i], true);
  view.setInt32(at.left, engine[stateWords] + 1, true);
  view.setUint32(at.next, engine[stateWords + 1], true);
  generator.setState(bytes);
}
