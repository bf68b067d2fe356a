// A pass that is taken up again gives what the pass that was left would have given, to the bit, whatever the order is drawn from.
import "./backend.ts";
import { type Tensor, tensor } from "@flambeau/tensor";
import { defaultGenerator, Generator } from "@flambeau/tensor/functional";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BatchSampler,
  DataLoader,
  type DataLoaderOptions,
  type DataLoaderState,
  RandomSampler,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} from "../src/index.ts";
import { bundled } from "./workers/bundled.ts";

let worker: URL;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ remove, served: worker } = await bundled());
});
afterAll(() => remove());

const length = 70;
const source = { length };
type Options = DataLoaderOptions<unknown, unknown>;
const ofThree = (n: number) => ({
  *[Symbol.iterator]() {
    yield* [n, n + 1, n + 2];
  },
});
/** A sampler that draws from nothing that the loader knows, and says where it stands. */
class Own {
  #pass = 0;
  *[Symbol.iterator](): IterableIterator<number> {
    this.#pass++;
    for (let i = 0; i < length; i++) yield (i * 3 + this.#pass) % length;
  }
  stateDict(): { pass: number } {
    return { pass: this.#pass };
  }
  loadStateDict({ pass }: { pass: number }): void {
    this.#pass = pass;
  }
}
const weights = Array.from({ length }, (_, i) => 1 + (i % 5));
/** Makes the options anew each time: a run that is resumed is another process. */
const orders: { readonly [name: string]: () => Options } = {
  sequential: () => ({ batchSize: 4 }),
  shuffled: () => ({ batchSize: 4, shuffle: true }),
  "shuffled, without the last": () => ({ batchSize: 4, shuffle: true, dropLast: true }),
  "shuffled by a generator of the loader": () => ({ batchSize: 4, shuffle: true, generator: new Generator(7) }),
  "a random sampler with a generator": () => ({
    batchSize: 4,
    sampler: new RandomSampler(source, { generator: new Generator(8) }),
  }),
  "with replacement": () => ({
    batchSize: 4,
    sampler: new RandomSampler(source, { replacement: true, numSamples: 90 }),
  }),
  "with replacement, from a generator of its own": () => ({
    batchSize: 4,
    sampler: new RandomSampler(source, { replacement: true, numSamples: 90, generator: new Generator(9) }),
  }),
  "a subset": () => ({
    batchSize: 4,
    sampler: new SubsetRandomSampler([...ofThree(5), ...ofThree(30), ...ofThree(60), 1, 2]),
  }),
  weighted: () => ({ batchSize: 4, sampler: new WeightedRandomSampler(weights, 60) }),
  "weighted, from a generator of its own": () => ({
    batchSize: 4,
    sampler: new WeightedRandomSampler(weights, 60, { generator: new Generator(2) }),
  }),
  "a batch sampler": () => ({
    batchSampler: new BatchSampler(new RandomSampler(source, { generator: new Generator(3) }), 6, true),
  }),
  "a list": () => ({ batchSize: 2, sampler: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] }),
  "a sampler with a state": () => ({ batchSize: 4, sampler: new Own() }),
};

const values = (t: unknown) => [...(t as Tensor).dataSync()].map(Number);
/** What a loop sees: each batch, and what a layer draws beside it. */
interface Seen {
  readonly batch: number[];
  readonly drawn: number;
}
interface Left {
  readonly seen: Seen[];
  readonly loader: DataLoaderState;
  readonly generator: Uint8Array;
}
/** Two passes and a bit of the next: the state after each batch of the second one. */
async function run(loader: AsyncIterable<unknown> & { stateDict(): DataLoaderState }, passes: number): Promise<Left[]> {
  const seen: Seen[] = [];
  const left: Left[] = [];
  for (let pass = 0; pass < passes; pass++)
    for await (const batch of loader) {
      seen.push({ batch: values(Array.isArray(batch) ? batch[0] : batch), drawn: defaultGenerator.uniform24() });
      left.push({
        seen: [...seen],
        loader: structuredClone(loader.stateDict()),
        generator: defaultGenerator.getState(),
      });
    }
  return left;
}

describe.each(Object.keys(orders))("%s: the rest of a pass, and the pass after it", (name) => {
  it.each(["for await", "for"])("in %s", async (loop) => {
    const read: number[] = [];
    const get = (i: number) => {
      read.push(i);
      return i;
    };
    const data = { length, get };
    const make = () => new DataLoader(data, orders[name]());
    defaultGenerator.manualSeed(1);
    const states = await run(make(), 3);
    const whole = states.at(-1)?.seen ?? [];
    const perPass = whole.length / 3;
    for (const at of [0, 1, Math.floor(perPass / 2), perPass - 1, perPass, perPass + 2]) {
      const { seen, loader: state, generator } = states[at];
      defaultGenerator.manualSeed(99);
      const resumed = make();
      resumed.loadStateDict(state);
      defaultGenerator.setState(generator);
      read.length = 0;
      const rest: Seen[] = [];
      // to the end of the third pass
      for (let pass = Math.floor(at / perPass); pass < 3; pass++) {
        const take = (t: Tensor) => rest.push({ batch: values(t), drawn: defaultGenerator.uniform24() });
        if (loop === "for") for (const t of resumed) take(t as Tensor);
        else for await (const t of resumed) take(t as Tensor);
      }
      expect([...seen, ...rest]).toEqual(whole);
      expect(read).toEqual(rest.flatMap(({ batch }) => batch));
    }
  });
});

describe("with workers", () => {
  const make = (what: string, options: Options) =>
    new DataLoader<unknown, unknown>({ length, get: () => 0 }, { worker, workerArgs: { what, length }, ...options });
  const noisy = async (loader: AsyncIterable<unknown>, stop = Number.POSITIVE_INFINITY) => {
    const seen: number[][] = [];
    for await (const batch of loader) {
      const [x, r] = batch as [Tensor, Tensor];
      if (seen.push([...values(x), ...values(r), defaultGenerator.uniform24()]) === stop) break;
    }
    return seen;
  };

  it.each(["shuffled", "with replacement, from a generator of its own"])(
    "%s: with what the workers draw",
    async (name) => {
      const loader = () => make("noisy", { ...orders[name](), numWorkers: 2 });
      defaultGenerator.manualSeed(4);
      const whole = await noisy(loader());
      for (const stop of [1, 5]) {
        defaultGenerator.manualSeed(4);
        const left = loader();
        const seen = await noisy(left, stop);
        const state = structuredClone(left.stateDict());
        const generator = defaultGenerator.getState();
        const resumed = loader();
        resumed.loadStateDict(state);
        defaultGenerator.manualSeed(8).setState(generator);
        expect([...seen, ...(await noisy(resumed))]).toEqual(whole);
      }
    },
  );

  it("the samples before are not read again", async () => {
    const left = make("counted", { batchSize: 4, numWorkers: 2 });
    for await (const _ of left) if (left.stateDict().batches === 4) break;
    const resumed = make("counted", { batchSize: 4, numWorkers: 2 });
    resumed.loadStateDict(left.stateDict());
    const [first] = (await Array.fromAsync(resumed)) as Tensor[][];
    expect([values(first[0]), values(first[1])]).toEqual([
      [16, 17, 18, 19],
      [1, 2, 3, 4],
    ]);
  });

  it("out of order, each sample comes once", async () => {
    const options: Options = { numWorkers: 3, inOrder: false, shuffle: true };
    const left = make("counted", options);
    const seen: number[] = [];
    const take = async (loader: AsyncIterable<unknown>, most: number) => {
      for await (const batch of loader) if (seen.push(...values((batch as Tensor[])[0])) >= most) break;
    };
    await take(left, 25);
    const resumed = make("counted", options);
    resumed.loadStateDict(left.stateDict());
    await take(resumed, length + 1);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
  });

  it.each(["parts", "known"])("a stream of %s goes on in each worker", async (what) => {
    const loader = (numWorkers = 3) =>
      new DataLoader<unknown, unknown>(new Set(), { batchSize: 2, numWorkers, worker, workerArgs: { what } });
    const numbers = (t: unknown) => values(t).map((x) => x % 1000);
    const whole = (await Array.fromAsync(loader())).map(numbers);
    expect(whole.length).toBe(8);
    for (const stop of [3, 6]) {
      const left = loader();
      const seen: number[][] = [];
      for await (const t of left) if (seen.push(numbers(t)) === stop) break;
      const resumed = loader();
      resumed.loadStateDict(structuredClone(left.stateDict()));
      const rest = await Array.fromAsync(resumed);
      expect([...seen, ...rest.map(numbers)]).toEqual(whole);
      // thousands count how often the worker's stream was asked
      if (what === "known") expect(values(rest[0])[0]).toBeLessThan(2000);
      expect(() => loader(2).loadStateDict(left.stateDict())).toThrow(
        "the state is of a stream with numWorkers 3, here it is 2",
      );
    }
  });
});

describe("streams", () => {
  const drawing = {
    *[Symbol.iterator]() {
      for (let i = 0; i < 9; i++) yield tensor([i, defaultGenerator.uniform24()]);
    },
  };
  const later = {
    async *[Symbol.asyncIterator]() {
      yield* drawing;
    },
  };
  class Known {
    at = 0;
    asked = 0;
    *[Symbol.iterator](): IterableIterator<number> {
      for (; this.at < 9; this.asked++) yield this.at++;
      this.at = 0;
    }
    stateDict(): number {
      return this.at;
    }
    loadStateDict(at: number): void {
      this.at = at;
    }
  }
  it.each([
    ["a stream that draws", () => drawing],
    ["one that answers with promises", () => later],
    ["one that says where it stands", () => new Known()],
  ])("%s: the rest of the pass", async (_, make: () => Iterable<unknown> | AsyncIterable<unknown>) => {
    defaultGenerator.manualSeed(6);
    const loader = () => new DataLoader<unknown, unknown>(make(), { batchSize: 2 });
    const states = await run(loader(), 1);
    for (const { seen, loader: state, generator } of states) {
      const resumed = loader();
      resumed.loadStateDict(state);
      defaultGenerator.setState(generator);
      const rest: Seen[] = [];
      for await (const t of resumed) rest.push({ batch: values(t), drawn: defaultGenerator.uniform24() });
      expect([...seen, ...rest]).toEqual(states.at(-1)?.seen);
      if (resumed.dataset instanceof Known) expect(resumed.dataset.asked).toBe(9 - seen.flatMap((s) => s.batch).length);
    }
  });
});

describe("the state of a loader", () => {
  const make = (options: Options = {}) =>
    new DataLoader<unknown, unknown>(new TensorDataset(tensor([1, 2, 3])), { batchSize: 2, ...options });
  const midway = () => {
    const loader = make();
    for (const _ of loader) break;
    return loader.stateDict();
  };

  it("is what was loaded until the next loop begins, and between passes has no batches", () => {
    const state = midway();
    expect(state.batches).toBe(1);
    const loader = make();
    expect(loader.stateDict().batches).toBe(null);
    loader.loadStateDict(state);
    expect(loader.stateDict()).toEqual(state);
    expect([...loader].length).toBe(1);
    expect(loader.stateDict().batches).toBe(null);
    expect([...loader].length).toBe(2);
  });

  it("leaves a generator that others draw from, too, where it was", () => {
    const generator = new Generator(5);
    const loader = make({ shuffle: true, generator });
    for (const _ of loader) {
      generator.random32();
      break;
    }
    const state = structuredClone(loader.stateDict());
    const next = generator.clone().random32();
    const other = new Generator(0);
    const resumed = make({ shuffle: true, generator: other });
    resumed.loadStateDict(state);
    for (const _ of resumed);
    expect(other.random32()).toBe(next);
  });

  it.each<[string, unknown, string]>([
    ["no state", 3, "expected what stateDict() gives, got 3"],
    ["a batch size of another loader", { ...midway(), batchSize: 3 }, "whose batchSize is 3, here it is 2"],
    ["another length", { ...midway(), length: 4 }, "whose length is 4, here it is 3"],
    ["no generator", { ...midway(), start: new Uint8Array(3) }, "the state is damaged"],
    ["negative batches", { ...midway(), batches: -1 }, "the state is damaged"],
    ["one generator more", { ...midway(), generators: [{ start: midway().start, now: null }] }, "has 1 generators"],
  ])("refuses %s", (_, state, message) => {
    const loader = make();
    expect(() => loader.loadStateDict(state as DataLoaderState)).toThrow(message);
    expect(loader.stateDict().batches).toBe(null);
  });
});
