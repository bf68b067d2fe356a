import { FormatError } from "@flambeau/tensor/functional";
import type { Source } from "../files/source.ts";
import { contentOf, readDirectory } from "../numpy/zip.ts";
import { Machine, maxPickleBytes } from "./machine.ts";
import { bytesOfStorage, Storages, type TorchFile } from "./storages.ts";
import { quote } from "./values.ts";

/** The versions of the format that PyTorch 2.13 reads. */
const maxVersion = 10;

/** The archive that `torch.save` writes: a folder with `data.pkl`, `version`, `byteorder` and `data/KEY`. */
export async function openZip(source: Source): Promise<TorchFile> {
  const { file } = source;
  const entries = await readDirectory(source, null);
  const fail = (at: number, problem: string, hint?: string): never => {
    throw new FormatError(file, at, problem, hint);
  };
  const pickles = entries.filter(({ name }) => name.endsWith("/data.pkl"));
  const [pickle] = pickles;
  if (pickles.length !== 1)
    return fail(
      0,
      `the archive holds ${pickles.length} files data.pkl, and torch.save writes one`,
      "loadNpz() reads NumPy's npz",
    );
  const root = pickle.name.slice(0, -"data.pkl".length);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name, local } of entries)
    if (!name.startsWith(root)) fail(local, `${quote(name)} lies beside the folder ${quote(root)}`);
  if (byName.has(`${root}constants.pkl`))
    fail(
      0,
      "this is a TorchScript archive, which is a program",
      "save its weights in Python: torch.save(torch.jit.load(path).state_dict(), path)",
    );
  const text = async (name: string, otherwise: string): Promise<string> => {
    const entry = byName.get(root + name);
    if (!entry) return otherwise;
    if (entry.size > 100) fail(entry.local, `${quote(entry.name)} has ${entry.size} bytes`);
    return new TextDecoder().decode(await contentOf(entry, source));
  };
  const version = await text("version", "none");
  if (!/^\d+\n?$/.test(version) || Number(version) < 1 || Number(version) > maxVersion)
    fail(0, `the archive is of version ${quote(version.trim())}, expected 1 to ${maxVersion}`);
  const order = await text("byteorder", "little");
  if (order !== "little" && order !== "big") fail(0, `the byte order is ${quote(order)}, expected "little" or "big"`);
  if (pickle.size > maxPickleBytes)
    fail(
      pickle.local,
      `the pickle has ${pickle.size} bytes, the most is ${maxPickleBytes}`,
      "keep what is large in tensors",
    );
  const storages = new Storages();
  const content = await contentOf(pickle, source);
  const machine = new Machine(content, `${file}/${pickle.name}`, 0, storages.named);
  const value = machine.run();
  if (machine.end !== content.length)
    machine.fail(`the pickle ends ${content.length - machine.end} bytes before its file`);
  const recordOf = (key: string) => byName.get(`${root}data/${key}`);
  for (const storage of storages.byKey.values()) {
    const { key, length, dtype } = storage;
    const record = recordOf(key);
    const bytes = bytesOfStorage(storage);
    if (!record && bytes > 0) fail(pickle.local, `the storage ${quote(key)} is not in the archive`);
    if (record && record.size !== bytes)
      fail(
        record.local,
        `the storage ${quote(key)} of ${length} ${dtype} needs ${bytes} bytes, the archive holds ${record.size}`,
      );
  }
  return {
    value,
    bigEndian: order === "big",
    read: async ({ key }) => {
      const record = recordOf(key);
      return record ? contentOf(record, source) : new Uint8Array();
    },
  };
}
