import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { networkHint, quietly, SetupError } from "./exec.mjs";
import { cache, root } from "./paths.mjs";
import { hash } from "./stamp.mjs";

const home = join(cache, "toolchain");
/** @typedef {"node24" | "node22" | "pnpm"} Tool */

/** @param {Tool} tool */
const manifest = (tool) => join(root, "scripts", "toolchain", tool);
// The folder's name holds the lockfile's hash and the platform: it exists only when complete, and a new pin is a new folder.
/** @param {Tool} tool */
const installed = (tool) =>
  join(home, `${tool}-${process.platform}-${process.arch}-${hash(manifest(tool)).slice(0, 12)}`);

/**
 * Whether a Node version strips types by itself and is one that the tools (vitest, tsup) support.
 * @param {string} version as `process.version` gives it
 */
export function fits(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26;
}

/** @param {"node24" | "node22"} tool @returns {string | undefined} its binary, if it is installed */
function nodeBinary(tool) {
  const modules = join(installed(tool), "node_modules");
  if (!existsSync(modules)) return undefined;
  const name = readdirSync(modules).find((entry) => entry.startsWith("node-"));
  const file = name && join(modules, name, "bin", process.platform === "win32" ? "node.exe" : "node");
  return file && existsSync(file) ? file : undefined;
}

/** The pinned pnpm's entry script, to be run by Node. */
export const pnpm = join(installed("pnpm"), "node_modules", "pnpm", "bin", "pnpm.mjs");

/** The folder with a command `pnpm`: turbo and changesets call it by that name. */
export const pnpmFolder = join(installed("pnpm"), "bin");

/** The Node to run tasks with: the running one when it fits, else the pinned one; undefined when that is not there yet. */
export const node = () => (fits(process.version) ? process.execPath : nodeBinary("node24"));

/**
 * Installs a pinned tool with npm, checked against its lockfile, without running any install script.
 * @param {Tool} tool
 */
async function install(tool) {
  const target = installed(tool);
  const draft = join(home, `.${tool}-${process.pid}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  cpSync(manifest(tool), draft, { recursive: true });
  try {
    if (tool !== "pnpm") keepThisPlatform(tool, draft);
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
    // Not `npm ci`: it insists that a lockfile names the optional packages of every platform, and a mirror may lack some.
    // npm takes its own settings from these variables; some, as a global prefix or a script policy, would bend this install.
    const { npm_config_global: _, npm_config_prefix: __, ...env } = process.env;
    await quietly(`Installing ${tool} with npm`, "npm", args, { cwd: draft, env, hint: networkHint });
    if (tool === "pnpm") writeCommand(join(draft, "bin"));
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Rewrites the copy of a manifest to this platform's package alone, required rather than optional: npm passes over an optional
 * package that it cannot download.
 * @param {"node24" | "node22"} tool @param {string} folder
 */
function keepThisPlatform(tool, folder) {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  const path = Object.keys(lock.packages).find(
    (key) => lock.packages[key].os === process.platform && lock.packages[key].cpu === process.arch,
  );
  if (!path) {
    throw new SetupError(
      `Node ${process.version} is not one that the tools support, and npm has no binary package of ${tool} for ` +
        `${process.platform}-${process.arch}. Install Node 22.18, 24.11, 26 or later, and try again.`,
    );
  }
  const { optional: _, ...entry } = lock.packages[path];
  const head = { name: lock.name, dependencies: { [path.replace("node_modules/", "")]: entry.version } };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...head, private: true }));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ ...lock, packages: { "": head, [path]: entry } }));
}

/**
 * The pinned Node of a major version, installed if need be.
 * @param {22 | 24} major @returns {Promise<string>} its binary
 */
export async function pinnedNode(major) {
  const tool = /** @type {const} */ (`node${major}`);
  if (!nodeBinary(tool)) await install(tool);
  const binary = nodeBinary(tool);
  if (!binary) throw new SetupError(`${installed(tool)} holds no Node binary: remove that folder and try again.`);
  return binary;
}

/** Installs the pinned pnpm. */
export const installPnpm = () => install("pnpm");

/**
 * Writes the command `pnpm`. The one that npm links needs an install script to become a program.
 * @param {string} folder
 */
function writeCommand(folder) {
  mkdirSync(folder);
  const script = join("..", "node_modules", "pnpm", "bin", "pnpm.mjs");
  if (process.platform === "win32") writeFileSync(join(folder, "pnpm.cmd"), `@node "%~dp0${script}" %*\r\n`);
  else writeFileSync(join(folder, "pnpm"), `#!/bin/sh\nexec node "$(dirname "$0")/${script}" "$@"\n`, { mode: 0o755 });
}
