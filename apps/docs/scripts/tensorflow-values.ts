// Records what the left side of the tables for people from TensorFlow.js gives: node apps/docs/scripts/tensorflow-values.ts
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../../../scripts/setup/paths.mjs";

// the bench has it
const tf = createRequire(join(root, "apps/bench/package.json"))("@tensorflow/tfjs");
const text = readFileSync(join(root, "docs/coming-from/tensorflow.md"), "utf8");
const preamble = /^```js\n([\s\S]*?)^```/m.exec(text)?.[1]?.replace(/^import.*$/m, "") ?? "";
const values: Record<string, unknown> = {};
for (const [, cell = ""] of text.matchAll(/^\| `([^`]+)` \| `[^`]+` \|$/gm)) {
  const value = new Function("tf", `${preamble}; return ${cell};`)(tf);
  values[cell] = value?.arraySync?.() ?? value;
}
const file = join(root, "apps/docs/test/fixtures/tensorflow.json");
writeFileSync(file, `${JSON.stringify({ version: tf.version_core, values }, null, 1)}\n`);
