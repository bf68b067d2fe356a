import type { Engine } from "../engine/engine.ts";

/** What kernels report of positions that lie outside: whether there is one, and one of them. */
export class Findings {
  readonly #engine: Engine;
  /** A word that says whether there is one, and the position. */
  #found = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }
  /** Where a kernel of the next launch reports to. */
  pointer(): number {
    if (this.#found === 0) {
      this.#found = this.#engine.alloc(16).pointer;
      this.#engine.write(this.#found, new Uint8Array(16));
    }
    return this.#found;
  }
  /** What was reported, which is forgotten; null where nothing was. Waits for the device. */
  take(): number | null {
    const answer = new DataView(this.#engine.readSync(this.#found, 16).buffer);
    if (answer.getInt32(0, true) === 0) return null;
    this.#engine.write(this.#found, new Uint8Array(16));
    return Number(answer.getBigInt64(8, true));
  }
}
