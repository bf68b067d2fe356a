import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { networkHint, quietly, SetupError } from "./exec.mjs";
import { cache, root } from "./paths.mjs";
import { hash } from "./stamp.mjs";

const home = join(cache, "toolchain");
/** @typedef {"node" | "pnpm"} Tool */

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

function nodeBinary() {
  const modules = join(installed("node"), "node_modules");
  if (!existsSync(modules)) return undefined;
  const name = readdirSync(modules).find((entry) => entry.startsWith("node-"));
  const file = name && join(modules, name, "bin", process.platform === "win32" ? "node.exe" : "node");
  return file && existsSync(file) ? file : undefined;
}

/** The pinned pnpm's entry script, to be run by Node. */
export const pnpm = join(installed("pnpm"), "node_modules", "pnpm", "bin", "pnpm.mjs");

/** The Node to run tasks with: the running one when it fits, else the pinned one; undefined when that is not there yet. */
export const node = () => (fits(process.version) ? process.execPath : nodeBinary());

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

/** Installs the pinned Node. */
export async function installNode() {
  await install("node");
  if (nodeBinary()) return;
  rmSync(installed("node"), { recursive: true, force: true });
  throw new SetupError(
    `Node ${process.version} is too old for the tools (22.18, 24.11 or 26 and later will do), and npm has no Node binary ` +
      `package for ${process.platform}-${process.arch}. Install a newer Node and try again.`,
  );
}

/** Installs the pinned pnpm. */
export const installPnpm = () => install("pnpm");
