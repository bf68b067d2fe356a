import { mkdir, readFile, writeFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { failures, heading, judge, record, tables } from "./against/report.ts";
import { runAgainst } from "./against/run.ts";
import { countDispatches, dispatchCells, overDispatchLimit } from "./compile/dispatches.ts";
import { aligned, compileCells, overLimit } from "./compile/report.ts";
import { cudaMarkdown } from "./cuda/report.ts";
import { runCuda } from "./cuda/run.ts";
import { type Options, parse, usage } from "./options.ts";
import { replaceSection, sectionOf } from "./page.ts";
import { machine, markdown, type Report, text } from "./report.ts";
import { commandOf } from "./rivals.ts";
import { type Running, start, time } from "./run.ts";
import { cells } from "./table.ts";
import { violations, webgpuMarkdown } from "./webgpu/report.ts";
import { runWebGPU } from "./webgpu/run.ts";
import { webgpuWorkloads } from "./webgpu/workloads.ts";
import { select, type Workload } from "./workloads.ts";

const page = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));
const progress = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const options = parse(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  if (options.against !== undefined) return compareWith(options.against, options);
  if (options.compile) return compareCompiled(options);
  if (options.generate) return compareGenerated(options);
  if (options.loader) return compareLoaders(options);
  if (options.scaling) return compareScaling(options);
  if (options.cuda) return compareOnCard(options);
  const chosen = select(options.filter, options.webgpu ? webgpuWorkloads : undefined);
  if (chosen.length === 0) throw new RangeError(`--filter: no workload is named like "${options.filter}"`);
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    rounds: options.rounds,
    runs: [],
  };
  for (const threads of options.webgpu ? [] : options.threads) report.runs.push(await run(threads, chosen, options));
  if (options.webgpu || options.markdown) report.webgpu = await runWebGPU(options, progress);
  process.stdout.write(`\n${text(report)}`);
  if (options.json) await write(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdown) await write(page, await pageOf(report, options));
  if (options.check && report.webgpu) fail("--check", violations(report.webgpu));
}

/** The working tree against another commit: a failure is a row over its limit. */
async function compareWith(against: string, options: Options): Promise<void> {
  const where = { date: new Date().toISOString().slice(0, 10), machine: thisMachine() };
  const { series, ...what } = await runAgainst({ ...options, against }, progress);
  const rows = series.map(judge);
  process.stdout.write(`\n${machine(where)}\n\n${heading(what)}\n\n${tables(rows)}`);
  const figures = { ...where, ...what, rows: rows.map((row, i) => record(row, series[i])) };
  if (options.json) await write(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  fail("--against", failures(rows));
}

/** Functions with and without compile: a failure, if it is asked for, is a row over its limit. */
async function compareCompiled(options: Options): Promise<void> {
  // these load the CPU's kernels, which rivals in other processes have no use for
  const { compileRows } = await import("./compile/rows.ts");
  const { runCompile } = await import("./compile/run.ts");
  const words = options.filter.split(",").filter(Boolean);
  const chosen = compileRows.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new RangeError(`--filter: no row is named like "${options.filter}"`);
  const where = { date: new Date().toISOString().slice(0, 10), machine: thisMachine() };
  if (options.webgpu) {
    const counts = await countDispatches(chosen);
    process.stdout.write(`\n${machine(where)}\n\n${aligned(dispatchCells(counts, chosen))}`);
    if (options.json) await write(options.json, `${JSON.stringify({ ...where, counts }, null, 2)}\n`);
    if (options.check) fail("--check", overDispatchLimit(counts, chosen));
    return;
  }
  const threads = Math.max(...options.threads);
  const figures = runCompile(chosen, { threads, rounds: options.rounds }, progress);
  process.stdout.write(`\n${machine(where)}\n${threads} threads\n\n${aligned(compileCells(figures))}`);
  if (options.json) await write(options.json, `${JSON.stringify({ ...where, threads, figures }, null, 2)}\n`);
  if (options.check) fail("--check", overLimit(figures));
}

/** Texts with and without a cache: a failure, if it is asked for, is a row that is not as fast as it has to be. */
async function compareGenerated(options: Options): Promise<void> {
  const { generateCells, generateRows, runGenerate, underLimit } = await import("./generate/run.ts");
  const words = options.filter.split(",").filter(Boolean);
  const chosen = generateRows.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new RangeError(`--filter: no row is named like "${options.filter}"`);
  const where = { date: new Date().toISOString().slice(0, 10), machine: thisMachine() };
  const threads = Math.max(...options.threads);
  const figures = await runGenerate(chosen, { threads, rounds: options.rounds }, progress);
  process.stdout.write(`\n${machine(where)}\n${threads} threads\n\n${aligned(generateCells(figures))}`);
  if (options.json) await write(options.json, `${JSON.stringify({ ...where, threads, figures }, null, 2)}\n`);
  if (options.check) fail("--check", underLimit(figures));
}

/** Data loading with and without workers: a failure, if it is asked for, is too little gained by two of them. */
async function compareLoaders(options: Options): Promise<void> {
  const { loaderCells, runLoader, tooSlow } = await import("./loader/run.ts");
  const where = { date: new Date().toISOString().slice(0, 10), machine: thisMachine() };
  const figures = await runLoader({ rounds: options.rounds }, progress);
  process.stdout.write(`\n${machine(where)}\n\n${aligned(loaderCells(figures))}`);
  if (options.json) await write(options.json, `${JSON.stringify({ ...where, figures }, null, 2)}\n`);
  if (options.check) fail("--check", tooSlow(figures));
}

/** Steps and ops of every size against PyTorch: a failure, if it is asked for, is a row that misses its target. */
async function compareScaling(options: Options): Promise<void> {
  const { scalingRows } = await import("./scaling/rows.ts");
  const { runScaling } = await import("./scaling/run.ts");
  const { misses } = await import("./scaling/judge.ts");
  const { scalingMarkdown, scalingText } = await import("./scaling/report.ts");
  const words = options.filter.split(",").filter(Boolean);
  const chosen = scalingRows.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new RangeError(`--filter: no row is named like "${options.filter}"`);
  const where = { date: new Date().toISOString().slice(0, 10), machine: thisMachine() };
  const reports = [];
  for (const threads of options.threads) reports.push(await runScaling(chosen, { ...options, threads }, progress));
  process.stdout.write(`\n${machine(where)}\n\n${scalingText(reports)}`);
  if (options.json) await write(options.json, `${JSON.stringify({ ...where, reports }, null, 2)}\n`);
  if (options.markdown) {
    await write(page, replaceSection(await readFile(page, "utf8"), scalingMarkdown(reports, machine(where))));
  }
  if (options.check)
    fail(
      "--check",
      reports.flatMap((report) => misses(report).map(({ text }) => text)),
    );
}

/** Flambeau and PyTorch on this machine's NVIDIA card. */
async function compareOnCard(options: Options): Promise<void> {
  const { cudaNative } = await import("flambeau");
  const reason = await cudaNative.unavailableReason();
  if (reason !== null) throw new Error(`--cuda: ${reason}`);
  const backend = await cudaNative();
  const card = backend.info;
  backend.dispose();
  const where = { date: new Date().toISOString().slice(0, 10), machine: thisMachine() };
  const report = await runCuda(card, options, progress);
  process.stdout.write(`\n${machine(where)}\n\n${aligned(cells(report))}`);
  if (options.json) await write(options.json, `${JSON.stringify({ ...where, ...report }, null, 2)}\n`);
  if (options.markdown)
    await write(page, replaceSection(await readFile(page, "utf8"), cudaMarkdown(report, machine(where))));
}

/** The page with every table, or the page as it is with its WebGPU section replaced; sections that runs of their own write stay. */
async function pageOf(report: Report, { webgpu }: Options): Promise<string> {
  const now = await readFile(page, "utf8");
  if (webgpu && report.webgpu) return replaceSection(now, webgpuMarkdown(report.webgpu, machine(report)));
  const kept = ["Scaling", "CUDA"].flatMap((name) => sectionOf(now, name) ?? []);
  return kept.reduce(replaceSection, markdown(report));
}

function fail(option: string, found: string[]): void {
  for (const violation of found) process.stderr.write(`bench ${option}: ${violation}\n`);
  if (found.length > 0) process.exitCode = 1;
}

/** One table: all rivals started with `threads`, each workload timed on them turn by turn. */
async function run(threads: number, chosen: Workload[], options: Options): Promise<Report["runs"][number]> {
  const running: Running[] = [];
  try {
    progress(`${threads} ${threads === 1 ? "thread" : "threads"}`);
    const commandFor = (name: (typeof options.rivals)[number]) => commandOf(name, threads, options.python);
    const rivals = await start(options.rivals, commandFor, { running, progress });
    const effort = { rounds: options.rounds, batch: 150, limit: 20_000 };
    return { threads, rivals, rows: await time(chosen, running, { effort, progress }) };
  } finally {
    await Promise.all(running.map(({ child }) => child.close()));
  }
}

function thisMachine(): Report["machine"] {
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
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`bench: ${message.replaceAll("\n", " ")}\n`);
  process.exitCode = 1;
});
