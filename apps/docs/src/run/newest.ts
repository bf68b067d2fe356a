/** What comes from elsewhere, as something to loop over. What came while the loop was busy is passed over, but for the newest. */
export class Newest<T> {
  #value: T | undefined;
  #wake: (() => void) | undefined;

  put(value: T): void {
    this.#value = value;
    this.#wake?.();
  }

  async *values(): AsyncGenerator<T> {
    for (;;) {
      const value = this.#value;
      this.#value = undefined;
      if (value !== undefined) yield value;
      else
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
    }
  }
}
