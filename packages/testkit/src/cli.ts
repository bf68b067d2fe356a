// The conformance run: replays what PyTorch computed for its own op, module and optimizer records, and reports what agrees.
//   npm run conformance -- --device cpu [--fixtures DIR] [--filter op] [--threads n] [--debug] [--report out.json]
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { selectFixtures } from "./conformance/files.ts";
import { knownGaps } from "./conformance/gaps.ts";
import { type FileReport, inFull } from "./conformance/outcome.ts";
import { reportOf } from "./conformance/run.ts";
import { summaryOf } from "./conformance/summary.ts";
import { runWatched } from "./conformance/watch.ts";

const usage = `Usage: npm run conformance -- [options]
  --device NAME    the device to run on (default cpu)
  --fixtures DIR   a folder that holds ops*, modules or optims, or one of these (default: the fixtures of this repository)
  --filter TEXT    only files whose folder/name holds TEXT; prints the first mismatch of each
  --threads N      threads of the cpu backend
  --debug          guards around the cpu backend's memory: a kernel that writes outside its blocks, or reads there, fails
  --report FILE    write the results as JSON
  --timeout S      seconds that one file may take (default 120)
  --help           this text
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      device: { type: "string", default: "cpu" },
      fixtures: { type: "string" },
      filter: { type: "string", default: "" },
      threads: { type: "string" },
      debug: { type: "boolean", default: false },
      report: { type: "string" },
      timeout: { type: "string", default: "120" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const threads = values.threads === undefined ? undefined : Number(values.threads);
  const timeout = Number(values.timeout);
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    throw new Error(`--threads must be a positive integer, got ${values.threads}`);
  if (!(timeout > 0)) throw new Error(`--timeout must be a number of seconds, got ${values.timeout}`);

  const files = selectFixtures(values.fixtures, values.filter);
  if (files.length === 0) throw new Error(`no fixture file matches --filter ${values.filter}`);
  const found: { [file: string]: FileReport } = {};
  await runWatched(
    files,
    { fixtures: values.fixtures, filter: values.filter, device: values.device, threads, debug: values.debug },
    timeout,
    ({ folder, name }, report) => {
      found[`${folder}/${name}`] = report;
    },
  );

  const report = reportOf(values.device, found);
  if (values.report) {
    mkdirSync(dirname(values.report), { recursive: true });
    writeFileSync(values.report, `${JSON.stringify(report, null, 1)}\n`);
  }
  const gaps = knownGaps(values.device);
  const failures = Object.entries(found).filter(([, r]) => r.failed > 0);
  const news = failures.filter(([file]) => !Object.hasOwn(gaps, file));
  const shown = values.filter === "" ? news : Object.entries(found).filter(([, r]) => !inFull(r));
  for (const [file, r] of shown) process.stdout.write(`  ${file}: ${r.first}\n`);
  process.stdout.write(`${summaryOf(report)}\n`);
  if (failures.length > 0)
    process.stdout.write(
      `${failures.length} files have failing cases, ${failures.length - news.length} of them are known gaps\n`,
    );
  return news.length > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`conformance: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  },
);
