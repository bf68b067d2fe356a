import {
  defaultGenerator,
  FormatError,
  Generator,
  io,
  losses,
  manualSeed,
  nextStep,
  noGrad,
  optim,
  type Tensor,
  text,
  tidy,
} from "flambeau";
import { allPieces, type Batch, type Corpus, randomPieces } from "./corpus.ts";
import type { Recipe, Writing } from "./options.ts";

export interface StepResult {
  readonly loss: number;
  readonly lr: number;
}

/** The best validation so far. */
export interface Best {
  readonly step: number;
  readonly loss: number;
}

const validationBatch = 32;

/** The model of a recipe. */
export const newModel = (recipe: Recipe, vocabSize: number): text.GPT => {
  const { block: blockSize, layers, heads, width, position } = recipe;
  return new text.GPT({ vocabSize, blockSize, layers, heads, width, position });
};

/**
 * What a model writes after a prompt, drawn by a seed.
 * @param onPiece is shown each piece as it comes; false ends it
 */
export async function write(
  model: text.CausalModel,
  tokenizer: text.CharTokenizer,
  { prompt, length, temperature, topK }: Writing,
  seed: number,
  onPiece: (piece: string) => boolean = () => true,
): Promise<string> {
  let written = "";
  const options = { maxNewTokens: length, temperature, topK, generator: new Generator(seed), tokenizer };
  for await (const piece of text.stream(model, prompt, options)) {
    written += piece.text;
    if (!onPiece(piece.text)) break;
  }
  return written;
}

/** A model in training, with all that a checkpoint of it must hold. */
export class Training {
  readonly recipe: Recipe;
  readonly model: text.GPT;
  readonly corpus: Corpus;
  readonly #optimizer: optim.AdamW;
  readonly #scheduler: optim.lrScheduler.SequentialLR;

  /** Steps done. */
  step = 0;
  /** The step after which the model was validated last. */
  tested = 0;
  /** Sum of the losses since then. */
  lossSum = 0;
  /** Seconds in all. */
  seconds = 0;
  best: Best | undefined;

  constructor(recipe: Recipe, corpus: Corpus) {
    this.recipe = recipe;
    this.corpus = corpus;
    manualSeed(recipe.seed);
    this.model = newModel(recipe, corpus.tokenizer.vocabSize);
    const { lr, steps, warmup } = recipe;
    this.#optimizer = new optim.AdamW(this.model.parameters(), { lr, betas: [0.9, 0.99], weightDecay: 0.1 });
    const { CosineAnnealingLR, LinearLR, SequentialLR } = optim.lrScheduler;
    this.#scheduler = new SequentialLR(
      this.#optimizer,
      [
        new LinearLR(this.#optimizer, { startFactor: 1 / warmup, totalIters: warmup }),
        new CosineAnnealingLR(this.#optimizer, Math.max(1, steps - warmup), { etaMin: lr / 10 }),
      ],
      [warmup],
    );
  }

  get isDone(): boolean {
    return this.step === this.recipe.steps;
  }
  /** Whether all steps are made and the last weights are validated. */
  get isFinished(): boolean {
    return this.isDone && this.tested === this.step;
  }
  /** Whether the model is to be validated before it goes on. */
  get isTestDue(): boolean {
    return this.step > this.tested && (this.isDone || this.step % this.recipe.evalEvery === 0);
  }

  /** One step on pieces of the training text. */
  async trainStep(): Promise<StepResult> {
    const started = performance.now();
    const { batchSize, block } = this.recipe;
    const { lr } = this.#optimizer.paramGroups[0];
    const kept = tidy(() => this.#step(randomPieces(this.corpus.train, batchSize, block)));
    const loss = await kept.itemAsync();
    kept.dispose();
    this.step++;
    this.lossSum += loss;
    this.#spend(started);
    return { loss, lr };
  }

  #step(batch: Batch): Tensor {
    this.model.train();
    const loss = this.#loss(batch);
    this.#optimizer.zeroGrad();
    loss.backward();
    optim.clipGradNorm_(this.model.parameters(), 1);
    this.#optimizer.step();
    this.#scheduler.step();
    return loss.detach();
  }

  #loss([ids, next]: Batch, reduction: "mean" | "sum" = "mean"): Tensor {
    return losses.crossEntropy(this.model.forward(ids).flatten(0, 1), next.flatten(), { reduction });
  }

  /** The mean loss on the validation text; undefined when `goOn` said to stop before the end. */
  async validate(goOn: () => boolean): Promise<number | undefined> {
    const started = performance.now();
    this.model.eval();
    let [sum, count] = [0, 0];
    for (const batch of allPieces(this.corpus.validation, validationBatch, this.recipe.block)) {
      await nextStep(); // lets signals in
      if (!goOn()) return undefined;
      const loss = tidy(() => noGrad(() => this.#loss(batch, "sum")));
      sum += await loss.itemAsync();
      count += batch[0].size;
      for (const done of [loss, ...batch]) done.dispose();
    }
    this.#spend(started);
    return sum / count;
  }

  /** Count the model as validated, and its weights as the best if they are. Returns whether they are, and the mean training loss since the last time. */
  endTest(loss: number): { better: boolean; trainLoss: number } {
    const trainLoss = this.lossSum / (this.step - this.tested);
    this.tested = this.step;
    this.lossSum = 0;
    const better = !this.best || loss < this.best.loss;
    if (better) this.best = { step: this.step, loss };
    return { better, trainLoss };
  }

  /** Write all that training needs to go on from here. */
  save(path: string): Promise<void> {
    const { step, tested, lossSum, seconds, best } = this;
    return io.saveCheckpoint(path, this.#parts(), { step, tested, lossSum, seconds, best: best && { ...best } });
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
    this.step = number("step");
    this.tested = number("tested");
    this.lossSum = number("lossSum");
    this.seconds = number("seconds");
    this.best = progress.best as Best | undefined; // written by save() alone
  }

  #parts(): io.CheckpointParts {
    return { model: this.model, optimizer: this.#optimizer, scheduler: this.#scheduler, generator: defaultGenerator };
  }

  #spend(started: number): void {
    this.seconds += (performance.now() - started) / 1000;
  }
}
