export { EventFileError } from "./event-file.ts";
export type { Bins } from "./histogram.ts";
export type { DataFormats } from "./image.ts";
export {
  type EventOptions,
  type HistogramOptions,
  type HparamsOptions,
  type ImageOptions,
  type ScalarOptions,
  SummaryWriter,
  type SummaryWriterOptions,
} from "./writer.ts";
