import { nodeFiles } from "./node.ts";
import { WriteError } from "./write-error.ts";

/**
 * Write a file so that, whatever happens, its path holds either all of the new bytes or what it held before.
 *
 * A temporary file in the same folder is written and synced, takes the path by rename, and the folder is synced. A symbolic link
 * is followed, and the permissions of the file before are kept.
 *
 * @throws WriteError with the system's code: a full disk (ENOSPC), a read-only file system (EROFS), no permission (EACCES)... The
 * temporary file is removed then. UnavailableError where there is no file system.
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/functions/rename.html
 * @example
 * await atomicWrite("notes.txt", new TextEncoder().encode("all of it, or what was there before"));
 */
export async function atomicWrite(path: string, bytes: Uint8Array): Promise<void> {
  const { fs, path: paths } = nodeFiles("atomicWrite");
  let temporary: string | undefined;
  try {
    const target = await fs.realpath(path).catch(() => paths.resolve(path));
    const before = await fs.stat(target).catch(() => undefined);
    const folder = paths.dirname(target);
    temporary = paths.join(folder, `.${paths.basename(target)}.${process.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`);
    const file = await fs.open(temporary, "wx", before ? before.mode & 0o777 : 0o666);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, target);
    temporary = undefined;
    await syncFolder(fs, folder);
  } catch (error) {
    if (temporary !== undefined) await fs.rm(temporary, { force: true }).catch(() => {});
    throw new WriteError(path, error as NodeJS.ErrnoException); // node:fs rejects with nothing else
  }
}

/** Makes the rename survive a power cut. Windows and some network file systems cannot sync a folder; there the rename itself has to do. */
async function syncFolder(fs: typeof import("node:fs/promises"), folder: string): Promise<void> {
  const handle = await fs.open(folder, "r").catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // as above
    if (code !== "EINVAL" && code !== "EPERM" && code !== "ENOTSUP" && code !== "EISDIR") throw error;
  } finally {
    await handle.close();
  }
}
