import { defineConfig } from "vitest/config";

// Tests run on the sources: the "source" condition of each package's exports leads to src/, so nothing is built first.
// Node gets the same condition, for the workers and child processes that the code under test starts.
const conditions = ["source", "module", "node", "development|production"];
const shared = {
  environment: "node" as const,
  pool: "forks" as const,
  execArgv: ["--conditions=source"],
};

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: "unit",
          include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "test/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "packaging",
          include: ["test/packaging/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
