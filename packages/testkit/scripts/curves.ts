// node --conditions=source packages/testkit/scripts/curves.ts DIR: replays PyTorch's training curves from a folder of JSON files, as the dump script
// writes them (of other seeds, say), and says where they differ.
import "@flambeau/autograd";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseFixture } from "../src/conformance/encoded.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { judge } from "../test/curves/judge.ts";
import type { Curve } from "../test/curves/run.ts";

const [dir] = process.argv.slice(2);
if (!dir) throw new Error("usage: curves.ts DIR");
await loadSubject("cpu", { threads: 1 });
let failed = 0;
for (const file of readdirSync(dir).sort()) {
  const curve = parseFixture(readFileSync(join(dir, file), "utf8")) as unknown as Curve; // as the dump script writes them
  const problems = [...(await judge(curve, "float32")), ...(await judge(curve, "float64"))];
  failed += Number(problems.length > 0);
  process.stdout.write(`${curve.name.padEnd(30)} ${problems.join("; ") || "ok"}\n`);
}
process.exitCode = failed > 0 ? 1 : 0;
