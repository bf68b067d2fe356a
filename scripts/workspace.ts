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

interface Manifest {
  name: string;
  private?: boolean;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
}

/** The published packages, in alphabetical order of their folders. */
export function packages(): Package[] {
  return readdirSync(join(root, "packages"))
    .sort()
    .map((folder) => ({ folder, path: join(root, "packages", folder) }))
    .filter(({ path }) => existsSync(join(path, "package.json")))
    .flatMap(({ folder, path }) => {
      // our own package.json files: their shape is this workspace's convention
      const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest;
      if (manifest.private) return [];
      const own = Object.entries(manifest.dependencies ?? {}).filter(([, range]) => range.startsWith("workspace:"));
      return [
        {
          name: manifest.name,
          folder,
          path,
          entries: Object.keys(manifest.exports).filter((entry) => entry !== "./package.json"),
          dependencies: own.map(([name]) => name),
        },
      ];
    });
}
