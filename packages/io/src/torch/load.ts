import { FormatError, neg, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, viewOf } from "@flambeau/tensor/plugin";
import { refuseOtherFormat } from "../files/other-formats.ts";
import { type AnyFile, fromAny, type ReadOptions, readKinds, type Source } from "../files/source.ts";
import { Members } from "../members.ts";
import { toTensor } from "../tensor-data.ts";
import { swapBytes, widen } from "../widen.ts";
import { torchDTypes } from "./dtypes.ts";
import { openLegacy } from "./legacy-file.ts";
import type { TorchFile } from "./storages.ts";
import { plain, type TorchValue, tensorsOf } from "./tree.ts";
import type { StorageRef, TensorRef } from "./values.ts";
import { openZip } from "./zip-file.ts";

/** How a file of PyTorch's is read. */
export interface LoadPtOptions extends ReadOptions {
  /** Where the tensors are made. Default: the default device, and the cpu for dtypes that it does not have (int64 on WebGPU). */
  device?: string | undefined;
  /**
   * The names of the tensors to read, as {@link listPt} gives them; of the others nothing is read, and they are left out of the data (in lists
   * null stands for them). Default: all.
   */
  only?: readonly string[] | undefined;
  /**
   * Called for each tensor that is left out because Flambeau does not hold its kind: complex numbers, 8-bit floats, sparse and quantized
   * tensors. Default: such a tensor is an error.
   */
  skipped?: ((name: string, reason: string) => void) | undefined;
  /** What messages call bytes and blobs. Default: "pt", or the name of the page's file. */
  file?: string | undefined;
}
const loadKinds: Kinds<LoadPtOptions> = {
  ...readKinds,
  device: option.string,
  only: option.listOf(option.string),
  skipped: option.callback,
  file: option.string,
};

/** A tensor in a file. */
export interface ListedTensor {
  /** PyTorch's name of it: "float32", "complex64"... */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Why Flambeau cannot read it, where that is so. */
  readonly reason?: string;
}

/**
 * Read what `torch.save` wrote: a state dict, a checkpoint, any plain data with tensors in them. Nothing of the file is run. The pickle in it
 * may name what tensors and plain data are made of, and all else is refused: save `model.state_dict()`, and not the model.
 *
 * Dicts are objects (Maps where keys are no strings, or numbers out of order), lists and tuples arrays, None is null, dtypes and devices are
 * their names, a complex number is `{ re, im }`; integers beyond 2^53 are bigints. Tensors that share memory in the file share it here.
 * Unsigned integers come as wider signed ones: uint16 as int32, uint32 and uint64 as int64. Reads the format of PyTorch 1.6 and later and
 * the one before it. What the file is expected to hold is the type parameter, which nothing checks.
 *
 * @param from a path, URL or address, a `Blob`, or bytes.
 * @param options.only names of the tensors to read.
 * @param options.skipped is told of tensors that cannot be read.
 * @throws FormatError naming file and offset when the file is truncated, corrupt, or of another format, names what is not in the list, or holds
 * a tensor that Flambeau cannot (`only` reads the others); ReadError when it cannot be read, FetchError when an address cannot; ArgumentError for what is no file, and a name in
 * `only` that it does not hold; UnavailableError where there is no file system; DeviceError for an unknown device.
 * @see https://docs.pytorch.org/docs/stable/notes/serialization.html
 * @example
 * // in Python: torch.save({"w": torch.tensor([1.0, 2.0]), "epoch": 3}, "run.pt"); loadPt("run.pt") reads it where it is
 * const base64 =
 *   "gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9LoACfShVAXdjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcgooKFUHc3RvcmFnZWN0b3JjaApGb" +
 *   "G9hdFN0b3JhZ2UKVQEwVQNjcHVLAk50UUsASwKFSwGFdFJVBWVwb2NoSwN1LoACXVUBMGEuAgAAAAAAAAAAAIA/AAAAQA==";
 * const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
 * const run = await loadPt<{ w: Tensor; epoch: number }>(bytes);
 * run.epoch; // 3
 * run.w.tolist(); // [1, 2]
 */
export async function loadPt<T = TorchValue>(from: AnyFile, options: LoadPtOptions = {}): Promise<T> {
  checkOptions("loadPt", loadKinds, options);
  const use = async (source: Source) => {
    const opened = await open(source);
    const made = await read(opened, tensorsOf(opened.value, source.file), source.file, options);
    return plain(opened.value, made) as T; // as documented
  };
  return fromAny("loadPt", from, nameOf(from, options), use, options);
}

/**
 * What tensors a file of `torch.save` holds, by the keys that lead to them: `model.fc.weight` is `weight` in the state dict `fc` of `model`.
 * The file is validated as a whole, and no element is read.
 *
 * @param from a path, URL or address, a `Blob`, or bytes.
 * @throws FormatError naming file and offset when the file is truncated, corrupt, or of another format, or names what Flambeau does not read;
 * ReadError when it cannot be read, FetchError when an address cannot; ArgumentError for what is no file; UnavailableError where there is no file system.
 * @see https://docs.pytorch.org/docs/stable/notes/serialization.html
 * @example
 * const base64 =
 *   "gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9LoACfShVAXdjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcgooKFUHc3RvcmFnZWN0b3JjaApGb" +
 *   "G9hdFN0b3JhZ2UKVQEwVQNjcHVLAk50UUsASwKFSwGFdFJVBWVwb2NoSwN1LoACXVUBMGEuAgAAAAAAAAAAAIA/AAAAQA==";
 * const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)); // or a path: listPt("run.pt")
 * await listPt(bytes); // { w: { dtype: "float32", shape: [2] } }
 */
export async function listPt(
  from: AnyFile,
  options: ReadOptions & { file?: string | undefined } = {},
): Promise<{ [name: string]: ListedTensor }> {
  checkOptions("listPt", { ...readKinds, file: option.string }, options);
  const use = async (source: Source) => {
    const tensors = tensorsOf((await open(source)).value, source.file);
    return Object.fromEntries(
      Array.from(tensors, ([name, { fields }]) => {
        const { dtype, shape, reason } = fields;
        return [name, { dtype, shape, ...(reason !== undefined && { reason }) }];
      }),
    );
  };
  return fromAny("listPt", from, nameOf(from, options), use, options);
}

const nameOf = (from: AnyFile, { file }: { readonly file?: string | undefined }): string =>
  file ??
  (typeof from === "object" && from !== null && "name" in from && typeof from.name === "string" ? from.name : "pt");

/** The tar files of PyTorch before 0.2 have this word here. */
const tarAt = 257;

/** @throws FormatError for what is no file of PyTorch's. */
async function open(source: Source): Promise<TorchFile> {
  const { file, size } = source;
  const head = await source.read(0, Math.min(size, tarAt + 5));
  const starts = (...bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x50, 0x4b, 3, 4)) return openZip(source);
  // a magic number of ten bytes comes first
  if (starts(0x80) && head[2] === 0x8a && head[3] === 0x0a) return openLegacy(source);
  if (new TextDecoder("latin1").decode(head.subarray(tarAt)) === "ustar")
    throw new FormatError(
      file,
      0,
      "this is a tar archive, as PyTorch before 0.2 wrote them",
      "save it again with a newer PyTorch",
    );
  refuseOtherFormat(head, "a file of torch.save", file);
  throw new FormatError(
    file,
    0,
    "not a file of torch.save: it starts neither as a zip archive nor as the format before that",
  );
}

/** The tensors that are wanted, on their device. Storages are read once, one after the other. */
async function read(
  opened: TorchFile,
  tensors: ReadonlyMap<string, TensorRef>,
  file: string,
  { only, skipped, device }: LoadPtOptions,
): Promise<Map<TensorRef, Tensor>> {
  const members = new Members<TensorRef>(file, only);
  const all = Array.from(tensors, ([name, tensor]) => ({ name, tensor }));
  const leave = (name: string, reason: string): void => {
    const problem = `the tensor ${JSON.stringify(name)} cannot be read: ${reason}`;
    if (only || !skipped)
      throw new FormatError(
        file,
        0,
        problem,
        "read the others: { only: [...] } names those to read, { skipped } is told of those left out",
      );
    skipped(name, reason);
  };
  const byStorage = new Map<StorageRef, Map<TensorRef, string>>();
  for (const { name, tensor } of members.choose(all)) {
    const { storage, reason } = tensor.fields;
    if (reason !== undefined || !storage) {
      leave(name, reason ?? "it has no elements");
      continue;
    }
    const on = byStorage.get(storage) ?? new Map<TensorRef, string>();
    byStorage.set(storage, on.set(tensor, name));
  }
  const made = new Map<TensorRef, Tensor>();
  try {
    for (const [storage, on] of byStorage) {
      const dtype = storage.taken ?? storage.dtype;
      const held = torchDTypes.get(dtype);
      const bytes = await opened.read(storage);
      const { unit = 1, holds } = held ?? {};
      const ordered = opened.bigEndian && unit > 1 ? swapBytes(bytes, unit) : bytes;
      const shape = [bytes.length / (held?.bytes ?? 1)];
      const data =
        typeof holds === "number" ? widen(ordered, holds, shape) : holds && { dtype: holds, shape, bytes: ordered };
      if (data === undefined) {
        for (const name of on.values()) leave(name, `it is of dtype ${dtype} and holds numbers beyond int64`);
        continue;
      }
      placeOn(toTensor(data, device), on.keys(), made);
    }
  } catch (error) {
    for (const tensor of made.values()) tensor.dispose();
    throw error;
  }
  return made;
}

/** The windows of tensors on the memory of their storage, which is theirs from now on. */
function placeOn(memory: Tensor, tensors: Iterable<TensorRef>, made: Map<TensorRef, Tensor>): void {
  let turned: Tensor | undefined;
  try {
    for (const tensor of tensors) {
      const { shape, strides, offset, negative, requiresGrad } = tensor.fields;
      if (negative) turned ??= neg(memory);
      const window = viewOf(negative && turned ? turned : memory, shape, strides, offset, "loadPt");
      made.set(tensor, window);
      if (requiresGrad) window.requiresGrad = true;
    }
  } finally {
    turned?.dispose();
    memory.dispose();
  }
}
