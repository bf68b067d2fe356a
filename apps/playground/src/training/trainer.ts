import {
  backendOf,
  data,
  losses,
  manualSeed,
  memory,
  noGrad,
  optim,
  softmax,
  stack,
  type Tensor,
  tensor,
  tidy,
} from "flambeau";
import type { Report, Settings } from "../protocol.ts";
import { Network } from "./network.ts";

/** How often the page hears of progress, in milliseconds. */
const reportEvery = 100;
/** A read waits for the device: on a GPU it is worth having many steps under way before it. */
const mostStepsUnread = 200;

/** A network on the default device, its optimizer, and the digits that it learns. */
export class Trainer {
  readonly #model: Network;
  readonly #optimizer: optim.Adam;
  readonly #train: data.ImageDataset;
  readonly #test: data.ImageDataset;
  readonly #testBatch: [images: Tensor, labels: Tensor];
  readonly #say: (report: Report) => void;
  #settings: Settings = { learningRate: 1e-3, batchSize: 64, epochs: 1 };
  #step = 0;
  #epoch = 0;
  #pauseWanted = false;
  #running = false;
  #unread: Tensor[] = [];
  #stepsPerRead = 1;
  #lastReport = 0;
  #imagesSinceReport = 0;

  /** @param train and test: images of 8x8 pixels @param say tells the page */
  constructor(train: data.ImageDataset, test: data.ImageDataset, say: (report: Report) => void) {
    manualSeed(0);
    this.#model = new Network();
    this.#optimizer = new optim.Adam(this.#model.parameters(), { lr: this.#settings.learningRate });
    this.#train = train;
    this.#test = test;
    this.#testBatch = test.getBatch(Array.from({ length: test.length }, (_, i) => i));
    this.#say = say;
  }

  /** A new learning rate counts from the next step, a new batch size from the next epoch. */
  set settings(settings: Settings) {
    this.#settings = settings;
    for (const group of this.#optimizer.paramGroups) group.lr = settings.learningRate;
  }

  pause(): void {
    this.#pauseWanted = true;
  }

  /** Train for the epochs that are set, or until `pause()`. */
  async run(): Promise<void> {
    this.#pauseWanted = false;
    if (this.#running) return;
    this.#running = true;
    try {
      this.#lastReport = performance.now();
      const last = this.#epoch + this.#settings.epochs;
      if (this.#step === 0) await this.#measureAccuracy();
      while (this.#epoch < last && !this.#pauseWanted) await this.#trainEpoch();
      await this.#report();
      await this.#measureAccuracy();
      this.#say({ type: "stopped", reason: this.#pauseWanted ? "paused" : "finished" });
    } finally {
      this.#running = false;
    }
  }

  async #trainEpoch(): Promise<void> {
    const { batchSize } = this.#settings;
    for await (const [images, labels] of new data.DataLoader(this.#train, { batchSize, shuffle: true })) {
      this.#unread.push(tidy(() => this.#trainStep(images, labels)));
      this.#imagesSinceReport += labels.size;
      this.#step++;
      images.dispose();
      labels.dispose();
      if (this.#unread.length >= this.#stepsPerRead) await this.#report();
      if (this.#pauseWanted) return;
    }
    this.#epoch++;
    await this.#report();
    await this.#measureAccuracy();
  }

  /** @returns the loss, which nobody has waited for yet */
  #trainStep(images: Tensor, labels: Tensor): Tensor {
    this.#model.train();
    const loss = losses.crossEntropy(this.#model.forward(images), labels);
    this.#optimizer.zeroGrad();
    loss.backward();
    this.#optimizer.step();
    return loss.detach();
  }

  #predict(images: Tensor): Tensor {
    this.#model.eval();
    return this.#model.forward(images);
  }

  /** Read the losses since the last report, and set the number of steps up to the next by the time that these took. */
  async #report(): Promise<void> {
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
      step: this.#step,
      epoch: this.#epoch,
      losses: values,
      imagesPerSecond: (this.#imagesSinceReport * 1000) / elapsed,
      memory: memory(),
      info: backendOf(all.device).info,
    });
    this.#imagesSinceReport = 0;
    this.#lastReport = now;
  }

  async #measureAccuracy(): Promise<void> {
    const [images, labels] = this.#testBatch;
    const step = this.#step;
    const right = tidy(() => noGrad(() => this.#predict(images).argmax(1).eq(labels).sum()));
    const accuracy = (await right.itemAsync()) / labels.size;
    right.dispose();
    this.#say({ type: "accuracy", step, epoch: this.#epoch, accuracy });
    this.#lastReport = performance.now(); // what the test took is not the training's time
  }

  /** The probabilities of the ten digits for 64 pixels in 0..1, row by row. */
  async classify(pixels: Float32Array): Promise<Float32Array> {
    const probabilities = tidy(() =>
      noGrad(() => softmax(this.#predict(tensor(pixels).reshape([1, 1, 8, 8])), 1).reshape([10])),
    );
    const values = Float32Array.from(await probabilities.data(), Number);
    probabilities.dispose();
    return values;
  }

  /** Some test image of a digit: its place in the test set and its pixels in 0..1. */
  async sample(digit: number): Promise<{ index: number; pixels: Float32Array<ArrayBuffer> }> {
    const candidates = Array.from({ length: this.#test.length }, (_, i) => i).filter(
      (i) => this.#test.label(i) === digit,
    );
    const index = candidates[Math.floor(Math.random() * candidates.length)];
    const [image, label] = this.#test.get(index);
    const pixels = Float32Array.from(await image.data(), Number);
    image.dispose();
    label.dispose();
    return { index, pixels };
  }
}
