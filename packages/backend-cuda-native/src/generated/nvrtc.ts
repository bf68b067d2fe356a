import { addon } from "../addon.ts";
import * as errors from "../errors.ts";
import { DiskCache, ownFolder } from "./cache.ts";

// The compiler of CUDA C++ as a library, where the machine has it.

/** Where NVRTC may be: as the system's loader finds it, by the names of its versions, and where the toolkit puts it. */
const places = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so"];
const oldest = 11070;
const named = (version: number): string => `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;

/** What compiles for one card. */
export interface Compiler {
  /** In words. */
  readonly name: string;
  /** The PTX of a text. @throws Error with what the compiler says */
  compile(text: string): string;
}

/**
 * The compiler for a card of a compute capability, below a driver of a version; or why there is none. A newer NVRTC than the driver writes PTX that the
 * driver does not read.
 *
 * @throws UnavailableError when there is no NVRTC under the given path
 */
export function openCompiler(
  path: string | false | undefined,
  cache: string | false | undefined,
  capability: number,
  driver: number,
): Compiler | string {
  if (path === false) return "by request";
  let problem = "";
  for (const library of path === undefined ? places : [path]) {
    try {
      const { version, architectures } = addon().nvrtc(library);
      const architecture = Math.max(0, ...architectures.filter((known) => known <= capability));
      if (version < oldest) problem = `NVRTC ${named(version)} is older than ${named(oldest)}`;
      else if (version > driver) problem = `NVRTC ${named(version)} is newer than the driver, which is for CUDA ${named(driver)}`;
      else if (architecture === 0) problem = `NVRTC ${named(version)} does not compile for this card`;
      else return compilerOf(library, version, architecture, cache);
    } catch (error) {
      if (path !== undefined)
        throw errors.unavailable(error instanceof Error ? error.message : String(error), "leave out nvrtc, or give false");
      problem ||= "NVRTC is not there";
    }
  }
  return problem;
}

function compilerOf(library: string, version: number, architecture: number, cache: string | false | undefined): Compiler {
  const folder = cache === false ? null : (cache ?? ownFolder());
  const disk = folder === null ? null : new DiskCache(folder);
  // products and sums are separate steps, as the interpreter's are
  const options = [`--gpu-architecture=compute_${architecture}`, "--std=c++17", "--fmad=false"];
  return {
    name: `NVRTC ${named(version)}`,
    compile(text) {
      const key = `${version} ${options.join(" ")}\n${text}`;
      let ptx = disk?.get(key) ?? null;
      if (ptx === null) {
        ptx = addon().compile(library, text, options);
        disk?.set(key, ptx);
      }
      return ptx;
    },
  };
}
