// Builds all packages and packs each into the tarball that would be published: what publint, attw and the packaging tests look at.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { addonOf, addPlatforms, packPlatforms } from "./native/platforms.ts";
import { quietly } from "./setup/exec.mjs";
import { exclusively } from "./setup/lock.mjs";
import { cache, root } from "./setup/paths.mjs";
import { pnpm, pnpmFolder } from "./setup/toolchain.mjs";
import { manifestOf, type Package, packages } from "./workspace.ts";

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

/** Builds and packs every package, and the addons for platforms. @returns the path of each one's tarball, by package name. */
export async function packAll(): Promise<Map<string, string>> {
  // one at a time: tests and checks may both ask for the tarballs
  return exclusively(
    async () => {
      await build();
      const tarballs = new Map<string, string>();
      for (const each of packages())
        for (const [name, tarball] of await packWhole(each, folder)) tarballs.set(name, tarball);
      return tarballs;
    },
    () => {},
  );
}

/**
 * Packs a package, and before it those for platforms with its addon, where it has one.
 *
 * @param skipped is told of each platform that the addon cannot be built for here
 * @returns the path of each one's tarball, by package name, in the order in which they may be published
 */
export async function packWhole(
  each: Package,
  into: string,
  skipped = (text: string): void => void process.stderr.write(`SKIPPED: ${text}\n`),
): Promise<Map<string, string>> {
  const addon = await addonOf(join(root, "packages", each.folder));
  const own = await pack(each, into);
  if (!addon) return new Map([[each.name, own]]);
  await addPlatforms(each, own);
  const platforms = await packPlatforms(manifestOf(each.path), addon, `${join(into, each.folder)}-platforms`, skipped);
  return new Map([...platforms, [each.name, own]]);
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
