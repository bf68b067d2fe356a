// The kernels' sources under AddressSanitizer and UBSan, in a process of its own: `npm run test:all`.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compiler } from "../../../scripts/setup/compiler.mjs";
import { build } from "../scripts/build.mjs";
import { folder } from "../scripts/sources.mjs";
import { missingFor } from "./support/missing.ts";

const cxx = compiler();
const runtime = (name: string) =>
  cxx ? execFileSync(cxx, [`-print-file-name=${name}`], { encoding: "utf8" }).trim() : "";
const runtimes = ["libasan.so", "libubsan.so"].map(runtime);
const usable = missingFor("sanitizers") === null && runtimes.every((path) => existsSync(path));
if (!usable) console.warn("SKIPPED: sanitizers: they need g++ with libasan and libubsan");

const driver = join(folder, "build", "sanitized", "libcuda-emulated.so");
const program = join(folder, "test", "support", "sanitized.ts");

function run(...args: string[]) {
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning", program, driver, ...args];
  return spawnSync(process.execPath, flags, {
    encoding: "utf8",
    // leaks are counted by the driver: those of Node are its own
    env: { ...process.env, LD_PRELOAD: runtimes.join(" "), ASAN_OPTIONS: "detect_leaks=0" },
  });
}

describe.skipIf(!usable)("under AddressSanitizer and UBSan", () => {
  beforeAll(() => build(true));

  test("every primitive and a step of training are clean, and right", () => {
    const { status, stdout, stderr } = run();
    expect(stderr).toBe("");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "equal\n" });
  });
  test.each(["fault_read_past_end", "fault_write_past_end", "fault_write_before_start"])("%s is found", (kernel) => {
    const { status, stderr } = run(kernel);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/AddressSanitizer: (use-after-poison|heap-buffer-overflow)/);
    expect(stderr).toContain(kernel);
  });
});
