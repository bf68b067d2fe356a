import { ArgumentError, UnavailableError } from "@flambeau/tensor/functional";
import type { Platform } from "@flambeau/tensor/plugin";

/** The path of a file, or its `file:` URL. */
export type FilePath = string | Platform<"URL", { readonly protocol: string; readonly href: string }>;

/** What does the work of each function on bytes: for pages, and for addresses. */
const onBytes: { readonly [op: string]: string } = {
  save: "encode(tensors) gives the bytes of the file",
  saveNpy: "encodeNpy({ dtype, shape, bytes }) gives the bytes of the file",
  saveNpz: "encodeNpz(arrays) gives the bytes of the file",
  saveCheckpoint: "encodeCheckpoint(state) gives the bytes of the file",
};

/**
 * Node's file modules, looked up rather than imported, so that bundlers for the browser have nothing to resolve; and the path as a string.
 *
 * @throws UnavailableError where there is no file system; ArgumentError for what is no path.
 */
export function nodeFiles(op: string, given: FilePath) {
  const find = globalThis.process?.getBuiltinModule;
  if (!find) throw new UnavailableError(`${op}: there is no file system here`, onBytes[op]);
  const modules = { fs: find("node:fs/promises"), constants: find("node:fs").constants, path: find("node:path") };
  if (given instanceof URL && given.protocol === "file:")
    return { ...modules, name: find("node:url").fileURLToPath(given) };
  if (given instanceof URL || (typeof given === "string" && /^(https?|blob|data):/i.test(given)))
    throw new ArgumentError(op, `the path is a file's, got the address ${String(given).slice(0, 200)}`, onBytes[op]);
  if (typeof given !== "string" || given === "" || given.includes("\0"))
    throw new ArgumentError(
      op,
      `the path is a string or a file: URL, got ${typeof given === "string" ? JSON.stringify(given) : typeof given}`,
    );
  return { ...modules, name: given };
}
