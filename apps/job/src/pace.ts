/** How fast the steps go lately, and running averages of what they give. */
export class Pace {
  rate = Number.NaN;
  readonly #means = new Map<string, number>();
  #last: number;
  readonly #now: () => number;

  /** @param now the time in seconds */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
    this.#last = now();
  }

  /** A step is done. Time that something else took is left out by {@link restart}. */
  step(): void {
    const now = this.#now();
    this.rate = blend(this.rate, 1 / (now - this.#last));
    this.#last = now;
  }

  restart(): void {
    this.#last = this.#now();
  }

  /** The running average of a figure, with a further value. */
  mean(name: string, value: number): number {
    const mean = blend(this.#means.get(name) ?? Number.NaN, value);
    this.#means.set(name, mean);
    return mean;
  }
}

const blend = (old: number, value: number): number => (Number.isNaN(old) ? value : 0.95 * old + 0.05 * value);
