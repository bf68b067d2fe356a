import { elementBytes } from "./dtypes.ts";
import { kindOf, Label, quote, type Run, StorageRef, Tuple, type Value } from "./values.ts";
import { natural } from "./windows.ts";

/** A file of PyTorch's, of which the elements are not read yet. */
export interface TorchFile {
  readonly value: Value;
  /** Whether the numbers stand with their highest byte first. */
  readonly bigEndian: boolean;
  /** The bytes of a storage, which the file was found to hold. */
  read(storage: StorageRef): Promise<Uint8Array>;
}

/** The storages that a pickle names. */
export class Storages {
  readonly byKey: Map<string, StorageRef> = new Map();

  /** The storage that `("storage", class, key, device, length)` stands for. @throws FormatError for anything else. */
  named = (id: Value, run: Run): StorageRef => {
    if (!(id instanceof Tuple)) return run.fail(`${kindOf(id)} stands for a storage`);
    const [tag, type, key, device, length, view] = id.items;
    if (tag !== "storage")
      return run.fail(
        `${typeof tag === "string" ? quote(tag) : "something"} stands for what is not in the pickle, and no storage`,
        "save a state dict in Python: torch.save(model.state_dict(), path)",
      );
    if (id.items.length < 5 || id.items.length > 6)
      return run.fail(`a storage is described by ${id.items.length} values, not 5`);
    if (view !== undefined && view !== null)
      run.fail("a storage is part of another, as before PyTorch 0.4", "save it again in Python");
    if (!(type instanceof Label && type.kind === "storage class"))
      return run.fail(`${kindOf(type)} is the class of a storage`);
    if (typeof key !== "string") return run.fail(`${kindOf(key)} is the key of a storage`);
    if (typeof device !== "string") return run.fail(`${kindOf(device)} is the device of a storage`);
    const elements = natural(length, `the length of the storage ${quote(key)}`, run);
    const known = this.byKey.get(key);
    if (known === undefined) {
      const storage = new StorageRef(key, type.name, elements);
      this.byKey.set(key, storage);
      return storage;
    }
    if (known.dtype !== type.name || known.length !== elements)
      run.fail(
        `the storage ${quote(key)} is ${elements} of ${type.name} here, and ${known.length} of ${known.dtype} before`,
      );
    return known;
  };
}

/** Bytes of a storage. */
export const bytesOfStorage = ({ dtype, length }: StorageRef): number => length * elementBytes(dtype);
