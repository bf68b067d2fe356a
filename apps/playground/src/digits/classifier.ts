import type { Request } from "./protocol.ts";

type Image = Float32Array<ArrayBuffer>;

/** Asks for one classification at a time, of the newest image: a fast pen must not queue up old ones. */
export class Classifier {
  readonly #ask: (request: Request) => void;
  readonly #show: (probabilities: Float32Array | undefined) => void;
  #image: Image | undefined;
  #id = 0;
  #waiting = false;
  #stale = false;

  constructor(ask: (request: Request) => void, show: (probabilities: Float32Array | undefined) => void) {
    this.#ask = ask;
    this.#show = show;
  }

  set image(image: Image | undefined) {
    this.#image = image;
    this.refresh();
  }

  /** Classify the image again: the network has changed. */
  refresh(): void {
    if (this.#waiting) {
      this.#stale = true;
    } else if (this.#image) {
      this.#waiting = true;
      this.#stale = false;
      this.#ask({ type: "classify", id: ++this.#id, pixels: this.#image });
    } else {
      this.#show(undefined);
    }
  }

  answered(id: number, probabilities: Float32Array): void {
    if (id !== this.#id) return;
    this.#waiting = false;
    if (this.#image) this.#show(probabilities);
    if (this.#stale || !this.#image) this.refresh();
  }

  /** There is a new network: what was asked of the old one will not be answered. */
  restart(): void {
    this.#waiting = false;
    this.#id++;
    this.refresh();
  }
}
