import { UnavailableError } from "@flambeau/tensor/functional";
import { bytesSource, joined, type OpenSource } from "../bytes.ts";
import { WriteError } from "../file-errors.ts";
import { blobSource, handleSource } from "../local.ts";
import { removeStale, temporaryName } from "../temporary.ts";
import type { Sink } from "./receive.ts";

// Copies of files from elsewhere. A copy's name holds digests of its address and of its version, so that it needs no notes beside it: a copy
// that is there is whole, and of that version.

/** A copy that is being made. */
export interface Draft extends Sink {
  /** What has come so far, to be checked before it is kept. */
  read(): Promise<OpenSource>;
  /** Keep it under a name; what `read` gave goes on to be readable. */
  keep(name: string): Promise<OpenSource>;
  /** Leave nothing behind. */
  abandon(): Promise<void>;
}

export interface Cache {
  /** The names of the copies that begin so. */
  names(beginning: string): Promise<string[]>;
  open(name: string, file: string): Promise<OpenSource>;
  remove(name: string): Promise<void>;
  draft(file: string): Promise<Draft>;
}

/** @param place a folder; `true` for the user's own, in a page for one in its private file system. */
export async function openCache(op: string, place: string | true): Promise<Cache> {
  if (typeof globalThis.process?.getBuiltinModule === "function")
    return folderCache(place === true ? ownFolder() : place);
  // asked for by name: a program's types may know nothing of pages
  const root = await globalThis.navigator?.storage?.getDirectory?.().catch(() => undefined);
  if (!root) throw new UnavailableError(`${op}: there is no place for a cache here`, "leave out the option cache");
  let folder = root;
  for (const part of (place === true ? "flambeau" : place).split("/").filter((name) => name !== "" && name !== "."))
    folder = await folder.getDirectoryHandle(part, { create: true });
  return privateCache(folder);
}

/** The user's folder for what can be fetched again: `$XDG_CACHE_HOME`, `%LOCALAPPDATA%` or `~/Library/Caches`. */
function ownFolder(): string {
  const { homedir } = process.getBuiltinModule("node:os");
  const path = process.getBuiltinModule("node:path");
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    process.platform === "win32"
      ? (LOCALAPPDATA ?? path.join(homedir(), "AppData", "Local"))
      : // the specification has relative paths ignored
        XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)
        ? XDG_CACHE_HOME
        : path.join(homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache");
  return path.join(base, "flambeau", "files");
}

function folderCache(folder: string): Cache {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const open = async (name: string, file: string) => {
    const handle = await fs.open(join(folder, name), "r");
    return handleSource(handle, file, (await handle.stat()).size);
  };
  return {
    open,
    names: async (beginning) => {
      const all = await fs.readdir(folder).catch(() => []);
      return all.filter((name) => name.startsWith(beginning));
    },
    remove: (name) => fs.rm(join(folder, name), { force: true }).catch(() => {}),
    async draft(file) {
      const temporary = join(folder, temporaryName());
      const written = async <T>(work: Promise<T>): Promise<T> =>
        work.catch((error) => {
          throw new WriteError(temporary, error);
        });
      await written(fs.mkdir(folder, { recursive: true }));
      await removeStale(folder);
      const handle = await written(fs.open(temporary, "wx+"));
      let at = 0;
      let kept = false;
      return {
        async write(bytes) {
          for (let done = 0; done < bytes.length; ) {
            const { bytesWritten } = await written(handle.write(bytes, done, bytes.length - done, at));
            done += bytesWritten;
            at += bytesWritten;
          }
        },
        async restart() {
          await written(handle.truncate(0));
          at = 0;
        },
        read: async () => ({ ...handleSource(handle, file, at), close: async () => {} }),
        async keep(name) {
          await written(handle.sync());
          await written(fs.rename(temporary, join(folder, name)));
          kept = true;
          return handleSource(handle, file, at);
        },
        async abandon() {
          if (kept) return;
          await handle.close();
          await fs.rm(temporary, { force: true }).catch(() => {});
        },
      };
    },
  };
}

/** In a page's private file system, whose files are there once they are closed, and not before. */
function privateCache(folder: FileSystemDirectoryHandle): Cache {
  const open = async (name: string, file: string) =>
    blobSource(await (await folder.getFileHandle(name)).getFile(), file);
  return {
    open,
    async names(beginning) {
      const names: string[] = [];
      for await (const name of folder.keys()) if (name.startsWith(beginning)) names.push(name);
      return names;
    },
    remove: (name) => folder.removeEntry(name).catch(() => {}),
    async draft(file) {
      let parts: Uint8Array[] = [];
      return {
        write: async (bytes) => void parts.push(bytes),
        restart: async () => void (parts = []),
        async read() {
          parts = [joined(parts, file)];
          return bytesSource(parts[0], file);
        },
        async keep(name) {
          const handle = await folder.getFileHandle(name, { create: true });
          const stream = await handle.createWritable();
          try {
            for (const part of parts) await stream.write(part as Uint8Array<ArrayBuffer>); // as fetch gives it
            await stream.close();
          } catch (error) {
            await stream.abort().catch(() => {});
            await folder.removeEntry(name).catch(() => {});
            throw new WriteError(name, error as Error);
          }
          parts = [];
          return open(name, file);
        },
        abandon: async () => void (parts = []),
      };
    },
  };
}
