import { availableParallelism } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";
import { chromium, chromiumFlags, chromiumMissing } from "./scripts/setup/browser.mjs";
import { long } from "./test/support/long.ts";

// Tests run on the sources: the "source" condition of each package's exports leads to src/, so nothing is built first.
// Node gets the same condition, for the workers and child processes that the code under test starts.
const conditions = ["source", "module", "node", "development|production"];
const webgpu = ["packages/backend-webgpu/test/**/*.test.ts", "packages/testkit/test/*webgpu*.test.ts"];
const figures = ["packages/testkit/test/conformance-webgpu.test.ts"];
const short = long ? [] : ["**/*.long.test.ts"];
// No test fails because the machine is busy: a time-out is there to end what hangs.
const patience = { testTimeout: 600_000, hookTimeout: 600_000 };
const shared = {
  environment: "node" as const,
  pool: "forks" as const,
  execArgv: ["--conditions=source"],
  ...patience,
};
/** Child processes that tests start find the sources too. */
const children = { NODE_OPTIONS: "--conditions=source" };

const executablePath = chromium();
if (!executablePath) process.stderr.write(`${chromiumMissing}\n`);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // vitest would leave a core free, which of two is half the machine
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          env: children,
          name: "unit",
          include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "test/*.test.ts"],
          exclude: ["packages/*/test/browser/**", ...webgpu, ...short],
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          env: children,
          name: "webgpu",
          include: webgpu,
          exclude: ["packages/*/test/browser/**", ...figures, ...short],
          // one at a time: a process that waits for the software adapter keeps a core busy, and the adapter takes both
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      // below: what `npm test` leaves to `npm run test:delivered`
      {
        extends: true,
        test: {
          ...shared,
          name: "figures",
          include: figures,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "packaging",
          include: ["test/packaging/**/*.test.ts"],
          globalSetup: "test/packaging/pack.ts",
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "playground",
          include: ["test/browser/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      // tests that run inside the browser
      ...(executablePath
        ? [
            {
              resolve: { conditions: ["source", ...defaultClientConditions] },
              // cross-origin isolation, which shared memory and so threads call for
              server: {
                headers: {
                  "Cross-Origin-Opener-Policy": "same-origin",
                  "Cross-Origin-Embedder-Policy": "require-corp",
                },
              },
              test: {
                name: "browser",
                include: ["packages/*/test/browser/**/*.test.ts"],
                sequence: { groupOrder: 2 },
                ...patience,
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  provider: playwright({ launchOptions: { executablePath, args: chromiumFlags } }),
                  instances: [{ browser: "chromium" as const }],
                },
              },
            },
          ]
        : []),
    ],
  },
});
