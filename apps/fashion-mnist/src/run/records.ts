import type { data } from "flambeau";

/** A line of metrics.jsonl: one training step. */
export interface StepRecord {
  readonly kind: "step";
  /** Counted from 1 over the whole run. */
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  /** Share of the batch that was told right, before the step. */
  readonly accuracy: number;
  readonly lr: number;
}

/** A line of metrics.jsonl: the test after an epoch. */
export interface EpochRecord {
  readonly kind: "epoch";
  readonly epoch: number;
  /** The steps made so far. */
  readonly step: number;
  /** Means over the epoch's steps. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Seconds that the epoch took, its test included. */
  readonly seconds: number;
}

export type RunRecord = StepRecord | EpochRecord;

/** summary.json. */
export interface Summary {
  /** Of the weights in model.safetensors; null when the run was stopped before its first test. */
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  /** The epoch after which the weights in model.safetensors were tested. */
  readonly bestEpoch: number | null;
  /** Of training and testing, all sessions of a resumed run together. */
  readonly seconds: number;
  /** The share of training's time in which the loop waited for the next batch. */
  readonly waiting: number | null;
  readonly epochs: number;
  readonly epochsDone: number;
  readonly steps: number;
  readonly interrupted: boolean;
  readonly seed: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly device: string;
  readonly threads: number;
  readonly dataset: string;
  /** Where the images came from, and how. */
  readonly source: data.DataSource;
  readonly reason: string;
  readonly trainImages: number;
  readonly testImages: number;
  readonly parameters: number;
  readonly perClass: { readonly [name: string]: number };
}
