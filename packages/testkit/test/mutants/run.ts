// Runs testBackend on faulty copies of the backend template: each in a test file of its own, which stops at its first failure.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { cache, root } from "../../../../scripts/setup/paths.mjs";
import type { Mutant } from "./mutants.ts";

const template = join(root, "examples/backend-template/src");

const test = `import { testBackend } from "@flambeau/testkit";
import { beforeEach } from "vitest";
import { referenceBackend } from "./src/index.ts";

let killed = false;
beforeEach(({ onTestFailed, skip }) => {
  if (killed) skip();
  onTestFailed(() => {
    killed = true;
  });
});
testBackend(() => referenceBackend(), { timeout: 20_000 });
`;
// arguments of the framework's functions are checked before any backend is asked
const config = `export default {
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["*/backend.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    execArgv: ["--conditions=source"],
    testNamePattern: /^(?!.*no integer)/,
  },
};
`;

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The text of a mutant's file, with its fault in it. */
function faulty({ file, from, to, why }: Mutant): string {
  const text = readFileSync(join(template, file), "utf8");
  expect(text.split(from).length - 1, `"${why}" changes one place of ${file}`).toBe(1);
  return text.replace(from, () => to);
}

/** The name of the first test that fails on each mutant; null for those that pass them all. A `null` mutant is the template itself. */
export async function killersOf(mutants: readonly (Mutant | null)[]): Promise<(string | null)[]> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "mutants-"));
  try {
    writeFileSync(join(folder, "vitest.config.mjs"), config);
    mutants.forEach((mutant, i) => {
      const own = join(folder, String(i));
      cpSync(template, join(own, "src"), { recursive: true });
      if (mutant) writeFileSync(join(own, "src", mutant.file), faulty(mutant));
      writeFileSync(join(own, "backend.test.ts"), test);
    });
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", "--root", folder, "--reporter=json", "--outputFile=report.json"];
    // a run with failures is what is wanted; that it says something is looked at below
    const { VITEST: _, ...env } = process.env;
    await new Promise((resolve) =>
      spawn(process.execPath, args, { cwd: folder, env, stdio: "ignore" }).on("close", resolve),
    );
    const { testResults } = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report; // vitest's format
    return mutants.map((mutant, i) => {
      const result = testResults.find(({ name }) => name.endsWith(`/${i}/backend.test.ts`));
      const all = result?.assertionResults ?? [];
      const why = mutant?.why ?? "the template";
      const failed = all.find(({ status }) => status === "failed");
      // what ends the whole suite (a name that is refused, an end that is wrong) belongs to no test
      const suite = result?.message.split("\n")[0] || null;
      if (!failed && !suite) expect(all.length, `tests ran on "${why}"`).toBeGreaterThan(300);
      return failed?.fullName ?? suite;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
