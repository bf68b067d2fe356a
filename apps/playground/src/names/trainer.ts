import {
  batches,
  batchOf,
  countOf,
  kinds,
  learn,
  lossOf,
  NameNetwork,
  type NameSets,
  nameOptimizer,
  sampleNames,
  shown,
} from "@flambeau/app-names/model";
import { Generator, manualSeed, noGrad, type optim, type Tensor, tidy } from "flambeau";
import type { Report as Shared } from "../training/protocol.ts";
import { type Step, Trainer } from "../training/trainer.ts";
import type { Report, Wish } from "./protocol.ts";

const hidden = 128;
/** Names that are made up at once. */
const atOnce = 16;
/** How often new ones are made up while it learns, in milliseconds. */
const sampleEvery = 1500;

/** A network that learns names, and what it is asked to make up meanwhile. */
export class NameTrainer extends Trainer<Report> {
  readonly #network: NameNetwork;
  protected readonly optimizer: optim.AdamW;
  readonly #sets: NameSets;
  readonly #validation: [inputs: Tensor, targets: Tensor];
  readonly #generator = new Generator(0);
  #wish: { readonly wish: Wish; readonly id: number } = {
    wish: { prefix: "", kind: undefined, temperature: 1 },
    id: 0,
  };
  #lastSample = 0;
  #sampleTook = 0;
  #sampling = false;
  #sampleAgain = false;

  constructor(sets: NameSets, say: (report: Report | Shared) => void) {
    super(say);
    manualSeed(0);
    this.#network = new NameNetwork("gru", hidden);
    this.optimizer = nameOptimizer(this.#network, this.settings.learningRate);
    this.#sets = sets;
    this.#validation = batchOf(sets.validation);
  }

  protected async *steps(): AsyncIterable<Step> {
    const { batchSize } = this.settings;
    for await (const batch of batches(this.#sets.train, { batchSize, shuffle: true })) {
      this.#network.train();
      const step = { loss: tidy(() => learn(this.#network, this.optimizer, batch)), items: batch[0].shape[0] };
      for (const t of batch) t.dispose();
      yield step;
    }
  }

  /** What a letter of the validation names costs, in nats. */
  protected async measure(): Promise<number> {
    this.#network.eval();
    const total = tidy(() => noGrad(() => lossOf(this.#network, ...this.#validation, "sum")));
    const loss = (await total.itemAsync()) / countOf(this.#sets.validation);
    total.dispose();
    return loss;
  }

  protected override async between(): Promise<void> {
    // most of the time is for learning, however slowly it makes up names
    if (performance.now() - this.#lastSample < Math.max(sampleEvery, 2 * this.#sampleTook)) return;
    await this.#sample();
    this.meter.restart();
  }

  /** Make up names of another kind from now on, and some at once. */
  async wish(wish: Wish, id: number): Promise<void> {
    this.#wish = { wish, id };
    await this.#sample();
  }

  async #sample(): Promise<void> {
    // one at a time, the newest wish
    this.#sampleAgain = this.#sampling;
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      do {
        this.#sampleAgain = false;
        const begun = performance.now();
        const { wish, id } = this.#wish;
        const { step } = this.meter;
        const asked = Array.from({ length: atOnce }, (_, i) => wish.kind ?? kinds[i % kinds.length]);
        const generator = this.#generator;
        const spellings = await sampleNames(this.#network, { ...wish, kinds: asked, generator });
        const names = spellings.map((spelling, i) => ({
          name: shown(spelling),
          kind: asked[i],
          origin: this.#sets.origins.of(spelling),
        }));
        this.say({ type: "names", id, step, names });
        this.#lastSample = performance.now();
        this.#sampleTook = this.#lastSample - begun;
      } while (this.#sampleAgain);
    } finally {
      this.#sampling = false;
    }
  }
}
