// Builds the addon, and for tests the emulated driver and its controls, with the system's C++ compiler:
//   node packages/backend-cuda-native/scripts/build.mjs [--sanitize]
// --sanitize: the emulated driver with AddressSanitizer and UBSan, in build/sanitized.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compiler, compilerMissing } from "../../../scripts/setup/compiler.mjs";
import { folder } from "./sources.mjs";

const headers = ["node-addon-api", "node-api-headers/include"].flatMap((path) => [
  "-isystem",
  join(folder, "node_modules", path),
]);
const common = ["-std=c++17", "-O1", "-fPIC", "-shared", "-pthread", "-Wall", "-Wextra"];
const addonFlags = [
  ...headers,
  "-fno-exceptions",
  "-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
  "-DNAPI_VERSION=8",
  "-fvisibility=hidden",
];
const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g"];

/** @param {string} path @param {(name: string) => boolean} wanted */
const sources = (path, wanted) =>
  readdirSync(join(folder, "native", path))
    .filter((name) => name.endsWith(".cc") && wanted(name))
    .map((name) => join(folder, "native", path, name));

/** @param {string} cxx @param {string[]} args @param {string} out @returns {Promise<void>} */
function compile(cxx, args, out) {
  const draft = `${out}.${process.pid}`;
  const child = spawn(cxx, [...common, ...args, "-o", draft, "-ldl"], { stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code !== 0) return reject(new Error(`${cxx} failed with ${code}`));
      renameSync(draft, out); // a process that runs keeps the one that it has
      resolve();
    });
  });
}

/** @param {boolean} sanitize */
export async function build(sanitize) {
  const cxx = compiler();
  if (!cxx) throw new Error(compilerMissing);
  const out = join(folder, "build", sanitize ? "sanitized" : "");
  mkdirSync(out, { recursive: true });
  const addon = sources("addon", () => true);
  const driver = sources("emulation", (name) => name !== "control.cc");
  const control = sources("emulation", (name) => name === "control.cc");
  const emulated = join(out, "libcuda-emulated.so");
  if (sanitize) return compile(cxx, [...sanitizers, ...driver], emulated);
  await Promise.all([
    compile(cxx, driver, emulated),
    compile(cxx, [...addonFlags, ...addon], join(out, "flambeau-cuda.node")),
    compile(cxx, [...addonFlags, ...control], join(out, "control.node")),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (!existsSync(join(folder, "node_modules", "node-addon-api"))) throw new Error("install the dependencies first");
  await build(process.argv.includes("--sanitize"));
}
