// A copy of what a release is made from, in which versions are set and packages packed: the checkout stays as it is.
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quietly } from "../setup/exec.mjs";
import { root } from "../setup/paths.mjs";
import { manifestOf, packages } from "../workspace.ts";

/** Copies what versions are made of: the manifests and the changesets. */
export function copyManifests(target: string): void {
  for (const each of ["package.json", "pnpm-workspace.yaml", ".changeset", "LICENSE"])
    cpSync(join(root, each), join(target, each), { recursive: true });
  for (const group of ["packages", "apps"])
    for (const folder of readdirSync(join(root, group))) {
      const file = join(group, folder, "package.json");
      if (existsSync(join(root, file))) cpSync(join(root, file), join(target, file));
    }
  mkdirSync(target, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(target, "node_modules"), "junction");
}

/** Copies what the packages publish, and the links by which each finds the others. */
export function copyContents(target: string): void {
  for (const { folder, path } of packages()) {
    const { files = [] } = manifestOf(path);
    for (const each of [...files, "README.md"])
      cpSync(join(path, each), join(target, "packages", folder, each), { recursive: true });
    if (existsSync(join(path, "node_modules")))
      cpSync(join(path, "node_modules"), join(target, "packages", folder, "node_modules"), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (from) => !from.includes(".bin"),
      });
  }
}

/** The changesets that wait. */
export const changesets = (): string[] =>
  readdirSync(join(root, ".changeset")).filter((name) => name.endsWith(".md") && name !== "README.md");

/** Sets the versions that the changesets ask for, and writes the changelogs. */
export const version = (target: string): Promise<string> =>
  quietly("changeset version", process.execPath, [join(root, "node_modules/@changesets/cli/bin.js"), "version"], {
    cwd: target,
  });

/** Writes where the sources are, which npm compares with the workflow that a package says it comes from. */
export function setRepository(target: string, url: string): void {
  for (const { folder, path } of packages(target)) {
    const repository = { type: "git", url: `git+${url}.git`, directory: `packages/${folder}` };
    writeFileSync(join(path, "package.json"), `${JSON.stringify({ ...manifestOf(path), repository }, null, 2)}\n`);
  }
}
