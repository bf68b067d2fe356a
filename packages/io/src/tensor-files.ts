import type { Tensor } from "@flambeau/tensor/functional";
import { atomicWrite } from "./files/atomic-write.ts";
import { readWhole } from "./files/read-whole.ts";
import { encodeNpy, parseNpy } from "./numpy/npy.ts";
import { encodeNpz, parseNpz } from "./numpy/npz.ts";
import { encodeSafetensors } from "./safetensors/encode.ts";
import { parseSafetensors } from "./safetensors/parse.ts";
import { type NamedTensors, namesAndTensors, toData, toTensor } from "./tensor-data.ts";

export interface LoadOptions {
  /** Where the tensors are made. Default: the default device, and the cpu for dtypes that it does not have (int64 on WebGPU). */
  device?: string;
}

/**
 * Write tensors to a safetensors file, so that the path holds all of them or what it held before.
 *
 * @param tensors by name: a module's `stateDict()`, say.
 * @throws WriteError when the file cannot be written; the file before is unchanged then.
 * @example
 * await save({ weight: tensor([[1, 2], [3, 4]]) }, "weight.safetensors");
 * (await load("weight.safetensors")).weight.shape; // [2, 2]
 */
export async function save(
  tensors: NamedTensors,
  path: string,
  options: { metadata?: { readonly [key: string]: string } } = {},
): Promise<void> {
  await atomicWrite(path, await encode(tensors, options));
}

/**
 * Read the tensors of a safetensors file by name. The whole file is validated before any tensor is made.
 * @throws FormatError naming file and offset when the file is truncated or corrupt.
 */
export async function load(path: string, options: LoadOptions = {}): Promise<{ [name: string]: Tensor }> {
  return decode(await readWhole(path), { ...options, file: path });
}

/** The bytes that {@link save} writes, for where there is no file system. */
export async function encode(
  tensors: NamedTensors,
  options: { metadata?: { readonly [key: string]: string } } = {},
): Promise<Uint8Array> {
  return encodeSafetensors(await toData(namesAndTensors(tensors)), Object.entries(options.metadata ?? {}));
}

/** What {@link load} reads, from bytes. */
export function decode(bytes: Uint8Array, options: LoadOptions & { file?: string } = {}): { [name: string]: Tensor } {
  const { tensors } = parseSafetensors(bytes, options);
  return Object.fromEntries([...tensors].map(([name, data]) => [name, toTensor(data, options.device)]));
}

/** Write a tensor as NumPy's npy, to be read by `numpy.load`. */
export async function saveNpy(t: Tensor, path: string): Promise<void> {
  const [[, data]] = await toData([["", t]]);
  await atomicWrite(path, encodeNpy(data));
}

/** Read the array of an npy file. @throws FormatError naming file and offset. */
export async function loadNpy(path: string, options: LoadOptions = {}): Promise<Tensor> {
  return toTensor(parseNpy(await readWhole(path), { file: path }), options.device);
}

/** Write tensors as NumPy's npz, as `numpy.savez` does. */
export async function saveNpz(tensors: NamedTensors, path: string): Promise<void> {
  await atomicWrite(path, encodeNpz(await toData(namesAndTensors(tensors))));
}

/** Read the arrays of an npz file by name. @throws FormatError naming file and offset. */
export async function loadNpz(path: string, options: LoadOptions = {}): Promise<{ [name: string]: Tensor }> {
  const arrays = await parseNpz(await readWhole(path), { file: path });
  return Object.fromEntries([...arrays].map(([name, data]) => [name, toTensor(data, options.device)]));
}
