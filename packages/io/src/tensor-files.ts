import { ArgumentError, FormatError, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { writeWhole } from "./files/atomic-write.ts";
import type { FilePath } from "./files/node.ts";
import {
  type FilePlace,
  fromFile,
  type ReadOptions,
  readKinds,
  type ShardReadOptions,
  type Source,
  shardReadKinds,
} from "./files/source.ts";
import { encodeNpy, readNpy } from "./numpy/npy.ts";
import { npzParts, npzPartsCompressed, readNpz } from "./numpy/npz.ts";
import { encodeSafetensors } from "./safetensors/encode.ts";
import { parseSafetensors, readSafetensors } from "./safetensors/parse.ts";
import { indexAt, isIndex, readShards, shardsBeside } from "./safetensors/shards.ts";
import { bytesOnly, type NamedTensors, namesAndTensors, type TensorData, toData, toTensor } from "./tensor-data.ts";

export interface LoadOptions extends ReadOptions {
  /** Where the tensors are made. Default: the default device, and the cpu for dtypes that it does not have (int64 on WebGPU). */
  device?: string | undefined;
}
export const loadKinds: Kinds<LoadOptions> = { device: option.string, ...readKinds };

/** Which tensors of a file with several. */
export interface LoadSomeOptions extends LoadOptions, SomeOptions {}

interface SomeOptions {
  /** The names of the tensors to read; nothing else of the file is. Default: all that can be read. */
  only?: readonly string[] | undefined;
  /**
   * Called for each tensor that is left out, because it holds text, or numbers that Flambeau does not have. Default: a warning on the
   * console. One that `only` names is not left out but an error.
   */
  skipped?: ((name: string, reason: string) => void) | undefined;
}
const someKinds: Kinds<SomeOptions> = { only: option.listOf(option.string), skipped: option.callback };
export const loadSomeKinds: Kinds<LoadSomeOptions> = { ...loadKinds, ...someKinds };

/** Which tensors of one file or of several. */
export interface LoadModelOptions extends ShardReadOptions, SomeOptions {
  /** Where the tensors are made. Default: the default device, and the cpu for dtypes that it does not have (int64 on WebGPU). */
  device?: string | undefined;
}
const loadModelKinds: Kinds<LoadModelOptions> = { device: option.string, ...shardReadKinds, ...someKinds };

export interface SaveOptions {
  /** Strings by name that go into the file beside the tensors. Default: none. */
  metadata?: { readonly [key: string]: string } | undefined;
}
export const saveKinds: Kinds<SaveOptions> = {
  metadata: {
    means: "an object of strings",
    takes: (x): x is object =>
      option.object.takes(x) &&
      [Object.prototype, null].includes(Object.getPrototypeOf(x)) &&
      Object.values(x).every((v) => typeof v === "string"),
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
export async function save(tensors: NamedTensors, path: FilePath, options: SaveOptions = {}): Promise<void> {
  checkOptions("save", saveKinds, options);
  await writeWhole("save", path, await encodeNamed("save", tensors, options));
}

/**
 * Read the tensors of a safetensors file by name, wherever it is: a path, an address, a file that a page was given. The whole header is
 * validated before any tensor is made.
 *
 * Of an index (`model.safetensors.index.json`) the tensors of all the files that it names are read; they lie beside it. From an address come only the parts that are asked
 * for, where the server knows ranges; all of the file where it does not, and with `cache` or `integrity`. A broken connection is taken up again.
 *
 * Unsigned integers come as wider signed ones (U16 as int32, U32 and U64 as int64), floats of 8 bits as float32.
 *
 * @param options.only names of the tensors to read.
 * @param options.skipped is told of tensors that cannot be read.
 * @param options.signal ends the reading; `options.onProgress` is told how far it is.
 * @param options.cache keeps what is behind an address; `options.integrity` is the digest that it must have.
 * @throws FormatError naming file and offset when the file is truncated, corrupt, of another format or not the one of the digest, and when
 * an index and its files disagree; ReadError when a file cannot be read, FetchError when an address cannot, or its server contradicts itself;
 * ArgumentError for what is no path, and a name in `only` that the file does not hold; UnavailableError where there is no file system;
 * DeviceError for an unknown device; the signal's reason.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const model = new nn.Linear(3, 2);
 * await save(model.stateDict(), "model.safetensors");
 * (await load("model.safetensors")).weight.shape; // [2, 3]
 */
export async function load(place: FilePlace, options: LoadModelOptions = {}): Promise<{ [name: string]: Tensor }> {
  checkOptions("load", loadModelKinds, options);
  if (isIndex(place)) {
    const index = await indexAt("load", place, options);
    const { tensors, skipped, file } = await readShards(index, shardsBeside("load", place, options), options.only);
    return named(tensors, skipped, file, options);
  }
  const read = { ...options, integrity: oneDigest("load", options.integrity) };
  return fromFile(
    "load",
    place,
    async (source) => {
      const { tensors, skipped } = await readSafetensors(source, options.only);
      return named(tensors, skipped, source.file, options);
    },
    read,
  );
}

/** The digest of a file that is one. @throws ArgumentError for digests of several. */
export function oneDigest(op: string, integrity: ShardReadOptions["integrity"]): string | undefined {
  if (typeof integrity !== "object") return integrity;
  throw new ArgumentError(op, "the option integrity is a string where there is one file");
}

/**
 * Read the notes of a safetensors file, which {@link save} takes as `metadata`; of an index those that are text. No tensor is read.
 *
 * Shapes: none.
 *
 * @throws FormatError naming file and offset when the file's header is corrupt or of another format; ReadError when it cannot be read,
 * FetchError when an address cannot; ArgumentError for what is no path; UnavailableError where there is no file system.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * await save({ weight: tensor([1, 2]) }, "noted.safetensors", { metadata: { epoch: "3" } });
 * await loadMetadata("noted.safetensors"); // { epoch: "3" }
 */
export async function loadMetadata(place: FilePlace, options: ReadOptions = {}): Promise<{ [key: string]: string }> {
  checkOptions("loadMetadata", readKinds, options);
  if (isIndex(place)) return Object.fromEntries((await indexAt("loadMetadata", place, options)).metadata);
  return fromFile(
    "loadMetadata",
    place,
    async (source) => Object.fromEntries((await readSafetensors(source, [])).metadata),
    options,
  );
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
  return encodeNamed("encode", tensors, options);
}
const encodeNamed = async (op: string, tensors: NamedTensors, { metadata = {} }: SaveOptions): Promise<Uint8Array> =>
  encodeSafetensors(await toData(namesAndTensors(op, tensors)), Object.entries(metadata));

/**
 * What {@link load} reads, from bytes.
 *
 * @param options.file named in error messages.
 * @param options.only names of the tensors to read.
 * @param options.skipped is told of tensors that cannot be read.
 * @throws FormatError naming file and offset when the bytes are truncated, corrupt or of another format; ArgumentError for what is no
 * Uint8Array, and a name in `only` that the bytes do not hold; DeviceError for an unknown device.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encode({ mask: tensor([true, false]) });
 * decode(bytes).mask.dtype; // "bool"
 */
export function decode(
  bytes: Uint8Array,
  options: SomeOptions & { device?: string | undefined; file?: string | undefined } = {},
): { [name: string]: Tensor } {
  checkOptions("decode", { device: option.string, ...someKinds, file: option.string }, options);
  bytesOnly("decode", bytes);
  const { file = "safetensors", only } = options;
  const { tensors, skipped } = parseSafetensors(bytes, { file, only });
  return named(tensors, skipped, file, options);
}

/** The tensors by name, after a word on those that are not among them. */
export function named(
  arrays: ReadonlyMap<string, TensorData>,
  skipped: ReadonlyMap<string, string>,
  file: string,
  options: Pick<LoadSomeOptions, "device" | "skipped">,
): { [name: string]: Tensor } {
  const warn = (name: string, reason: string) => console.warn(`${file}: "${name}" is left out: ${reason}`);
  for (const [name, reason] of skipped) (options.skipped ?? warn)(name, reason);
  return Object.fromEntries([...arrays].map(([name, data]) => [name, toTensor(data, options.device)]));
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
export async function saveNpy(t: Tensor, path: FilePath): Promise<void> {
  const [[, data]] = await toData(namesAndTensors("saveNpy", { t }));
  await writeWhole("saveNpy", path, encodeNpy(data));
}

/**
 * Read the array of an npy file; uint16 comes as int32, uint32 and uint64 as int64.
 *
 * @throws FormatError naming file and offset when the file is truncated or corrupt, or holds a dtype that Flambeau does not have;
 * ReadError when it cannot be read, FetchError when an address cannot; UnavailableError where there is no file system; DeviceError for an unknown device.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.load.html
 * @example
 * await saveNpy(arange(3, { dtype: "int64" }), "index.npy");
 * (await loadNpy("index.npy")).dtype; // "int64"
 */
export async function loadNpy(place: FilePlace, options: LoadOptions = {}): Promise<Tensor> {
  checkOptions("loadNpy", loadKinds, options);
  return toTensor(await fromFile("loadNpy", place, readNpy, options), options.device);
}

export interface SaveNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed` does. Default: false. */
  compress?: boolean | undefined;
}

/**
 * Write tensors as NumPy's npz, as `numpy.savez` does.
 *
 * @throws WriteError when the file cannot be written; the file before is unchanged then. DTypeError for bfloat16. UnavailableError for a
 * tensor without values, on "meta", and where there is no file system.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 * @example
 * await saveNpz({ weight: tensor([[1, 2]]), bias: tensor([3]) }, "linear.npz", { compress: true });
 * (await loadNpz("linear.npz")).bias.tolist(); // [3]
 */
export async function saveNpz(tensors: NamedTensors, path: FilePath, options: SaveNpzOptions = {}): Promise<void> {
  checkOptions("saveNpz", { compress: option.boolean }, options);
  const arrays = await toData(namesAndTensors("saveNpz", tensors));
  await writeWhole("saveNpz", path, await (options.compress ? npzPartsCompressed : npzParts)("saveNpz", arrays));
}

/**
 * Read the arrays of an npz file by name, as `numpy.savez`, `numpy.savez_compressed` and `scipy.sparse.save_npz` write them; unsigned
 * integers as {@link loadNpy} does it. {@link parseNpz} also gives the arrays of text.
 *
 * @param options.only names of the arrays to read.
 * @param options.skipped is told of arrays that cannot be read.
 * @throws FormatError naming file and offset when the file is truncated or corrupt; ReadError when it cannot be read, FetchError when an address cannot; ArgumentError for a name
 * in `only` that the file does not hold; UnavailableError where there is no file system; DeviceError for an unknown device.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.load.html
 * @example
 * await saveNpz({ weight: tensor([[1, 2]]) }, "linear.npz");
 * Object.keys(await loadNpz("linear.npz")); // ["weight"]
 */
export async function loadNpz(place: FilePlace, options: LoadSomeOptions = {}): Promise<{ [name: string]: Tensor }> {
  checkOptions("loadNpz", loadSomeKinds, options);
  const read = async (source: Source) => {
    const { arrays, strings, skipped } = await readNpz(source, options.only);
    const text = [...strings.keys()].map((name) => [name, "it holds text: parseNpz() gives it"] as const);
    if (options.only && text.length > 0)
      throw new FormatError(source.file, 0, `"${text[0][0]}" cannot be a tensor: ${text[0][1]}`);
    return named(arrays, new Map([...skipped, ...text]), source.file, options);
  };
  return fromFile("loadNpz", place, read, options);
}
