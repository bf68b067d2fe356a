import { notRegular, WriteError } from "./file-errors.ts";
import { type FilePath, nodeFiles } from "./node.ts";
import { removeStale, temporaryName } from "./temporary.ts";

/**
 * Write a file so that, whatever happens, its path holds either all of the new bytes or what it held before.
 *
 * A temporary file in the same folder is written and synced, takes the path by rename, and the folder is synced. A symbolic link
 * is followed, also where it leads to no file yet, and the permissions of the file before are kept. Temporary files of processes
 * that were killed are removed from the folder.
 *
 * @throws WriteError with the system's code: a full disk (ENOSPC), a read-only file system (EROFS), no permission (EACCES), a device or a
 * FIFO (EINVAL)... The temporary file is removed then. UnavailableError where there is no file system; ArgumentError for what is no path.
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/functions/rename.html
 * @example
 * await atomicWrite("notes.txt", new TextEncoder().encode("all of it, or what was there before"));
 */
export async function atomicWrite(path: FilePath, bytes: Uint8Array): Promise<void> {
  return writeWhole("atomicWrite", path, bytes);
}

/** {@link atomicWrite} for the function `op`. */
export async function writeWhole(op: string, path: FilePath, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
  const file = await stage(op, path, bytes);
  await file.commit();
}

/** A file that is written whole beside its path. */
export interface Staged {
  /** Give it its path. @throws WriteError, and then it is gone. */
  commit(): Promise<void>;
  /** Leave nothing of it. */
  abandon(): Promise<void>;
}

/** Write the bytes, or parts that follow each other, to a temporary file beside the path. @throws WriteError as {@link atomicWrite}; nothing is left then. */
export async function stage(op: string, path: FilePath, bytes: Uint8Array | readonly Uint8Array[]): Promise<Staged> {
  const { fs, path: paths, name } = nodeFiles(op, path);
  let temporary: string | undefined;
  const abandon = async () => {
    if (temporary !== undefined) await fs.rm(temporary, { force: true }).catch(() => {});
    temporary = undefined;
  };
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await abandon();
      throw new WriteError(name, error as NodeJS.ErrnoException); // node:fs rejects with nothing else
    }
  };
  return guarded(async () => {
    const target = await targetOf(fs, paths, name);
    const before = await fs.stat(target).catch(() => undefined);
    if (before && !before.isFile() && !before.isDirectory()) throw notRegular();
    const folder = paths.dirname(target);
    await removeStale(folder);
    const own = paths.join(folder, temporaryName());
    temporary = own;
    const file = await fs.open(own, "wx", before ? before.mode & 0o777 : 0o666);
    try {
      const wanted = before && before.mode & 0o777;
      // open() leaves out what the umask forbids; Node's --permission has no chmod, and seldom needs one
      if (wanted !== undefined && ((await file.stat()).mode & 0o777) !== wanted) await file.chmod(wanted);
      // each goes on where the one before ended
      for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    const commit = () =>
      guarded(async () => {
        await fs.rename(own, target);
        temporary = undefined;
        await syncFolder(fs, folder);
      });
    return { commit, abandon };
  });
}

type Files = typeof import("node:fs/promises");
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code; // of node:fs's errors

/** Where the bytes shall go: the path with all of its links followed, also when there is nothing at their end yet. */
async function targetOf(fs: Files, paths: typeof import("node:path"), path: string): Promise<string> {
  try {
    return await fs.realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const target = paths.join(await fs.realpath(paths.dirname(path)), paths.basename(path));
  // a link to nothing: what it names is to be made
  const link = await fs.readlink(target).catch(() => undefined);
  return link === undefined ? target : targetOf(fs, paths, paths.resolve(paths.dirname(target), link));
}

/** Makes the rename survive a power cut. Windows and some network file systems cannot sync a folder; there the rename itself has to do. */
async function syncFolder(fs: Files, folder: string): Promise<void> {
  const handle = await fs.open(folder, "r").catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } catch (error) {
    const code = codeOf(error);
    if (code !== "EINVAL" && code !== "EPERM" && code !== "ENOTSUP" && code !== "EISDIR") throw error;
  } finally {
    await handle.close();
  }
}
