// npm run conformance -- --device cpu [--fixtures DIR] [--filter op] [--threads n] [--report out.json]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fixturesIn } from "./conformance/files.ts";
import { inFull } from "./conformance/outcome.ts";
import { runAll } from "./conformance/run.ts";
import { loadSubject } from "./conformance/subject.ts";

const { values } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    fixtures: { type: "string" },
    filter: { type: "string", default: "" },
    threads: { type: "string" },
    report: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

const files = fixturesIn(values.fixtures ?? "").filter((f) => `${f.folder}/${f.name}`.includes(values.filter));
const subject = await loadSubject(values.device, values.threads ? { threads: Number(values.threads) } : {});
const report = runAll(files, subject, (name, r) => {
  if (process.env.TRACE) process.stderr.write(name + "\n");
  if (!inFull(r) && (values.verbose || values.filter !== "")) process.stdout.write(`  ${name}: ${r.first}\n`);
});
if (values.report) writeFileSync(values.report, `${JSON.stringify(report, null, 1)}\n`);
process.stdout.write(`${JSON.stringify(report.totals)}\n`);
