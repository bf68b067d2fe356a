import { mkdir, writeFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { measure, type Runner } from "./measure.ts";
import { type Options, parse, usage } from "./options.ts";
import { markdown, type Report, type Rival, text } from "./report.ts";
import { commandOf } from "./rivals.ts";
import { select, type Workload } from "./workloads.ts";

const page = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));
const progress = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const options = parse(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  const chosen = select(options.filter);
  if (chosen.length === 0) throw new RangeError(`--filter: no workload is named like "${options.filter}"`);
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    rounds: options.rounds,
    runs: [],
  };
  for (const threads of options.threads) report.runs.push(await run(threads, chosen, options));
  process.stdout.write(`\n${text(report)}`);
  if (options.json) await write(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdown) await write(page, markdown(report));
}

/** One table: all rivals started with `threads`, each workload timed on them turn by turn. */
async function run(threads: number, chosen: Workload[], options: Options): Promise<Report["runs"][number]> {
  const rivals: Rival[] = [];
  const runners: (Runner & { child: Child })[] = [];
  try {
    for (const name of options.rivals) {
      const command = await commandOf(name, threads, options.python);
      const child = "unavailable" in command ? undefined : new Child(command);
      const hello = "unavailable" in command ? command : await child?.hello();
      if (child && hello && "ready" in hello) {
        runners.push({ name, child });
        rivals.push({ name, threads, version: hello.ready.version });
      } else {
        await child?.close();
        const unavailable = hello && "unavailable" in hello ? hello.unavailable : "did not start";
        rivals.push({ name, threads, unavailable });
        progress(`${name} is not here: ${unavailable}`);
      }
    }
    const rows: Report["runs"][number]["rows"] = [];
    for (const workload of chosen) {
      progress(`${threads} × ${workload.name}`);
      // a form that only we have is not asked of the others
      const asked = workload.against ? runners.filter(({ name }) => name === "flambeau") : runners;
      const figures = await measure(workload, asked, { rounds: options.rounds, batch: 150, limit: 20_000 });
      rows.push({ workload, figures: Object.fromEntries(figures) });
    }
    return { threads, rivals, rows };
  } finally {
    await Promise.all(runners.map(({ child }) => child.close()));
  }
}

function machine(): Report["machine"] {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
    load: loadavg()[0],
  };
}

async function write(file: string, contents: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contents);
  progress(`wrote ${file}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
