import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { cache, root } from "./paths.mjs";

const folder = join(cache, "stamps");

/** @param {string} path @returns {string[]} every file at or below `path` */
function files(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => files(join(path, name)));
}

/**
 * The hash of names and contents of files and folders, as hex. What is missing counts as missing.
 * @param {...string} paths
 */
export function hash(...paths) {
  const sum = createHash("sha256");
  for (const file of paths.flatMap(files))
    sum.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return sum.digest("hex").slice(0, 32);
}

/**
 * Whether step `name` was last completed for inputs of this hash.
 * @param {string} name @param {string} digest
 */
export function fresh(name, digest) {
  try {
    return readFileSync(join(folder, name), "utf8") === digest;
  } catch {
    return false;
  }
}

/**
 * Notes that step `name` is complete for inputs of this hash.
 * @param {string} name @param {string} digest
 */
export function stamp(name, digest) {
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `${name}.${process.pid}`);
  writeFileSync(draft, digest);
  renameSync(draft, join(folder, name));
}
