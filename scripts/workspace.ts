import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/paths.mjs";

/** A published package of this workspace. */
export interface Package {
  /** Its name on npm, as `@flambeau/tensor`. */
  readonly name: string;
  /** Its folder's name below packages/. */
  readonly folder: string;
  /** Its folder, absolute. */
  readonly path: string;
  /** Its subpaths, as `.` and `./functional`. */
  readonly entries: readonly string[];
  /** The workspace packages that it depends on at run time, by name. */
  readonly dependencies: readonly string[];
}

/** What is read of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  description?: string;
  license?: string;
  files?: string[];
  engines?: Record<string, string>;
  publishConfig?: Record<string, unknown> & { exports?: Record<string, unknown> };
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  repository?: unknown;
}

/** The package.json in a folder. */
export const manifestOf = (path: string): Manifest =>
  // our own package.json files: their shape is this workspace's convention
  JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest;

/**
 * The published packages, in alphabetical order of their folders.
 * @param base the workspace's root folder, of this one or of a copy
 */
export function packages(base = root): Package[] {
  return readdirSync(join(base, "packages"))
    .sort()
    .map((folder) => ({ folder, path: join(base, "packages", folder) }))
    .filter(({ path }) => existsSync(join(path, "package.json")))
    .flatMap(({ folder, path }) => {
      const manifest = manifestOf(path);
      if (manifest.private) return [];
      const own = Object.entries(manifest.dependencies ?? {}).filter(([, range]) => range.startsWith("workspace:"));
      return [
        {
          name: manifest.name,
          folder,
          path,
          // what is published: a package may have others, for the tests of this workspace
          entries: Object.keys(manifest.publishConfig?.exports ?? manifest.exports).filter(
            (entry) => entry !== "./package.json",
          ),
          dependencies: own.map(([name]) => name),
        },
      ];
    });
}
