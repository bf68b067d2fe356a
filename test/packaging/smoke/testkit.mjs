// The suite itself needs vitest around it: here a test file of three lines runs in the vitest that the user brings.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

writeFileSync(
  "backend.test.mjs",
  'import { cpuWasm } from "@flambeau/backend-cpu-wasm";\nimport { testBackend } from "@flambeau/testkit";\ntestBackend(() => cpuWasm({ threads: 1 }));\n',
);
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--root", ".", "--reporter=dot", "backend.test.mjs"],
  { encoding: "utf8" },
);
if (status !== 0) throw new Error(`the conformance suite failed\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
console.log("works");
