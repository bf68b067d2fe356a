import { data, losses, manualSeed, noGrad, optim, softmax, type Tensor, tensor, tidy } from "flambeau";
import type { Report as Shared } from "../training/protocol.ts";
import { type Step, Trainer } from "../training/trainer.ts";
import { Network } from "./network.ts";
import type { Report } from "./protocol.ts";

/** A network, its optimizer, and the digits that it learns. */
export class DigitTrainer extends Trainer<Report> {
  readonly #model: Network;
  protected readonly optimizer: optim.Adam;
  readonly #train: data.ImageDataset;
  readonly #test: data.ImageDataset;
  readonly #testBatch: [images: Tensor, labels: Tensor];

  /** @param train and test: images of 8x8 pixels @param say tells the page */
  constructor(train: data.ImageDataset, test: data.ImageDataset, say: (report: Report | Shared) => void) {
    super(say);
    manualSeed(0);
    this.#model = new Network();
    this.optimizer = new optim.Adam(this.#model.parameters(), { lr: this.settings.learningRate });
    this.#train = train;
    this.#test = test;
    this.#testBatch = test.getBatch(Array.from({ length: test.length }, (_, i) => i));
  }

  protected async *steps(): AsyncIterable<Step> {
    const { batchSize } = this.settings;
    for await (const [images, labels] of new data.DataLoader(this.#train, { batchSize, shuffle: true })) {
      const step = { loss: tidy(() => this.#learn(images, labels)), items: labels.size };
      images.dispose();
      labels.dispose();
      yield step;
    }
  }

  #learn(images: Tensor, labels: Tensor): Tensor {
    this.#model.train();
    const loss = losses.crossEntropy(this.#model.forward(images), labels);
    this.optimizer.zeroGrad();
    loss.backward();
    this.optimizer.step();
    return loss.detach();
  }

  #predict(images: Tensor): Tensor {
    this.#model.eval();
    return this.#model.forward(images);
  }

  /** The share of test images that it reads right. */
  protected async measure(): Promise<number> {
    const [images, labels] = this.#testBatch;
    const right = tidy(() => noGrad(() => this.#predict(images).argmax(1).eq(labels).sum()));
    const share = (await right.itemAsync()) / labels.size;
    right.dispose();
    return share;
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
