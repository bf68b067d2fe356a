// Where a C++ compiler is, for the addons of backends and the emulated CUDA device of the tests.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The GNU compilers of other processors, as Debian names them. @type {Record<string, string>} */
const cross = { x64: "x86_64-linux-gnu-g++", arm64: "aarch64-linux-gnu-g++" };

/**
 * The compiler: the first of the usual ones that is there; undefined where there is none, or elsewhere than on Linux.
 * @param {string} cpu what it compiles for, by Node's name
 */
export function compiler(cpu = process.arch) {
  if (process.platform !== "linux") return undefined;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = cpu === process.arch ? ["g++", "clang++"] : [cross[cpu]];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

/** The Debian packages of the compilers that ready made addons take, and that are not there. */
export function missingCompilers() {
  if (process.platform !== "linux") return [];
  /** @type {Record<string, string>} */
  const packages = { x64: "g++-x86-64-linux-gnu", arm64: "g++-aarch64-linux-gnu", [process.arch]: "g++" };
  return Object.keys(cross).flatMap((cpu) => (compiler(cpu) ? [] : [packages[cpu]]));
}

/** What one must do to have one, in a line. */
export const compilerMissing =
  "a C++ compiler is missing: the cpu backend has no native kernels here, and the tests of addons skip; on Linux install g++ (Debian: apt-get install g++)";
