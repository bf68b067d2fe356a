/** Signals that arrive together are one: npm passes on to its child what the terminal has sent to both. */
const togetherSeconds = 0.3;

/** Ctrl-C as a wish to stop: the first is noted, a later one ends the process at once. */
export class Interrupts {
  /** The exit code to stop with, once a signal has come. */
  exitCode: number | undefined;
  #first = 0;
  readonly #onFirst: () => void;
  readonly #exit: (code: number) => void;
  readonly #handlers = { SIGINT: () => this.#signal(130), SIGTERM: () => this.#signal(143) };

  constructor(onFirst: () => void, exit: (code: number) => void = process.exit) {
    this.#onFirst = onFirst;
    this.#exit = exit;
    for (const [name, handler] of Object.entries(this.#handlers)) process.on(name, handler);
  }

  #signal(code: number): void {
    const now = performance.now() / 1000;
    if (this.exitCode === undefined) {
      this.exitCode = code;
      this.#first = now;
      this.#onFirst();
    } else if (now - this.#first > togetherSeconds) this.#exit(code);
  }

  [Symbol.dispose](): void {
    for (const [name, handler] of Object.entries(this.#handlers)) process.off(name, handler);
  }
}
