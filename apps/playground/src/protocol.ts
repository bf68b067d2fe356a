// What the page and its training worker say to each other.
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
  | { readonly type: "pause" }
  | { readonly type: "classify"; readonly id: number; readonly pixels: Float32Array<ArrayBuffer> }
  | { readonly type: "sample"; readonly digit: number };

/** The state of training, sent about ten times a second. */
export interface Progress {
  readonly type: "progress";
  /** Steps so far; the losses are those of the last ones up to it. */
  readonly step: number;
  readonly epoch: number;
  readonly losses: Float32Array;
  readonly imagesPerSecond: number;
  readonly memory: Readonly<Record<string, DeviceMemory>>;
  /** One line about the device: how many threads there are is known once they were wanted. */
  readonly info: string;
}

/** Worker to page. */
export type Report =
  | { readonly type: "opened"; readonly info: string; readonly trainImages: number; readonly testImages: number }
  | Progress
  | { readonly type: "accuracy"; readonly step: number; readonly epoch: number; readonly accuracy: number }
  | { readonly type: "stopped"; readonly reason: "paused" | "finished" }
  | { readonly type: "probabilities"; readonly id: number; readonly probabilities: Float32Array }
  | {
      readonly type: "sample";
      readonly digit: number;
      readonly index: number;
      readonly pixels: Float32Array<ArrayBuffer>;
    }
  | { readonly type: "failed"; readonly message: string };
