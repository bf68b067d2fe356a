import type { Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { atomicWrite } from "./files/atomic-write.ts";
import { readWhole } from "./files/read-whole.ts";
import { encodeNpy, parseNpy } from "./numpy/npy.ts";
import { encodeNpz, parseNpz } from "./numpy/npz.ts";
import { encodeSafetensors } from "./safetensors/encode.ts";
import { parseSafetensors } from "./safetensors/parse.ts";
import { type NamedTensors, namesAndTensors, toData, toTensor } from "./tensor-data.ts";

export interface LoadOptions {
  /** Where the tensors are made. Default: the default device, and the cpu for dtypes that it does not have (int64 on WebGPU). */
  device?: string | undefined;
}
const loadKinds: Kinds<LoadOptions> = { device: option.string };

export interface SaveOptions {
  /** Strings by name that go into the file beside the tensors. Default: none. */
  metadata?: { readonly [key: string]: string } | undefined;
}
const saveKinds: Kinds<SaveOptions> = {
  metadata: {
    means: "an object of strings",
    takes: (x): x is object => option.object.takes(x) && Object.values(x).every((v) => typeof v === "string"),
  },
};

/**
 * Write tensors to a safetensors file, so that the path holds all of them or what it held before.
 *
 * @param tensors by name: a module's `stateDict()`, say.
 * @param options.metadata notes that go into the file's header.
 * @throws WriteError when the file cannot be written; the file before is unchanged then. ArgumentError for a tensor named `__metadata__`.
 * UnavailableError for a tensor without values, on "meta", and where there is no file system: {@link encode} gives the bytes.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * await save({ weight: tensor([[1, 2], [3, 4]]) }, "weight.safetensors");
 * (await load("weight.safetensors")).weight.shape; // [2, 2]
 */
export async function save(tensors: NamedTensors, path: string, options: SaveOptions = {}): Promise<void> {
  checkOptions("save", saveKinds, options);
  await atomicWrite(path, await encode(tensors, options));
}

/**
 * Read the tensors of a safetensors file by name. The whole file is validated before any tensor is made.
 *
 * @throws FormatError naming file and offset when the file is truncated or corrupt; the system's error when it cannot be read;
 * UnavailableError where there is no file system; DeviceError for an unknown device.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const model = new nn.Linear(3, 2);
 * await save(model.stateDict(), "model.safetensors");
 * (await load("model.safetensors")).weight.shape; // [2, 3]
 */
export async function load(path: string, options: LoadOptions = {}): Promise<{ [name: string]: Tensor }> {
  checkOptions("load", loadKinds, options);
  return decode(await readWhole(path), { ...options, file: path });
}

/**
 * The bytes that {@link save} writes, for where there is no file system.
 *
 * @throws ArgumentError for a tensor named `__metadata__`; UnavailableError for a tensor without values, on "meta".
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encode({ weight: tensor([1, 2]) }, { metadata: { epoch: "3" } });
 * decode(bytes).weight.tolist(); // [1, 2]
 */
export async function encode(tensors: NamedTensors, options: SaveOptions = {}): Promise<Uint8Array> {
  checkOptions("encode", saveKinds, options);
  return encodeSafetensors(await toData(namesAndTensors(tensors)), Object.entries(options.metadata ?? {}));
}

/**
 * What {@link load} reads, from bytes.
 *
 * @param options.file named in error messages.
 * @throws FormatError naming file and offset when the bytes are truncated or corrupt; DeviceError for an unknown device.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encode({ mask: tensor([true, false]) });
 * decode(bytes).mask.dtype; // "bool"
 */
export function decode(
  bytes: Uint8Array,
  options: LoadOptions & { file?: string | undefined } = {},
): { [name: string]: Tensor } {
  checkOptions("decode", { ...loadKinds, file: option.string }, options);
  const { tensors } = parseSafetensors(bytes, { file: options.file });
  return Object.fromEntries([...tensors].map(([name, data]) => [name, toTensor(data, options.device)]));
}

/**
 * Write a tensor as NumPy's npy, to be read by `numpy.load`.
 *
 * @throws WriteError when the file cannot be written; the file before is unchanged then. DTypeError for bfloat16. UnavailableError for a
 * tensor without values, on "meta", and where there is no file system.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.save.html
 * @example
 * await saveNpy(tensor([[1, 2], [3, 4]]), "weight.npy");
 * (await loadNpy("weight.npy")).tolist(); // [[1, 2], [3, 4]]
 */
export async function saveNpy(t: Tensor, path: string): Promise<void> {
  const [[, data]] = await toData([["", t]]);
  await atomicWrite(path, encodeNpy(data));
}

/**
 * Read the array of an npy file.
 *
 * @throws FormatError naming file and offset when the file is truncated or corrupt, or holds a dtype that Flambeau does not have; the
 * system's error when it cannot be read; UnavailableError where there is no file system; DeviceError for an unknown device.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.load.html
 * @example
 * await saveNpy(arange(3, { dtype: "int64" }), "index.npy");
 * (await loadNpy("index.npy")).dtype; // "int64"
 */
export async function loadNpy(path: string, options: LoadOptions = {}): Promise<Tensor> {
  checkOptions("loadNpy", loadKinds, options);
  return toTensor(parseNpy(await readWhole(path), { file: path }), options.device);
}

/**
 * Write tensors as NumPy's npz, as `numpy.savez` does.
 *
 * @throws WriteError when the file cannot be written; the file before is unchanged then. DTypeError for bfloat16. ArgumentError for more
 * than 4 GiB. UnavailableError for a tensor without values, on "meta", and where there is no file system.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 * @example
 * await saveNpz({ weight: tensor([[1, 2]]), bias: tensor([3]) }, "linear.npz");
 * (await loadNpz("linear.npz")).bias.tolist(); // [3]
 */
export async function saveNpz(tensors: NamedTensors, path: string): Promise<void> {
  await atomicWrite(path, encodeNpz(await toData(namesAndTensors(tensors))));
}

/**
 * Read the arrays of an npz file by name, as `numpy.savez` and `numpy.savez_compressed` write them.
 *
 * @throws FormatError naming file and offset when the file is truncated or corrupt; the system's error when it cannot be read;
 * UnavailableError where there is no file system; DeviceError for an unknown device.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.load.html
 * @example
 * await saveNpz({ weight: tensor([[1, 2]]) }, "linear.npz");
 * Object.keys(await loadNpz("linear.npz")); // ["weight"]
 */
export async function loadNpz(path: string, options: LoadOptions = {}): Promise<{ [name: string]: Tensor }> {
  checkOptions("loadNpz", loadKinds, options);
  const arrays = await parseNpz(await readWhole(path), { file: path });
  return Object.fromEntries([...arrays].map(([name, data]) => [name, toTensor(data, options.device)]));
}
