/** Points of a curve of any length in bounded memory: when they are too many, neighbours become their mean. */
export class Curve {
  readonly #capacity: number;
  #xs: number[] = [];
  #ys: number[] = [];
  /** Values that make one point. */
  #stride = 1;
  #sum = 0;
  #count = 0;

  /** @param capacity an even number of points, from which on they are merged */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @param x of the value: points stand at the x of the last value that went into them */
  push(x: number, y: number): void {
    this.#sum += y;
    if (++this.#count < this.#stride) return;
    this.#xs.push(x);
    this.#ys.push(this.#sum / this.#count);
    this.#sum = this.#count = 0;
    if (this.#xs.length < this.#capacity) return;
    this.#stride *= 2;
    this.#xs = this.#xs.filter((_, i) => i % 2 === 1);
    this.#ys = this.#xs.map((_, i) => (this.#ys[2 * i] + this.#ys[2 * i + 1]) / 2);
  }

  get points(): [xs: number[], ys: number[]] {
    return [this.#xs, this.#ys];
  }
}
