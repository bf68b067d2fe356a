export { type Collated, defaultCollate } from "./collate.ts";
export { type Dataset, type IterableDataset, randomSplit, Subset, TensorDataset, type TensorsOf } from "./dataset.ts";
export { digits } from "./datasets/digits.ts";
export { type FashionMnistOptions, fashionMnist, fashionMnistClasses } from "./datasets/fashion-mnist.ts";
export { type FirstNames, firstNames } from "./datasets/first-names.ts";
export { ImageDataset, type ImageDatasetInfo } from "./datasets/images.ts";
export { type MobyDickOptions, mobyDick, type TextData } from "./datasets/moby-dick.ts";
export type { AcquireOptions, DataSource } from "./files/acquire.ts";
export { type GunzipOptions, gunzip } from "./files/gzip.ts";
export { type IdxArray, parseIdx } from "./files/idx.ts";
export { DataLoader, type DataLoaderOptions } from "./loader.ts";
export {
  BatchSampler,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "./sampler.ts";
