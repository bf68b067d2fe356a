import { data, Generator, type Tensor, tensor } from "flambeau";
import { end, type Kind, kinds, kindToken, letterTokens, spelled } from "./alphabet.ts";

/** The tokens of a name: its kind, its letters, the end. */
type Sequence = readonly number[];

export interface NameSets {
  readonly train: readonly Sequence[];
  readonly validation: readonly Sequence[];
  readonly origins: Origins;
}

const validationShare = 0.1;

/** Where a name comes from: "new" is one that is in no list; one that was "held out" is real, but the network has not seen it. */
export type Origin = "trained on" | "held out" | "new";

/** Which spellings a network has learned from, and which it could have. */
export class Origins {
  readonly #trained: ReadonlySet<string>;
  readonly #heldOut: ReadonlySet<string>;

  constructor(trained: ReadonlySet<string>, heldOut: ReadonlySet<string>) {
    this.#trained = trained;
    this.#heldOut = heldOut;
  }

  of(spelling: string): Origin {
    if (this.#trained.has(spelling)) return "trained on";
    return this.#heldOut.has(spelling) ? "held out" : "new";
  }
}

/**
 * The names to learn from and those to validate on, a tenth of the spellings: the same for all seeds, and a name of both kinds is on one side with both.
 * @param lists names by kind, of letters and "-"
 */
export function nameSets(lists: Readonly<Record<Kind, readonly string[]>>): NameSets {
  const all = kinds.flatMap((kind) => lists[kind].map((name) => ({ kind, spelling: spelled(name) })));
  const spellings = Array.from(new Set(all.map(({ spelling }) => spelling)));
  const order = Array.from(new data.RandomSampler(spellings, { generator: new Generator(0) }), (i) => spellings[i]);
  const held = Math.round(spellings.length * validationShare);
  const heldOut = new Set(order.slice(0, held));
  const sequences = (side: boolean): Sequence[] =>
    all
      .filter(({ spelling }) => heldOut.has(spelling) === side)
      .map(({ kind, spelling }) => sequenceOf(kind, spelling));
  return {
    train: sequences(false),
    validation: sequences(true),
    origins: new Origins(new Set(order.slice(held)), heldOut),
  };
}

function sequenceOf(kind: Kind, spelling: string): Sequence {
  const letters = letterTokens(spelling);
  if (!letters) throw new Error(`the name "${spelling}" has other characters than letters and "-"`);
  return [kindToken(kind), ...letters, end];
}

/** Targets that count for nothing: those behind the end. */
const none = -100;

/**
 * Names as a batch: each token is followed by its target, shorter names by padding. Reading from left to right, a network has passed the last letter when
 * it comes to the padding.
 * @returns inputs and targets, int32 [N, L]
 */
export function batchOf(sequences: readonly Sequence[]): [inputs: Tensor, targets: Tensor] {
  const steps = Math.max(...sequences.map(({ length }) => length)) - 1;
  const inputs = new Int32Array(sequences.length * steps).fill(end);
  const targets = new Int32Array(sequences.length * steps).fill(none);
  sequences.forEach((sequence, i) => {
    inputs.set(sequence.slice(0, -1), i * steps);
    targets.set(sequence.slice(1), i * steps);
  });
  const shape = [sequences.length, steps];
  return [tensor(inputs).reshape(shape), tensor(targets).reshape(shape)];
}

/** How many targets count. */
export const countOf = (sequences: readonly Sequence[]): number =>
  sequences.reduce((sum, { length }) => sum + length - 1, 0);

/** Batches of names in random order; without `shuffle` as they stand. */
export const batches = (
  sequences: readonly Sequence[],
  options: { batchSize: number; shuffle?: boolean },
): data.DataLoader<Sequence, ReturnType<typeof batchOf>> =>
  new data.DataLoader(sequences, { ...options, collate: batchOf });
