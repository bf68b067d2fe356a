import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
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
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
    // Not `npm ci`: it insists that a lockfile names the optional packages of every platform, and a mirror may lack some.
    // npm takes its own settings from these variables; some, as a global prefix or a script policy, would bend this install.
    const { npm_config_global: _, npm_config_prefix: __, ...env } = process.env;
    await quietly(`Installing ${tool} with npm`, "npm", args, { cwd: draft, env, hint: networkHint });
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * The pinned Node of a major version, installed if need be.
 * @param {22 | 24} major @returns {Promise<string>} its binary
 */
export async function pinnedNode(major) {
  const tool = /** @type {const} */ (`node${major}`);
  if (!nodeBinary(tool)) await install(tool);
  const binary = nodeBinary(tool);
  if (binary) return binary;
  rmSync(installed(tool), { recursive: true, force: true });
  throw new SetupError(
    `npm has no binary package of Node ${major} for ${process.platform}-${process.arch}: install Node 22.18, 24.11, 26 or later.`,
  );
}

/** Installs the pinned pnpm. */
export const installPnpm = () => install("pnpm");
