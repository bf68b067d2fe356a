// Builds all packages and packs each into the tarball that would be published: what publint, attw and the packaging tests look at.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { quietly } from "./setup/exec.mjs";
import { exclusively } from "./setup/lock.mjs";
import { cache, root } from "./setup/paths.mjs";
import { pnpm, pnpmFolder } from "./setup/toolchain.mjs";
import { type Package, packages } from "./workspace.ts";

const folder = join(cache, "packs");

// turbo calls pnpm by its name
const env = { ...process.env, PATH: [pnpmFolder, process.env.PATH].join(delimiter) };

/** Builds every package into its dist/ (turbo repeats only what changed). */
export const build = () =>
  quietly(
    "Building the packages",
    process.execPath,
    [join(root, "node_modules/turbo/bin/turbo"), "run", "build", "--output-logs=errors-only"],
    { env },
  );

/** Builds and packs every package. @returns the path of each one's tarball, by package name. */
export async function packAll(): Promise<Map<string, string>> {
  // one at a time: tests and checks may both ask for the tarballs
  return exclusively(
    async () => {
      await build();
      const tarballs = new Map<string, string>();
      for (const each of packages()) tarballs.set(each.name, await pack(each, folder));
      return tarballs;
    },
    () => {},
  );
}

/** Packs a package as it stands. @returns the path of its tarball, in a folder of its own below `into`. */
export async function pack({ folder: name, path }: Package, into: string): Promise<string> {
  const target = join(into, name);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  await quietly(`Packing ${name}`, process.execPath, [pnpm, "pack", "--pack-destination", target], { cwd: path });
  const [file] = readdirSync(target);
  if (!file) throw new Error(`pnpm pack of ${name} left no tarball`);
  return join(target, file);
}
