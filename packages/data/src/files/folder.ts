import { FormatError } from "@flambeau/tensor/functional";
import { gunzip, isGzip } from "./gzip.ts";
import { checkSha256 } from "./sha256.ts";

/** A data set as files: what each one holds, and where they are to be had. */
export interface FileSet {
  /** For messages, and the name of its folder in the cache. */
  readonly name: string;
  /** By file name, unpacked size and SHA-256 of the unpacked bytes (so that any gzip of them will do). */
  readonly files: { readonly [file: string]: { readonly bytes: number; readonly sha256: string } };
  /** URLs of folders that hold the files; tried in order. */
  readonly mirrors: readonly string[];
  /** What follows the files' names there. Default ".gz". */
  readonly ending?: ".gz" | "";
  /** The npm package that holds the files, and where in it. */
  readonly npm?: { readonly package: string; readonly folder: string };
  /** Debian's package of the set and the folder it installs. */
  readonly debian?: { readonly folder: string; readonly package: string; readonly size: string };
}

/** The verified, unpacked content of files, by name. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** Unpack `bytes` when they are gzip, and check them against what the set says of `name`. */
export async function verify(set: FileSet, name: string, bytes: Uint8Array, file: string): Promise<Uint8Array> {
  const expected = set.files[name];
  const unpacked = isGzip(bytes) ? await gunzip(bytes, { file, maxBytes: expected.bytes }) : bytes;
  if (unpacked.length !== expected.bytes) {
    throw new FormatError(
      file,
      Math.min(unpacked.length, expected.bytes),
      `the content has ${unpacked.length} bytes, expected ${expected.bytes}`,
      unpacked.length < expected.bytes ? "the file is truncated: fetch it again" : undefined,
    );
  }
  await checkSha256(unpacked, expected.sha256, file);
  return unpacked;
}

/**
 * Read `names` from `folder`, each as `NAME` or `NAME.gz`; a string says why there is nothing to read.
 * @throws FormatError when a file is there but is not the published one.
 */
export async function readFolder(set: FileSet, names: readonly string[], folder: string): Promise<Contents | string> {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (!fs) return "there is no file system here";
  const contents = new Map<string, Uint8Array>();
  for (const name of names) {
    let found = false;
    for (const file of [`${folder}/${name}`, `${folder}/${name}.gz`]) {
      let bytes: Uint8Array;
      try {
        bytes = await fs.readFile(file);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code; // node:fs rejects with nothing else
        if (code === "ENOENT" || code === "ENOTDIR") continue;
        return `${file} cannot be read (${code})`;
      }
      contents.set(name, await verify(set, name, bytes, file));
      found = true;
      break;
    }
    if (!found) return `no ${name} or ${name}.gz in ${folder}`;
  }
  return contents;
}

/** The per-user cache folder of Flambeau's data sets: `$XDG_CACHE_HOME`, `%LOCALAPPDATA%` or `~/Library/Caches`. */
export function cacheFolder(set: FileSet): string | undefined {
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  const path = globalThis.process?.getBuiltinModule?.("node:path");
  if (!os || !path) return undefined;
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    process.platform === "win32"
      ? (LOCALAPPDATA ?? path.join(os.homedir(), "AppData", "Local"))
      : // the specification has relative paths ignored
        XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)
        ? XDG_CACHE_HOME
        : path.join(os.homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache");
  return path.join(base, "flambeau", set.name);
}

/** Write a file so that no reader ever sees part of it. */
export async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const fs = process.getBuiltinModule("node:fs/promises");
  await fs.mkdir(folder, { recursive: true });
  const temporary = `${folder}/.${name}.${process.pid}.${crypto.randomUUID()}`;
  try {
    await fs.writeFile(temporary, bytes, { flag: "wx" });
    await fs.rename(temporary, `${folder}/${name}`);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}
