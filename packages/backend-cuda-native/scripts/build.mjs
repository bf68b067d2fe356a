// Builds the addon, and for tests the emulated driver (twice: the second one looks for races), libraries and controls, with the system's C++ compiler:
//   node packages/backend-cuda-native/scripts/build.mjs [--sanitize]
// --sanitize: the emulated driver with AddressSanitizer and UBSan, in build/sanitized.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileAddon, headers, run } from "../../../scripts/native/compile.mjs";
import { compiler, compilerMissing } from "../../../scripts/setup/compiler.mjs";
import { addon } from "./addon.mjs";
import { folder, sources } from "./sources.mjs";

const common = ["-std=c++17", "-O1", "-fPIC", "-shared", "-pthread", "-Wall", "-Wextra"];
const controlFlags = [
  ...headers(folder),
  "-fno-exceptions",
  "-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
  "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
];
const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g"];

/** @param {string} cxx @param {string[]} args @param {string} out */
async function compile(cxx, args, out) {
  const draft = `${out}.${process.pid}`;
  await run(cxx, [...common, ...args, "-o", draft, "-ldl"]);
  renameSync(draft, out); // a process that runs keeps the one that it has
}

/** Sources that are no part of the emulated driver, or of one of the two. */
const apart = ["control", "races", "norace", "nvrtc", "cublas"];

/** @param {boolean} sanitize */
export async function build(sanitize) {
  const cxx = compiler();
  if (!cxx) throw new Error(compilerMissing);
  const out = join(folder, "build", sanitize ? "sanitized" : "");
  mkdirSync(out, { recursive: true });
  const all = sources("emulation");
  const runs = [`-DCOMPILER="${cxx}"`, `-DEMULATION="${join(folder, "native", "emulation")}"`];
  const named = (/** @type {string[]} */ ...names) => all.filter((path) => names.includes(basename(path, ".cc")));
  const common = all.filter((path) => !apart.includes(basename(path, ".cc")));
  const driver = [...common, ...named("norace")];
  const emulated = join(out, "libcuda-emulated.so");
  if (sanitize) return compile(cxx, [...sanitizers, ...runs, ...driver], emulated);
  await Promise.all([
    compile(cxx, [...runs, ...driver], emulated),
    withRaces(cxx, join(out, "libcuda-emulated-races.so"), {
      kernels: named("kernels", "faults"),
      others: [...runs, ...common.filter((path) => !named("kernels", "faults").includes(path)), ...named("races")],
    }),
    compileAddon(addon),
    compile(cxx, [...controlFlags, ...named("control")], join(out, "control.node")),
    compile(cxx, [...runs, ...named("nvrtc")], join(out, "libnvrtc-emulated.so")),
    compile(cxx, named("cublas"), join(out, "libcublasLt-emulated.so")),
  ]);
}

/**
 * The emulated driver with instrumented kernels: only these, and without ThreadSanitizer's own library.
 * @param {string} cxx @param {string} out @param {{ kernels: string[], others: string[] }} sources
 */
async function withRaces(cxx, out, { kernels, others }) {
  const objects = kernels.map((path) => `${out}.${basename(path)}.${process.pid}.o`);
  try {
    await Promise.all(
      kernels.map((path, i) =>
        run(cxx, ["-std=c++17", "-O1", "-fPIC", "-Wall", "-Wextra", "-fsanitize=thread", "-c", path, "-o", objects[i]]),
      ),
    );
    await compile(cxx, [...others, ...objects], out);
  } finally {
    for (const path of objects) rmSync(path, { force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (!existsSync(join(folder, "node_modules", "node-addon-api"))) throw new Error("install the dependencies first");
  await build(process.argv.includes("--sanitize"));
}
