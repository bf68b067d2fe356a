import { FlambeauError } from "@flambeau/tensor/functional";

const causes: { readonly [code: string]: readonly [problem: string, hint: string] } = {
  ENOSPC: ["the disk is full", "free some space, or save elsewhere"],
  EDQUOT: ["the disk quota is used up", "free some space, or save elsewhere"],
  EFBIG: ["the file is larger than the file system or the process limit allows", "save elsewhere, or raise the limit"],
  EROFS: ["the file system is read-only", "save to a folder that can be written"],
  EACCES: ["permission denied", "save to a folder that you may write to"],
  EPERM: ["the operation is not permitted", "save to a folder that you may write to"],
  ENOENT: ["the folder does not exist", "make the folder first"],
  ENOTDIR: ["a part of the path is not a folder", "check the path"],
  EISDIR: ["the path is a folder", "name a file in it"],
};

/**
 * A file could not be written. What stood under its name before is unchanged.
 *
 * @example
 * const error = await atomicWrite("no/such/folder/notes.txt", new Uint8Array(1)).catch((error) => error);
 * [error instanceof WriteError, error.code]; // [true, "ENOENT"]
 */
export class WriteError extends FlambeauError {
  override readonly name = "WriteError";
  /** The file's path, as it was given. */
  readonly path: string;
  /** The operating system's code: "ENOSPC", "EROFS", "EACCES"... */
  readonly code: string;
  constructor(path: string, cause: Error & { readonly code?: string }) {
    const code = cause.code ?? "unknown";
    const [problem, hint] = causes[code] ?? [cause.message, undefined];
    super(`${path}: not written: ${problem} (${code}); the previous file, if any, is unchanged`, hint);
    this.path = path;
    this.code = code;
    this.cause = cause;
  }
}
