import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** A mistake on the command line: shown without a stack, exit code 2. */
export class UsageError extends Error {}

/** What every job can be told. */
export interface CommonOptions {
  readonly seed: number;
  readonly device: string;
  /** Undefined: one for each core. */
  readonly threads: number | undefined;
  /** A folder where the data may lie. */
  readonly data: string | undefined;
  /** The run folder; undefined: runs/<date>-<seed>. */
  readonly out: string | undefined;
  /** A run folder to go on with. */
  readonly resume: string | undefined;
}

/** The flags of {@link CommonOptions}, for {@link readFlags}. */
export const commonFlags = {
  seed: { type: "string" },
  device: { type: "string" },
  threads: { type: "string" },
  data: { type: "string" },
  out: { type: "string" },
  resume: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** The lines of a help text on {@link CommonOptions}, but for --seed and --data, which mean something else in each job. */
export const commonHelp = `  --device NAME     where tensors live: cpu (default), webgpu or cuda
  --threads N       threads that the cpu may use (default: one for each core)
  --out DIR         the run folder (default runs/<date>-<seed>)
  --resume RUN      go on with an interrupted run, given by its folder
  --help            show this
`;

/** The end of a help text: how a job is stopped, and its exit codes. */
export const endingHelp = `Ctrl-C stops after the current step and keeps the best weights; twice, at once.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

type Values<F extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: F; strict: true }>>["values"];

/**
 * The values of a command line's flags, not looked at yet.
 * @throws UsageError
 */
export function readFlags<const F extends ParseArgsOptionsConfig>(argv: readonly string[], flags: F): Values<F> {
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true }).values as Values<F>; // the type of this very call
  } catch (error) {
    // parseArgs throws TypeErrors with a message for the user, and a hint on "--" that does not apply here
    throw new UsageError((error as Error).message.split(". ")[0]);
  }
}

/**
 * The options that all jobs have.
 * @param fixedByResume the flags of what a resumed run takes from its folder
 * @throws UsageError
 */
export function commonOptions(
  values: { readonly [flag: string]: string | boolean | undefined },
  fixedByResume: readonly string[],
): CommonOptions {
  const text = (name: string) => nonEmpty(name, values[name] as string | undefined); // the flags above are strings
  const resume = text("resume");
  if (resume !== undefined) {
    const taken = [...fixedByResume, "seed", "out"].find((name) => values[name] !== undefined);
    if (taken) throw new UsageError(`--resume goes on with the run as it was begun: leave out --${taken}`);
  }
  return {
    seed: integer("seed", text("seed"), 0, Number.MAX_SAFE_INTEGER) ?? 0,
    device: text("device") ?? "cpu",
    threads: integer("threads", text("threads"), 1, 256),
    data: text("data"),
    out: text("out"),
    resume,
  };
}

export function integer(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${name} must be an integer from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

export function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new UsageError(`--${name} must be a positive number, got "${text}"`);
  return value;
}

export function nonEmpty(name: string, text: string | undefined): string | undefined {
  if (text === "") throw new UsageError(`--${name} must not be empty`);
  return text;
}
