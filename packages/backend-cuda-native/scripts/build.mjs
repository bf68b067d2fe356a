// Builds the addon, and for tests the emulated driver and its controls, with the system's C++ compiler:
//   node packages/backend-cuda-native/scripts/build.mjs [--sanitize]
// --sanitize: the emulated driver with AddressSanitizer and UBSan, in build/sanitized.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { folder } from "./sources.mjs";

/** The compiler: `CXX`, or the first of the usual ones that is there; undefined where there is none, or no Linux. */
export function compiler() {
  if (process.platform !== "linux") return undefined;
  const names = [process.env.CXX ?? "g++", "g++", "clang++"];
  return names.find((name) => !spawnSync(name, ["--version"]).error);
}

const headers = ["node-addon-api", "node-api-headers/include"].flatMap((path) => [
  "-isystem",
  join(folder, "node_modules", path),
]);
const common = ["-std=c++17", "-O1", "-fPIC", "-shared", "-pthread", "-Wall", "-Wextra", "-Werror"];
const addonFlags = [...headers, "-fno-exceptions", "-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "-DNAPI_VERSION=8"];
const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g"];

/** @param {string} path @param {(name: string) => boolean} wanted */
const sources = (path, wanted) =>
  readdirSync(join(folder, "native", path))
    .filter((name) => name.endsWith(".cc") && wanted(name))
    .map((name) => join(folder, "native", path, name));

/** @param {string} cxx @param {string[]} args @returns {Promise<void>} */
function compile(cxx, args) {
  const child = spawn(cxx, args, { stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${cxx} failed with ${code}`))));
  });
}

/** @param {boolean} sanitize */
export async function build(sanitize) {
  const cxx = compiler();
  if (!cxx) throw new Error("there is no C++ compiler (g++ or clang++ on Linux)");
  const out = join(folder, "build", sanitize ? "sanitized" : "");
  mkdirSync(out, { recursive: true });
  const emulation = sources("emulation", (name) => name !== "control.cc");
  const driver = [
    ...common,
    ...(sanitize ? sanitizers : []),
    ...emulation,
    "-o",
    join(out, "libcuda-emulated.so"),
    "-ldl",
  ];
  if (sanitize) return compile(cxx, driver);
  const addon = (/** @type {string[]} */ files, /** @type {string} */ name) =>
    compile(cxx, [...common, ...addonFlags, "-fvisibility=hidden", ...files, "-o", join(out, name), "-ldl"]);
  await Promise.all([
    compile(cxx, driver),
    addon(
      sources("addon", () => true),
      "flambeau-cuda.node",
    ),
    addon(
      sources("emulation", (name) => name === "control.cc"),
      "control.node",
    ),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (!existsSync(join(folder, "node_modules", "node-addon-api"))) throw new Error("install the dependencies first");
  await build(process.argv.includes("--sanitize"));
}
