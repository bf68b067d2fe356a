// Where a C++ compiler is, for the CUDA backend's addon and the emulated device of its tests.
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
  "a C++ compiler is missing, so the tests of the CUDA backend skip: on Linux install g++ (Debian: apt-get install g++)";
