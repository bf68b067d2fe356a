import {
  data,
  defaultGenerator,
  FormatError,
  io,
  losses,
  manualSeed,
  noGrad,
  optim,
  type Tensor,
  tidy,
} from "flambeau";
import { accuracyOf, type Confusion, confusionOf } from "./confusion.ts";
import { Network } from "./network.ts";
import type { Recipe } from "./options.ts";

/** The outcome of a test on all test images. */
export interface TestResult {
  readonly loss: number;
  readonly accuracy: number;
  readonly confusion: Confusion;
}

/** The best test so far, as far as a checkpoint keeps it. */
export interface Best {
  readonly epoch: number;
  readonly loss: number;
  readonly counts: readonly (readonly number[])[];
}

export interface StepResult {
  readonly loss: number;
  readonly accuracy: number;
  readonly lr: number;
}

const testBatch = 500;

/** A network in training, with all that a checkpoint of it must hold. */
export class Training {
  readonly recipe: Recipe;
  readonly model: Network;
  readonly #optimizer: optim.AdamW;
  readonly #scheduler: optim.lrScheduler.OneCycleLR;
  readonly #test: data.ImageDataset;
  /** It knows how far the epoch has come. */
  readonly #loader: data.DataLoader<[Tensor, Tensor]>;
  /** Steps in an epoch. */
  readonly steps: number;

  /** Epochs that are trained and tested. */
  epochsDone = 0;
  /** Steps done in the epoch after these. */
  stepInEpoch = 0;
  /** Sums over these steps. */
  epochLoss = 0;
  epochAccuracy = 0;
  epochSeconds = 0;
  /** Seconds in all. */
  seconds = 0;
  /** Seconds that steps waited for their batches, and what they took with that. */
  waited = 0;
  stepping = 0;
  best: Best | undefined;

  /** @param train and test: the same classes and image sizes */
  constructor(recipe: Recipe, train: data.ImageDataset, test: data.ImageDataset) {
    this.recipe = recipe;
    this.#test = test;
    this.#loader = new data.DataLoader(train, { batchSize: recipe.batchSize, shuffle: true });
    this.steps = this.#loader.length;
    manualSeed(recipe.seed);
    this.model = new Network(train.height, train.classes.length);
    this.#optimizer = new optim.AdamW(this.model.parameters(), { lr: recipe.lr });
    this.#scheduler = new optim.lrScheduler.OneCycleLR(this.#optimizer, recipe.lr, {
      totalSteps: recipe.epochs * this.steps,
    });
  }

  /** The share of its time that training waited for batches; null before the first step. */
  get waiting(): number | null {
    return this.stepping > 0 ? this.waited / this.stepping : null;
  }

  /** Steps done since the start. */
  get step(): number {
    return this.epochsDone * this.steps + this.stepInEpoch;
  }

  /**
   * Train to the end of the epoch, from where the last call or the checkpoint left off.
   * @param onStep called after each step; false stops there
   */
  async trainEpoch(onStep: (result: StepResult) => boolean): Promise<void> {
    if (this.stepInEpoch === this.steps) return; // interrupted in its test
    this.model.train();
    let ended = performance.now();
    for await (const [images, labels] of this.#loader) {
      const started = performance.now();
      this.waited += (started - ended) / 1000;
      const logits = this.model.forward(images);
      const loss = losses.crossEntropy(logits, labels);
      this.#optimizer.zeroGrad();
      loss.backward();
      const lr = this.#optimizer.paramGroups[0].lr;
      this.#optimizer.step();
      this.#scheduler.step();
      const right = logits.argmax(1).eq(labels).sum();
      const result = { loss: await loss.itemAsync(), accuracy: (await right.itemAsync()) / labels.size, lr };
      this.stepInEpoch++;
      this.epochLoss += result.loss;
      this.epochAccuracy += result.accuracy;
      this.#spend(started);
      this.stepping += (performance.now() - ended) / 1000;
      if (!onStep(result)) return;
      ended = performance.now();
    }
  }

  /** Test the weights, and end the epoch; undefined when `goOn` said to stop before the end. */
  async testEpoch(goOn: () => boolean): Promise<TestResult | undefined> {
    const started = performance.now();
    this.model.eval();
    const truths: number[] = [];
    const predictions: number[] = [];
    let lossSum = 0;
    for await (const [images, labels] of new data.DataLoader(this.#test, { batchSize: testBatch })) {
      if (!goOn()) return undefined;
      const [loss, classes] = tidy(() =>
        noGrad(() => {
          const logits = this.model.forward(images);
          return [losses.crossEntropy(logits, labels, { reduction: "sum" }), logits.argmax(1)];
        }),
      );
      lossSum += await loss.itemAsync();
      predictions.push(...(await integers(classes)));
      truths.push(...(await integers(labels)));
      for (const done of [images, labels, loss, classes]) done.dispose();
    }
    this.#spend(started);
    const confusion = confusionOf(this.#test.classes, truths, predictions);
    return { loss: lossSum / truths.length, accuracy: accuracyOf(confusion), confusion };
  }

  /** Count the epoch as done, and its weights as the best if they are. Returns whether they are. */
  endEpoch(test: TestResult): boolean {
    this.epochsDone++;
    this.stepInEpoch = 0;
    this.epochLoss = this.epochAccuracy = this.epochSeconds = 0;
    const better = !this.best || test.accuracy > accuracyOf({ classes: [], counts: this.best.counts });
    if (better) this.best = { epoch: this.epochsDone, loss: test.loss, counts: test.confusion.counts };
    return better;
  }

  /** The classes that the model gives to some test images. */
  async classify(indices: readonly number[]): Promise<number[]> {
    this.model.eval();
    return integers(tidy(() => noGrad(() => this.model.forward(this.#test.getBatch(indices)[0]).argmax(1))));
  }

  /** Write all that training needs to go on from here. */
  save(path: string): Promise<void> {
    const { epochsDone, stepInEpoch, epochLoss, epochAccuracy, epochSeconds, seconds, waited, stepping, best } = this;
    return io.saveCheckpoint(path, this.#parts(), {
      ...{ epochsDone, stepInEpoch, epochLoss, epochAccuracy, epochSeconds, seconds, waited, stepping },
      best: best && { ...best },
    });
  }

  /**
   * Go on from a checkpoint of the same recipe.
   * @throws FormatError when the file is damaged or is no checkpoint of this app; nothing is changed then.
   */
  async restore(path: string): Promise<void> {
    const progress = await io.loadCheckpoint(path, this.#parts());
    const number = (name: string): number => {
      const value = progress[name];
      if (typeof value !== "number") throw new FormatError(path, 8, `the checkpoint has no number "${name}"`);
      return value;
    };
    this.epochsDone = number("epochsDone");
    this.stepInEpoch = number("stepInEpoch");
    this.epochLoss = number("epochLoss");
    this.epochAccuracy = number("epochAccuracy");
    this.epochSeconds = number("epochSeconds");
    this.seconds = number("seconds");
    this.waited = number("waited");
    this.stepping = number("stepping");
    this.best = progress.best as Best | undefined; // written by save() alone
  }

  #parts(): io.CheckpointParts {
    const { model } = this;
    const [optimizer, scheduler, loader] = [this.#optimizer, this.#scheduler, this.#loader];
    return { model, optimizer, scheduler, generator: defaultGenerator, loader };
  }

  #spend(started: number): void {
    const seconds = (performance.now() - started) / 1000;
    this.epochSeconds += seconds;
    this.seconds += seconds;
  }
}

const integers = async (t: Tensor): Promise<number[]> => Array.from(await t.data(), Number);
