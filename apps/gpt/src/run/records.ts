import type { data } from "flambeau";

/** A line of metrics.jsonl: one training step. */
export interface StepRecord {
  readonly kind: "step";
  /** Counted from 1. */
  readonly step: number;
  /** Mean over the batch, in nats a character, before the step. */
  readonly loss: number;
  readonly lr: number;
}

/** A line of metrics.jsonl: a validation, and what the model wrote then. */
export interface TestRecord {
  readonly kind: "test";
  /** The steps made so far. */
  readonly step: number;
  /** Mean over the steps since the last one. */
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly sample: string;
}

export type RunRecord = StepRecord | TestRecord;

/** summary.json. */
export interface Summary {
  /** Of the weights in model.safetensors, in nats a character; null when the run was stopped before its first validation. */
  readonly validationLoss: number | null;
  /** The step after which these were validated. */
  readonly bestStep: number | null;
  /** Of training and validating, all sessions of a resumed run together. */
  readonly seconds: number;
  readonly steps: number;
  readonly stepsDone: number;
  readonly interrupted: boolean;
  readonly seed: number;
  readonly batchSize: number;
  readonly block: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly lr: number;
  readonly device: string;
  readonly threads: number;
  readonly dataset: string;
  /** Where the text came from, and how. */
  readonly source: data.DataSource;
  readonly reason: string;
  readonly trainCharacters: number;
  readonly validationCharacters: number;
  /** Different characters. */
  readonly vocabulary: number;
  readonly parameters: number;
  /** What the best weights write at the end; null when there are none. */
  readonly text: string | null;
}
