// Compiles a Node-API addon, so that it loads on other systems than this one: the C++ library is linked into it, it shows nothing but what
// Node asks for, and it wants no newer C library than `oldestGlibc` (portable.cc), which `glibc.test.ts` and the packing hold it to.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiler, compilerMissing } from "../setup/compiler.mjs";
import { here, nameOf } from "./targets.mjs";

/**
 * What a package says of its addon, in `scripts/addon.mjs`.
 * @typedef {object} Addon
 * @property {string} folder the package's
 * @property {string} name the file's, without ".node"
 * @property {(target: import("./targets.mjs").Target) => readonly Unit[]} units
 * @property {readonly string[]} [flags] for all units
 */
/**
 * A source, with flags of its own.
 * @typedef {{ readonly source: string, readonly flags?: readonly string[] }} Unit
 */

const portable = fileURLToPath(new URL("portable.cc", import.meta.url));
const flags = [
  ...["-std=c++17", "-O2", "-fPIC", "-pthread", "-Wall", "-Wextra"],
  ...["-fvisibility=hidden", "-fvisibility-inlines-hidden", "-ffunction-sections", "-fdata-sections"],
  ...["-fno-exceptions", "-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "-DNAPI_VERSION=8"],
  // a thread that is told to end in the midst of a call cannot be thrown at, which else ends the process
  "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
];
const linking = [
  ...["-shared", "-pthread", "-s", "-static-libstdc++", "-static-libgcc"],
  ...["-Wl,--exclude-libs,ALL", "-Wl,--gc-sections", "-Wl,--as-needed"],
  // templates of the C++ library are as visible as it says, whatever the flags above say
  `-Wl,--version-script=${fileURLToPath(new URL("exports.map", import.meta.url))}`,
];

/** Node-API's headers, from the package's own dependencies. @param {string} folder */
export const headers = (folder) =>
  ["node-addon-api", "node-api-headers/include"].flatMap((path) => ["-isystem", join(folder, "node_modules", path)]);

/** @param {string} command @param {readonly string[]} args @returns {Promise<void>} */
export function run(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${command} failed with ${code}`))));
  });
}

/** Where a checkout has the addon of a platform. @param {Addon} addon @param {import("./targets.mjs").Target} target */
export const builtAddon = ({ folder, name }, target) => join(folder, "build", nameOf(target), `${name}.node`);

/** Whether this system's C library is glibc: others have no older versions to ask for. */
const glibc = () => {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime !== undefined;
};

// a file full of vectors takes minutes to compile with more, or for undefined behaviour too; products and sums are fused from the second flag on
const sanitizers = ["-O1", "-fexpensive-optimizations", "-fsanitize=address", "-fno-omit-frame-pointer", "-g"];

/**
 * Builds the addon for a platform, by default this one. A process that has loaded the one before keeps it.
 * @param {Addon} addon @param {import("./targets.mjs").Target | undefined} target
 * @param {boolean} sanitize with AddressSanitizer, in a folder of its own: for this system's tests alone
 * @returns {Promise<string>} where it is
 */
export async function compileAddon(addon, target = here(), sanitize = false) {
  if (!target) throw new Error(`addons are not built for ${process.platform}-${process.arch}`);
  const cxx = compiler(target.cpu);
  if (!cxx) throw new Error(target.cpu === process.arch ? compilerMissing : `no C++ compiler for ${nameOf(target)}`);
  const out = sanitize ? join(addon.folder, "build/sanitized", `${addon.name}.node`) : builtAddon(addon, target);
  const extra = sanitize ? sanitizers : [];
  mkdirSync(dirname(out), { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "flambeau-addon-"));
  try {
    /** @type {Unit[]} */
    const shim = !sanitize && (target.cpu !== process.arch || glibc()) ? [{ source: portable }] : [];
    const units = [...shim, ...addon.units(target)];
    const objects = units.map(({ source }, i) => join(work, `${i}-${basename(source)}.o`));
    const jobs = units.map((unit, i) => () => {
      const own = [...flags, ...headers(addon.folder), ...(addon.flags ?? []), ...(unit.flags ?? []), ...extra];
      return run(cxx, [...own, "-c", unit.source, "-o", objects[i]]);
    });
    const worker = async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) await job();
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    const draft = `${out}.${process.pid}`;
    await run(cxx, [...(sanitize ? ["-shared", ...extra] : linking), ...objects, "-o", draft, "-ldl"]);
    const built = readFileSync(draft);
    const sha256 = createHash("sha256").update(built).digest("hex");
    // a loader can compare: a file that was cut off or damaged takes the process with it
    writeFileSync(`${out}.json`, `${JSON.stringify({ bytes: built.length, sha256 })}\n`);
    renameSync(draft, out);
    return out;
  } finally {
    rmSync(work, { recursive: true });
  }
}
