// All of PyTorch's figures on the native kernels under AddressSanitizer, in a process of its own: `npm run test:all`. It watches their work
// areas and tables; writes outside of tensors, in the heap, are the guards' to find (`--debug`).
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compileAddon } from "../../../scripts/native/compile.mjs";
import { here } from "../../../scripts/native/targets.mjs";
import { compiler } from "../../../scripts/setup/compiler.mjs";
import { root } from "../../../scripts/setup/paths.mjs";
import { addon } from "../scripts/addon.mjs";

const cxx = compiler();
const runtime = cxx ? execFileSync(cxx, ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim() : "";
const usable = here() !== undefined && existsSync(runtime);
if (!usable) console.warn("SKIPPED: native kernels under AddressSanitizer: they need g++ with libasan");

describe.skipIf(!usable)("under AddressSanitizer", () => {
  let built = "";
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["--conditions=source", "--disable-warning=ExperimentalWarning", ...args], {
      cwd: root,
      encoding: "utf8",
      // leaks are looked for by others: those of Node are its own
      env: { ...process.env, LD_PRELOAD: runtime, ASAN_OPTIONS: "detect_leaks=0", FLAMBEAU_NATIVE: built },
    });
  beforeAll(async () => {
    built = await compileAddon(addon, undefined, true);
  });

  test("the kernels are those that are watched", () => {
    const program = `import { cpuWasm } from "@flambeau/backend-cpu-wasm"; console.log(cpuWasm().info)`;
    expect(run("--input-type=module", "-e", program).stdout).toMatch(/ native kernels \((avx512|avx2|neon)\)/);
  });
  test.each([[], ["--threads", "2"], ["--debug"]])("PyTorch's figures %j", (...options) => {
    const { status, stdout, stderr } = run(join(root, "packages/testkit/src/cli.ts"), "--device", "cpu", ...options);
    expect(stderr).not.toContain("AddressSanitizer");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^all .*/m) });
  });
});
