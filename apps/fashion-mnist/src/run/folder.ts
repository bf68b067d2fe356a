import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { io } from "flambeau";
import { type Recipe, UsageError } from "../options.ts";
import type { EpochRecord, StepRecord, Summary } from "./records.ts";

const flushEverySeconds = 1;

/** The folder of a run: the best weights, the metrics, the summary, the report, and the checkpoint to resume from. */
export class RunFolder {
  readonly path: string;
  readonly steps: StepRecord[] = [];
  readonly epochs: EpochRecord[] = [];
  #unwritten: string[] = [];
  #flushed = performance.now();

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws UsageError when the folder holds something already. */
  static create(path: string): RunFolder {
    mkdirSync(path, { recursive: true });
    if (readdirSync(path).length > 0) {
      throw new UsageError(
        `${path} is not empty: name another folder, or go on with the run in it by --resume ${path}`,
      );
    }
    return new RunFolder(path);
  }

  /** @throws UsageError when there is no checkpoint in the folder. */
  static open(path: string): RunFolder {
    const folder = new RunFolder(path);
    if (!existsSync(folder.checkpoint)) throw new UsageError(`--resume: ${folder.checkpoint} does not exist`);
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
  get #metrics(): string {
    return join(this.path, "metrics.jsonl");
  }

  writeRecipe(recipe: Recipe): Promise<void> {
    return this.#write(this.#recipe, `${JSON.stringify(recipe, null, 2)}\n`);
  }

  /** @throws UsageError when the recipe is not there or not readable. */
  readRecipe(): Recipe {
    try {
      const recipe = JSON.parse(readFileSync(this.#recipe, "utf8")) as Recipe; // checked next
      const { dataset, epochs, batchSize, lr, seed } = recipe;
      if (![epochs, batchSize, lr, seed].every(Number.isFinite) || !["digits", "fashion-mnist"].includes(dataset)) {
        throw new Error("a value is missing");
      }
      return { dataset, epochs, batchSize, lr, seed };
    } catch (error) {
      throw new UsageError(
        `--resume: ${this.#recipe} cannot be read (${error instanceof Error ? error.message : error})`,
      );
    }
  }

  /** Take up the metrics up to a step; what a killed run wrote after its last checkpoint is dropped, for it comes again. */
  async restoreMetrics(upTo: { step: number; epochsTested: number }): Promise<void> {
    const text = existsSync(this.#metrics) ? readFileSync(this.#metrics, "utf8") : "";
    for (const line of text.split("\n")) {
      const record = parseRecord(line);
      if (record?.kind === "step" && record.step <= upTo.step) this.steps.push(record);
      if (record?.kind === "epoch" && record.epoch <= upTo.epochsTested) this.epochs.push(record);
    }
    const kept = [...this.steps, ...this.epochs].sort((a, b) => a.step - b.step || (a.kind === "step" ? -1 : 1));
    await this.#write(this.#metrics, kept.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }

  record(record: StepRecord | EpochRecord): void {
    if (record.kind === "step") this.steps.push(record);
    else this.epochs.push(record);
    this.#unwritten.push(`${JSON.stringify(record)}\n`);
    if (performance.now() - this.#flushed > flushEverySeconds * 1000) this.flush();
  }

  flush(): void {
    appendFileSync(this.#metrics, this.#unwritten.join(""));
    this.#unwritten = [];
    this.#flushed = performance.now();
  }

  async finish(summary: Summary, report: string): Promise<void> {
    this.flush();
    await this.#write(join(this.path, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
    await this.#write(this.report, report);
  }

  #write(path: string, text: string): Promise<void> {
    return io.atomicWrite(path, new TextEncoder().encode(text));
  }
}

/** A line of metrics.jsonl; undefined for the half line that a killed run may leave at the end. */
function parseRecord(line: string): StepRecord | EpochRecord | undefined {
  try {
    return JSON.parse(line) as StepRecord | EpochRecord; // written by `record` alone
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
