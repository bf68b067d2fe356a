/** How many words stand in a kernel's parameter itself (native/kernels/platform.cuh). */
const near = 500;

/** A kernel's parameter under construction: words of 64 bits, which it reads one after the other. The first one is the engine's. */
export class Words {
  length = 0;
  bytes = new Uint8Array(8 * (near + 1));
  #halves = new Int32Array(this.bytes.buffer);
  #floats = new Float64Array(this.bytes.buffer);
  #bits = new BigInt64Array(this.bytes.buffer);

  start(): this {
    this.length = 1;
    return this;
  }
  #next(): number {
    if (this.length === this.#bits.length) {
      const longer = new Uint8Array(this.bytes.length * 2);
      longer.set(this.bytes);
      this.bytes = longer;
      this.#halves = new Int32Array(longer.buffer);
      this.#floats = new Float64Array(longer.buffer);
      this.#bits = new BigInt64Array(longer.buffer);
    }
    return this.length++;
  }
  /** A whole number of at most 53 bits. */
  int(value: number): this {
    const at = 2 * this.#next();
    this.#halves[at] = value | 0;
    this.#halves[at + 1] = Math.floor(value / 2 ** 32);
    return this;
  }
  ints(values: readonly number[]): this {
    for (let i = 0; i < values.length; i++) this.int(values[i]);
    return this;
  }
  float(value: number): this {
    this.#floats[this.#next()] = value;
    return this;
  }
  big(value: bigint): this {
    this.#bits[this.#next()] = value;
    return this;
  }
  /** Whether they fit into the parameter. */
  get near(): boolean {
    return this.length <= near + 1;
  }
  /** The first word. */
  head(value: number): void {
    const { length } = this;
    this.length = 0;
    this.int(value);
    this.length = length;
  }
}
