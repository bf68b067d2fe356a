export {
  type Collated,
  type Collator,
  type Converted,
  collateWith,
  defaultCollate,
  defaultConvert,
} from "./collate.ts";
export { ConcatDataset, MapDataset, type SampleOf, StackDataset, type StackedSample } from "./combined.ts";
export {
  type Dataset,
  randomSplit,
  type SampleStream,
  type Samples,
  Subset,
  TensorDataset,
  type TensorsOf,
} from "./dataset.ts";
export { digits } from "./datasets/digits.ts";
export { type FashionMnistOptions, fashionMnist, fashionMnistClasses } from "./datasets/fashion-mnist.ts";
export { type FirstNames, firstNames } from "./datasets/first-names.ts";
export { ImageDataset, type ImageDatasetInfo } from "./datasets/images.ts";
export { iris, type TableData } from "./datasets/iris.ts";
export { type MobyDickOptions, mobyDick, type TextData } from "./datasets/moby-dick.ts";
export type { AcquireOptions, DataSource } from "./files/acquire.ts";
export { type GunzipOptions, gunzip } from "./files/gzip.ts";
export { type IdxArray, parseIdx } from "./files/idx.ts";
export { DataLoader } from "./loader.ts";
export type { DataLoaderOptions } from "./loader-options.ts";
export type { DataLoaderState } from "./loader-state.ts";
export { type PadCollateOptions, type Padded, padCollate } from "./padding.ts";
export {
  BatchSampler,
  DistributedSampler,
  type DistributedSamplerOptions,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "./sampler.ts";
export { ChainDataset, IterableDataset } from "./stream.ts";
export { getWorkerInfo, type WorkerInfo } from "./workers/info.ts";
export type { LoaderWorker, WorkerSource } from "./workers/pool.ts";
export { type Served, type ServeOptions, serveDataset } from "./workers/serve.ts";
export { WorkerError } from "./workers/worker-error.ts";
