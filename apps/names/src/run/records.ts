import type { Cell, Kind, Origin } from "../model/index.ts";

/** A line of metrics.jsonl: one training step. */
export interface StepRecord {
  readonly kind: "step";
  /** Counted from 1 over the whole run. */
  readonly step: number;
  readonly epoch: number;
  /** Nats that a letter of the batch cost, before the step. */
  readonly loss: number;
  readonly lr: number;
}

/** A name that the network has made up. */
export interface Sample {
  readonly name: string;
  readonly kind: Kind;
  readonly origin: Origin;
}

/** A line of metrics.jsonl: what the network has come to after an epoch. */
export interface EpochRecord {
  readonly kind: "epoch";
  readonly epoch: number;
  /** The steps made so far. */
  readonly step: number;
  /** Mean over the epoch's steps. */
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly samples: readonly Sample[];
  /** Seconds that the epoch took, with its validation. */
  readonly seconds: number;
}

export type RunRecord = StepRecord | EpochRecord;

/** summary.json. */
export interface Summary {
  /** Of the weights in model.safetensors, in nats for a letter; null when the run was stopped before its first validation. */
  readonly validationLoss: number | null;
  readonly bestEpoch: number | null;
  /** Of training and validating, all sessions of a resumed run together. */
  readonly seconds: number;
  readonly epochs: number;
  readonly epochsDone: number;
  readonly steps: number;
  readonly interrupted: boolean;
  readonly cell: Cell;
  readonly hidden: number;
  readonly seed: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly device: string;
  readonly threads: number;
  readonly trainNames: number;
  readonly validationNames: number;
  readonly parameters: number;
  /** What those weights make up. */
  readonly samples: readonly Sample[];
}
