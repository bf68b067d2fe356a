import { backendOf, memory, stack, type Tensor, tidy } from "flambeau";
import type { Progress } from "./protocol.ts";

/** How often the page hears of progress, in milliseconds. */
const reportEvery = 100;
/** A read waits for the device: on a GPU it is worth having many steps under way before it. */
const mostStepsUnread = 200;

/** Counts steps and tells the page of them, with losses that are read only then. */
export class Meter {
  readonly #say: (progress: Progress) => void;
  step = 0;
  epoch = 0;
  #unread: Tensor[] = [];
  #stepsPerRead = 1;
  #lastReport = 0;
  #itemsSinceReport = 0;

  constructor(say: (progress: Progress) => void) {
    this.#say = say;
  }

  /** What was done up to now is not the training's time. */
  restart(): void {
    this.#lastReport = performance.now();
  }

  /** A step is done. Returns whether it is time for a report. */
  count(loss: Tensor, items: number): boolean {
    this.#unread.push(loss);
    this.#itemsSinceReport += items;
    this.step++;
    return this.#unread.length >= this.#stepsPerRead;
  }

  /** Read the losses since the last report, and set the number of steps up to the next by the time that these took. */
  async report(): Promise<void> {
    const steps = this.#unread.length;
    if (steps === 0) return;
    const all = tidy(() => stack(this.#unread));
    for (const loss of this.#unread.splice(0)) loss.dispose();
    const values = Float32Array.from(await all.data(), Number);
    all.dispose();
    const now = performance.now();
    const elapsed = Math.max(now - this.#lastReport, 0.1);
    const wanted = Math.round((steps * reportEvery) / elapsed);
    this.#stepsPerRead = Math.min(Math.max(wanted, 1), 2 * this.#stepsPerRead, mostStepsUnread);
    this.#say({
      type: "progress",
      step: this.step,
      epoch: this.epoch,
      losses: values,
      perSecond: (this.#itemsSinceReport * 1000) / elapsed,
      memory: memory(),
      info: backendOf(all.device).info,
    });
    this.#itemsSinceReport = 0;
    this.#lastReport = now;
  }
}
