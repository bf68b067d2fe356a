// Adds up what .ci/run's parts left in its reports folder and prints the one line that ends a run.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? ".cache/ci";
/** @param {string} name @returns {string | undefined} */
const read = (name) => {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch {
    return undefined;
  }
};

const total = { passed: 0, failed: 0, skipped: 0 };
/** @param {string} part @param {{ passed: number, failed: number, skipped?: number } | undefined} counts */
const add = (part, counts) => {
  const ended = Number(read(`${part}.exit`) ?? 1);
  total.passed += counts?.passed ?? 0;
  total.failed += counts?.failed ?? 0;
  total.skipped += counts?.skipped ?? 0;
  // A part that broke in a way its counts do not show (a crash, an error outside any test) is one failure more.
  if (ended !== 0 && !counts?.failed) {
    total.failed += 1;
    console.log(`${part}: exit ${ended}${counts ? "" : ", without a report"}`);
  }
};

for (const part of ["test", "test:delivered"]) {
  const report = read(`${part}.json`);
  const parsed = report && JSON.parse(report);
  for (const file of parsed?.testResults ?? []) {
    for (const test of file.assertionResults) {
      if (test.status === "failed") console.log(`failed: ${[...test.ancestorTitles, test.title].join(" > ")}`);
      if (["pending", "skipped", "todo"].includes(test.status)) {
        console.log(`skipped: ${[...test.ancestorTitles, test.title].join(" > ")}`);
      }
    }
    if (file.status === "failed" && !file.assertionResults.length)
      console.log(`failed to load: ${file.name}\n${file.message}`);
  }
  // A test file that does not load has no tests to count: it counts as one failure.
  const broken = parsed?.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  add(
    part,
    parsed && {
      passed: parsed.numPassedTests,
      failed: parsed.numFailedTests + broken,
      skipped: parsed.numPendingTests + (parsed.numTodoTests ?? 0),
    },
  );
}
const checks = read("checks.json");
add("checks", checks ? JSON.parse(checks) : undefined);

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed ? 1 : 0;
