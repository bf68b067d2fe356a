// What every page and its training worker say to each other; each page adds to it.
import type { DeviceMemory } from "flambeau";

export type DeviceName = "cpu" | "webgpu";

/** What a visitor sets. */
export interface Settings {
  readonly learningRate: number;
  readonly batchSize: number;
  /** Passes over the training set after which it pauses by itself. */
  readonly epochs: number;
}

/** Page to worker. */
export type Request =
  | { readonly type: "open"; readonly device: DeviceName }
  | { readonly type: "train"; readonly settings: Settings }
  | { readonly type: "settings"; readonly settings: Settings }
  | { readonly type: "pause" };

/** The state of training, sent about ten times a second. */
export interface Progress {
  readonly type: "progress";
  /** Steps so far; the losses are those of the last ones up to it. */
  readonly step: number;
  readonly epoch: number;
  readonly losses: Float32Array;
  /** Images, names or characters that were trained on in a second. */
  readonly perSecond: number;
  readonly memory: Readonly<Record<string, DeviceMemory>>;
  /** One line about the device: how many threads there are is known once they were wanted. */
  readonly info: string;
}

/** What the network was found to do on data that it does not learn from. */
export interface Measured {
  readonly type: "measured";
  readonly step: number;
  readonly epoch: number;
  readonly value: number;
}

/** Worker to page. */
export type Report =
  /** `data` is a sentence about what it learns from. */
  | { readonly type: "opened"; readonly info: string; readonly data: string }
  | Progress
  | Measured
  | { readonly type: "stopped"; readonly reason: "paused" | "finished" }
  | { readonly type: "failed"; readonly message: string };
