// The check of a machine with a card, where there is none: what it says then, and how it goes on the emulated driver.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emulatedDriver, emulationMissing } from "@flambeau/backend-cuda-native/emulated";
import { afterAll, describe, expect, test } from "vitest";
import { program, run } from "../src/child.ts";
import { difference } from "../src/jobs.ts";
import { parse } from "../src/options.ts";

const missing = emulationMissing();
if (missing !== null) console.warn(`SKIPPED: gpu-check: ${missing}`);
const folder = mkdtempSync(join(tmpdir(), "flambeau-gpu-check-"));
afterAll(() => rmSync(folder, { recursive: true }));
const check = (...args: string[]) => run(process.execPath, program("apps/gpu-check/src/main.ts", ...args), 600_000);

describe("gpu-check", () => {
  test("says why there is no card", async () => {
    const { code, stderr } = await check("--driver", "/nowhere/libcuda.so.1");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^gpu-check needs an NVIDIA card, and there is none to use:\n {4}cuda: /);
  });
  test.each([
    [["--only", "jobs,weather"], 'there is no part "weather"'],
    [["--minutes", "0"], "--minutes: expected a number above 0"],
    [["--steps", "1.5"], "--steps: expected a whole number"],
    [["--fast"], "--fast"],
  ])("does not take %o", (args, says) => {
    expect(() => parse(args)).toThrow(says);
  });
  test("tells losses that are near the cpu's from others", () => {
    expect(difference([2, 1.00001], [2, 1])).toBeNull();
    expect(difference([2, 1.01], [2, 1])).toBe("step 2: the loss is 1.01, and 1 on the cpu");
    expect(difference([2, Number.NaN], [2, 1])).toContain("step 2: the loss is NaN");
    expect(difference([2], [2, 1])).toBe("1 losses, and 2 on the cpu");
    expect(difference([], [])).toBe("0 losses, and 0 on the cpu");
  });
  test("ends a process whose time is over", async () => {
    const { late, code } = await run(process.execPath, ["-e", "setTimeout(() => {}, 1e6)"], 300);
    expect({ late, code }).toEqual({ late: true, code: null });
  });
});

describe.skipIf(missing !== null)("gpu-check on the emulated driver", () => {
  const driver = ["--driver", emulatedDriver];
  test("goes through its parts, and writes what they found", async () => {
    const report = join(folder, "report.json");
    const { code, stdout } = await check(...driver, "--only", "primitives,memcheck", "--report", report);
    expect(stdout).toMatch(/passed {2}primitives/);
    expect(stdout).toContain("gpu-check: all that ran passed");
    expect(code).toBe(0);
    const { card, found } = JSON.parse(readFileSync(report, "utf8"));
    expect(card).toMatch(
      /^emulated device 0, compute capability 8\.0, 1024 MiB, driver for CUDA 13\.0; programs interpreted \(.+\); products by own kernels \(.+\)$/,
    );
    const sanitizer = existsSync("/usr/local/cuda/bin/compute-sanitizer") ? expect.any(String) : "skipped";
    expect(found).toMatchObject([
      { part: "primitives", is: "passed" },
      { part: "memcheck", is: sanitizer },
    ]);
  });
  test("what it has no time for is no pass", async () => {
    const { code, stdout } = await check(...driver, "--only", "primitives", "--minutes", "0.001");
    expect(stdout).toContain("gpu-check: primitives late");
    expect(code).toBe(1);
  });
  test("the first step of a training program has the cpu's loss", async () => {
    const [cpu, here] = await Promise.all(
      ["cpu", "cuda"].map(async (device) => {
        const args = program("apps/gpu-check/src/job.ts", "names", device, "1", emulatedDriver);
        return JSON.parse((await run(process.execPath, args, 600_000)).stdout) as number[];
      }),
    );
    expect(cpu).toHaveLength(1);
    expect(difference(here, cpu)).toBeNull();
  });
});
