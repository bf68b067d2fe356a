import { parseArgs } from "node:util";

export type DatasetName = "fashion-mnist" | "digits";

/** What decides how training goes. A resumed run takes it from its checkpoint. */
export interface Recipe {
  readonly dataset: DatasetName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
}

export interface Options {
  readonly dataset: DatasetName;
  /** Undefined: the data set's own, see {@link recipeFor}. */
  readonly epochs: number | undefined;
  readonly batchSize: number | undefined;
  readonly lr: number | undefined;
  readonly seed: number;
  readonly device: string;
  /** Undefined: one for each core. */
  readonly threads: number | undefined;
  readonly data: string | undefined;
  /** The run folder; undefined: runs/<date>-<seed>. */
  readonly out: string | undefined;
  /** A run folder to go on with. */
  readonly resume: string | undefined;
}

/** A mistake on the command line: shown without a stack, exit code 2. */
export class UsageError extends Error {}

export const help = `Train a small convolutional network on Fashion-MNIST.

Usage: npm start -- [options]

  --epochs N        passes over the training images (default 3; digits 12)
  --batch-size N    images in a step (default 128; digits 32)
  --lr X            the peak of the one-cycle learning rate (default 0.01)
  --seed N          of the initial weights and the order of the images (default 0)
  --device NAME     where tensors live (default cpu)
  --threads N       threads that the device may use (default: one for each core)
  --data DIR        a folder with the idx files, plain or .gz
  --dataset NAME    fashion-mnist (default) or digits, the small set that comes along
  --out DIR         the run folder (default runs/<date>-<seed>)
  --resume RUN      go on with an interrupted run, given by its folder
  --help            show this

The data is looked for in --data, the user's cache folder, the folder of Debian's package (installed when running as root on
Debian), and on the web. Without any of these the bundled digits take its place.

Ctrl-C stops after the current step and keeps the best weights; twice, at once.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

const flags = {
  epochs: { type: "string" },
  "batch-size": { type: "string" },
  lr: { type: "string" },
  seed: { type: "string" },
  device: { type: "string" },
  threads: { type: "string" },
  data: { type: "string" },
  dataset: { type: "string" },
  out: { type: "string" },
  resume: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** What a resumed run takes from its checkpoint. */
const fixedByResume = ["epochs", "batch-size", "lr", "seed", "dataset", "out"] as const;

/**
 * The options of a command line, or "help".
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[]): Options | "help" {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(argv);
  } catch (error) {
    // parseArgs throws TypeErrors with a message for the user, and a hint on "--" that does not apply here
    throw new UsageError((error as Error).message.split(". ")[0]);
  }
  if (values.help) return "help";
  const { resume } = values;
  if (resume !== undefined) {
    const taken = fixedByResume.find((name) => values[name] !== undefined);
    if (taken) throw new UsageError(`--resume goes on with the run as it was begun: leave out --${taken}`);
  }
  const { dataset = "fashion-mnist" } = values;
  if (dataset !== "fashion-mnist" && dataset !== "digits") {
    throw new UsageError(`--dataset must be fashion-mnist or digits, got "${dataset}"`);
  }
  return {
    dataset,
    epochs: integer("epochs", values.epochs, 1, 1_000_000),
    batchSize: integer("batch-size", values["batch-size"], 1, 60_000),
    lr: positive("lr", values.lr),
    seed: integer("seed", values.seed, 0, Number.MAX_SAFE_INTEGER) ?? 0,
    device: nonEmpty("device", values.device) ?? "cpu",
    threads: integer("threads", values.threads, 1, 256),
    data: nonEmpty("data", values.data),
    out: nonEmpty("out", values.out),
    resume: nonEmpty("resume", resume),
  };
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: flags, strict: true }).values;

/** The recipe of a new run: what the options say, and what suits the data set that was found. */
export function recipeFor(options: Options, dataset: DatasetName): Recipe {
  const usual = { "fashion-mnist": { epochs: 3, batchSize: 128 }, digits: { epochs: 12, batchSize: 32 } }[dataset];
  return {
    dataset,
    epochs: options.epochs ?? usual.epochs,
    batchSize: options.batchSize ?? usual.batchSize,
    lr: options.lr ?? 0.01,
    seed: options.seed,
  };
}

function integer(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${name} must be an integer from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new UsageError(`--${name} must be a positive number, got "${text}"`);
  return value;
}

function nonEmpty(name: string, text: string | undefined): string | undefined {
  if (text === "") throw new UsageError(`--${name} must not be empty`);
  return text;
}
