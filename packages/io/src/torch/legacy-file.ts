import { FormatError } from "@flambeau/tensor/functional";
import type { Source } from "../files/source.ts";
import { CutPickle, Machine } from "./machine.ts";
import { bytesOfStorage, Storages, type TorchFile } from "./storages.ts";
import { Dict, List, quote, type Run, type StorageRef, type Value } from "./values.ts";

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001n;
/** Bytes that are read to begin with. */
const firstPart = 2 ** 20;

interface Head {
  readonly value: Value;
  /** The storages in the order of the file. */
  readonly order: readonly StorageRef[];
  readonly end: number;
}

/**
 * What `torch.save` wrote before version 1.6: pickles of a magic number, a protocol, facts of the system, the object and the keys of the
 * storages, and behind them each storage with its length. Numbers have their lowest byte first, whatever the system.
 */
export async function openLegacy(source: Source): Promise<TorchFile> {
  const { file, size } = source;
  const { value, order, end } = await readHead(source);
  const places = new Map<StorageRef, number>();
  let at = end;
  for (const storage of order) {
    const bytes = bytesOfStorage(storage);
    if (at + 8 + bytes > size)
      throw new FormatError(
        file,
        size,
        `the storage ${quote(storage.key)} needs ${bytes} bytes from ${at} on, the file has ${size}`,
      );
    const prefix = await source.read(at, at + 8);
    const length = new DataView(prefix.buffer, prefix.byteOffset).getBigInt64(0, true);
    if (length !== BigInt(storage.length))
      throw new FormatError(
        file,
        at,
        `the storage ${quote(storage.key)} has ${length} elements, the pickle says ${storage.length}`,
      );
    places.set(storage, at + 8);
    at += 8 + bytes;
  }
  if (at !== size) throw new FormatError(file, at, `the storages end here, the file has ${size - at} bytes more`);
  return {
    value,
    bigEndian: false,
    read: async (storage) => {
      const from = places.get(storage) ?? 0; // all have their places
      return source.read(from, from + bytesOfStorage(storage));
    },
  };
}

/** The pickles, of a part of the file that grows until they are whole. */
async function readHead(source: Source): Promise<Head> {
  for (let length = firstPart; ; length *= 8) {
    const whole = length >= source.size;
    const bytes = await source.read(0, whole ? source.size : length);
    try {
      return parseHead(bytes, source.file);
    } catch (error) {
      if (whole || !(error instanceof CutPickle)) throw error;
    }
  }
}

function parseHead(bytes: Uint8Array, file: string): Head {
  const storages = new Storages();
  let end = 0;
  /** The next pickle, and what reports that it is not what it should be. */
  const next = (named: (id: Value, run: Run) => StorageRef): [Value, Machine] => {
    const machine = new Machine(bytes.subarray(end), file, end, named);
    const value = machine.run();
    end += machine.end;
    return [value, machine];
  };
  const none = (_: Value, run: Run): never => run.fail("a storage stands before the object");
  const [number, first] = next(none);
  if (number !== magic)
    first.fail(
      "not a file of torch.save: the magic number is another",
      "a plain pickle is a program; Flambeau reads what torch.save wrote",
    );
  const [version, second] = next(none);
  if (version !== protocol) second.fail(`the protocol is another than ${protocol}`);
  const [system, third] = next(none);
  if (!(system instanceof Dict)) third.fail("the facts of the system are no dict");
  const [value] = next(storages.named);
  const [keys, last] = next(none);
  if (!(keys instanceof List)) return last.fail("the keys of the storages are no list");
  const left = new Map(storages.byKey);
  const order = keys.items.map((key) => {
    const storage = typeof key === "string" ? left.get(key) : undefined;
    if (!storage)
      return last.fail(
        `the file lists a storage that no tensor lies in, or twice: ${typeof key === "string" ? quote(key) : "no text"}`,
      );
    left.delete(storage.key);
    return storage;
  });
  for (const key of left.keys()) last.fail(`the storage ${quote(key)} is not in the file`);
  return { value, order, end };
}
