import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { io } from "flambeau";
import { UsageError } from "./options.ts";

/** A line of metrics.jsonl. */
export interface Metric {
  readonly kind: string;
  /** The steps made so far, over the whole run. */
  readonly step: number;
}

const flushEverySeconds = 1;

/** The folder of a run: its recipe, the best weights, the metrics, the summary, the report, and the checkpoint to resume from. */
export class RunFolder<M extends Metric = Metric> {
  readonly path: string;
  /** The option that named the folder, for errors. */
  readonly #option: string;
  readonly #metrics: M[] = [];
  #unwritten: string[] = [];
  #flushed = performance.now();

  private constructor(path: string, option: string) {
    this.path = path;
    this.#option = option;
  }

  /** @throws UsageError when the folder holds something already. */
  static create<M extends Metric>(path: string): RunFolder<M> {
    mkdirSync(path, { recursive: true });
    if (readdirSync(path).length > 0) {
      throw new UsageError(
        `${path} is not empty: name another folder, or go on with the run in it by --resume ${path}`,
      );
    }
    return new RunFolder<M>(path, "--out");
  }

  /** The folder of a run to go on with. @throws UsageError when there is no checkpoint in it. */
  static open<M extends Metric>(path: string): RunFolder<M> {
    const folder = new RunFolder<M>(path, "--resume");
    if (!existsSync(folder.checkpoint)) throw new UsageError(`--resume: ${folder.checkpoint} does not exist`);
    return folder;
  }

  /** The folder of a run whose weights are to be used. @throws UsageError when there are none in it. */
  static trained(path: string): RunFolder {
    const folder = new RunFolder(path, "--run");
    if (!existsSync(folder.model)) throw new UsageError(`--run: ${folder.model} does not exist`);
    return folder;
  }

  get model(): string {
    return join(this.path, "model.safetensors");
  }
  get checkpoint(): string {
    return join(this.path, "checkpoint.safetensors");
  }
  get #recipe(): string {
    return join(this.path, "recipe.json");
  }
  get report(): string {
    return join(this.path, "report.html");
  }
  get #metricsFile(): string {
    return join(this.path, "metrics.jsonl");
  }

  /** What decides how training goes: a resumed run takes it from here. */
  writeRecipe(recipe: object): Promise<void> {
    return this.#write(this.#recipe, `${JSON.stringify(recipe, null, 2)}\n`);
  }

  /**
   * @param check gives the recipe that the values are, or throws
   * @throws UsageError when the recipe is not there or not readable.
   */
  readRecipe<R>(check: (values: { readonly [name: string]: unknown }) => R): R {
    try {
      return check(JSON.parse(readFileSync(this.#recipe, "utf8")));
    } catch (error) {
      throw new UsageError(
        `${this.#option}: ${this.#recipe} cannot be read (${error instanceof Error ? error.message : error})`,
      );
    }
  }

  /** The metrics of a kind, so far. */
  metrics<K extends M["kind"]>(kind: K): Extract<M, { readonly kind: K }>[] {
    return this.#metrics.filter((metric): metric is Extract<M, { readonly kind: K }> => metric.kind === kind);
  }

  /** Take up the metrics that were there at the checkpoint; what a killed run wrote after it is dropped, for it comes again. */
  async restoreMetrics(isBefore: (metric: M) => boolean): Promise<void> {
    const text = existsSync(this.#metricsFile) ? readFileSync(this.#metricsFile, "utf8") : "";
    for (const line of text.split("\n")) {
      const metric = parseMetric<M>(line);
      if (metric && isBefore(metric)) this.#metrics.push(metric);
    }
    await this.#write(this.#metricsFile, this.#metrics.map((metric) => `${JSON.stringify(metric)}\n`).join(""));
  }

  record(metric: M): void {
    this.#metrics.push(metric);
    this.#unwritten.push(`${JSON.stringify(metric)}\n`);
    if (performance.now() - this.#flushed > flushEverySeconds * 1000) this.flush();
  }

  flush(): void {
    appendFileSync(this.#metricsFile, this.#unwritten.join(""));
    this.#unwritten = [];
    this.#flushed = performance.now();
  }

  async finish(summary: object, report: string): Promise<void> {
    this.flush();
    await this.#write(join(this.path, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
    await this.#write(this.report, report);
  }

  #write(path: string, text: string): Promise<void> {
    return io.atomicWrite(path, new TextEncoder().encode(text));
  }
}

/** A line of metrics.jsonl; undefined for the half line that a killed run may leave at the end. */
function parseMetric<M extends Metric>(line: string): M | undefined {
  try {
    return JSON.parse(line) as M; // written by `record` alone
  } catch {
    return undefined;
  }
}

/** runs/<date>-<seed>, with a number behind it when that is taken. */
export function newRunPath(
  seed: number,
  now: Date = new Date(),
  taken: (path: string) => boolean = existsSync,
): string {
  const two = (n: number) => `${n}`.padStart(2, "0");
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const base = join("runs", `${date}-${time}-${seed}`);
  let path = base;
  for (let n = 2; taken(path); n++) path = `${base}-${n}`;
  return path;
}

/**
 * The run of a job whose weights were written last.
 * @param check throws for the recipe of another job
 * @param runs where the runs are
 * @throws UsageError when there is none
 */
export function newestRun(check: (values: { readonly [name: string]: unknown }) => unknown, runs = "runs"): string {
  const isOurs = (path: string) => {
    try {
      RunFolder.trained(path).readRecipe(check);
      return true;
    } catch (error) {
      if (error instanceof UsageError) return false;
      throw error;
    }
  };
  const timeOf = (path: string) => statSync(join(path, "model.safetensors")).mtimeMs;
  const paths = existsSync(runs) ? readdirSync(runs).map((name) => join(runs, name)) : [];
  const newest = paths.filter(isOurs).sort((a, b) => timeOf(b) - timeOf(a))[0];
  if (newest === undefined) throw new UsageError(`--run: there is no trained run of this program in ${runs}/ yet`);
  return newest;
}
