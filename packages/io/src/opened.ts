import { ArgumentError, type DType, FormatError, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, option, show } from "@flambeau/tensor/plugin";
import { type TensorData, toTensor } from "./tensor-data.ts";

/** A tensor of a file that is open. */
export interface TensorEntry {
  /** What the tensor will be; undefined for what Flambeau cannot hold. */
  readonly dtype: DType | undefined;
  /** The format's own name of its numbers: "F8_E4M3", "Q4_K". */
  readonly format: string;
  readonly shape: readonly number[];
  /** Bytes that it takes in the file. */
  readonly byteLength: number;
}

/** An entry, and how it is read. */
export interface ReadableEntry extends TensorEntry {
  /** The elements, or why Flambeau cannot hold them. */
  read(): Promise<TensorData | string>;
  raw(): Promise<Uint8Array>;
}

/** A file whose tensors are read one by one, when they are asked for. */
export interface TensorFile<Notes> extends AsyncDisposable {
  /** The file's path or address. */
  readonly file: string;
  /** The file's notes, as plain data. */
  readonly metadata: Notes;
  /** What is in it, by name. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /**
   * Read one tensor.
   *
   * @throws ArgumentError for a name that is not there; FormatError for what Flambeau cannot hold; ReadError or FetchError when it cannot be read;
   * ArgumentError after `close`.
   */
  tensor(name: string, options?: { device?: string | undefined }): Promise<Tensor>;
  /** The bytes of one tensor as they stand in the file, whatever its numbers are. @throws as {@link TensorFile.tensor}. */
  bytes(name: string): Promise<Uint8Array>;
  /** Give the file back. What was read stays. */
  close(): Promise<void>;
}

/** A file of these entries. */
export function tensorFile<Notes>(
  op: string,
  file: string,
  metadata: Notes,
  readable: ReadonlyMap<string, ReadableEntry>,
  close: () => Promise<void>,
): TensorFile<Notes> {
  const entries = new Map<string, TensorEntry>();
  for (const [name, { dtype, format, shape, byteLength }] of readable)
    entries.set(name, { dtype, format, shape, byteLength });
  let open = true;
  const entryOf = (name: string): ReadableEntry => {
    const entry = readable.get(name);
    if (!entry) {
      const some = [...readable.keys()].slice(0, 10).join(", ");
      throw new ArgumentError(op, `${file} has no ${show(name)}`, `it holds ${some}${readable.size > 10 ? "..." : ""}`);
    }
    if (!open) throw new ArgumentError(op, `${file} is closed`);
    return entry;
  };
  const shut = async () => {
    if (!open) return;
    open = false;
    await close();
  };
  return {
    file,
    metadata,
    entries,
    async tensor(name, options = {}) {
      checkOptions(`${op}.tensor`, { device: option.string }, options);
      const data = await entryOf(name).read();
      if (typeof data === "string") throw new FormatError(file, 0, `"${name}" cannot be read: ${data}`);
      return toTensor(data, options.device);
    },
    bytes: async (name) => (await entryOf(name).raw()).slice(),
    close: shut,
    [Symbol.asyncDispose]: shut,
  };
}
