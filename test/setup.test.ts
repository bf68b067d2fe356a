// The set-up that every command goes through: its lock, its choice of Node, and the counts that end a CI run.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chromium, missingPackages, softwareAdapter } from "../scripts/setup/browser.mjs";
import { quietly } from "../scripts/setup/exec.mjs";
import { exclusively } from "../scripts/setup/lock.mjs";
import { root } from "../scripts/setup/paths.mjs";
import { fits } from "../scripts/setup/toolchain.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flambeau setup "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["v18.20.8", false],
  ["v20.20.2", false],
  ["v22.17.1", false],
  ["v22.18.0", true],
  ["v23.11.0", false],
  ["v24.10.0", false],
  ["v24.11.0", true],
  ["v26.0.0", true],
])("Node %s fits the tools: %s", (version, expected) => expect(fits(version)).toBe(expected));

describe("the lock", () => {
  const quiet = () => {};

  test("lets one process in at a time", async () => {
    const counter = join(folder, "counter");
    writeFileSync(counter, "0");
    // without the lock, read, pause, write loses increments
    const program = `
      import { readFileSync, writeFileSync } from "node:fs";
      import { exclusively } from ${JSON.stringify(join(root, "scripts/setup/lock.mjs"))};
      for (let i = 0; i < 5; i++) await exclusively(async () => {
        const n = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
        await new Promise((resolve) => setTimeout(resolve, 5));
        writeFileSync(${JSON.stringify(counter)}, String(n + 1));
      }, () => {}, ${JSON.stringify(join(folder, "lock"))});`;
    const run = () => quietly("the program", process.execPath, ["--input-type=module", "-e", program]);
    await Promise.all([run(), run(), run(), run()]);
    expect(readFileSync(counter, "utf8")).toBe("20");
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  test("takes over from a process that died", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(join(folder, "lock"), `${pid}\n${hostname()}\n`);
    expect(await exclusively(async () => "in", quiet, join(folder, "lock"))).toBe("in");
  });

  test("takes over from another host whose heartbeat stopped", async () => {
    const path = join(folder, "lock");
    writeFileSync(path, "1\nelsewhere\n");
    const past = new Date(Date.now() - 10 * 60_000);
    utimesSync(path, past, past);
    expect(await exclusively(async () => "in", quiet, path)).toBe("in");
  });

  test("waits for a live holder, and says so", async () => {
    const path = join(folder, "lock");
    const said: string[] = [];
    writeFileSync(path, `${process.pid}\n${hostname()}\n`);
    setTimeout(() => rmSync(path), 300);
    const start = Date.now();
    await exclusively(
      async () => {},
      (text) => said.push(text),
      path,
    );
    expect(Date.now() - start).toBeGreaterThan(250);
    expect(said).toEqual([`waiting for another run (process ${process.pid}) to finish its set-up`]);
  });

  test("is released when the work fails", async () => {
    const fail = () => Promise.reject(new Error("no"));
    await expect(exclusively(fail, quiet, join(folder, "lock"))).rejects.toThrow("no");
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });
});

describe("the browser and the adapter for tests", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("CHROMIUM_PATH names the browser, and the usual names are looked for without it", () => {
    const named = join(folder, "my browser");
    writeFileSync(named, "");
    vi.stubEnv("CHROMIUM_PATH", named);
    expect(chromium()).toBe(named);
    vi.stubEnv("CHROMIUM_PATH", `${named} that is gone`);
    expect(chromium()).toBeUndefined();
    vi.stubEnv("CHROMIUM_PATH", "");
    const usual = join(folder, "chromium");
    writeFileSync(usual, "");
    vi.stubEnv("PATH", folder);
    expect(chromium()).toBe(usual);
  });

  test.runIf(process.platform === "linux")("a missing browser is a package to install", () => {
    vi.stubEnv("CHROMIUM_PATH", join(folder, "none"));
    expect(missingPackages()).toContain("chromium");
  });

  test("a driver that was chosen stays", () => {
    vi.stubEnv("VK_ICD_FILENAMES", "/my/driver.json");
    expect(softwareAdapter(true)).toEqual({});
    vi.stubEnv("VK_ICD_FILENAMES", "");
    vi.stubEnv("VK_DRIVER_FILES", "/my/driver.json");
    expect(softwareAdapter(true)).toEqual({});
  });

  test("without a browser its tests skip, and one line says what to install", () => {
    const { stderr, status } = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        ...["run", "--project=playground", "--reporter=json", `--outputFile=${join(folder, "report.json")}`],
      ],
      { cwd: root, env: { ...process.env, CHROMIUM_PATH: join(folder, "none") } },
    );
    expect(String(stderr)).toContain(
      "Chromium is missing, so the browser tests skip: install it (Debian: apt-get install chromium)",
    );
    const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
    expect(report.numPassedTests).toBe(0);
    expect(report.numPendingTests).toBeGreaterThan(10);
    expect(status).toBe(0);
  });
});

describe("the summary of a CI run", () => {
  const report = (file: string, value: unknown) => writeFileSync(join(folder, file), JSON.stringify(value));
  const assertion = (status: string) => ({ status, title: status, ancestorTitles: [] });
  const tests = (passed: number, failed: number, skipped: number) => ({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    testResults: [{ status: failed ? "failed" : "passed", assertionResults: failed ? [assertion("failed")] : [] }],
  });
  const summary = () => {
    const { stdout, status } = spawnSync(process.execPath, [join(root, "scripts/ci-summary.mjs"), folder]);
    return [String(stdout).trim().split("\n").at(-1), status];
  };

  /** What one part left: its report and how it ended. */
  const part = (name: string, value: unknown, exit: number) => {
    report(`${name}.json`, value);
    writeFileSync(join(folder, `${name}.exit`), `${exit}\n`);
  };

  test("adds up tests and checks", () => {
    part("test", tests(10, 0, 2), 0);
    part("test:delivered", tests(20, 0, 1), 0);
    part("checks", { passed: 5, failed: 0 }, 0);
    expect(summary()).toEqual(["35 passed, 0 failed, 3 skipped", 0]);
  });

  test("fails with what failed", () => {
    part("test", tests(10, 1, 0), 1);
    part("test:delivered", tests(20, 3, 0), 1);
    part("checks", { passed: 4, failed: 2 }, 1);
    expect(summary()).toEqual(["34 passed, 6 failed, 0 skipped", 1]);
  });

  test("counts a part that crashed, a file that did not load and an error outside any test", () => {
    expect(summary()).toEqual(["0 passed, 3 failed, 0 skipped", 1]);
    const broken = { status: "failed", name: "a.test.ts", message: "cannot load", assertionResults: [] };
    part("test", { ...tests(10, 0, 0), testResults: [broken] }, 1);
    part("test:delivered", tests(0, 0, 0), 0);
    part("checks", { passed: 5, failed: 0 }, 0);
    expect(summary()).toEqual(["15 passed, 1 failed, 0 skipped", 1]);
    report("test.json", tests(10, 0, 0));
    expect(summary()).toEqual(["15 passed, 1 failed, 0 skipped", 1]);
  });
});
