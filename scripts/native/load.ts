// Finds a package's addon when it is first asked for: built into each package that has one.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { UnavailableError } from "@flambeau/tensor/functional";

/** Whose addon it is. */
export interface AddonOwner {
  /** The package, as `@flambeau/backend-cuda-native`; those of platforms have names that begin so. */
  readonly name: string;
  /** What messages begin with. */
  readonly as: string;
  /** The file's name, without ".node". */
  readonly file: string;
  /** The platforms that npm has it for, as "linux-x64". */
  readonly platforms: readonly string[];
  /** A module of the package in its first folder (src or dist): its `import.meta.url`. */
  readonly from: string;
}

/** The running platform, as the packages are named. */
const platform = (): string => `${process.platform}-${process.arch}`;

/**
 * The addon of the platform's package, else the one that a checkout built.
 *
 * @throws UnavailableError that says why there is none
 */
export function loadAddon({ name, as, file, platforms, from }: AddonOwner): unknown {
  const load = createRequire(from);
  const wanted = `${name}-${platform()}`;
  const built = fileURLToPath(new URL(`../build/${platform()}/${file}.node`, from));
  const path = installed(load, wanted) ?? (existsSync(built) ? built : null);
  if (path === null) throw missing(as, wanted, platforms);
  try {
    return load(path);
  } catch (error) {
    throw new UnavailableError(
      `${as}: the native addon does not load: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Where a package's main file is, or null where it is not installed. */
function installed(load: NodeJS.Require, name: string): string | null {
  try {
    return load.resolve(name);
  } catch {
    return null;
  }
}

function missing(as: string, wanted: string, platforms: readonly string[]): UnavailableError {
  if (!platforms.includes(platform()))
    return new UnavailableError(
      `${as}: there is no native addon for ${platform()}, only for ${platforms.join(" and ")}`,
    );
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }; // as Node documents it
  if (header.glibcVersionRuntime === undefined)
    return new UnavailableError(`${as}: the native addon needs glibc, and this system's C library is another one`);
  return new UnavailableError(
    `${as}: the native addon is not there: the package ${wanted} is not installed`,
    "install again without --omit=optional, on the system that runs it; in a checkout: npm run build (it needs g++)",
  );
}
