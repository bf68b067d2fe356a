import { defaultGenerator, FormatError, type Generator } from "@flambeau/tensor/functional";
import { option, show } from "@flambeau/tensor/plugin";
import { isStateful, type StatefulSource } from "./fetch.ts";
import type { WorkerPosition } from "./workers/pass.ts";

/** Where a `DataLoader` stands: plain values, which `io.saveCheckpoint` and `structuredClone` take. Make and read it with the loader. */
export interface DataLoaderState {
  readonly version: 1;
  /** Batches that the loop has had of the pass under way; null between passes. */
  readonly batches: number | null;
  /** With `inOrder: false`: the numbers of those that it had before their turn. */
  readonly ahead: readonly number[];
  /** What the pass is made of; null for what has no length. */
  readonly length: number | null;
  readonly batchSize: number;
  /** The default generator when the pass began. */
  readonly start: Uint8Array | null;
  /** The loader's and its samplers' own generators: when the pass began, and now, where something else draws from them, too. */
  readonly generators: readonly { readonly start: Uint8Array | null; readonly now: Uint8Array | null }[];
  /** What samplers that have a `stateDict` said when the pass began. */
  readonly samplers: readonly unknown[];
  /** What a stream that has a `stateDict` says of itself. */
  readonly dataset: unknown;
  /** Whether the stream was over behind its last batch. */
  readonly over: boolean;
  /** Where the workers stood after the last batch that the loop had of them; null for those that gave none. */
  readonly workers: readonly (WorkerPosition | null)[];
  /** The worker that gives the next batch. */
  readonly turn: number;
}

/** What draws the order of a pass. */
export class Order {
  /** Generators beside the default one. */
  readonly generators: readonly Generator[];
  readonly samplers: readonly StatefulSource[];

  /** A sampler leads to others by its `sampler`, and to its source of numbers by its `generator`, as PyTorch's do. */
  constructor(generator: Generator | undefined, sampler: unknown) {
    const generators = new Set<Generator>();
    const samplers = new Set<StatefulSource>();
    const add = (x: unknown) => {
      if (option.generator.takes(x) && x !== defaultGenerator) generators.add(x as Generator); // by the check
    };
    add(generator);
    const seen = new Set<unknown>();
    for (let at = sampler; option.object.takes(at) && !seen.has(at); at = Reflect.get(at, "sampler")) {
      seen.add(at);
      add(Reflect.get(at, "generator"));
      if (isStateful(at)) samplers.add(at);
    }
    this.generators = [...generators];
    this.samplers = [...samplers];
  }
}

/** A pass under way: what it began with, and how far the loop has come. */
export class Position {
  readonly start = defaultGenerator.getState();
  readonly #order: Order;
  readonly #starts: readonly Uint8Array[];
  readonly #samplers: readonly unknown[];
  /** The own generators when the sampler was last asked. */
  #drawn: readonly Uint8Array[];
  batches = 0;
  ahead: number[] = [];
  workers: (WorkerPosition | null)[] = [];
  turn = 0;
  over = false;

  constructor(order: Order) {
    this.#order = order;
    this.#starts = this.#drawn = order.generators.map((g) => g.getState());
    this.#samplers = order.samplers.map((sampler) => sampler.stateDict());
  }

  /** The sampler was asked: what it has drawn by now. */
  asked(): void {
    if (this.#order.generators.length > 0) this.#drawn = this.#order.generators.map((g) => g.getState());
  }

  /** The loop gets the batch of this number. */
  had(number = this.batches): void {
    this.ahead.push(number);
    for (let at = this.ahead.indexOf(this.batches); at >= 0; at = this.ahead.indexOf(this.batches)) {
      this.ahead.splice(at, 1);
      this.batches++;
    }
  }

  state(dataset: unknown): Omit<DataLoaderState, "version" | "length" | "batchSize"> {
    const { batches, start, turn, over } = this;
    const generators = this.#order.generators.map((g, i) => {
      const now = g.getState();
      return { start: this.#starts[i], now: same(now, this.#drawn[i]) ? null : now };
    });
    return {
      ...{ batches, start, turn, over, generators, dataset },
      ahead: [...this.ahead],
      samplers: this.#samplers,
      workers: [...this.workers],
    };
  }
}

/** Between passes there are the own generators alone. */
export const restingState = (order: Order): Omit<DataLoaderState, "version" | "length" | "batchSize"> => ({
  ...{ batches: null, ahead: [], start: null, samplers: [], dataset: null, workers: [], turn: 0, over: false },
  generators: order.generators.map((g) => ({ start: null, now: g.getState() })),
});

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** @throws FormatError for what no loader like this one has given. */
export function checkState(
  given: unknown,
  own: { readonly length: number | null; readonly batchSize: number; readonly order: Order },
): asserts given is DataLoaderState {
  const bad = (problem: string, hint?: string): never => {
    throw new FormatError("DataLoader.loadStateDict", 0, problem, hint);
  };
  if (!isRecord(given) || given.version !== 1) return bad(`expected what stateDict() gives, got ${show(given)}`);
  const { batches, ahead, start, generators, samplers, workers, turn, over } = given;
  const count = (x: unknown) => Number.isSafeInteger(x) && (x as number) >= 0;
  const bytes = (x: unknown) => x === null || x instanceof Uint8Array;
  if (
    !(batches === null ? start === null : count(batches) && isGenerator(start)) ||
    !(Array.isArray(ahead) && ahead.every(count)) ||
    !(
      Array.isArray(generators) &&
      generators.every(
        (g) =>
          isRecord(g) &&
          bytes(g.start) &&
          bytes(g.now) &&
          (batches === null ? isGenerator(g.now) : isGenerator(g.start)),
      )
    ) ||
    !Array.isArray(samplers) ||
    !(Array.isArray(workers) && workers.every(isPosition)) ||
    !count(turn) ||
    typeof over !== "boolean"
  )
    return bad("the state is damaged");
  for (const name of ["length", "batchSize"] as const)
    if (given[name] !== own[name])
      bad(
        `the state is of a loader whose ${name} is ${show(given[name])}, here it is ${own[name]}`,
        "make the loader as it was when the state was saved",
      );
  const [theirs, ours] = [generators.length, own.order.generators.length];
  if (theirs !== ours) bad(`the state has ${theirs} generators beside the default one, the loader has ${ours}`);
  if (batches !== null && samplers.length !== own.order.samplers.length)
    bad(`the state has ${samplers.length} samplers with a state, the loader has ${own.order.samplers.length}`);
}

const isRecord = (x: unknown): x is { readonly [key: string]: unknown } =>
  typeof x === "object" && x !== null && !Array.isArray(x);
const isGenerator = (x: unknown): boolean => x instanceof Uint8Array && x.length === defaultGenerator.getState().length;
const isPosition = (x: unknown): boolean =>
  x === null || (isRecord(x) && Number.isSafeInteger(x.batches) && isGenerator(x.generator));
