export { type ChartOptions, curves, type Series, type Surface, scatter } from "./chart.ts";
export { type ConfusionOptions, confusionMatrix } from "./confusion.ts";
export { type HistogramOptions, histogram } from "./histogram.ts";
export { type ImageOptions, image, images } from "./images.ts";
export type { Numbers, Rows } from "./numbers.ts";
export { Plot } from "./plot.ts";
export { ticks, widened } from "./scale.ts";
export { escapeXml } from "./svg.ts";
