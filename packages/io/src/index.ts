export { encodeCheckpoint, parseCheckpoint } from "./checkpoint/bytes.ts";
export {
  type CheckpointParts,
  loadCheckpoint,
  type Progress,
  restore,
  type Stateful,
  type StatefulGenerator,
  saveCheckpoint,
  snapshot,
} from "./checkpoint/checkpoint.ts";
export type { State } from "./checkpoint/tree.ts";
export { atomicWrite } from "./files/atomic-write.ts";
export { ReadError, WriteError } from "./files/file-errors.ts";
export { FetchError } from "./files/http/fetch-error.ts";
export type { FileProgress } from "./files/http/open.ts";
export type { FilePath } from "./files/node.ts";
export type { AnyFile, BlobLike, FilePlace, ReadOptions, ShardReadOptions } from "./files/source.ts";
export type { GgufValue } from "./gguf/header.ts";
export { loadGguf, openGguf } from "./gguf/open.ts";
export { encodeNpy, parseNpy } from "./numpy/npy.ts";
export { encodeNpz, encodeNpzCompressed, type Npz, type NpzArrays, parseNpz } from "./numpy/npz.ts";
export type { TextArray } from "./numpy/text.ts";
export type { TensorEntry, TensorFile } from "./opened.ts";
export { encodeSafetensors } from "./safetensors/encode.ts";
export { openSafetensors } from "./safetensors/open.ts";
export { parseSafetensors, type Safetensors } from "./safetensors/parse.ts";
export { type SaveShardsOptions, saveShards } from "./safetensors/save-shards.ts";
export type { NamedTensors, TensorData } from "./tensor-data.ts";
export {
  decode,
  encode,
  type LoadModelOptions,
  type LoadOptions,
  type LoadSomeOptions,
  load,
  loadMetadata,
  loadNpy,
  loadNpz,
  type SaveNpzOptions,
  type SaveOptions,
  save,
  saveNpy,
  saveNpz,
} from "./tensor-files.ts";
export { type ListedTensor, type LoadPtOptions, listPt, loadPt } from "./torch/load.ts";
export type { TorchValue } from "./torch/tree.ts";
