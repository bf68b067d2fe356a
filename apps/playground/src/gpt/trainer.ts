import { GPT, stream } from "@flambeau/text";
import { Generator, losses, manualSeed, nextStep, noGrad, optim, type Tensor, tidy } from "flambeau";
import type { Report as Shared } from "../training/protocol.ts";
import { type Step, Trainer } from "../training/trainer.ts";
import { allStarts, type Corpus, randomStarts, windows } from "./corpus.ts";
import type { Report, Wish } from "./protocol.ts";

const size = { blockSize: 96, layers: 3, heads: 4, width: 96 };
const longestGradient = 1;
/** There are no passes over the text: windows of it are drawn, and this many steps are called a round. */
export const stepsInRound = 100;
/** Windows of the end of the text that are validated on. */
const mostValidated = 48;
/** How often a text is written while it learns, in milliseconds, and how long it is. */
const writeEvery = 4000;
const charactersBetween = 160;
const charactersWished = 600;

/** A GPT that learns the characters of a text, and what it is asked to write meanwhile. */
export class TextTrainer extends Trainer<Report> {
  readonly #model: GPT;
  protected readonly optimizer: optim.AdamW;
  readonly #corpus: Corpus;
  readonly #validation: [inputs: Tensor, targets: Tensor];
  readonly #generator = new Generator(0);
  #wish: Wish = { prompt: "", temperature: 0.8 };
  #lastText = 0;
  #textTook = 0;
  #writing: AbortController | undefined;

  constructor(corpus: Corpus, say: (report: Report | Shared) => void) {
    super(say);
    manualSeed(0);
    this.#model = new GPT({ vocabSize: corpus.tokenizer.vocabSize, ...size });
    this.optimizer = new optim.AdamW(this.#model.parameters(), { lr: this.settings.learningRate });
    this.#corpus = corpus;
    const starts = allStarts(corpus.validation, size.blockSize).slice(0, mostValidated);
    this.#validation = windows(corpus.validation, starts, size.blockSize);
  }

  protected async *steps(): AsyncIterable<Step> {
    const { batchSize } = this.settings;
    for (let i = 0; i < stepsInRound; i++) {
      const starts = randomStarts(this.#corpus.train, batchSize, size.blockSize);
      yield {
        loss: tidy(() => this.#learn(...windows(this.#corpus.train, starts, size.blockSize))),
        items: batchSize * size.blockSize,
      };
      await nextStep();
    }
  }

  #learn(inputs: Tensor, targets: Tensor): Tensor {
    const loss = this.#loss(inputs, targets);
    this.optimizer.zeroGrad();
    loss.backward();
    optim.clipGradNorm_(this.#model.parameters(), longestGradient);
    this.optimizer.step();
    return loss.detach();
  }

  #loss(inputs: Tensor, targets: Tensor): Tensor {
    return losses.crossEntropy(this.#model.forward(inputs).flatten(0, 1), targets.flatten());
  }

  /** What a character of the text's end costs, in nats. */
  protected async measure(): Promise<number> {
    const loss = tidy(() => noGrad(() => this.#loss(...this.#validation)));
    const value = await loss.itemAsync();
    loss.dispose();
    return value;
  }

  protected override async between(): Promise<void> {
    // most of the time is for learning, however slowly it writes
    if (performance.now() - this.#lastText < Math.max(writeEvery, 2 * this.#textTook)) return;
    await this.#write(charactersBetween);
    this.meter.restart();
  }

  /** Write for another prompt from now on, and with `now` at once. */
  async wish(wish: Wish, now: boolean): Promise<void> {
    const unknown = this.#corpus.unknownIn(wish.prompt);
    if (unknown !== undefined) {
      this.say({ type: "refused", message: `The text that it learns from has no "${unknown}".` });
      return;
    }
    this.#wish = wish;
    if (now) await this.#write(charactersWished);
  }

  hush(): void {
    this.#writing?.abort();
  }

  override pause(): void {
    super.pause();
    this.hush();
  }

  async #write(characters: number): Promise<void> {
    this.hush();
    const writing = new AbortController();
    this.#writing = writing;
    const { prompt, temperature } = this.#wish;
    const begun = performance.now();
    this.say({ type: "begins", step: this.meter.step, prompt });
    try {
      const tokens = stream(this.#model, prompt === "" ? this.#corpus.beginning : prompt, {
        tokenizer: this.#corpus.tokenizer,
        maxNewTokens: characters,
        temperature,
        generator: this.#generator,
        signal: writing.signal,
      });
      for await (const { text } of tokens) if (!writing.signal.aborted) this.say({ type: "text", text });
    } catch (error) {
      if (!writing.signal.aborted) throw error;
    }
    // another text has begun when this one was ended for it
    if (this.#writing !== writing) return;
    this.#writing = undefined;
    this.#lastText = performance.now();
    this.#textTook = this.#lastText - begun;
    this.say({ type: "ends" });
  }
}
