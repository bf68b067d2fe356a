// Where a C++ compiler is, for the addons and the emulated device of their tests.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The compiler: the first of the usual ones that is there; undefined where there is none, or elsewhere than on Linux. */
export function compiler() {
  if (process.platform !== "linux") return undefined;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return ["g++", "clang++"].flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

/** What one must do to have one, in a line. */
export const compilerMissing =
  "a C++ compiler is missing: the cpu backend has no native kernels here, and the tests of the CUDA backend skip; on Linux install g++ (Debian: apt-get install g++)";
