// The npm packages with ready made addons, one for each platform, made when their owner is packed: in a checkout there are none.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { compiler } from "../setup/compiler.mjs";
import { quietly } from "../setup/exec.mjs";
import { root } from "../setup/paths.mjs";
import { type Manifest, manifestOf, type Package } from "../workspace.ts";
import { type Addon, compileAddon } from "./compile.mjs";
import { demandsOf, notPortable } from "./elf.mjs";
import { nameOf, oldestGlibc, type Target, targets } from "./targets.mjs";

/** What a package says of its addon; undefined where it has none. */
export async function addonOf(path: string): Promise<Addon | undefined> {
  const file = join(path, "scripts/addon.mjs");
  return existsSync(file) ? (await import(pathToFileURL(file).href)).addon : undefined;
}

/** The names of a package's packages for platforms, which its own one asks npm for. */
export const platformNames = (name: string): string[] => targets.map((target) => `${name}-${nameOf(target)}`);

/** The package.json of the package for a platform. */
function platformManifest(owner: Manifest, { os, cpu }: Target, file: string): object {
  const { name, version, license, engines, publishConfig: { access, provenance } = {}, repository } = owner;
  return {
    name: `${name}-${nameOf({ os, cpu })}`,
    version,
    description: `The native addon of ${name} for ${os}-${cpu}.`,
    license,
    ...(repository === undefined ? {} : { repository }),
    main: `./${file}`,
    files: [file, `${file}.json`],
    os: [os],
    cpu: [cpu],
    libc: ["glibc"],
    engines,
    publishConfig: { access, provenance },
  };
}

const readme = (owner: string, { os, cpu }: Target): string => `# ${owner}-${os}-${cpu}

The native addon of \`${owner}\` for ${os}-${cpu} with glibc ${oldestGlibc} or later: npm installs it beside that package, which
loads it. It is of no use by itself. Licence: MIT.
`;

/** The tarball of a folder, as npm makes it, below a folder of its own. */
async function tarballOf(name: string, folder: string, into: string): Promise<string> {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const said = await quietly(`Packing ${name}`, "npm", ["pack", "--ignore-scripts", "--pack-destination", into], {
    cwd: folder,
  });
  return join(into, basename(said.trim().split("\n").at(-1) ?? ""));
}

/**
 * Builds the addon of a package for each platform that there is a compiler for, and packs it.
 *
 * @param owner the package's package.json, with the version to pack
 * @param skipped is told of each platform without a compiler
 * @returns the tarballs by the packages' names
 * @throws when an addon asks for more than the oldest supported system has
 */
export async function packPlatforms(
  owner: Manifest,
  addon: Addon,
  into: string,
  skipped: (text: string) => void,
): Promise<Map<string, string>> {
  const tarballs = new Map<string, string>();
  for (const target of targets) {
    const name = `${owner.name}-${nameOf(target)}`;
    if (!compiler(target.cpu)) {
      skipped(`${name}: there is no C++ compiler for ${nameOf(target)}`);
      continue;
    }
    const built = await compileAddon(addon, target);
    const demands = demandsOf(built);
    const wrong = notPortable(demands, oldestGlibc);
    if (demands.cpu !== target.cpu) wrong.push(`it is for ${demands.cpu}`);
    if (wrong.length > 0) throw new Error(`${name}:\n${wrong.join("\n")}`);
    const work = mkdtempSync(join(tmpdir(), "flambeau-platform-"));
    try {
      const file = basename(built);
      copyFileSync(built, join(work, file));
      copyFileSync(`${built}.json`, join(work, `${file}.json`));
      copyFileSync(join(root, "LICENSE"), join(work, "LICENSE"));
      writeFileSync(join(work, "README.md"), readme(owner.name, target));
      writeFileSync(join(work, "package.json"), JSON.stringify(platformManifest(owner, target, file), null, 2));
      tarballs.set(name, await tarballOf(name, work, join(into, nameOf(target))));
    } finally {
      rmSync(work, { recursive: true });
    }
  }
  return tarballs;
}

/** Makes a packed package ask npm for its packages for platforms, in its own version. */
export async function addPlatforms({ name }: Package, tarball: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "flambeau-owner-"));
  try {
    await quietly(`Unpacking ${name}`, "tar", ["-xzf", tarball, "-C", work]);
    const file = join(work, "package/package.json");
    const { version } = manifestOf(join(work, "package"));
    const optionalDependencies = Object.fromEntries(platformNames(name).map((each) => [each, version]));
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), optionalDependencies }, null, 2));
    await tarballOf(name, join(work, "package"), dirname(tarball));
  } finally {
    rmSync(work, { recursive: true });
  }
}
