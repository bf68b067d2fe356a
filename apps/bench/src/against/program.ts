import { existsSync } from "node:fs";
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "../child.ts";
import { home } from "./checkout.ts";
import { removeOrphans } from "./orphans.ts";

const sources = fileURLToPath(new URL("..", import.meta.url));
const child = relative(sources, fileURLToPath(new URL("./child.ts", import.meta.url)));

/** A program that runs this bench's workloads on the packages of one checkout, and how to take it away again. */
export type Program = { command: (threads: number) => Command; remove: () => Promise<void> };

/**
 * Put this bench's sources into a checkout, in a folder that git ignores and where `flambeau` is that checkout's. So a row that is
 * newer than the commit can be measured on it, and both sides run the same lines.
 */
export async function install(checkout: string, label: string): Promise<Program> {
  const umbrella = join(checkout, "packages", "flambeau");
  if (!existsSync(join(umbrella, "package.json"))) {
    throw new RangeError(`--against: ${label} has no package flambeau to measure`);
  }
  const folder = join(checkout, ".cache", `bench-program-${process.pid}`);
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await removeOrphans(join(checkout, ".cache"), "bench-program-");
  await cp(sources, join(folder, "src"), { recursive: true });
  await symlink(umbrella, join(folder, "node_modules", "flambeau"), "junction");
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning", "--expose-gc"];
  // hundreds of sources are stripped of their types in each process otherwise, which takes longer than the measuring
  const env = { NODE_COMPILE_CACHE: join(folder, "compile-cache") };
  return {
    command: (threads) => ({
      file: process.execPath,
      args: [...flags, join(folder, "src", child), String(threads)],
      env,
    }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Where a copy of the working tree lies while this process compares. */
export const copyFolder = (root: string, number: number) => join(home(root), `working-${process.pid}-${number}`);

/** Copy a checkout's packages to where edits do not reach them. */
export async function copyPackages(from: string, to: string): Promise<void> {
  const unneeded = new Set(["test", "dist", "coverage", ".turbo"]);
  await cp(join(from, "packages"), join(to, "packages"), {
    recursive: true,
    verbatimSymlinks: true, // the packages' links to each other are relative, and so lead to the copies
    filter: (path) => !unneeded.has(basename(path)),
  });
  await cp(join(from, "package.json"), join(to, "package.json"));
  await symlink(join(from, "node_modules"), join(to, "node_modules"), "junction");
}
