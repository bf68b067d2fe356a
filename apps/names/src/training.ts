import { defaultGenerator, FormatError, Generator, io, manualSeed, noGrad, optim, tidy } from "flambeau";
import {
  batches,
  countOf,
  type Kind,
  kinds,
  learn,
  lossOf,
  NameNetwork,
  type NameSets,
  nameOptimizer,
  sampleNames,
  shown,
} from "./model/index.ts";
import type { Recipe } from "./options.ts";
import type { Sample } from "./run/records.ts";

/** The best validation so far. */
export interface Best {
  readonly epoch: number;
  readonly loss: number;
}

export interface StepResult {
  readonly loss: number;
  readonly lr: number;
}

const validationBatch = 512;

/** A network in training, with all that a checkpoint of it must hold. */
export class Training {
  readonly recipe: Recipe;
  readonly network: NameNetwork;
  readonly sets: NameSets;
  readonly #optimizer: optim.AdamW;
  readonly #scheduler: optim.lrScheduler.OneCycleLR;
  /** Steps in an epoch. */
  readonly steps: number;

  /** Epochs that are trained and validated. */
  epochsDone = 0;
  /** Steps done in the epoch after these. */
  stepInEpoch = 0;
  /** Sums over these steps. */
  epochLoss = 0;
  epochSeconds = 0;
  /** Seconds in all. */
  seconds = 0;
  best: Best | undefined;
  /** The generator as it was before the epoch's order was drawn. */
  #epochStart = defaultGenerator.getState();

  constructor(recipe: Recipe, sets: NameSets) {
    this.recipe = recipe;
    this.sets = sets;
    this.steps = Math.ceil(sets.train.length / recipe.batchSize);
    manualSeed(recipe.seed);
    this.network = new NameNetwork(recipe.cell, recipe.hidden);
    this.#optimizer = nameOptimizer(this.network, recipe.lr);
    this.#scheduler = new optim.lrScheduler.OneCycleLR(this.#optimizer, recipe.lr, {
      totalSteps: recipe.epochs * this.steps,
    });
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
    const generator = defaultGenerator;
    const now = generator.getState();
    if (this.stepInEpoch === 0) this.#epochStart = now;
    else generator.setState(this.#epochStart);
    this.network.train();
    let seen = 0;
    for await (const batch of batches(this.sets.train, { batchSize: this.recipe.batchSize, shuffle: true })) {
      seen++;
      if (seen > this.stepInEpoch) {
        const started = performance.now();
        const lr = this.#optimizer.paramGroups[0].lr;
        const loss = tidy(() => learn(this.network, this.#optimizer, batch));
        this.#scheduler.step();
        const result = { loss: await loss.itemAsync(), lr };
        loss.dispose();
        this.stepInEpoch++;
        this.epochLoss += result.loss;
        this.#spend(started);
        if (!onStep(result)) return;
      } else if (seen === this.stepInEpoch) generator.setState(now); // all before were trained on before the interruption
      for (const t of batch) t.dispose();
    }
  }

  /** What a letter of the validation names costs in nats; undefined when `goOn` said to stop before the end. */
  async validate(goOn: () => boolean): Promise<number | undefined> {
    const started = performance.now();
    this.network.eval();
    let total = 0;
    for await (const batch of batches(this.sets.validation, { batchSize: validationBatch })) {
      if (!goOn()) return undefined;
      const loss = tidy(() => noGrad(() => lossOf(this.network, ...batch, "sum")));
      total += await loss.itemAsync();
      for (const t of [...batch, loss]) t.dispose();
    }
    this.#spend(started);
    return total / countOf(this.sets.validation);
  }

  /** Count the epoch as done, and its weights as the best if they are. Returns whether they are. */
  endEpoch(loss: number): boolean {
    this.epochsDone++;
    this.stepInEpoch = 0;
    this.epochLoss = this.epochSeconds = 0;
    const better = !this.best || loss < this.best.loss;
    if (better) this.best = { epoch: this.epochsDone, loss };
    return better;
  }

  /** So many names of each kind as the weights make up now. They take nothing from the stream that training draws from. */
  async samples(ofEach: number): Promise<Sample[]> {
    const asked = kinds.flatMap((kind) => Array.from({ length: ofEach }, (): Kind => kind));
    const generator = new Generator(this.recipe.seed + this.epochsDone);
    const spellings = await sampleNames(this.network, { kinds: asked, temperature: 1, generator });
    return spellings.map((spelling, i) => sampleOf(this.sets, spelling, asked[i]));
  }

  /** Write all that training needs to go on from here. */
  save(path: string): Promise<void> {
    const { epochsDone, stepInEpoch, epochLoss, epochSeconds, seconds, best } = this;
    return io.saveCheckpoint(path, this.#parts(), {
      ...{ epochsDone, stepInEpoch, epochLoss, epochSeconds, seconds },
      best: best && { ...best },
      epochStart: this.#epochStart,
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
    const { epochStart } = progress;
    if (!(epochStart instanceof Uint8Array)) throw new FormatError(path, 8, 'the checkpoint has no bytes "epochStart"');
    this.#epochStart = epochStart;
    this.epochsDone = number("epochsDone");
    this.stepInEpoch = number("stepInEpoch");
    this.epochLoss = number("epochLoss");
    this.epochSeconds = number("epochSeconds");
    this.seconds = number("seconds");
    this.best = progress.best as Best | undefined; // written by save() alone
  }

  #parts(): io.CheckpointParts {
    return {
      model: this.network,
      optimizer: this.#optimizer,
      scheduler: this.#scheduler,
      generator: defaultGenerator,
    };
  }

  #spend(started: number): void {
    const seconds = (performance.now() - started) / 1000;
    this.epochSeconds += seconds;
    this.seconds += seconds;
  }
}

export const sampleOf = ({ origins }: NameSets, spelling: string, kind: Kind): Sample => ({
  name: shown(spelling),
  kind,
  origin: origins.of(spelling),
});
