// Installing the tarballs into empty folders, as a user's project would.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, inject } from "vitest";
import { quietly } from "../../scripts/setup/exec.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { type Package, packages } from "../../scripts/workspace.ts";

export const all = packages();
/** The folder of a test file's projects; the spaces are part of the test. */
export const home = mkdtempSync(join(tmpdir(), "flambeau packaging "));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A package and the workspace packages that it depends on, directly or not. */
export function closure({ name, dependencies }: Package): string[] {
  const below = all.filter((each) => dependencies.includes(each.name)).flatMap(closure);
  return [...new Set([name, ...below])];
}
export const closureOf = (name: string): string[] => all.filter((each) => each.name === name).flatMap(closure);

/** Bun's program, or null where its package for this platform is not installed. */
export function bunProgram(): string | null {
  // the package's own file is put there by a script at install time, which does not run here
  const { resolve } = createRequire(realpathSync(join(root, "node_modules/bun/package.json")));
  const name = `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
  try {
    return join(dirname(resolve(`${name}/package.json`)), "bin/bun");
  } catch {
    return null;
  }
}

/** Puts tools of this workspace into a project, where npm would have installed them, with their commands. */
export function bringTools(folder: string, names: readonly string[]): void {
  const bin = join(folder, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  for (const name of names) {
    const from = join(root, "node_modules", name);
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(from, link);
    const { bin: commands = {} } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
    for (const [command, path] of Object.entries<string>(
      typeof commands === "string" ? { [name]: commands } : commands,
    ))
      symlinkSync(join(from, path), join(bin, command));
  }
}

/**
 * Installs tarballs into a new empty folder. The packages depend on nothing else, so npm needs no network.
 * @param also packages of the registry beside them, of which npm's cache has what was there before
 */
export async function install(folder: string, names: readonly string[], also: readonly string[] = []): Promise<string> {
  const target = join(home, folder);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  const tarballs = inject("tarballs");
  const files = names.map((name) => tarballs[name] ?? "");
  // peer dependencies (vitest, for the testkit) are the user's to bring: here the workspace's
  const flags = [
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--ignore-scripts",
    "--legacy-peer-deps",
    also.length > 0 ? "--prefer-offline" : "--offline",
  ];
  await quietly(`npm install of ${folder}`, "npm", ["install", ...flags, ...files, ...also], { cwd: target });
  return target;
}
