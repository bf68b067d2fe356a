import { existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { canInstall, installPackages, missingPackages, softwareAdapter } from "./browser.mjs";
import { compiler, compilerMissing } from "./compiler.mjs";
import { networkHint, quietly } from "./exec.mjs";
import { exclusively } from "./lock.mjs";
import { root } from "./paths.mjs";
import { fresh, hash, stamp } from "./stamp.mjs";
import { installPnpm, node, pinnedNode, pnpm, pnpmFolder } from "./toolchain.mjs";

/** @param {string} text */
const say = (text) => process.stderr.write(`[setup] ${text}\n`);
/** @param {...string} parts */
const at = (...parts) => join(root, ...parts);

const workspace = () =>
  ["packages", "apps"].flatMap((group) =>
    existsSync(at(group)) ? readdirSync(at(group)).map((name) => at(group, name, "package.json")) : [],
  );
const dependencies = () => hash(at("pnpm-lock.yaml"), at("pnpm-workspace.yaml"), at("package.json"), ...workspace());

const wasm = "packages/backend-cpu-wasm";
const kernelBuilder = at(wasm, "scripts", "build-kernels.mjs");
const kernels = () => hash(at(wasm, "assembly"), at(wasm, "scripts"), at("pnpm-lock.yaml"));

/**
 * An addon that is built with the system's C++ compiler.
 * @typedef {{ name: string, what: string, builder: string, built: string, digest: () => string }} Addon
 */
/** @param {string} name @param {string} what @param {string} built @returns {Addon} */
const addonOf = (name, what, built) => {
  const folder = at("packages", name);
  const digest = () =>
    hash(join(folder, "native"), join(folder, "scripts"), at("scripts/native"), at("pnpm-lock.yaml"));
  return { name, what, builder: join(folder, "scripts", "build.mjs"), built: join(folder, built), digest };
};
const nativeKernels = addonOf(
  "cpu-native",
  "the native kernels",
  `build/${process.platform}-${process.arch}/flambeau-cpu.node`,
);
const cuda = addonOf("backend-cuda-native", "the CUDA backend's addon and its emulated driver", "build/control.node");

/**
 * The environment of a task: the chosen Node and the workspace's tools come first on PATH.
 * @param {string} binary
 * @param {string} [task]
 */
function environment(binary, task) {
  const { PATH, Path, ...rest } = process.env;
  const path = [dirname(binary), at("node_modules", ".bin"), pnpmFolder, PATH ?? Path ?? ""].join(delimiter);
  return {
    ...rest,
    ...softwareAdapter(tests(task) || task === "check"),
    PATH: path,
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
  };
}

/** @param {string} [task] */
const tests = (task) => task?.startsWith("test") ?? false;

/** @param {string} [task] */
const compiles = (task) => tests(task) || ["build", "check", "conformance", "gpu-check", "setup"].includes(task ?? "");

/** The Node that the first step has provided. */
const chosen = () => node() ?? process.execPath;

/** The day and what was missing: when it could not be installed, the next try is on another day. */
const attempt = () => `${new Date().toISOString().slice(0, 10)} ${missingPackages().join(" ")}`;

/** @param {Addon} addon @param {(task?: string) => boolean} wanted */
const compiling = ({ name, what, builder, built, digest }, wanted) => ({
  /** @param {string} [task] */
  due: (task) => wanted(task) && existsSync(builder) && (!fresh(name, digest()) || !existsSync(built)),
  run: async () => {
    if (!compiler()) {
      say(compilerMissing);
      return;
    }
    const of = digest();
    say(`compiling ${what}`);
    try {
      await quietly("Compiling them", chosen(), [builder], { env: environment(chosen()) });
      stamp(name, of);
    } catch (error) {
      say(`that failed, it goes on without (${error instanceof Error ? error.message : error})`);
    }
  },
});

/**
 * The steps from a fresh clone to a working checkout, in order: each says whether it is due, and does it.
 * @type {{ due(task?: string): boolean, run(): Promise<void> }[]}
 */
const steps = [
  {
    due: () => !node(),
    run: async () => {
      say(`Node ${process.version} is too old for the tools: installing Node 24 into .cache/`);
      await pinnedNode(24);
    },
  },
  {
    due: () =>
      !existsSync(pnpm) || !fresh("install", dependencies()) || !existsSync(at("node_modules", ".modules.yaml")),
    run: async () => {
      const digest = dependencies();
      if (!existsSync(pnpm)) {
        say("installing pnpm into .cache/");
        await installPnpm();
      }
      say("installing dependencies");
      const args = [pnpm, "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"];
      await quietly("Installing the dependencies", chosen(), args, {
        env: environment(chosen()),
        hint: (output) =>
          /ERR_PNPM_OUTDATED_LOCKFILE/.test(output)
            ? "A package.json changed without the lockfile: run `pnpm install` and commit pnpm-lock.yaml."
            : networkHint(output),
      });
      stamp("install", digest);
    },
  },
  {
    due: () =>
      existsSync(kernelBuilder) && (!fresh("kernels", kernels()) || !existsSync(at(wasm, "src/generated/kernels.ts"))),
    run: async () => {
      const digest = kernels();
      say("compiling the WebAssembly kernels");
      await quietly("Compiling the WebAssembly kernels", chosen(), [kernelBuilder], {
        cwd: at(wasm),
        env: environment(chosen()),
      });
      stamp("kernels", digest);
    },
  },
  {
    due: (task) => tests(task) && missingPackages().length > 0 && canInstall() && !fresh("apt", attempt()),
    run: async () => {
      const packages = missingPackages();
      stamp("apt", attempt());
      say(`installing ${packages.join(" and ")} for the tests that need ${packages.length > 1 ? "them" : "it"}`);
      try {
        await installPackages(packages);
      } catch (error) {
        say(
          `that failed, the tests that need it will skip (${error instanceof Error ? error.message.split("\n")[0] : error})`,
        );
      }
    },
  },
  compiling(nativeKernels, (task) => compiles(task) || task === "bench"),
  compiling(cuda, compiles),
];

/**
 * Makes the checkout ready: Node, pnpm, dependencies, WebAssembly kernels. Looks first, and takes the lock only if something is due.
 * @param {string} [task] the task that will run: tests want a browser too
 * @returns the Node binary to run tasks with and their environment.
 */
export async function prepare(task) {
  if (steps.some((step) => step.due(task))) {
    await exclusively(async () => {
      for (const step of steps) if (step.due(task)) await step.run();
    }, say);
  }
  return { node: chosen(), env: environment(chosen(), task) };
}
