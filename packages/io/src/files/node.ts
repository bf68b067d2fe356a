import { UnavailableError } from "@flambeau/tensor/functional";

/** Node's file modules, looked up rather than imported, so that bundlers for the browser have nothing to resolve. */
export function nodeFiles(op: string) {
  const find = globalThis.process?.getBuiltinModule;
  if (!find) {
    throw new UnavailableError(
      `${op}: there is no file system here`,
      "use parseSafetensors and encodeSafetensors on bytes from fetch() or a file input",
    );
  }
  return { fs: find("node:fs/promises"), path: find("node:path") };
}
