import type { optim, Tensor } from "flambeau";
import { Meter } from "./meter.ts";
import type { Report, Settings } from "./protocol.ts";

/** A step of training: its loss, which nobody has waited for yet, and how many images, names or characters it was made with. */
export interface Step {
  readonly loss: Tensor;
  readonly items: number;
}

/** A network on the default device in training. Each page's trainer says what an epoch is. */
export abstract class Trainer<R> {
  protected readonly say: (report: R | Report) => void;
  protected readonly meter: Meter;
  protected abstract readonly optimizer: optim.AdamW | optim.Adam;
  protected settings: Settings = { learningRate: 1e-3, batchSize: 64, epochs: 1 };
  #pauseWanted = false;
  #running = false;

  /** @param say tells the page */
  constructor(say: (report: R | Report) => void) {
    this.say = say;
    this.meter = new Meter(say);
  }

  /** The steps of an epoch. */
  protected abstract steps(): AsyncIterable<Step>;
  /** What the network does on data that it does not learn from. */
  protected abstract measure(): Promise<number>;
  /** Called after each report while it trains. */
  protected async between(): Promise<void> {}

  protected get pauseWanted(): boolean {
    return this.#pauseWanted;
  }
  get running(): boolean {
    return this.#running;
  }

  /** A new learning rate counts from the next step, a new batch size from the next epoch. */
  set(settings: Settings): void {
    this.settings = settings;
    for (const group of this.optimizer.paramGroups) group.lr = settings.learningRate;
  }

  pause(): void {
    this.#pauseWanted = true;
  }

  /** Train for the epochs that are set, or until `pause()`. */
  async run(): Promise<void> {
    this.#pauseWanted = false;
    if (this.#running) return;
    this.#running = true;
    const { meter } = this;
    try {
      meter.restart();
      const last = meter.epoch + this.settings.epochs;
      if (meter.step === 0) await this.#measure();
      while (meter.epoch < last && !this.#pauseWanted) await this.#trainEpoch();
      await meter.report();
      await this.#measure();
      this.say({ type: "stopped", reason: this.#pauseWanted ? "paused" : "finished" });
    } finally {
      this.#running = false;
    }
  }

  async #trainEpoch(): Promise<void> {
    for await (const { loss, items } of this.steps()) {
      if (this.meter.count(loss, items)) {
        await this.meter.report();
        await this.between();
      }
      if (this.#pauseWanted) return;
    }
    this.meter.epoch++;
    await this.meter.report();
    await this.#measure();
  }

  async #measure(): Promise<void> {
    const { step, epoch } = this.meter;
    const value = await this.measure();
    this.say({ type: "measured", step, epoch, value });
    this.meter.restart(); // what this took is not the training's time
  }
}
