// Every test in its long form: whole fuzz sets, loops of 20,000 iterations, PyTorch's figures on every device and on the build of
// the cpu backend that looks for writes outside of tensors. Arguments go to vitest: `npm run test:all -- packages/io`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/paths.mjs";

const at = (path: string) => join(root, path);
const given = process.argv.slice(2);
const conformance = ["--conditions=source", "--disable-warning=ExperimentalWarning", at("packages/testkit/src/cli.ts")];

const parts: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "tests", args: [at("node_modules/vitest/vitest.mjs"), "run", ...given] },
  ...(given.length > 0
    ? []
    : [
        { name: "PyTorch's figures on the cpu", args: [...conformance, "--device=cpu"] },
        { name: "the same with guards around memory", args: [...conformance, "--device=cpu", "--debug"] },
        { name: "the same on WebGPU", args: [...conformance, "--device=webgpu"] },
        ...(existsSync(at("packages/backend-cuda-native/build/control.node"))
          ? [{ name: "the same on the emulated CUDA device", args: [...conformance, "--device=cuda-emulated"] }]
          : []),
      ]),
];

const failed: string[] = [];
for (const { name, args } of parts) {
  process.stdout.write(`== ${name}\n`);
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, FLAMBEAU_LONG: "1" },
  });
  if (status !== 0) failed.push(name);
}
process.stdout.write(failed.length > 0 ? `failed: ${failed.join(", ")}\n` : `all ${parts.length} parts passed\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
