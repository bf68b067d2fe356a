import { FlambeauError } from "@flambeau/tensor/functional";

/** What the system's codes mean, and what helps when a file was to be read and when it was to be written. */
const causes: { readonly [code: string]: readonly [problem: string, reading: string, writing: string] } = {
  ENOSPC: ["the disk is full", "", "free some space, or save elsewhere"],
  EDQUOT: ["the disk quota is used up", "", "free some space, or save elsewhere"],
  EFBIG: [
    "the file is larger than the file system or the process limit allows",
    "",
    "save elsewhere, or raise the limit",
  ],
  EROFS: ["the file system is read-only", "", "save to a folder that can be written"],
  EACCES: ["permission denied", "check who may read it", "save to a folder that you may write to"],
  EPERM: ["the operation is not permitted", "check who may read it", "save to a folder that you may write to"],
  ENOTDIR: ["a part of the path is not a folder", "check the path", "check the path"],
  EISDIR: ["the path is a folder", "name a file in it", "name a file in it"],
  ELOOP: ["its symbolic links lead back to themselves", "check the links", "check the links"],
  ENAMETOOLONG: ["the name is too long for the file system", "check the path", "use a shorter name"],
};

/** Why the system's call failed, in words; `absent` is what ENOENT means. */
const explain = (cause: Error & { readonly code?: string }, absent: string) => {
  const code = cause.code ?? "unknown";
  const [problem, reading, writing] = causes[code] ?? [code === "ENOENT" ? absent : cause.message, "", ""];
  return { code, problem: `${problem} (${code})`, reading: reading || undefined, writing: writing || undefined };
};

/**
 * A file could not be read; `cause` is the system's error.
 *
 * @example
 * const error = await load("no-such.safetensors").catch((error) => error);
 * [error instanceof ReadError, error.code]; // [true, "ENOENT"]
 */
export class ReadError extends FlambeauError {
  static override readonly kind: string = "ReadError";
  /** The file's path, as it was given. */
  readonly path: string;
  /** The operating system's code: "ENOENT", "EACCES", "EISDIR"... */
  readonly code: string;
  constructor(path: string, cause: Error & { readonly code?: string }) {
    const { code, problem, reading } = explain(cause, "there is no such file");
    super(
      `${path}: not read: ${problem}`,
      code === "ENOENT" ? `check the path: it starts at ${globalThis.process?.cwd()}` : reading,
    );
    this.path = path;
    this.code = code;
    this.cause = cause;
  }
}

/**
 * A file could not be written; `cause` is the system's error. What stood under its name before is unchanged.
 *
 * @example
 * const error = await atomicWrite("no/such/folder/notes.txt", new Uint8Array(1)).catch((error) => error);
 * [error instanceof WriteError, error.code]; // [true, "ENOENT"]
 */
export class WriteError extends FlambeauError {
  static override readonly kind: string = "WriteError";
  /** The file's path, as it was given. */
  readonly path: string;
  /** The operating system's code: "ENOSPC", "EROFS", "EACCES"... */
  readonly code: string;
  constructor(path: string, cause: Error & { readonly code?: string }) {
    const { code, problem, writing } = explain(cause, "the folder does not exist");
    super(
      `${path}: not written: ${problem}; the previous file, if any, is unchanged`,
      code === "ENOENT" ? "make the folder first" : writing,
    );
    this.path = path;
    this.code = code;
    this.cause = cause;
  }
}

/** The error of a path that leads to a device, a FIFO or a socket. */
export const notRegular = (): Error & { readonly code: string } =>
  Object.assign(new Error("the path is no regular file but a device, a FIFO or a socket"), { code: "EINVAL" });
